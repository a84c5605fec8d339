"""One of the two documents: its parts, and where its author has them."""

from __future__ import annotations

from typing import Any, NamedTuple

from clientsmith.apidiff.difference import Place
from clientsmith.openapi.load import Document
from clientsmith.openapi.locate import positions
from clientsmith.openapi.pointer import look_up
from clientsmith.openapi.resolve import Node, Resolver, split_place

__all__ = ["NOTHING", "Both", "Side"]

NOTHING = Node(None, "")


class Both(NamedTuple):
    """A part of the old document and the same part of the new one."""

    old: Node
    new: Node

    def child(self, key: str) -> Both:
        return Both(self.old.child(key), self.new.child(key))

    def texts(self, key: str) -> tuple[str, str]:
        return self.old.text(key), self.new.text(key)

    def flags(self, key: str) -> tuple[bool, bool]:
        return self.old.mapping.get(key) is True, self.new.mapping.get(key) is True

    def values(self, key: str) -> tuple[Any, Any]:
        return self.old.mapping.get(key), self.new.mapping.get(key)


class Side:
    """A document with its references followed."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.resolver = Resolver(document)
        self.root = self.resolver.root()

    def follow(self, node: Node) -> Node:
        """Return what ``node`` finally refers to, or a node of None where that is not there."""
        found = self.resolver.follow(node)
        return Node(None, node.place) if found is None else found

    def members(self, node: Node) -> dict[str, Node]:
        """Return the members of a map of parts, each one followed, extensions left out."""
        followed = self.follow(node)
        return {key: self.follow(followed.child(key)) for key in followed.mapping if not key.startswith("x-")}

    def has(self, place: str) -> bool:
        """Whether there is something at ``place``, as the converted document has it."""
        name, pointer = split_place(place)
        document = self.resolver.documents.get(name)
        if document is None:
            return False
        try:
            look_up(document.root, pointer)
        except LookupError:
            return False
        return True

    def nearest(self, place: str) -> str:
        """Return ``place``, or what is nearest above it in this document."""
        name, pointer = split_place(place)
        while pointer and not self.has(place):
            pointer = pointer.rpartition("/")[0]
            place = f"{name}#{pointer}" if name else pointer
        return place if self.has(place) else ""

    def told(self, place: str) -> Place:
        """Return ``place`` as its author knows it; lines are filled in by `located`."""
        name, pointer = split_place(place)
        document = self.resolver.documents.get(name) or self.document
        return Place(document.name, pointer=document.original(pointer))

    def located(self, places: set[Place]) -> dict[Place, Place]:
        """Return the places with their lines, for those whose file has a text."""
        texts = {one.name: one.text for one in self.resolver.documents.values() if one is not None}
        found: dict[Place, Place] = {}
        for file in {place.file for place in places}:
            pointers = {place.pointer for place in places if place.file == file}
            lines = positions(texts.get(file, ""), pointers)
            for pointer in pointers:
                line, column = lines.get(pointer, (None, None))
                found[Place(file, pointer=pointer)] = Place(file, line, column, pointer)
        return found
