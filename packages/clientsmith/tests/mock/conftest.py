"""Mocks of small documents, and requests to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from clientsmith.mock import MockServer, Reply, Request, Service
from clientsmith.model.pipeline import model
from clientsmith.openapi.load import read_document
from clientsmith.openapi.source import Source

SPECS = Path(__file__).parents[1] / "specs"


def service_of(paths: Mapping[str, Any], seed: int = 0, **root: Any) -> Service:
    """Return the mock of a document of these paths, without a server."""
    info = {"openapi": "3.1.0", "info": {"title": "Tiny", "version": "1"}}
    document, _ = read_document(Source("tiny", data={**info, "paths": paths, **root}))
    api, resolver, _findings = model(document)
    return Service(api, resolver, seed=seed)


def of_schema(schema: Any, **operation: Any) -> dict[str, Any]:
    """Return paths with one GET that answers with a schema."""
    content = {"application/json": {"schema": schema}}
    return {"/it": {"get": {"responses": {"200": {"description": "", "content": content}}, **operation}}}


def get(service: Service, target: str = "/it", method: str = "GET", content: bytes = b"", **headers: str) -> Reply:
    """Send a request; headers by their names with underscores."""
    fields = {name.replace("_", "-"): text for name, text in headers.items()}
    return service.answer(Request(method, target, fields, content, "http://mock.test"))


@pytest.fixture
def serve() -> Iterator[Callable[..., MockServer]]:
    """Starts servers; they end with the test."""
    started: list[MockServer] = []

    def start(spec: Any, **arguments: Any) -> MockServer:
        started.append(MockServer(spec, **arguments).start())
        return started[-1]

    yield start
    for server in started:
        server.close()
