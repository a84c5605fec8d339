"""SPEC to a document in one form, OpenAPI 3.1, with the way back to what the author wrote."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from clientsmith.findings import Finding, InputError, warning

from .convert import upgrade_schemas
from .data import is_array, is_object
from .parse import parse
from .pointer import Moves
from .source import Source, read_source
from .swagger import restructure

__all__ = ["Document", "load", "parse_source", "read_document", "up_convert"]


@dataclass(frozen=True, slots=True)
class Document:
    """One file of an API description, in OpenAPI 3.1's form.

    ``name`` is what findings call it, ``base`` what its relative references start from. ``text`` is what was read
    ("" for an application), and ``moves`` tells what the up-conversion moved, latest first.
    """

    name: str
    root: dict[str, Any]
    text: str = ""
    base: str = ""
    moves: tuple[Moves, ...] = ()

    def original(self, pointer: str) -> str:
        """Return where the part that is now at ``pointer`` stands in the author's document."""
        for moves in self.moves:
            pointer = moves.original(pointer)
        return pointer

    def current(self, pointer: str) -> str:
        """Return where the part that the author has at ``pointer`` is now."""
        for moves in reversed(self.moves):
            pointer = moves.current(pointer)
        return pointer


def load(spec: str) -> tuple[Document, list[Finding]]:
    """Read SPEC (a file, a URL or ``module:app``) and bring it into OpenAPI 3.1's form.

    Raises:
        InputError: It cannot be read, or is not an OpenAPI document.
    """
    return read_document(read_source(spec))


def read_document(source: Source) -> tuple[Document, list[Finding]]:
    """Bring what was read into OpenAPI 3.1's form.

    Raises:
        InputError: It is not an OpenAPI document.
    """
    data, findings = parse_source(source)
    root = _require_openapi(data, source.name)
    version = str(root.get("openapi", root.get("swagger")))
    if not re.match(r"(2\.0|3\.[0-2])", version):
        message = f"the document says it is OpenAPI {version}, which we do not know; it is read as 3.1"
        findings.append(warning("unknown-version", message, "/openapi"))
    try:
        return up_convert(source, root), findings
    except RecursionError:
        raise InputError(f"{source.name} is nested too deeply to be an API description") from None


def parse_source(source: Source) -> tuple[Any, list[Finding]]:
    """Return the data of ``source``.

    Raises:
        InputError: It is neither JSON nor YAML.
    """
    return (source.data, []) if not source.text else parse(source.text, source.name)


def up_convert(source: Source, root: dict[str, Any]) -> Document:
    """Bring ``root`` into OpenAPI 3.1's form; a 3.1 document, or a fragment, comes back as it is."""
    document = Document(source.name, root, source.text, source.base)
    if "swagger" in root:
        root, moves = restructure(root)
        document = replace(document, root=root, moves=(moves,))
    if not str(root.get("openapi", "3.0")).startswith(("3.1", "3.2")):
        root, moves = upgrade_schemas(root)
        document = replace(document, root=root, moves=(moves, *document.moves))
    return document


# --- what it is, where it is not OpenAPI -----------------------------------------------------------------------------

_OTHER_KINDS: Final[tuple[tuple[frozenset[str], str, str], ...]] = (
    (frozenset({"arazzo"}), "an Arazzo document (workflows over an API)", "give the OpenAPI document it describes"),
    (frozenset({"asyncapi"}), "an AsyncAPI document (messages, not requests)", "give an OpenAPI document"),
    (frozenset({"overlay"}), "an OpenAPI Overlay (changes to a document)", "give the document that it changes"),
    (frozenset({"swaggerVersion"}), "a Swagger 1 document", "convert it to Swagger 2.0 or OpenAPI 3 first"),
    (frozenset({"info", "item"}), "a Postman collection", "export it as OpenAPI"),
    (frozenset({"log"}), "an HTTP archive (HAR)", "give an OpenAPI document"),
    (frozenset({"apiVersion", "kind"}), "a Kubernetes manifest", "give an OpenAPI document"),
    (frozenset({"__schema"}), "a GraphQL schema", "give an OpenAPI document"),
    (frozenset({"data"}), "a GraphQL or JSON:API answer", "give an OpenAPI document"),
    (frozenset({"name", "version", "dependencies"}), "a package file", "give an OpenAPI document"),
)
_SCHEMA_WORDS: Final = frozenset({"$schema", "properties", "allOf", "anyOf", "oneOf", "$defs", "items", "enum"})
_PARTS: Final = ("definitions", "components", "schemas", "parameters", "responses")


def _require_openapi(data: Any, name: str) -> dict[str, Any]:
    """Return ``data`` if it is an OpenAPI document, else raise `InputError` that says what it looks like."""
    if not is_object(data):
        what = "empty" if data is None else "a list" if is_array(data) else "one plain value"
        raise InputError(f"{name} is not an OpenAPI document: it is {what}", "give a document with `openapi: 3.1.0`")
    if "openapi" in data or "swagger" in data:
        version = str(data.get("openapi", data.get("swagger")) or "")
        if not version.startswith(("2", "3")) or ("swagger" in data and "openapi" not in data and version[:3] != "2.0"):
            hint = "Swagger 2.0 and OpenAPI 3.0, 3.1 and 3.2 are"
            raise InputError(f"{name} says it is version {version!r:.40}, which is not supported", hint)
        return _require_operations(data, name)
    keys = data.keys()
    for needed, what, hint in _OTHER_KINDS:
        if needed <= keys:
            raise InputError(f"{name} is not an OpenAPI document: it looks like {what}", hint)
    if "paths" in keys:
        message = f"{name} has `paths` but does not say which version of OpenAPI it is"
        raise InputError(message, "add `openapi: 3.1.0` (or `swagger: '2.0'`) at the top")
    if any(isinstance(data.get(part), Mapping) for part in _PARTS) and "$schema" not in keys:
        raise _reference_target(name)
    if keys & _SCHEMA_WORDS:
        hint = "give the OpenAPI document that refers to it"
        raise InputError(f"{name} is not an OpenAPI document: it looks like a JSON Schema", hint)
    found = ", ".join(repr(key)[:30] for key in list(data)[:5]) or "nothing"
    raise InputError(f"{name} is not an OpenAPI document: at the top it has {found}, not `openapi`")


def _require_operations(data: dict[str, Any], name: str) -> dict[str, Any]:
    has_operations = any(data.get(part) for part in ("paths", "webhooks"))
    if not has_operations and any(data.get(part) for part in _PARTS):
        raise _reference_target(name)
    return data


def _reference_target(name: str) -> InputError:
    message = f"{name} has no operations: it looks like the target of another document's `$ref`s"
    return InputError(message, "give the document that refers to it")
