"""Operations as data: what a client method sends and how its answer is read, shared by both colours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Generic, NoReturn, TypeAlias, TypeVar

from .._origin import Access, Server
from ..errors import ArgumentError, DecodeError, HttpResponseError, UsageError
from ..rest import Content, HttpRequest, HttpResponse
from .answers import HEADERS, reader_of
from .bodies import BodyKind
from .parameters import Parameter, escaped, joined, path_text, query_pairs, text_of

if TYPE_CHECKING:
    from ..paging import Paging
    from ..polling import Polling

__all__ = ["ListOperation", "LongRunningOperation", "Operation"]

T = TypeVar("T")
# Any keys, for those of a mapping are invariant: `{404: Missing}` is one of numbers and no other, and against a union
# of mappings mypy finds no type for `{404: Missing, "4XX": TEXT}`. Which keys there may be is checked at declaration.
Errors: TypeAlias = "Mapping[Any, Any] | None"
BodyForms: TypeAlias = "BodyKind | Mapping[str, BodyKind] | None"

_RANGES: Final = ("1XX", "2XX", "3XX", "4XX", "5XX")
_NONE_NEEDED: Final[Mapping[int, Any]] = {}  # of answers that paging or polling reads


class Operation(Generic[T]):
    """One operation of a service; ``T`` is what its method returns.

    Args:
        method: ``GET``, ``POST`` …
        path: URL template below the endpoint, ``/pets/{petId}``.
        parameters: Python argument name → `Parameter`.
        body: How the body becomes bytes, None if there is none; of several forms each by its media type, the usual one
            first: the argument ``content_type`` chooses.
        responses: Status → codec, model, enum or thunk of the JSON body; `TEXT`, `BYTES_BODY`, `HEADERS` or None; or a
            mapping of media type → one of these, by which an answer is read as what it says it is.
            A success that is not listed is read like the first one that is; without a body, 204 for example, it gives
            None. So does a listed one where a document promises a body and the service sends none.
        errors: The same for documented errors; a key is a status, ``"4XX"``, ``"5XX"`` or ``"default"``. `raised_as`
            raises them as classes of the client's own.
        accept: The ``Accept`` header, unless the argument ``accept`` says another one.
        missing_is_success: Whether 404 means that the work is done already (``delete_`` methods).
        conditional: Whether ``etag`` and ``match_condition`` are among the arguments, and ``if_modified_since`` and
            ``if_unmodified_since``, see `clientsmith.core.conditions`.
        chooses: Whether ``accept`` or ``content_type`` are among the arguments.
        anonymous: Whether the operation is called without a credential, also by a client that has one.
        server: The server that the operation has for itself, and the endpoint of the others that it stands beside, in
            all ways to write it: absolute URLs. It counts for a client that has just this endpoint.
        since: The first version of the API that has the operation, None: all that the client speaks.
        until: The last one.

    Raises:
        UsageError: The template and the parameters do not fit each other, or a key is no status.
    """

    def __init__(
        self,
        method: str,
        path: str,
        *,
        parameters: Mapping[str, Parameter] | None = None,
        body: BodyForms = None,
        responses: Mapping[int, Any],
        errors: Errors = None,
        accept: str = "application/json",
        missing_is_success: bool = False,
        conditional: bool = False,
        chooses: bool = False,
        anonymous: bool = False,
        server: tuple[str, ...] | None = None,
        since: str | None = None,
        until: str | None = None,
    ) -> None:
        self.method, self.path, self.accept = method, path, accept
        self.parameters = dict(parameters or {})
        self.body = next(iter(body.values())) if isinstance(body, Mapping) else body
        self._bodies: Mapping[str, BodyKind] = body if isinstance(body, Mapping) else {}
        self._chooses = chooses
        self.access = _access(server, anonymous, since, until)
        self.responses = responses
        self._readers = {self._status(status): reader_of(like) for status, like in responses.items()}
        self._error_readers = {self._error_key(key): reader_of(like) for key, like in (errors or {}).items()}
        self._missing_is_success = missing_is_success
        self._is_conditional = conditional
        self._reads_headers = any(like is HEADERS for like in responses.values())
        self._pieces = self._split()

    def request(self, arguments: Mapping[str, Any], body: Any = None) -> HttpRequest:
        """Return the request for these arguments; None means "not given".

        Raises:
            ArgumentError: A value cannot be sent: of the wrong type, or an empty part of the URL's path
                (params-client-validation).
            UsageError: No parameter has an argument's name, there is a body and none is declared, or ``etag`` and
                ``match_condition`` contradict each other.
        """
        headers: dict[str, str] = {"Accept": self.accept}
        kind = self.body
        if self._chooses:
            arguments, kind = self._chosen(arguments, headers)
        if self._is_conditional:
            from ..conditions import split_conditions  # few operations are

            arguments, conditions = split_conditions(arguments, body)
            headers.update(conditions)
        url = self._placed(arguments, headers)
        content: Content = None
        if body is not None:
            content, media_type = self._encoded(kind, body)
            if media_type:
                headers["Content-Type"] = media_type
        return HttpRequest(self.method, url, headers=headers, content=content)

    def _placed(self, arguments: Mapping[str, Any], headers: dict[str, str]) -> str:
        """Put the arguments where they go: into the header fields, and into the URL that is returned."""
        pairs: list[tuple[str, str]] = []
        url = name = ""
        try:
            for name, value in arguments.items():
                parameter = self.parameters.get(name) or self._unknown(name)
                if value is None or parameter.location == "path":
                    continue
                if parameter.location == "query":
                    pairs.extend(query_pairs(parameter, value))
                elif parameter.location == "header":
                    headers[parameter.wire_name] = joined(parameter.wire(value), text_of, explode=parameter.explode)
                else:
                    own = f"{parameter.wire_name}={joined(parameter.wire(value), escaped)}"
                    headers["Cookie"] = f"{headers['Cookie']}; {own}" if "Cookie" in headers else own
            for piece, in_path in self._pieces:
                name = in_path or ""
                url += piece if in_path is None else path_text(name, self.parameters[name], arguments.get(name))
        except UsageError:  # it says it all
            raise
        except (TypeError, ValueError) as error:
            raise self._unusable(name, error) from error
        if pairs:
            # Some services tell operations apart by a fixed query, which then stands in the path: ``/blob?comp=lease``.
            url += "&" if "?" in self.path else "?"
            url += "&".join(f"{key}={text}" for key, text in pairs)
        return url

    def _chosen(self, arguments: Mapping[str, Any], headers: dict[str, str]) -> tuple[dict[str, Any], BodyKind | None]:
        """Take ``accept`` and ``content_type`` out of the arguments, and return the form of the body that they mean."""
        rest = dict(arguments)
        accept, content_type = rest.pop("accept", None), rest.pop("content_type", None)
        if accept is not None:
            headers["Accept"] = accept
        if content_type is None or not self._bodies:
            return rest, self.body
        return rest, self._bodies.get(content_type) or self._like(content_type)

    def _like(self, content_type: str) -> BodyKind:
        """Return the form of a media type that was not declared by name: one that a range such as ``image/*`` covers.

        Raises:
            ArgumentError: None of those declared covers it.
        """
        ranges = (
            kind for name, kind in self._bodies.items() if name.endswith("*") and content_type.startswith(name[:-1])
        )
        if (found := next(ranges, None)) is not None:
            return BodyKind(lambda value: (found.encode(value)[0], content_type))
        known = ", ".join(map(repr, self._bodies))
        raise ArgumentError(
            "content_type", f"{self.method} {self.path} does not take {content_type!r} as its content_type, but {known}"
        )

    def _encoded(self, kind: BodyKind | None, body: object) -> tuple[Content, str]:
        if kind is not None:
            try:
                return kind.encode(body)
            except UsageError:
                raise
            except (TypeError, ValueError) as error:
                raise self._unusable("body", error) from error
        if self._is_conditional:  # its etag was what is wanted
            return None, ""
        raise UsageError(
            f"{self.method} {self.path} was given a body, which would not be sent: declare how, as in body=json_body()"
        )

    def _unusable(self, name: str, error: Exception) -> ArgumentError:
        return ArgumentError(name, f"{name} of {self.method} {self.path} cannot be sent: {error}")

    def _unknown(self, name: str) -> NoReturn:
        known = ", ".join(map(repr, self.parameters)) or "none"
        raise UsageError(f"{self.method} {self.path} has no parameter {name!r}; those declared: {known}")

    def read(self, response: HttpResponse) -> T:
        """Return what the method returns.

        Raises:
            HttpResponseError: The status is not a success; ``model`` holds the documented error.
            DecodeError: The status is a success, its body cannot be read.
        """
        self.raise_for_error(response)
        reader = self._readers.get(response.status_code)
        if self.method == "HEAD" and not self._reads_headers:
            return None  # type: ignore[return-value]  # never a body, whatever is declared (RFC 9110, section 9.3.2)
        if reader is None:
            if response.status_code == 404 or not (response.content or self._reads_headers):
                return None  # type: ignore[return-value]  # an undocumented success without a body
            # A success that the document does not list is read like the first one that it does.
            reader = next(iter(self._readers.values()), reader_of(None))
        try:
            result: T = reader(response)
        except (ValueError, TypeError) as error:
            if not response.content:
                # Of what changes something: it was done, only the body that the document promised did not come. An
                # error would read as if it had not been done, and whoever tries again does it twice. Of what reads
                # something: there is none, which many services say so where others say 204 or null.
                return None  # type: ignore[return-value]
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
            except (ValueError, TypeError):  # a proxy's HTML page, or a list for a model: the status still tells
                model = None
        raise model if isinstance(model, HttpResponseError) else HttpResponseError.from_response(response, model)

    # --- what was declared ---

    def _split(self) -> list[tuple[str, str | None]]:
        """Return the template as literal pieces and the names of the arguments between them."""
        names = {p.wire_name: name for name, p in self.parameters.items() if p.location == "path"}
        unused = dict(names)
        # A fragment tells two operations of one path apart in the document; it is never sent (RFC 3986, section 3.5).
        literal, *fields = self.path.partition("#")[0].split("{")
        pieces: list[tuple[str, str | None]] = [(literal, None)]
        for part in fields:
            wire_name, closed, rest = part.partition("}")
            if not closed:  # a brace that begins nothing is a character like others
                pieces.append((f"{{{part}", None))
                continue
            if wire_name not in names:
                there = ", ".join(f"path({each!r})" for each in names) or "none"
                raise UsageError(
                    f"{self.method} {self.path}: no parameter fills {{{wire_name}}}; of the path there are: {there}"
                )
            unused.pop(wire_name, None)
            pieces.append(("", names[wire_name]))
            pieces.append((rest, None))
        if unused:
            wire_name, name = next(iter(unused.items()))
            raise UsageError(
                f"{self.method} {self.path}: the parameter {name!r} is path({wire_name!r}), and the template has no "
                f"{{{wire_name}}}"
            )
        return [piece for piece in pieces if piece != ("", None)]

    def _status(self, status: object) -> int:
        if isinstance(status, int):
            return status
        raise UsageError(
            f"{self.method} {self.path}: responses has the key {status!r}; write the number, 200. A success "
            "that is not listed is read like the first one that is"
        )

    def _error_key(self, key: int | str) -> int | str:
        if isinstance(key, int) or key == "default":
            return key
        if key.upper() in _RANGES:
            return key.upper()
        raise UsageError(
            f"{self.method} {self.path}: errors has the key {key!r}; it is a status as a number, '4XX', '5XX' or "
            "'default'"
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.method} {self.path}>"


class ListOperation(Operation[T]):
    """An operation that answers with items, page by page; ``T`` is the item.

    Args:
        method: As for `Operation`, like the other arguments that are not told here.
        path: As for `Operation`.
        paging: How the list is cut into pages, and what an item is. It reads the answers.
        responses: Not needed.
    """

    def __init__(
        self,
        method: str,
        path: str,
        *,
        paging: Paging[T],
        parameters: Mapping[str, Parameter] | None = None,
        body: BodyForms = None,
        responses: Mapping[int, Any] = _NONE_NEEDED,
        errors: Errors = None,
        accept: str = "application/json",
        missing_is_success: bool = False,
        conditional: bool = False,
        chooses: bool = False,
        anonymous: bool = False,
        server: tuple[str, ...] | None = None,
        since: str | None = None,
        until: str | None = None,
    ) -> None:
        super().__init__(
            method,
            path,
            parameters=parameters,
            body=body,
            responses=responses,
            errors=errors,
            accept=accept,
            missing_is_success=missing_is_success,
            conditional=conditional,
            chooses=chooses,
            anonymous=anonymous,
            server=server,
            since=since,
            until=until,
        )
        self.paging = paging


class LongRunningOperation(Operation[T]):
    """An operation that goes on after its first answer; ``T`` is what it ends with.

    Args:
        method: As for `Operation`, like the other arguments that are not told here.
        path: As for `Operation`.
        polling: How it is watched, and what it ends with. It reads the answers.
        responses: Not needed.
    """

    def __init__(
        self,
        method: str,
        path: str,
        *,
        polling: Polling[T],
        parameters: Mapping[str, Parameter] | None = None,
        body: BodyForms = None,
        responses: Mapping[int, Any] = _NONE_NEEDED,
        errors: Errors = None,
        accept: str = "application/json",
        missing_is_success: bool = False,
        conditional: bool = False,
        chooses: bool = False,
        anonymous: bool = False,
        server: tuple[str, ...] | None = None,
        since: str | None = None,
        until: str | None = None,
    ) -> None:
        super().__init__(
            method,
            path,
            parameters=parameters,
            body=body,
            responses=responses,
            errors=errors,
            accept=accept,
            missing_is_success=missing_is_success,
            conditional=conditional,
            chooses=chooses,
            anonymous=anonymous,
            server=server,
            since=since,
            until=until,
        )
        self.polling = polling


def _access(server: tuple[str, ...] | None, anonymous: bool, since: str | None, until: str | None) -> Access | None:
    """Return what is special about how an operation is called, None if nothing is, as with nearly all."""
    if not (server or anonymous or since or until):
        return None
    lifetime = None
    if since or until:
        from ..versioning.negotiator import Lifetime

        lifetime = Lifetime(since, until)
    return Access(Server(*server) if server else None, anonymous, lifetime)
