"""Operations as data: what a client method sends and how its answer is read, shared by both colours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ..errors import DecodeError, HttpResponseError
from ..rest import Content, HttpRequest, HttpResponse
from .answers import reader_of
from .bodies import BodyKind
from .parameters import Parameter, escaped, joined, path_text, query_pairs, text_of

if TYPE_CHECKING:
    from ..paging import Paging
    from ..polling import Polling

__all__ = ["ListOperation", "LongRunningOperation", "Operation"]

T = TypeVar("T")


class Operation(Generic[T]):
    """One operation of a service; ``T`` is what its method returns.

    Args:
        method: ``GET``, ``POST`` …
        path: URL template below the endpoint, ``/pets/{petId}``.
        parameters: Python argument name → `Parameter`.
        body: How the body becomes bytes, None if there is none.
        responses: Status → codec, model, enum or thunk of the JSON body; `TEXT`, `BYTES_BODY` or None.
        errors: The same for documented errors; a key is a status, ``"4XX"``, ``"5XX"`` or ``"default"``.
        accept: The ``Accept`` header.
        missing_is_success: Whether 404 means that the work is done already (``delete_`` methods).
        conditional: Whether ``etag`` and ``match_condition`` are among the arguments, and ``if_modified_since`` and
            ``if_unmodified_since``, see `clientsmith.core.conditions`.
    """

    def __init__(
        self,
        method: str,
        path: str,
        *,
        parameters: Mapping[str, Parameter] | None = None,
        body: BodyKind | None = None,
        responses: Mapping[int, Any],
        errors: Mapping[int | str, Any] | None = None,
        accept: str = "application/json",
        missing_is_success: bool = False,
        conditional: bool = False,
    ) -> None:
        self.method, self.path, self.accept = method, path, accept
        self.parameters = dict(parameters or {})
        self.body = body
        self.responses = responses
        self._readers = {status: reader_of(like) for status, like in responses.items()}
        self._error_readers = {status: reader_of(like) for status, like in (errors or {}).items()}
        self._missing_is_success = missing_is_success
        self._is_conditional = conditional
        self._pieces = _split(path, self.parameters)

    def request(self, arguments: Mapping[str, Any], body: Any = None) -> HttpRequest:
        """Return the request for these arguments; None means "not given".

        Raises:
            ValueError: A part of the URL's path is None or empty (params-client-validation).
            UsageError: ``etag`` and ``match_condition`` contradict each other.
        """
        pairs: list[tuple[str, str]] = []
        headers: dict[str, str] = {"Accept": self.accept}
        if self._is_conditional:
            from ..conditions import split_conditions  # few operations are

            arguments, conditions = split_conditions(arguments, body)
            headers.update(conditions)
        for name, value in arguments.items():
            parameter = self.parameters[name]
            if value is None or parameter.location == "path":
                continue
            if parameter.location == "query":
                pairs.extend(query_pairs(parameter, value))
            elif parameter.location == "header":
                headers[parameter.wire_name] = joined(parameter.wire(value), text_of, explode=parameter.explode)
            else:
                own = f"{parameter.wire_name}={joined(parameter.wire(value), escaped)}"
                headers["Cookie"] = f"{headers['Cookie']}; {own}" if "Cookie" in headers else own
        url = self._url(arguments)
        if pairs:
            url = f"{url}?{'&'.join(f'{name}={text}' for name, text in pairs)}"
        content: Content = None
        if self.body is not None and body is not None:
            content, headers["Content-Type"] = self.body.encode(body)
        return HttpRequest(self.method, url, headers=headers, content=content)

    def _url(self, arguments: Mapping[str, Any]) -> str:
        pieces = [
            piece if name is None else path_text(name, self.parameters[name], arguments.get(name))
            for piece, name in self._pieces
        ]
        return "".join(pieces)

    def read(self, response: HttpResponse) -> T:
        """Return what the method returns.

        Raises:
            HttpResponseError: The status is not a success; ``model`` holds the documented error.
            DecodeError: The status is a success, its body cannot be read.
        """
        self.raise_for_error(response)
        reader = self._readers.get(response.status_code)
        if self.method == "HEAD":  # never has a body, whatever the document says (RFC 9110, section 9.3.2)
            return None  # type: ignore[return-value]
        if reader is None:
            if response.status_code == 404 or not response.content:
                return None  # type: ignore[return-value]  # an undocumented success without a body
            # A success that the document does not list is read like the first one that it does.
            reader = next(iter(self._readers.values()), reader_of(None))
        try:
            result: T = reader(response)
        except ValueError as error:
            kind = response.content_type or "no media type"
            raise DecodeError(f"the body ({kind}) is not the JSON expected: {error}", response=response) from error
        return result

    def raise_for_error(self, response: HttpResponse) -> None:
        """Raise the error that the status stands for; return if it is a success.

        Raises:
            HttpResponseError: Or the subclass for the status.
        """
        status = response.status_code
        if 200 <= status < 300 or (status == 404 and self._missing_is_success):
            return
        if status == 304 and status in self._readers:  # documented: "nothing new" is an answer here, and no error
            return
        readers = self._error_readers
        reader = readers.get(status) or readers.get(f"{status // 100}XX") or readers.get("default")
        model: Any = None
        if reader is not None:
            try:
                model = reader(response)
            except ValueError:  # a proxy's HTML page where the service documents JSON: the status still tells
                model = None
        raise HttpResponseError.from_response(response, model)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.method} {self.path}>"


def _split(template: str, parameters: Mapping[str, Parameter]) -> list[tuple[str, str | None]]:
    """Return the template as literal pieces and the names of the arguments between them."""
    names = {p.wire_name: name for name, p in parameters.items() if p.location == "path"}
    pieces: list[tuple[str, str | None]] = []
    for part in template.split("{"):
        wire_name, closed, rest = part.partition("}")
        if not closed:
            pieces.append((part, None))
            continue
        pieces.append(("", names[wire_name]))
        pieces.append((rest, None))
    return [piece for piece in pieces if piece != ("", None)]


class ListOperation(Operation[T]):
    """An operation that answers with items, page by page; ``T`` is the item."""

    def __init__(self, method: str, path: str, *, paging: Paging[T], **rest: Any) -> None:
        super().__init__(method, path, **rest)
        self.paging = paging


class LongRunningOperation(Operation[T]):
    """An operation that goes on after its first answer; ``T`` is what it ends with."""

    def __init__(self, method: str, path: str, *, polling: Polling[T], **rest: Any) -> None:
        super().__init__(method, path, **rest)
        self.polling = polling
