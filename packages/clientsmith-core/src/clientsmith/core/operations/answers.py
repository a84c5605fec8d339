"""How the body of an answer is read: as JSON, text or bytes, or item by item as it comes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, cast, overload

from ..errors import HttpResponseError, UsageError
from ..rest import HttpResponse
from ..serialization import Codec, as_codec

if TYPE_CHECKING:
    from ..streaming.events import EventFormat, Reconnect
    from ..streaming.lines import LineFormat

__all__ = [
    "BYTES_BODY",
    "EVENTS",
    "FORM",
    "HEADERS",
    "JSON",
    "LINES",
    "TEXT",
    "TEXT_OR_JSON",
    "XML",
    "format_of",
    "raised_as",
    "reader_of",
]


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
TEXT_OR_JSON: Final = _Raw("TEXT_OR_JSON", lambda response: _as_it_says(response))
"""For a service that does not say which of the two it answers with: the answer says it. None is an empty one that says
nothing."""
HEADERS: Final = _Raw("HEADERS", lambda response: response.headers)
"""For an answer whose header fields are all that it says: a `Headers` mapping, which knows no upper and lower case."""


def _as_it_says(response: HttpResponse) -> Any:
    essence = response.content_type.partition(";")[0].strip().lower()
    if not essence and not response.content:
        return None
    return response.json() if essence.endswith(("/json", "+json")) else response.text()


def EVENTS(
    codec: Any = None,
    *,
    events: Mapping[str, Any] | None = None,
    done_data: str | None = None,
    done_events: Collection[str] = (),
    reconnect: Reconnect = "resumable",
    envelope: bool = False,
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
        envelope: Whether the codec reads the event and not its data: an object of ``event``, ``data`` and ``id``. Data
            that is no JSON is a text in it.
    """
    from ..streaming.events import EventFormat  # for clients that have such operations

    events_format: EventFormat[Any] = EventFormat(codec, events or {}, done_data, done_events, reconnect, envelope)
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


def raised_as(like: Any, *kinds: type[HttpResponseError]) -> _Raw:
    """Return a documented error that is raised as a class of the client's own, for the ``errors`` of an operation.

    Of ``kinds`` it is the first that is a subclass of what the runtime raises for the status: who catches that still
    does. The usual order is a base of all, and then one for each status that has a class in the runtime::

        class ProblemError(HttpResponseError):
            error: Problem

        class NotFoundProblemError(ProblemError, ResourceNotFoundError): ...

        PROBLEM = raised_as(Problem, ProblemError, NotFoundProblemError)

    An answer that none of them fits, or whose body is not the documented one (a proxy's page), is raised as the
    runtime's class: an error of ``kinds`` always has its ``error``.

    Args:
        like: The body, as `Operation` takes it: a codec, a model, a function that returns one, `XML` …
        *kinds: The classes.

    Raises:
        UsageError: One of ``kinds`` is no subclass of `HttpResponseError`.
    """
    for kind in cast("tuple[object, ...]", kinds):
        if not (isinstance(kind, type) and issubclass(kind, HttpResponseError)):
            raise UsageError(f"raised_as takes subclasses of HttpResponseError, and {kind!r} is none")
    reader = reader_of(like)
    return _Raw("raised_as", lambda response: HttpResponseError.from_response(response, reader(response), kinds))


def reader_of(like: Any) -> Callable[[HttpResponse], Any]:
    """Return what reads a whole body that was declared as ``like``."""
    if like is None:
        return lambda _response: None
    if isinstance(like, _Raw):
        return like.read
    if isinstance(like, Mapping):
        return _by_media_type(cast("Mapping[str, Any]", like))
    codec: Codec[Any] = as_codec(like)
    if codec is JSON:
        return HttpResponse.json  # just parsed, so nobody else has it: no copy
    return lambda response: codec.decode(response.json())


def _by_media_type(likes: Mapping[str, Any]) -> Callable[[HttpResponse], Any]:
    """Return what reads a body as its own media type says; one that was not declared like the first that was."""
    readers = {media_type.partition(";")[0].strip().lower(): reader_of(like) for media_type, like in likes.items()}
    usual = next(iter(readers.values()))

    def read(response: HttpResponse) -> Any:
        essence = response.content_type.partition(";")[0].strip().lower()
        return readers.get(essence, usual)(response)

    return read


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
