"""Is every operation callable? The generated client of a document calls each against a mock of the same document.

For each document the package is generated and the mock started, which refuses every request that is not what the
document says: a wrong style, a missing parameter, a body that does not fit. Then each operation is called, sync and
async, with arguments made from the schemas and given as a user would: models, enums, datetimes, files. Lists are read
to their end, jobs waited for, streams read, and every property of every model that came is read. What does not fit its
declared type is read all the same, and told. Each documented error is asked for, and has to be raised with its model.

    python benchmarks/generator/callable.py FOLDER [FILE …] [--errors] [--only NAME] [--format json]

Exit code 1 says that some operation was not answered, or its answer not decoded.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import inspect
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from clientsmith.core.conditions import MatchConditions
from clientsmith.core.credentials import AccessToken, BasicCredential, KeyCredential
from clientsmith.core.errors import ClientsmithError, HttpResponseError
from clientsmith.core.models import Model as CoreModel
from clientsmith.core.models import ModelDecodeError
from clientsmith.core.serialization import (
    BYTES,
    BYTES_FOR_URLS,
    DATE,
    DATETIME,
    DECIMAL,
    DECIMAL_NUMBER,
    DURATION,
    HTTP_DATE,
    INTEGER_TEXT,
    TIME,
    UNIX_SECONDS,
    UUID,
)
from clientsmith.emit.bodies import has_choice
from clientsmith.emit.methods import Kind, Method, methods_of
from clientsmith.emit.package import write_package
from clientsmith.findings import InputError
from clientsmith.mock import MockServer, Service
from clientsmith.mock.description import Described, Media
from clientsmith.mock.jobs import schema_of
from clientsmith.mock.validation import Direction
from clientsmith.model.ir import (
    Api,
    Array,
    Binary,
    Body,
    Enum,
    Map,
    Model,
    Nullable,
    Operation,
    Paging,
    Parameter,
    Ref,
    Response,
    Scalar,
    ScalarKind,
    Shape,
    Spelling,
    Union,
)
from clientsmith.model.lookup import all_properties, properties_of, tag_of
from clientsmith.model.media import Format, format_of

_CODECS: Final[Mapping[ScalarKind, Any]] = {
    ScalarKind.DATETIME: DATETIME,
    ScalarKind.DATE: DATE,
    ScalarKind.TIME: TIME,
    ScalarKind.DURATION: DURATION,
    ScalarKind.BYTES: BYTES,
    ScalarKind.UUID: UUID,
    ScalarKind.DECIMAL: DECIMAL,
}
_SPELT: Final[Mapping[Spelling, Any]] = {
    Spelling.HTTP_DATE: HTTP_DATE,
    Spelling.UNIX_SECONDS: UNIX_SECONDS,
    Spelling.BASE64URL: BYTES_FOR_URLS,
    Spelling.NUMBER: DECIMAL_NUMBER,
    Spelling.TEXT: INTEGER_TEXT,
}
_MOMENT: Final = DATETIME.decode("2026-01-31T12:30:00Z")
_PAGED_ITEMS: Final = 60  # of one list, more than any three pages have
_SECONDS: Final = 5.0  # for one operation


@dataclass
class Row:
    """What became of one document in one colour."""

    document: str
    colour: str
    operations: int = 0
    called: int = 0
    answered: int = 0
    decoded: int = 0
    properties: int = 0
    errors: int = 0
    raised: int = 0
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list[str])
    misfits: list[str] = field(default_factory=list[str])  # read, but not of the type that is declared

    @property
    def is_right(self) -> bool:
        return self.operations == self.decoded and self.errors == self.raised


# --- arguments -------------------------------------------------------------------------------------------------------


class Arguments:
    """Makes the arguments of methods, as a user would give them."""

    def __init__(self, service: Service, models: ModuleType) -> None:
        self._service, self._models = service, models
        self._described = {(one.method, one.place): one for one in service.operations}

    def described(self, operation: Operation) -> Described:
        """Return what the document says of an operation."""
        method, place = operation.method.upper(), operation.pointer
        while (method, place) not in self._described:  # an answer in another kind is an operation of its own
            place = place.rpartition("/")[0]
        return self._described[method, place]

    def of(self, method: Method) -> tuple[list[Any], dict[str, Any]]:
        """Return all arguments of a method, the optional ones too: by position and by keyword."""
        described = self.described(method.operation)

        def made(parameter: Parameter) -> Any:
            return self._parameter(described, parameter)

        positional = [made(item) for item in method.positional.values()]
        keywords = {name: made(item) for name, item in method.keyword.items()}
        body = method.operation.body
        if body is not None:
            given, media_type = self._body(body, described, method.operation.paging)
            if method.gives_fields:
                keywords |= {
                    name: given[item.wire_name] for name, item in method.fields.items() if item.wire_name in given
                }
            elif body.required or method.flattened:
                positional.append(given)
            else:
                keywords[method.body_name] = given
            if media_type:
                keywords["content_type"] = media_type
        return positional, {name: value for name, value in keywords.items() if value is not None} | _conditions(method)

    def bound(self, method: Method, group: Any) -> list[Any]:
        """Return the arguments that a child client is bound to."""
        described = self.described(method.operation)
        return [self._parameter(described, item) for item in group.bound]

    def _parameter(self, described: Described, parameter: Parameter) -> Any:
        """Return a value of a parameter; of the path, where the IR may have renamed it, the one at its place."""
        rules = {(rule.name, rule.location): rule for rule in described.parameters}
        of_path = [rule for rule in described.parameters if rule.location == "path"]
        places = [rule for rule in of_path if rule.place == parameter.pointer and parameter.location.value == "path"]
        rule = rules.get((parameter.wire_name, parameter.location.value)) or next(iter(places), None)
        wire = self._service.maker.make(rule.schema if rule is not None else {}, Direction.REQUEST)
        return self._usable(self.typed(parameter.shape, wire), parameter)

    def _usable(self, value: Any, parameter: Parameter) -> Any:
        """A part of the path must not be empty, and of what is null nothing can be sent."""
        return "sample" if value in (None, "") and parameter.required else value

    def _body(self, body: Body, described: Described, paging: Paging | None) -> tuple[Any, str]:
        """Return the body in the form that the method prefers, and the media type where it has to be said."""
        media = _media(described, body.media_type)
        kind = format_of(body.media_type, body.shape)
        if kind is Format.BINARY:
            said = (
                body.media_type.replace("*/*", "application/octet-stream").replace("*", "png")
                if has_choice(body)
                else ""
            )
            return b"some bytes", said
        if media is None:
            return self.typed(body.shape, self._service.maker.make(schema_of(body.shape), Direction.REQUEST)), ""
        wire = next((one for one in media.examples.values() if self._fits(one, media)), None)
        if wire is None:
            wire = self._service.maker.make(media.schema, Direction.REQUEST)
        if paging is not None and paging.location == "body":  # from the first page on
            wire = _without(wire, (*paging.body_path, paging.parameter))
        if kind is Format.LINES:
            return wire if isinstance(wire, list) else [wire], ""
        if kind in (Format.TEXT, Format.XML, Format.EVENTS) and isinstance(body.shape, Scalar):
            return "<sample/>" if kind is Format.XML or "xml" in body.media_type else wire if isinstance(
                wire, str
            ) else "sample", ""
        if kind in (Format.FORM, Format.MULTIPART) and isinstance(body.shape, Map) and not isinstance(wire, dict):
            return {"field": wire}, ""  # the document does not name its fields
        if kind in (Format.FORM, Format.MULTIPART) and isinstance(wire, dict):
            # A form is given by its fields, each as what it is.
            fields = properties_of(body.shape, self._service.api.shapes)
            return {
                name: self.typed(fields[name].shape, value) if name in fields else value for name, value in wire.items()
            }, ""
        return self.typed(body.shape, wire), ""

    def _fits(self, example: Any, media: Media) -> bool:
        return self._service.validator.accepts(example, media.schema, Direction.REQUEST)

    def typed(self, shape: Shape | None, wire: Any) -> Any:
        """Return a wire value as its Python value."""
        match shape:
            case Scalar() if wire is not None:
                codec = _SPELT.get(shape.spelling) or _CODECS.get(shape.kind)
                return wire if codec is None else codec.decode(wire)
            case Nullable():
                return None if wire is None else self.typed(shape.shape, wire)
            case Array() if isinstance(wire, list):
                return [self.typed(shape.item, item) for item in wire]
            case Map() if isinstance(wire, dict):
                return {key: self.typed(shape.value, item) for key, item in wire.items()}
            case Ref():
                return self._named(shape, wire)
            case Union():
                return self.typed(self._member(shape, wire), wire)
            case Binary():
                return wire.encode() if isinstance(wire, str) else wire
            case _:
                return wire

    def _named(self, ref: Ref, wire: Any) -> Any:
        named = self._service.api.shapes.get(ref.pointer)
        if isinstance(named, Enum):
            known = any(member.wire_value == wire for member in named.members)
            return (
                getattr(self._models, named.name)(wire) if known else wire
            )  # an open enum takes other values as they are
        if not isinstance(named, Model) or not isinstance(wire, dict):
            return wire
        named = self._child(named, wire)
        kind = getattr(self._models, named.name)
        properties = all_properties(named, self._service.api.shapes)
        tag = tag_of(named, self._service.api.shapes)
        given = {key: value for key, value in wire.items() if key != tag or key in properties}
        constructible = {each.wire_name: name for name, each in kind._shape.fields.items() if each.is_init}
        if not given.keys() - {tag} <= constructible.keys() or None in given.values():
            return kind.from_dict(wire)
        keywords = {
            constructible[key]: self.typed(properties[key].shape, value)
            for key, value in given.items()
            if key in constructible and key in properties
        }
        try:
            return kind(**keywords)
        except TypeError:  # the value lacks what the model requires: it is a part of an alternative
            return kind.from_dict(wire)

    def _child(self, named: Model, wire: Mapping[str, Any]) -> Model:
        tag = tag_of(named, self._service.api.shapes)
        for shape in self._service.api.shapes.values():
            if (
                isinstance(shape, Model)
                and shape.base == Ref(named.pointer)
                and tag
                and shape.tag_value == wire.get(tag)
            ):
                return self._child(shape, wire)
        return named

    def _member(self, union: Union, wire: Any) -> Shape | None:
        """Return the member that the wire value is of."""
        if union.tag and isinstance(wire, dict):
            fitting = [member for value, member in union.mapping if value == wire.get(union.tag)]
        else:
            fitting = [member for member in union.members if self._is_of(member, wire)]
        return max(fitting, key=lambda member: self._overlap(member, wire), default=None)

    def _is_of(self, member: Shape, wire: Any) -> bool:
        match member:
            case Nullable():
                return self._is_of(member.shape, wire)
            case Array():
                return isinstance(wire, list) and all(self._is_of(member.item, item) for item in wire)
            case Map():
                return isinstance(wire, dict)
            case Ref():
                named = self._service.api.shapes.get(member.pointer)
                return isinstance(wire, dict) if isinstance(named, Model) else isinstance(wire, str | int)
            case Scalar():
                try:
                    self.typed(member, wire)
                except (ValueError, TypeError):
                    return False
                return member.kind not in (ScalarKind.INTEGER, ScalarKind.NUMBER) or isinstance(wire, int | float)
            case _:
                return True

    def _overlap(self, member: Shape, wire: Any) -> int:
        named = self._service.api.shapes.get(member.pointer) if isinstance(member, Ref) else None
        if not isinstance(named, Model) or not isinstance(wire, dict):
            return 0
        properties = all_properties(named, self._service.api.shapes)
        lacking = [item for item in properties.values() if item.required and item.wire_name not in wire]
        return len(properties.keys() & wire.keys()) - 10 * len(lacking)


def _media(described: Described, media_type: str) -> Media | None:
    plain = [media for media in described.bodies if media.media_type.partition(";")[0].strip().lower() == media_type]
    return plain[0] if plain else None


def _without(wire: Any, path: tuple[str, ...]) -> Any:
    """Return a value without what stands at a path."""
    if not isinstance(wire, dict) or path[0] not in wire:
        return wire
    return {
        key: _without(item, path[1:]) if key == path[0] else item
        for key, item in wire.items()
        if key != path[0] or len(path) > 1
    }


def _conditions(method: Method) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "match_condition" in method.conditions and method.operation.method != "GET":
        found["match_condition"] = MatchConditions.IfPresent
    return found | {name: _MOMENT for name, needed in method.conditions.items() if needed and name.startswith("if_")}


# --- reading ---------------------------------------------------------------------------------------------------------


def read(value: Any) -> int:
    """Read every property of every model in a value; return how many there were."""
    if isinstance(value, CoreModel):
        return sum(1 + read(getattr(value, name)) for name in type(value)._shape.fields)
    if isinstance(value, Mapping):
        return sum(map(read, value.values()))
    return sum(map(read, value)) if isinstance(value, list) else 0


# --- calls -----------------------------------------------------------------------------------------------------------


async def _finished(value: Any) -> Any:
    return await value if inspect.isawaitable(value) else value


async def _items(source: Any) -> AsyncIterator[Any]:
    if hasattr(source, "__aiter__"):
        async for item in source:
            yield item
    else:
        for item in source:
            yield item


def misfit(value: Any) -> str:
    """Return what of a value does not fit its declared type, "" if everything does."""
    try:
        for model in value if isinstance(value, list) else [value]:
            if isinstance(model, CoreModel):
                type(model).from_dict(model.as_dict(), strict=True)
    except ModelDecodeError as error:
        return str(error)
    return ""


async def used(method: Method, called: Any, misfits: list[str]) -> int:
    """Read what a method gives to its end; return how many properties were read."""

    def seen(value: Any) -> int:
        if told := misfit(value):
            misfits.append(f"{method.operation.method} {method.operation.path}: {told}")
        return read(value)

    match method.kind:
        case Kind.LIST | Kind.EVENTS | Kind.LINES:
            count = found = 0
            async for item in _items(called):
                count, found = count + seen(item), found + 1
                if found > _PAGED_ITEMS:
                    raise AssertionError(f"the list did not end after {_PAGED_ITEMS} items")
            if method.kind is Kind.LIST:
                _check_pages(method, found)
            return count
        case Kind.BEGIN:
            poller = await _finished(called)
            return seen(await _finished(poller.result(timeout=_SECONDS)))
        case Kind.DOWNLOAD:
            await _finished(called.read())
            return 0
        case _:
            return seen(await _finished(called))


def _check_pages(method: Method, found: int) -> None:
    paging = method.operation.paging
    if paging is not None and paging.scheme.value != "single" and found < 3:
        raise AssertionError(f"{found} items of a list with three pages ({paging.scheme.value})")


class _Token:
    """A token that somebody fetched."""

    def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
        return AccessToken("secret", int(time.time()) + 3600)


class _AsyncToken:
    """The same, asynchronously."""

    async def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
        return AccessToken("secret", int(time.time()) + 3600)


_OFFERED: Final[Mapping[str, Callable[[str], Any]]] = {
    "basic": lambda _colour: BasicCredential("user", "secret"),
    "key": lambda _colour: KeyCredential("secret"),
    "bearer": lambda colour: _Token() if colour == "sync" else _AsyncToken(),
}


class Caller:
    """Calls the operations of one document in one colour."""

    def __init__(self, server: MockServer, api: Api, colour: str) -> None:
        self._server, self._api, self._colour = server, api, colour
        models = importlib.import_module(f"{api.package}.models")
        package = importlib.import_module(api.package if colour == "sync" else f"{api.package}.aio")
        self._class = getattr(package, api.root.name)
        self.arguments = Arguments(server.service, models)
        self.misfits: list[str] = []
        self._clients: dict[tuple[str, ...], Any] = {}

    async def close(self) -> None:
        for client in self._clients.values():
            await _finished(client.close())

    def _client(self, method: Method) -> Any:
        """Return a client with a credential of a kind that the operation takes."""
        alternatives = [one.schemes for one in self._api.security_of(method.operation)]
        known = {one.key: one.kind for one in self._api.security_schemes}
        usable = [keys for keys in alternatives if keys and all(known.get(key) in _OFFERED for key in keys)]
        keys = min(usable, key=len, default=())
        if not keys and known and not self._api.security_optional:
            keys = tuple(known)[:1]  # a client of this service always has one
        if keys not in self._clients:
            offered = {key: _OFFERED[known[key]](self._colour) for key in keys}
            credential = offered if len(offered) > 1 else next(iter(offered.values()), None)
            arguments = [] if credential is None else [credential]
            self._clients[keys] = self._class(self._server.url, *arguments, polling_interval=0.0, timeout=_SECONDS)
        return self._clients[keys]

    def _owner(self, method: Method) -> Any:
        owner = self._client(method)
        for group in getattr(method, "groups", ()):
            owner = getattr(owner, group.attribute)
            if group.bound:
                owner = owner(*self.arguments.bound(method, group))
        return owner

    async def call(self, method: Method) -> int:
        """Call an operation and read what it gives."""
        positional, keywords = self.arguments.of(method)
        called = getattr(self._owner(method), method.name)(*positional, **keywords, **_meant(method))
        return await used(method, called, self.misfits)

    async def error(self, method: Method, status: int) -> HttpResponseError | None:
        """Ask for an error; return what was raised."""
        positional, keywords = self.arguments.of(method)
        options = {
            "headers": {"Prefer": f"code={status}, {_meant(method).get('headers', {}).get('Prefer', '')}"},
            "max_retries": 0,
        }
        try:
            called = getattr(self._owner(method), method.name)(*positional, **keywords, **options)
            await used(method, called, [])
        except HttpResponseError as error:
            return error
        return None


def _meant(method: Method) -> dict[str, Any]:
    """Say which operation is meant where several share a path, and only a fragment tells them apart."""
    operation = method.operation
    return {"headers": {"Prefer": f"operation={operation.operation_id}"}} if "#" in operation.path else {}


def documented_errors(operation: Operation) -> Iterator[tuple[int, Response]]:
    """Return the errors that an operation documents, ranges and the default with a status that they mean."""
    taken = {response.status for response in operation.errors}
    for response in operation.errors:
        if response.status.isdigit():
            yield int(response.status), response
        elif response.status == "default":
            yield (
                next(
                    status
                    for status in (500, 502, 599)
                    if (str(status) not in taken and "5XX" not in taken) or status == 599
                ),
                response,
            )
        elif response.status in ("4XX", "5XX"):
            base = int(response.status[0]) * 100
            yield next(status for status in range(base + 50, base + 99) if str(status) not in taken), response


async def run(caller: Caller, methods: list[Method], row: Row, *, with_errors: bool) -> None:
    for method in methods:
        row.operations += 1
        log = len(caller._server.exchanges)
        try:
            row.called += 1
            row.properties += await caller.call(method)
            row.answered += 1
            row.decoded += 1
        except Exception as error:  # whatever goes wrong is what we look for
            row.answered += not isinstance(error, ClientsmithError)
            row.problems.append(_told(method, error, caller._server.exchanges[log:]))
        if not with_errors:
            continue
        for status, response in documented_errors(method.operation):
            if status == 404 and (method.missing_is_success or method.kind is Kind.EXISTS):
                continue
            row.errors += 1
            try:
                raised = await caller.error(method, status)
                assert raised is not None, "nothing was raised"
                assert raised.status_code == status, f"{raised.status_code} was raised"
                if response.shape is not None and method.operation.method != "HEAD":
                    assert raised.error is not None, "it has no model"
                    read(raised.error)
                row.raised += 1
            except Exception as error:  # as above
                row.problems.append(f"error {status}: {_told(method, error, ())}")


def _told(method: Method, error: Exception, exchanges: Any) -> str:
    findings = [finding for exchange in exchanges for finding in exchange.findings]
    findings = findings or [f"{one.method} {one.target} {one.status}" for one in exchanges[-3:] if len(exchanges) > 4]
    kind = type(error).__name__
    what = " ".join(str(error).split())
    return f"{method.operation.method} {method.operation.path} ({method.name}): {kind}: {findings or what}"[:700]


@contextmanager
def importable(folder: Path, package: str) -> Iterator[None]:
    """Let a package be imported from a folder, and be forgotten afterwards."""
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        for name in [name for name in sys.modules if name.partition(".")[0] == package]:
            del sys.modules[name]


def measure(document: Path, folder: Path, *, with_errors: bool = False, only: str = "") -> list[Row]:
    """Call every operation of a document, sync and async.

    Raises:
        InputError: It is no OpenAPI document.
    """
    with MockServer(document, refuse_unknown=True) as server:
        package = f"callable_{abs(hash(document.stem)) % 10**6}"
        api = replace(server.api, package=package, distribution=package.replace("_", "-"))
        write_package(api, folder / package, source=document.name, layout="module")
        methods = [method for method in methods_of(api) if only in method.name]
        rows: list[Row] = []
        with importable(folder / package / "src", package):
            for colour in ("sync", "async"):
                row = Row(document.name, colour)
                started = time.monotonic()

                async def everything(row: Row = row, colour: str = colour) -> None:
                    caller = Caller(server, api, colour)
                    try:
                        await run(caller, methods, row, with_errors=with_errors)
                    finally:
                        row.misfits += caller.misfits
                        await caller.close()

                asyncio.run(everything())
                row.seconds = round(time.monotonic() - started, 1)
                rows.append(row)
        return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where the documents are")
    parser.add_argument("files", nargs="*", help="which of them, by default all")
    parser.add_argument("--errors", action="store_true", help="ask for every documented error too")
    parser.add_argument("--only", default="", help="only methods with this in their name")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--problems", type=int, default=12, help="how many problems are shown of a row")
    arguments = parser.parse_args()
    names = arguments.files or sorted(
        path.name for path in arguments.folder.iterdir() if path.suffix in (".json", ".yaml", ".yml")
    )
    rows: list[Row] = []
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            try:
                found = measure(
                    arguments.folder / name, Path(folder), with_errors=arguments.errors, only=arguments.only
                )
            except InputError as problem:
                print(f"{name}: {problem.message}", file=sys.stderr)
                continue
        rows += found
        if arguments.format == "text":
            _print(found, arguments.problems)
    if arguments.format == "json":
        print(json.dumps([asdict(row) for row in rows], indent=2))
    else:
        _print_total(rows)
    return 0 if all(row.is_right for row in rows) else 1


def _print(rows: list[Row], problems: int) -> None:
    for row in rows:
        errors = f", errors {row.raised}/{row.errors}" if row.errors else ""
        counts = f"called {row.called}, answered {row.answered}, decoded {row.decoded} of {row.operations}"
        print(
            f"{row.document} {row.colour}: {counts}{errors}; {row.properties} properties, {row.seconds} s", flush=True
        )
        for text in row.problems[:problems]:
            print(f"    {text}")
        for text in row.misfits[:problems]:
            print(f"    not of its type: {text}")


def _print_total(rows: list[Row]) -> None:
    total: Counter[str] = Counter()
    for row in rows:
        for name in ("operations", "called", "answered", "decoded", "errors", "raised"):
            total[f"{row.colour} {name}"] += getattr(row, name)
    print(dict(total))


if __name__ == "__main__":
    sys.exit(main())
