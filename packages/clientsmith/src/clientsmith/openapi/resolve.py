"""Follow ``$ref``: inside the document, and into files and URLs beside it.

A *place* says where a part stands: a JSON pointer in the main document, ``name#pointer`` in another one. Adding a
pointer to a place gives a place. Places are the identity of named shapes.
"""

from __future__ import annotations

import posixpath
import urllib.parse
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from clientsmith.findings import Finding, InputError, warning

from .data import is_array, is_object
from .load import Document, parse_source, up_convert
from .pointer import look_up
from .source import is_url, read_source

__all__ = ["Node", "Resolver", "split_place"]


class Node(NamedTuple):
    """A part of a document and its place."""

    value: Any
    place: str

    def child(self, key: str | int) -> Node:
        """Return the part under ``key``; its value is None where there is none."""
        token = str(key).replace("~", "~0").replace("/", "~1")
        value = self.value
        if is_object(value):
            return Node(value.get(str(key)), f"{self.place}/{token}")
        found = value[key] if is_array(value) and isinstance(key, int) and key < len(value) else None
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
        value = self.mapping.get(key)
        return value if isinstance(value, str) else ""


def split_place(place: str) -> tuple[str, str]:
    """Return the name of the document ("" for the main one) and the pointer in it."""
    if not place or place.startswith("/"):
        return "", place
    name, _, pointer = place.partition("#")
    return name, pointer


class Resolver:
    """Finds the targets of references, and remembers what it found and what was wrong.

    Other files are read only from beside a document that is itself a file, other URLs only from the same origin:
    a description is not to make this machine read or fetch what its author could not.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.documents: dict[str, Document | None] = {"": document}
        self.findings: list[Finding] = []
        self._targets: dict[tuple[str, str], Node | None] = {}

    def root(self) -> Node:
        return Node(self.document.root, "")

    def follow(self, node: Node) -> Node | None:
        """Return what ``node`` finally refers to (itself, if it is no reference), or None if that is not there."""
        seen: set[str] = set()
        while is_object(node.value) and isinstance(reference := node.value.get("$ref"), str):
            if node.place in seen:
                self._note_missing(reference, node.place, "it leads back to itself")
                return None
            seen.add(node.place)
            target = self._target(reference, node.place)
            if target is None:
                return None
            node = target
        return node

    def in_source(self, finding: Finding) -> Finding:
        """Return ``finding`` with the file, and the pointer into the document as its author wrote it."""
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
        document = self._document(name, place)
        if document is None:
            return None
        pointer = urllib.parse.unquote(fragment)
        if pointer and not pointer.startswith("/"):
            self._note_missing(reference, place, "anchors are not supported")
            return None
        for candidate in (pointer, document.current(pointer)):
            try:
                value = look_up(document.root, candidate)
            except LookupError:
                continue
            return Node(value, f"{name}#{candidate}" if name else candidate)
        self._note_missing(reference, place, "there is nothing")
        return None

    def _name(self, address: str, here: str) -> str:
        """Return the name of the document at ``address``, relative to the main document."""
        address = urllib.parse.unquote(address)
        if is_url(address):
            return address
        joined = posixpath.normpath(posixpath.join(posixpath.dirname(here), address))
        main = self.document.base.replace("\\", "/").rsplit("/", 1)[-1]
        return "" if joined == main else joined

    def _document(self, name: str, place: str) -> Document | None:
        if name not in self.documents:
            self.documents[name] = self._read(name, place)
        return self.documents[name]

    def _read(self, name: str, place: str) -> Document | None:
        address, problem = self._address(name)
        if address:
            try:
                source = read_source(address)
                data, findings = parse_source(source)
            except InputError as error:
                problem = error.message
            else:
                self.findings += findings
                return up_convert(source, self._same_dialect(data))
        self._note_missing(name, place, problem)
        return None

    def _same_dialect(self, data: Any) -> dict[str, Any]:
        """A file of schemas says no version: it is read as the main document's."""
        root: dict[str, Any] = data if is_object(data) else {}
        if "swagger" in root or "openapi" in root:
            return root
        return {"openapi": self.document.root.get("openapi", "3.1.0"), **root} if not self.document.moves else root

    def _address(self, name: str) -> tuple[str, str]:
        """Return where to read the document ``name``, or "" and why not."""
        base = self.document.base
        if is_url(base):
            address = urllib.parse.urljoin(base, name)
            same = urllib.parse.urlsplit(address)[:2] == urllib.parse.urlsplit(base)[:2]
            return (address, "") if same else ("", "it is on another server, from which nothing is fetched")
        if is_url(name):
            return "", "a file's references to URLs are not fetched; download it and refer to the copy"
        if not base or Path(name).suffix.lower() not in (".json", ".yaml", ".yml"):
            return "", "only .json, .yaml and .yml files beside the document are read"
        if posixpath.isabs(name):
            return "", "only relative references are followed"
        return str(Path(base).parent / name), ""

    def _note_missing(self, reference: str, place: str, problem: str) -> None:
        message = f"`$ref` {reference!r} cannot be followed: {problem}; any value is allowed there"
        self.findings.append(warning("missing-reference", message, place, "correct the reference or add its target"))
