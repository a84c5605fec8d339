"""A small client, as the generator would write it, and its surface."""

from __future__ import annotations

import datetime
import sys
from collections.abc import AsyncIterator, Iterator
from types import ModuleType
from typing import Any, Self

import pytest
from clientsmith.core.errors import HttpResponseError
from clientsmith.core.rest import HttpRequest
from clientsmith.core.surface import Surface
from clientsmith.core.testing import Answer

PART = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "readOnly": True},
        "partName": {"type": "string", "description": "What it is called."},
        "weight": {"type": "number"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "size": {"type": "object", "properties": {"width": {"type": "integer"}}},
    },
    "required": ["partName"],
}
NAME = {"name": "name", "place": "path", "schema": {"type": "string"}, "required": True}
DEPOT: dict[str, Any] = {
    "package": "depot_client",
    "distribution": "depot-client",
    "client": "DepotClient",
    "title": "Depot",
    "version": "2",
    "credentials": ["key"],
    "credential_required": True,
    "groups": {"shelf": "One shelf, and what lies on it."},
    "operations": [
        {
            "name": "list_parts",
            "kind": "list",
            "effect": "read",
            "http": "GET /parts",
            "summary": "List the parts",
            "arguments": [
                {
                    "name": "since",
                    "place": "query",
                    "schema": {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]},
                },
                {"name": "state", "place": "query", "schema": {"$ref": "#/$defs/State"}},
                {"name": "is_heavy", "place": "query", "schema": {"type": "boolean"}},
                {"name": "ids", "place": "query", "schema": {"type": "array", "items": {"type": "integer"}}},
            ],
            "returns": {"$ref": "#/$defs/Part"},
            "is_sized": True,
        },
        {
            "name": "create_part",
            "effect": "write",
            "http": "POST /parts",
            "arguments": [
                {"name": "part", "place": "body", "schema": {"$ref": "#/$defs/Part"}, "required": True},
            ],
            "returns": {"$ref": "#/$defs/Part"},
        },
        {"name": "part_exists", "kind": "exists", "effect": "read", "http": "HEAD /parts/{name}", "arguments": [NAME]},
        {
            "name": "delete_part",
            "effect": "delete",
            "idempotent": True,
            "http": "DELETE /parts/{name}",
            "arguments": [NAME],
        },
        {
            "name": "get_label",
            "kind": "download",
            "effect": "read",
            "http": "GET /parts/{name}/label",
            "arguments": [NAME],
        },
        {
            "name": "begin_count",
            "kind": "begin",
            "http": "POST /count",
            "returns": {"type": "integer"},
        },
        {
            "name": "get_load",
            "steps": [{"attribute": "get_shelf_client", "arguments": ["number"]}],
            "effect": "read",
            "http": "GET /shelves/{number}/load",
            "arguments": [{"name": "number", "place": "client", "schema": {"type": "integer"}, "required": True}],
            "returns": {"type": "number"},
        },
    ],
    "$defs": {"Part": PART, "State": {"type": "string", "enum": ["new", "used"]}},
}


class Label:
    """A stream of bytes, as far as a command needs it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to give back."""

    def __iter__(self) -> Iterator[bytes]:
        yield b"label"

    def write_to(self, target: Any) -> int:
        return int(target.write_bytes(b"label"))


class Count:
    """A poller that is over at the second look."""

    looks = 0

    def done(self) -> bool:
        return self.looks > 1

    def status(self) -> str:
        return "counting"

    def wait(self, timeout: float | None = None) -> bool:
        self.looks += 1
        return self.done()

    def continuation_token(self) -> str:
        return "token-1"

    def result(self) -> int:
        return 42


class Shelf:
    def __init__(self, number: int) -> None:
        self.number = number

    def get_load(self) -> float:
        return self.number * 1.5


class DepotClient:
    """Remembers how it was made and what it was asked."""

    made: tuple[Any, ...] = ()
    asked: list[dict[str, Any]]

    def __init__(self, endpoint: str, credential: Any, **settings: Any) -> None:
        type(self).made = (endpoint, credential, settings)
        type(self).asked = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is open."""

    def list_parts(self, **asked: Any) -> Iterator[dict[str, Any]]:
        self.asked.append(asked)
        made = datetime.datetime(2026, 1, 31, tzinfo=datetime.UTC)
        return iter([{"id": str(number), "made": made, "size": {"width": number}} for number in range(3)])

    def create_part(self, part: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(part)
        return {"id": "7", **part}

    def part_exists(self, name: str) -> bool:
        return name == "bolt"

    def delete_part(self, name: str) -> None:
        request = HttpRequest("DELETE", f"https://depot.test/parts/{name}")
        if name == "bolt":
            raise HttpResponseError.from_response(Answer(409, json={"code": "InUse"}).to(request), {"code": "InUse"})
        if name == "gone":
            raise HttpResponseError.from_response(Answer(404).to(request))

    def get_label(self, name: str) -> Label:
        return Label()

    def begin_count(self) -> Count:
        return Count()

    def get_shelf_client(self, number: int) -> Shelf:
        return Shelf(number)


class AsyncDepotClient(DepotClient):
    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing is open."""

    async def list_parts(self, **asked: Any) -> AsyncIterator[dict[str, Any]]:  # type: ignore[override]  # its twin
        for item in DepotClient.list_parts(self, **asked):
            yield item

    async def create_part(self, part: dict[str, Any]) -> dict[str, Any]:  # type: ignore[override]
        return DepotClient.create_part(self, part)

    async def delete_part(self, name: str) -> None:  # type: ignore[override]
        DepotClient.delete_part(self, name)


@pytest.fixture
def surface(monkeypatch: pytest.MonkeyPatch) -> Surface:
    """The surface of a package that can be imported, and a key in the environment."""
    package, aio = ModuleType("depot_client"), ModuleType("depot_client.aio")
    package.DepotClient, aio.DepotClient = DepotClient, AsyncDepotClient  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "depot_client", package)
    monkeypatch.setitem(sys.modules, "depot_client.aio", aio)
    monkeypatch.setenv("DEPOT_KEY", "hush")
    monkeypatch.setenv("DEPOT_ENDPOINT", "https://depot.test")
    return Surface(DEPOT)
