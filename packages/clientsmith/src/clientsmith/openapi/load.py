"""SPEC to a document in one form, OpenAPI 3.1, with the way back to what the author wrote."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from clientsmith.findings import Finding, InputError, note, warning

from .anchors import lower_anchors, mentions_anchors
from .convert import upgrade_fragment, upgrade_schemas
from .data import is_array, is_object
from .lowering import lower_words
from .parse import parse
from .pointer import Moves
from .references import ONLY_BELOW, References
from .source import Source, read_source
from .swagger import NO_DEFAULTS, Defaults, External, defaults_of, restructure, restructure_fragment

__all__ = ["Document", "Reading", "load", "parse_source", "read_document", "up_convert", "up_convert_fragment"]


@dataclass(frozen=True, slots=True)
class Document:
    """One file of an API description, in OpenAPI 3.1's form.

    ``name`` is what findings call it, ``base`` what its relative references start from. ``text`` is what was read
    ("" for an application), and ``moves`` tells what the up-conversion moved, latest first. ``version`` is the one that
    its author wrote it in, ``references`` says how far references may lead, and ``overlays`` are the texts of what was
    laid over it, by name.
    """

    name: str
    root: dict[str, Any]
    text: str = ""
    base: str = ""
    moves: tuple[Moves, ...] = ()
    version: str = "3.1"
    references: References = ONLY_BELOW
    defaults: Defaults = NO_DEFAULTS
    overlays: Mapping[str, str] = field(default_factory=dict[str, str])

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


@dataclass(frozen=True, slots=True)
class Reading:
    """How a document is to be read.

    Attributes:
        overlays: Overlay documents (files or URLs) that are laid over it, in this order.
        references: How far its references may lead; by default into files at and below its own folder.
    """

    overlays: tuple[str, ...] = ()
    references: References = ONLY_BELOW


def load(spec: str, reading: Reading | None = None) -> tuple[Document, list[Finding]]:
    """Read SPEC (a file, a URL or ``module:app``) and bring it into OpenAPI 3.1's form.

    Raises:
        InputError: It, or an overlay, cannot be read, or is not what it is given for.
    """
    return read_document(read_source(spec), reading)


def read_document(source: Source, reading: Reading | None = None) -> tuple[Document, list[Finding]]:
    """Bring what was read into OpenAPI 3.1's form.

    Raises:
        InputError: It is not an OpenAPI document, or an overlay is none.
    """
    reading = reading or Reading()
    data, findings = parse_source(source)
    root = _require_openapi(data, source.name, has_overlays=bool(reading.overlays))
    root, texts, noticed = _with_overlays(root, reading.overlays)
    findings += noticed
    root = _require_openapi(root, source.name)
    version = _version_of(root)
    if not re.match(r"(2\.0|3\.[0-2])(\.|$)", version):
        message = f"the document says it is OpenAPI {version!r:.40}, which we do not know; it is read as 3.1"
        findings.append(warning("unknown-version", message, "/openapi"))
    try:
        document, noticed = _up_convert(source, root, reading.references)
    except RecursionError:
        raise InputError(f"{source.name} is nested too deeply to be an API description") from None
    return replace(document, overlays=texts), [*findings, *noticed]


def _with_overlays(
    root: dict[str, Any], overlays: Sequence[str]
) -> tuple[dict[str, Any], dict[str, str], list[Finding]]:
    """Return ``root`` with the overlays applied, their texts by name, and what was noticed."""
    texts: dict[str, str] = {}
    findings: list[Finding] = []
    for spec in overlays:
        # The JSONPath library is imported only where there is an overlay: it takes longer than all the rest of us.
        from .overlay import apply_overlay

        source = read_source(spec)
        overlay, noticed = parse_source(source)
        findings += (finding.at(source.name, None, None) for finding in noticed)
        root, noticed = apply_overlay(root, overlay, source.name)
        findings += noticed
        texts[source.name] = source.text
    return root, texts, findings


def _version_of(root: Mapping[str, Any]) -> str:
    return str(root.get("openapi", root.get("swagger")))


def parse_source(source: Source) -> tuple[Any, list[Finding]]:
    """Return the data of ``source``.

    Raises:
        InputError: It is neither JSON nor YAML.
    """
    return (source.data, []) if not source.text else parse(source.text, source.name)


def up_convert(source: Source, root: dict[str, Any], references: References | None = None) -> Document:
    """Bring the whole document ``root`` into OpenAPI 3.1's form; a 3.1 document comes back as it is."""
    return _up_convert(source, root, references or ONLY_BELOW)[0]


def up_convert_fragment(source: Source, root: dict[str, Any], main: Document) -> Document:
    """Bring ``root``, which holds what ``main`` refers to, into 3.1's form; it is of ``main``'s version."""
    document = Document(source.name, root, source.text, source.base, version=main.version, references=main.references)
    if main.version.startswith("2"):
        root, moves = restructure_fragment(root, main.defaults)
        document = replace(document, root=root, moves=(moves,))
    if _is_before_3_1(main.version) or _NULLABLE.search(source.text):
        root, moves = upgrade_fragment(root, siblings_count=not _is_before_3_1(main.version))
        document = replace(document, root=root, moves=(moves, *document.moves))
    return _in_known_words(document)[0]


def _up_convert(source: Source, root: dict[str, Any], references: References) -> tuple[Document, list[Finding]]:
    version = _version_of(root)
    document = Document(source.name, root, source.text, source.base, version=version, references=references)
    findings: list[Finding] = []
    if "swagger" in root and "openapi" not in root:
        document = replace(document, defaults=defaults_of(root))
        root, moves, findings = restructure(root, _parameters_elsewhere(document))
        document = replace(document, root=root, moves=(moves,))
    is_old = _is_before_3_1(version)
    if is_old or _NULLABLE.search(source.text):
        if not is_old:
            findings.append(_nullable_note(root))
        root, moves = upgrade_schemas(root, siblings_count=not is_old)
        document = replace(document, root=root, moves=(moves, *document.moves))
    document, noticed = _in_known_words(document)
    return document, [*findings, *noticed]


def _parameters_elsewhere(document: Document) -> External:
    """Read parameters of other files: in Swagger 2.0 one of them may be the body, which only its own text says."""
    from .resolve import Node, Resolver  # it reads other files with the functions of this module

    resolver = Resolver(replace(document, root={}))

    def read(reference: str) -> Any:
        found = resolver.follow(Node({"$ref": reference}, ""))
        return found.value if found is not None else None

    return read


# A word of 3.0 that many documents of 3.1 still use; nobody who writes it means anything else.
_NULLABLE: Final = re.compile(r"""nullable["']?\s*:\s*true\b""")


def _nullable_note(root: Mapping[str, Any]) -> Finding:
    message = f"`nullable: true` has no meaning in OpenAPI {_version_of(root)}; it is read as in 3.0"
    return note("nullable-word", message, "", "write `type: [string, 'null']`")


def _is_before_3_1(version: str) -> bool:
    return version.startswith(("2", "3.0")) or version == "3"


def _in_known_words(document: Document) -> tuple[Document, list[Finding]]:
    """What all versions have in common: names of schemas become pointers, spellings of one thing one spelling."""
    root, findings = document.root, list[Finding]()
    if not document.text or mentions_anchors(document.text):
        root, findings = lower_anchors(root)
    return replace(document, root=lower_words(root, document.text)), findings


# --- what it is, where it is not OpenAPI -----------------------------------------------------------------------------

_OTHER_KINDS: Final[tuple[tuple[frozenset[str], str, str], ...]] = (
    (frozenset({"arazzo"}), "an Arazzo document (workflows over an API)", "give the OpenAPI document it describes"),
    (frozenset({"asyncapi"}), "an AsyncAPI document (messages, not requests)", "give an OpenAPI document"),
    (
        frozenset({"overlay"}),
        "an OpenAPI Overlay (changes to a document)",
        "give the document, and this one with --overlay",
    ),
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


def _require_openapi(data: Any, name: str, *, has_overlays: bool = False) -> dict[str, Any]:
    """Return ``data`` if it is an OpenAPI document, else raise `InputError` that says what it looks like.

    An overlay may add the operations that a document does not have.
    """
    if not is_object(data):
        what = "empty" if data is None else "a list" if is_array(data) else "one plain value"
        raise InputError(f"{name} is not an OpenAPI document: it is {what}", "give a document with `openapi: 3.1.0`")
    if "openapi" in data or "swagger" in data:
        version = str(data.get("openapi", data.get("swagger")) or "")
        if not version.startswith(("2", "3")) or ("swagger" in data and "openapi" not in data and version[:3] != "2.0"):
            hint = "Swagger 2.0 and OpenAPI 3.0, 3.1 and 3.2 are"
            raise InputError(f"{name} says it is version {version!r:.40}, which is not supported", hint)
        return data if has_overlays else _require_operations(data, name)
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
