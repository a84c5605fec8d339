"""Documents written in the test, and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from clientsmith.findings import Finding
from clientsmith.model.ir import Api, NamedShape, Operation
from clientsmith.model.pipeline import model
from clientsmith.openapi.load import read_document
from clientsmith.openapi.source import Source


class Modelled(NamedTuple):
    """An API and what was noticed; its parts by the names that a reader of the test knows."""

    api: Api
    findings: list[Finding]

    def operation(self, method: str = "", path: str = "") -> Operation:
        return next(one for one in self.api.operations if method.upper() in ("", one.method) and path in ("", one.path))

    def shape(self, name: str) -> NamedShape:
        return next(shape for shape in self.api.shapes.values() if shape.name == name)

    @property
    def rules(self) -> list[str]:
        return [finding.rule for finding in self.findings]


Describe = Callable[..., Modelled]


@pytest.fixture
def describe() -> Describe:
    """Build the API of a document that is given by its parts."""

    def build(
        paths: dict[str, Any] | None = None,
        schemas: dict[str, Any] | None = None,
        *,
        openapi: str = "3.1.0",
        **parts: Any,
    ) -> Modelled:
        root: dict[str, Any] = {
            "openapi": openapi,
            "info": {"title": "Test", "version": "1.0"},
            "paths": paths or {"/": {}},
        }
        root["servers"] = [{"url": "https://example.com"}]
        root["components"] = {"schemas": schemas or {}, **parts.pop("components", {})}
        document, found = read_document(Source("test", data=root | parts))
        api, _resolver, noticed = model(document)
        return Modelled(api, [*found, *noticed])

    return build


@pytest.fixture
def describe_schema(describe: Describe) -> Callable[..., Modelled]:
    """Build the API of one operation that answers one schema."""

    def build(schema: Any, schemas: dict[str, Any] | None = None, *, openapi: str = "3.1.0") -> Modelled:
        responses = {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}
        return describe({"/x": {"post": {"operationId": "checkX", "responses": responses}}}, schemas, openapi=openapi)

    return build
