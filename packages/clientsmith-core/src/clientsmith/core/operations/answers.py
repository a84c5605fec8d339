"""How the body of an answer is read: as JSON, text or bytes, or item by item as it comes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, overload

from ..errors import UsageError
from ..rest import HttpResponse
from ..serialization import Codec, as_codec

if TYPE_CHECKING:
    from ..streaming.events import EventFormat, Reconnect
    from ..streaming.lines import LineFormat

__all__ = ["BYTES_BODY", "EVENTS", "FORM", "JSON", "LINES", "TEXT", "XML", "format_of", "reader_of"]


class _Raw:
    """A body that is not one JSON value. ``format`` says how its items are read, where it has items."""

    __slots__ = ("format", "name", "read")

    def __init__(self, name: str, read: Callable[[HttpResponse], Any], format: object = None) -> None:
        self.name, self.read, self.format = name, read, format

    def __repr__(self) -> str:
        return self.name


JSON: Final[Codec[Any]] = as_codec(None)
"""Any JSON value, as it is."""
TEXT: Final = _Raw("TEXT", HttpResponse.text)
BYTES_BODY: Final = _Raw("BYTES_BODY", lambda response: response.content)


def EVENTS(
    codec: Any = None,
    *,
    events: Mapping[str, Any] | None = None,
    done_data: str | None = None,
    done_events: Collection[str] = (),
    reconnect: Reconnect = "resumable",
) -> _Raw:
    """Return the answer of an operation that tells what happens as server-sent events (``text/event-stream``).

    The client's ``_events`` gives them one by one; ``_call`` reads the body to its end and gives them as a list.

    Args:
        codec: Of the JSON in ``data``. None gives each event as a `ServerSentEvent`, with its data as text.
        events: Name of an event → codec of its data, before ``codec``.
        done_data: The data that is no item but ends the stream: ``"[DONE]"``.
        done_events: Names of the events that are the last one.
        reconnect: Whether a body that ends or breaks off is asked for again. ``"resumable"``: where no event can be
            lost or come twice, which takes ids; ``"always"``: an end is never the end, some events may be missed;
            ``"never"``.
    """
    from ..streaming.events import EventFormat  # for clients that have such operations

    events_format: EventFormat[Any] = EventFormat(codec, events or {}, done_data, done_events, reconnect)
    return _Raw("EVENTS", events_format.read, events_format)


def LINES(codec: Any = None) -> _Raw:
    """Return the answer of an operation whose body is JSON lines or a JSON text sequence, told by its media type.

    The client's ``_lines`` gives the values one by one; ``_call`` reads the body to its end and gives them as a list.
    """
    from ..streaming.lines import LineFormat  # for clients that have such operations

    lines_format: LineFormat[Any] = LineFormat(codec)
    return _Raw("LINES", lines_format.read, lines_format)


def FORM(codec: Any = None) -> _Raw:
    """Return the answer of an operation whose body is a form (``application/x-www-form-urlencoded``).

    The codec reads a dict of texts, of lists of them where a field came several times.
    """
    resolved: Codec[Any] = as_codec(codec)

    def read(response: HttpResponse) -> Any:
        from urllib.parse import parse_qsl

        fields: dict[str, Any] = {}
        for name, text in parse_qsl(response.text(), keep_blank_values=True):
            there = fields.get(name)
            fields[name] = text if there is None else [*(there if isinstance(there, list) else [there]), text]
        return resolved.decode(fields)

    return _Raw("FORM", read)


def XML(like: Any) -> _Raw:
    """Return the answer of an operation whose body is XML: a model class, or a function that returns one."""

    def read(response: HttpResponse) -> Any:
        from ..xml import read_xml  # for clients that have such operations

        return read_xml(like, response.content)

    return _Raw("XML", read)


def reader_of(like: Any) -> Callable[[HttpResponse], Any]:
    """Return what reads a whole body that was declared as ``like``."""
    if like is None:
        return lambda _response: None
    if isinstance(like, _Raw):
        return like.read
    codec: Codec[Any] = as_codec(like)
    if codec is JSON:
        return HttpResponse.json  # just parsed, so nobody else has it: no copy
    return lambda response: codec.decode(response.json())


@overload
def format_of(name: Literal["EVENTS"], responses: Mapping[int, Any], operation: str) -> EventFormat[Any]: ...
@overload
def format_of(name: Literal["LINES"], responses: Mapping[int, Any], operation: str) -> LineFormat[Any]: ...
def format_of(name: str, responses: Mapping[int, Any], operation: str) -> object:
    """Return how the items of an operation's answer are read.

    Raises:
        UsageError: None of the answers that the operation declares has items of this kind.
    """
    for like in responses.values():
        if isinstance(like, _Raw) and like.name == name:
            return like.format
    raise UsageError(f"{operation} cannot be streamed like this: declare responses={{200: {name}(…)}}")
