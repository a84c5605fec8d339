"""Arguments and options of one command: from JSON Schema to what a person types, and back to JSON."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import click
from click.shell_completion import CompletionItem

from ..surface import Argument, Operation, Surface

__all__ = ["JsonText", "arguments_of", "parameters_of"]

_NOT_GIVEN: tuple[Any, ...] = (None, ())


class JsonText(click.ParamType[Any]):
    """JSON as it is, ``@FILE`` for what a file holds, or ``-`` for standard input."""

    name = "json"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not isinstance(value, str):
            return value
        text = value
        try:
            if value == "-":
                text = sys.stdin.read()
            elif value.startswith("@"):
                text = Path(value[1:]).read_text(encoding="utf-8")
            return json.loads(text)
        except OSError as error:
            self.fail(f"{value[1:]!r} cannot be read: {error.strerror}", param, ctx)
        except ValueError as error:
            self.fail(f"it is not JSON: {error}", param, ctx)


class OpenWord(click.ParamType[str]):
    """A word of a list, or another one: a service may know more of them than its document."""

    name = "text"

    def __init__(self, words: list[str]) -> None:
        self.words = words

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str | None:
        return "|".join([*self.words[:6], *(["…"] if len(self.words) > 6 else [])])

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        return [CompletionItem(word) for word in self.words if word.startswith(incomplete)]


class FileContent(click.ParamType[bytes]):
    """The bytes of a file."""

    name = "file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> bytes:
        if isinstance(value, bytes):
            return value
        try:
            return sys.stdin.buffer.read() if value == "-" else Path(value).read_bytes()
        except OSError as error:
            self.fail(f"{value!r} cannot be read: {error.strerror}", param, ctx)


def parameters_of(surface: Surface, operation: Operation) -> Iterator[click.Parameter]:
    """What the command of an operation takes."""
    for argument in operation.arguments:
        if argument.place in ("client", "path"):
            yield click.Argument(
                [argument.name], type=_type_of(surface, argument.schema), metavar=argument.name.upper()
            )
        elif argument.place == "body":
            yield from _body_parameters(surface, operation, argument)
        else:
            yield _option(surface, argument.name, argument)


def arguments_of(operation: Operation, given: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of the method, as JSON has them, from what was typed.

    Raises:
        click.UsageError: The body is missing.
    """
    arguments: dict[str, Any] = {}
    for argument in operation.arguments:
        if argument.place == "body":
            _add_body(argument, given, arguments)
        elif given.get(argument.name) not in _NOT_GIVEN:
            arguments[argument.name] = _listed(given[argument.name])
    return arguments


def _listed(value: object) -> object:
    """Several values come as a tuple."""
    return list(cast("tuple[object, ...]", value)) if isinstance(value, tuple) else value


# --- options ---------------------------------------------------------------------------------------------------------


def _option(surface: Surface, name: str, argument: Argument, flag: str = "") -> click.Option:
    schema = _bare(surface, argument.schema)
    flag = flag or f"--{name.replace('_', '-')}"
    help_text = _help(argument.description)
    if schema.get("type") == "boolean":
        return click.Option([f"{flag}/--no-{flag[2:]}", name], default=None, help=help_text)
    is_list = schema.get("type") == "array" and _is_scalar(surface, schema.get("items", {}))
    kind = _type_of(surface, schema["items"] if is_list else schema)
    text = f"{help_text} May be given several times.".strip() if is_list else help_text
    return click.Option([flag, name], type=kind, multiple=is_list, required=argument.required, help=text)


def _type_of(surface: Surface, schema: Mapping[str, Any]) -> click.ParamType[Any]:
    schema = _bare(surface, schema)
    words: list[str] | None = schema.get("enum")
    if schema.get("contentEncoding") == "base64" or schema.get("format") == "binary":
        return FileContent()
    match schema.get("type"):
        case "string":
            return OpenWord(words) if words is not None else click.STRING
        case "integer":
            return click.INT
        case "number":
            return click.FLOAT
        case "boolean":
            return click.BOOL
        case _:
            return JsonText()


def _bare(surface: Surface, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema without references and without "or null"."""
    schema = surface.resolved(schema)
    members = [surface.resolved(member) for member in schema.get("anyOf", ())]
    others = [member for member in members if member.get("type") != "null"]
    return _bare(surface, others[0]) if len(others) == 1 else schema


def _is_scalar(surface: Surface, schema: Mapping[str, Any]) -> bool:
    return _bare(surface, schema).get("type") in ("string", "integer", "number", "boolean")


def _help(text: str) -> str:
    return " ".join(text.split()).replace("\b", "")


# --- bodies ----------------------------------------------------------------------------------------------------------


def _body_parameters(surface: Surface, operation: Operation, body: Argument) -> Iterator[click.Parameter]:
    """``--body`` for the whole, and an option for each plain field of it."""
    schema = _bare(surface, body.schema)
    if isinstance(_type_of(surface, schema), FileContent):
        yield click.Option(
            ["--body"], type=FileContent(), required=body.required, help="A file, or - for standard input."
        )
        return
    text = "The whole body as JSON, @FILE or - for standard input; the options for its fields win over it."
    yield click.Option(["--body"], type=JsonText(), metavar="JSON", help=text)
    taken = {argument.name for argument in operation.arguments}
    for wire_name, field in _fields(surface, schema).items():
        name = _spelt(wire_name)
        if not name.isidentifier() or name in ("body", "output"):
            continue
        flag = f"--{'body-' * (name in taken)}{name.replace('_', '-')}"
        described = Argument(f"field_{wire_name}", "body", field, description=str(field.get("description", "")))
        option = _option(surface, f"field_{len(flag)}_{name}", described, flag)
        option.name = f"field:{wire_name}"
        yield option


def _spelt(wire_name: str) -> str:
    """``eventDescription`` is the option ``--event-description``."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", wire_name)
    return re.sub(r"[^A-Za-z0-9]+", "_", words).strip("_").lower()


def _fields(surface: Surface, schema: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    properties = cast("dict[str, Mapping[str, Any]]", schema.get("properties", {}))
    return {
        name: each
        for name, each in properties.items()
        if not each.get("readOnly") and (_is_scalar(surface, each) or _is_list_of_scalars(surface, each))
    }


def _is_list_of_scalars(surface: Surface, schema: Mapping[str, Any]) -> bool:
    schema = _bare(surface, schema)
    return schema.get("type") == "array" and _is_scalar(surface, schema.get("items", {}))


def _add_body(argument: Argument, given: Mapping[str, Any], arguments: dict[str, Any]) -> None:
    fields = {
        name.removeprefix("field:"): _listed(value)
        for name, value in given.items()
        if name.startswith("field:") and value not in _NOT_GIVEN
    }
    whole = given.get("body")
    if whole is None and not fields:
        if argument.required:
            raise click.UsageError("The command sends something: give --body, or the options for its fields.")
        return
    if fields and whole is not None and not isinstance(whole, dict):
        raise click.UsageError("Only a body that is a JSON object has fields: leave --body or the other options out.")
    arguments[argument.name] = {**(whole or {}), **fields} if fields else whole
