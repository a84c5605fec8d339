"""The rows of the research note's table 3.1, each as a claim about a generated client that is either true or not.

A row gets a probe (a client of one colour and the service that it speaks to), and fails by an exception. The tests run
all rows in both colours; `benchmarks/generator/behaviour.py` prints them beside what peers do.
"""

from __future__ import annotations

import datetime
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

from clientsmith.core.errors import ResourceNotFoundError
from clientsmith.core.models import UNSET
from clientsmith.core.multipart import Part

Probe = Any  # `Driven` with its `server`: test modules know each other by path only


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: its name there, the keys of it in the peers' results, and what we claim."""

    name: str
    peers: tuple[str, ...]
    claim: Callable[[Probe], Awaitable[None]]


ROWS: list[Row] = []


def row(name: str, *peers: str) -> Callable[[Callable[[Probe], Awaitable[None]]], Callable[[Probe], Awaitable[None]]]:
    def add(claim: Callable[[Probe], Awaitable[None]]) -> Callable[[Probe], Awaitable[None]]:
        ROWS.append(Row(name, peers, claim))
        return claim

    return add


def same(got: object, wanted: object) -> None:
    """Say what came where it is not what was wanted; a bare assert tells nothing outside of pytest."""
    if got != wanted or type(got) is not type(wanted):
        raise AssertionError(f"got {got!r}, wanted {wanted!r}")


@row("create and get decode", "create")
async def create_and_get(probe: Probe) -> None:
    new = probe.models.NewItem(status=probe.models.Status.ACTIVE)
    for item in (await probe.call("createItem", new), await probe.call("getItem", "1")):
        same(type(item), probe.models.Item)
        same((item.id, item.status), ("1", probe.models.Status.ACTIVE))


@row("bearer token from `security`", "auth sent")
async def bearer(probe: Probe) -> None:
    await probe.call("getItem", "1")
    same(probe.server.last.headers["Authorization"], "Bearer secret")


@row("array in the query, `explode: false`", "list")
async def array_in_query(probe: Probe) -> None:
    await probe.call("listItems", tags=["a", "b"])
    same(probe.server.received[0].target, "/items?tags=a,b")


@row("path value `a/b?c`", "path escaping a/b?c")
async def path_value(probe: Probe) -> None:
    await probe.call("getItem", "a/b?c")
    same(probe.server.last.target, "/items/a%2Fb%3Fc")


@row("unknown enum value in a response", "unknown enum")
async def unknown_enum_value(probe: Probe) -> None:
    same((await probe.call("getItem", "newenum")).status, "frozen")


@row("unknown field kept", "unknown field")
async def unknown_field(probe: Probe) -> None:
    item = await probe.call("getItem", "extra")
    same((item["surprise"], item.as_dict()["surprise"]), (7, 7))


@row("null and absent differ on read", "null or absent, read")
async def null_and_absent(probe: Probe) -> None:
    null, absent = await probe.call("getItem", "null"), await probe.call("getItem", "1")
    same((null.note, "note" in null, "note" in absent), (None, True, False))


@row("send null", "send null")
async def send_null(probe: Probe) -> None:
    await probe.call("updateItem", "1", probe.models.ItemPatch(note=None))
    same(probe.server.last.json, {"note": None})
    await probe.call("updateItem", "1", note=None)
    same(probe.server.last.json, {"note": None})


@row("do not send absent", "send absent")
async def do_not_send_absent(probe: Probe) -> None:
    await probe.call("updateItem", "1", probe.models.ItemPatch(status="active"))
    same(probe.server.last.json, {"status": "active"})
    await probe.call("updateItem", "1", status="active", note=UNSET)
    same(probe.server.last.json, {"status": "active"})


@row("date-time with 9 digits", "nanosecond date-time, `class`")
async def nanoseconds(probe: Probe) -> None:
    item = await probe.call("getItem", "date")
    same(item.created_at, datetime.datetime(2024, 5, 6, 7, 8, 9, 123456, datetime.UTC))
    same(item.as_dict()["created_at"], "2024-05-06T07:08:09.123456789Z")


@row("`class` property")
async def property_named_class(probe: Probe) -> None:
    item = await probe.call("getItem", "date")
    same((item.class_, item["class"]), ("k", "k"))


@row("discriminated union", "union")
async def discriminated_union(probe: Probe) -> None:
    shape = await probe.call("getShape", "1")
    same((type(shape), shape.side), (probe.models.Square, 2.5))


@row("unknown union member", "unknown union member")
async def unknown_union_member(probe: Probe) -> None:
    shape = await probe.call("getShape", "2")
    same((shape["kind"], shape["n"]), ("hexagon", 6))


@row("404 with a documented body", "404")
async def documented_error(probe: Probe) -> None:
    try:
        await probe.call("getItem", "404")
    except ResourceNotFoundError as error:
        same(type(error.error), probe.models.Problem)
        same((error.status_code, error.error.code, error.error.detail), (404, "gone", "no such item"))
    else:
        raise AssertionError("a 404 was returned, not raised")


@row("503, 503, 200 (`Retry-After: 0`)", "503 twice, Retry-After: 0")
async def retried(probe: Probe) -> None:
    same((await probe.call("getItem", "flaky")).id, "1")
    same(probe.server.asked["/items/flaky"], 3)


@row("multipart: file and field", "multipart")
async def multipart(probe: Probe) -> None:
    file = Part(b"DATA", filename="a.bin", media_type="application/x-a")
    await probe.call("uploadFile", file=file, label="x")
    parts = {part.get_param("name", header="Content-Disposition"): part for part in parts_of(probe.server.last)}
    same(sorted(parts), ["file", "label"])
    same((parts["file"].get_filename(), parts["file"].get_content_type()), ("a.bin", "application/x-a"))
    same((parts["file"].get_payload(decode=True), parts["label"].get_payload(decode=True)), (b"DATA", b"x"))


def parts_of(received: Any) -> list[EmailMessage]:
    """Return the parts of a multipart request, as another parser than ours reads them."""
    head = f"Content-Type: {received.headers['Content-Type']}\r\n\r\n".encode()
    message: Any = BytesParser(policy=HTTP).parsebytes(head + received.body)
    return list(message.iter_parts())


@row("server-sent events", "SSE")
async def events(probe: Probe) -> None:
    """Each as it comes: the service sends the second only when the first was read."""
    stream, numbers = await probe.call("streamEvents"), []
    if hasattr(stream, "__aiter__"):
        async for event in stream:
            numbers.append(event.n)
            probe.server.first_event_read.set()
    else:
        for event in stream:
            numbers.append(event.n)
            probe.server.first_event_read.set()
    same((numbers, probe.server.was_waited_for), ([0, 1, 2], True))


@row("automatic paging (`next_cursor`)", "list")
async def paging(probe: Probe) -> None:
    found = await probe.call("listItems")
    same([item.id for item in found], ["1a", "1b", "2a", "2b", "3a", "3b"])
    same([one.target for one in probe.server.received], ["/items", "/items?cursor=c2", "/items?cursor=c3"])


@row("sync and async in one package")
async def both_colours(probe: Probe) -> None:
    package, name = probe.generated.module(), probe.generated.api.root.name
    same((hasattr(package, name), hasattr(probe.generated.module("aio"), name)), (True, True))
