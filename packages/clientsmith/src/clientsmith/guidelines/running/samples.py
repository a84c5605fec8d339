"""What a service may say to a method that nobody described: answers to try, until one of them is understood."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from clientsmith.guidelines.members import Method

from .records import Answer

__all__ = ["ENDPOINT", "REFUSAL", "answers_to_try"]

ENDPOINT: Final = "https://service.test"
# One body in several of the shapes that services use.
REFUSAL: Final[Mapping[str, Any]] = {
    "code": "out-of-widgets",
    "message": "no widget is left",
    "title": "no widget is left",
}
_THING: Final[Mapping[str, Any]] = {
    "id": f"{ENDPOINT}/things/sample/1",
    "name": "sample",
    "value": "sample",
    "status": "succeeded",
    "object": "thing",
    "attributes": {"enabled": True, "created": 1, "updated": 1},
}
_XML: Final = '<?xml version="1.0" encoding="utf-8"?><Result><Name>sample</Name></Result>'
_EVENTS: Final = "data: {}\n\n"
_PLAIN: Final[Mapping[str, Any]] = {"str": "sample", "bool": True, "int": 1, "float": 1.0, "list": [], "Sequence": []}
_POLLED: Final = {"Operation-Location": f"{ENDPOINT}/operations/1", "Retry-After": "0"}


def answers_to_try(method: Method) -> Iterator[tuple[Answer, ...]]:
    """Yield scripts by which the method may succeed, the likeliest first; the last answer of each is repeated."""
    names = method.returned_names
    first = names[0] if names else ""
    if method.returns == "None" or not names:
        yield (Answer(204),)
    if first.endswith("EventStream") or first in ("Stream", "AsyncStream"):
        yield (Answer(200, headers={"Content-Type": "text/event-stream"}, text=_EVENTS),)
    if first in ("bytes", "Iterator", "AsyncIterator") or "Stream" in first:
        yield (Answer(200, content=b"sample"),)
    if method.is_poller or method.name.startswith("begin_"):
        yield from _polled()
    if method.is_pager or method.name.startswith("list"):
        yield from _listed()
    if first in _PLAIN:
        yield (Answer(200, json=_PLAIN[first]),)
    bodies: tuple[Any, ...] = ({}, _THING, [], [_THING], "sample", True, {"value": []})
    for body in bodies:
        yield (Answer(200, json=body),)
    yield from ((Answer(200, text=_XML, headers={"Content-Type": "application/xml"}),), (Answer(200, text=""),))
    yield from ((Answer(status),) for status in (204, 202, 201))
    yield from ((Answer(status, json=_THING),) for status in (201, 202))
    yield from ((Answer(status, content=b"sample"),) for status in (200, 206))


def _polled() -> Iterator[tuple[Answer, ...]]:
    over = Answer(200, json={**_THING, "status": "Succeeded", "properties": {"provisioningState": "Succeeded"}})
    for status in (202, 200, 201):
        yield (Answer(status, json=dict(_THING), headers=_POLLED), over)
        yield (Answer(status, json=dict(_THING)), over)


def _listed() -> Iterator[tuple[Answer, ...]]:
    for key in ("value", "data", "items"):
        yield (Answer(200, json={key: [dict(_THING)], "object": "list", "has_more": False}),)
    yield (Answer(200, json={"value": [], "data": [], "items": []}),)
