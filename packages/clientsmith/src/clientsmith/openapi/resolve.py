"""Follow ``$ref``: inside the document, and into files and URLs beside it.

A *place* says where a part stands: a JSON pointer in the main document, ``name#pointer`` in another one. Adding a
pointer to a place gives a place. Places are the identity of named shapes.
"""

from __future__ import annotations

import urllib.parse
from dataclasses import replace
from typing import Any, NamedTuple

from clientsmith.findings import Finding, InputError, warning

from .anchors import find_anchors
from .data import is_array, is_object
from .load import Document, parse_source, up_convert, up_convert_fragment
from .pointer import look_up
from .references import relative_name
from .source import Source, is_url, read_source

__all__ = ["Node", "Resolver", "split_place"]


class Node(NamedTuple):
    """A part of a document and its place."""

    value: Any
    place: str

    def child(self, key: str | int) -> Node:
        """Return the part under ``key``; its value is None where there is none."""
        value = self.value
        token = str(key)
        if is_object(value):
            found = value.get(token)
        else:
            found = value[key] if is_array(value) and isinstance(key, int) and key < len(value) else None
        if "~" in token or "/" in token:
            token = token.replace("~", "~0").replace("/", "~1")
        return Node(found, f"{self.place}/{token}")

    @property
    def mapping(self) -> dict[str, Any]:
        """The value, or an empty mapping where it is not one."""
        return self.value if is_object(self.value) else {}

    @property
    def items(self) -> list[Node]:
        """The nodes of a list, none where the value is not one."""
        if not is_array(self.value):
            return []
        return [Node(item, f"{self.place}/{index}") for index, item in enumerate(self.value)]

    def text(self, key: str) -> str:
        """Return the string under ``key``, "" where there is none."""
        value = self.value.get(key) if is_object(self.value) else None
        return value if isinstance(value, str) else ""


def split_place(place: str) -> tuple[str, str]:
    """Return the name of the document ("" for the main one) and the pointer in it."""
    if not place or place.startswith("/"):
        return "", place
    name, _, pointer = place.partition("#")
    return name, pointer


class Resolver:
    """Finds the targets of references, and remembers what it found and what was wrong.

    What may be read beside the document itself says its `References`: a description is not to make this machine read
    or fetch what its author could not.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.documents: dict[str, Document | None] = {"": document}
        self.findings: list[Finding] = []
        self._anchors: dict[str, dict[str, str]] = {}
        self._targets: dict[tuple[str, str], Node | None] = {}
        self._ends: dict[tuple[str, str], Node | None] = {}

    def root(self) -> Node:
        return Node(self.document.root, "")

    def follow(self, node: Node) -> Node | None:
        """Return what ``node`` finally refers to (itself, if it is no reference), or None if that is not there."""
        if not is_object(node.value) or "$ref" not in node.value:  # nearly always
            return node
        passed: list[tuple[str, str]] = []
        seen: set[str] = set()
        while is_object(node.value) and isinstance(reference := node.value.get("$ref"), str):
            key = (split_place(node.place)[0], reference)
            if key in self._ends:
                return self._ended(passed, self._ends[key])
            passed.append(key)
            if node.place in seen:
                self._note_missing(reference, node.place, "it leads back to itself")
                return self._ended(passed, None)
            seen.add(node.place)
            target = self._target(reference, node.place)
            if target is None:
                return self._ended(passed, None)
            node = target
        return self._ended(passed, node)

    def _ended(self, passed: list[tuple[str, str]], end: Node | None) -> Node | None:
        """Remember where a chain of references ends, for each of its links."""
        self._ends.update(dict.fromkeys(passed, end))
        return end

    def in_source(self, finding: Finding) -> Finding:
        """Return ``finding`` with the file, and the pointer into the document as its author wrote it."""
        if finding.file:
            return finding
        name, pointer = split_place(finding.pointer)
        document = self.documents.get(name) or self.document
        return replace(finding, pointer=document.original(pointer), file=document.name)

    def _target(self, reference: str, place: str) -> Node | None:
        """Return what stands at ``reference`` as seen from ``place``, itself perhaps a reference."""
        here, _ = split_place(place)
        if (here, reference) not in self._targets:
            self._targets[here, reference] = self._find(reference, here, place)
        return self._targets[here, reference]

    def _find(self, reference: str, here: str, place: str) -> Node | None:
        address, _, fragment = reference.partition("#")
        name = self._name(address, here) if address else here
        document = self._document(name, place, reference)
        if document is None:
            return None
        pointer: str | None = urllib.parse.unquote(fragment)
        if pointer and not pointer.startswith("/"):
            pointer = self._anchor(name, document, pointer)
        found = _at(document, name, pointer) if pointer is not None else None
        if found is None and not address and name:
            found = self._in_main(reference, pointer, place)
        if found is None:
            self._note_missing(reference, place, "there is nothing")
        return found

    def _in_main(self, reference: str, pointer: str | None, place: str) -> Node | None:
        """Files cut out of one document often keep its references, which then mean the document they came from."""
        found = _at(self.document, "", pointer) if pointer else None
        if found is not None:
            message = f"`$ref` {reference!r} leads nowhere in its own file; the part of the main document is taken"
            hint = "write the name of the main document before the `#`"
            self.findings.append(warning("reference-elsewhere", message, place, hint))
        return found

    def _anchor(self, name: str, document: Document, anchor: str) -> str | None:
        if name not in self._anchors:
            self._anchors[name] = find_anchors(document.root)
        return self._anchors[name].get(anchor)

    def _name(self, address: str, here: str) -> str:
        """Return the name of the document at ``address``, relative to the main document."""
        base = self.document.base
        own = self.document.root.get("$self")
        if isinstance(own, str) and is_url(own):  # OpenAPI 3.2: what the document is called, wherever it was read
            address = _relative_to(own, address)
        return relative_name(address, here, base.replace("\\", "/").rsplit("/", 1)[-1])

    def _document(self, name: str, place: str, reference: str) -> Document | None:
        if name not in self.documents:
            self.documents[name] = self._read(name, place, reference)
        elif self.documents[name] is None:
            self._note_missing(reference, place, "its file cannot be read")
        return self.documents[name]

    def _read(self, name: str, place: str, reference: str) -> Document | None:
        address, problem = self.document.references.address(self.document.base, name)
        if address:
            try:
                source = read_source(address)
                data, findings = parse_source(source)
                document = self._converted(source, data)
            except InputError as error:
                problem = error.message
            except RecursionError:
                problem = "it is nested too deeply to be an API description"
            else:
                self.findings += (replace(finding, pointer=f"{name}#{finding.pointer}") for finding in findings)
                return document
        self._note_missing(reference, place, problem)
        return None

    def _converted(self, source: Source, data: Any) -> Document:
        root: dict[str, Any] = data if is_object(data) else {}
        if "swagger" in root or "openapi" in root:
            return up_convert(source, root, self.document.references)
        return up_convert_fragment(source, root, self.document)

    def _note_missing(self, reference: str, place: str, problem: str) -> None:
        message = f"`$ref` {reference!r} cannot be followed: {problem}; any value is allowed there"
        self.findings.append(warning("missing-reference", message, place, "correct the reference or add its target"))


def _at(document: Document, name: str, pointer: str) -> Node | None:
    """Return the part at ``pointer``, as the author or as the up-conversion has it."""
    for candidate in dict.fromkeys((pointer, document.current(pointer))):
        try:
            value = look_up(document.root, candidate)
        except LookupError:
            continue
        return Node(value, f"{name}#{candidate}" if name else candidate)
    return None


def _relative_to(own: str, address: str) -> str:
    """Return ``address`` relative to the URL that a document calls itself, if it lies beside or below it."""
    folder = own.partition("#")[0].rpartition("/")[0] + "/"
    url = urllib.parse.urljoin(own, address)
    return url.removeprefix(folder) if url.startswith(folder) else address
