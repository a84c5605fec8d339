"""Who uses which schemas: pairs of them, each compared once, and the operations that reach each pair."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from clientsmith.findings import InputError
from clientsmith.openapi.data import is_array, is_object
from clientsmith.openapi.resolve import Node

from .reading import Views
from .schema_rules import Position
from .schemas import Fact, SchemaComparison, compare_schemas
from .sides import Side
from .view import Schema

__all__ = ["SchemaUses", "Use", "Used"]

# Of the largest description that we know, Kubernetes', there are 20,000.
_MOST_PAIRS = 500_000

Key = tuple[bool, tuple[str, ...], tuple[str, ...]]


class Use(NamedTuple):
    """A place where an operation uses a schema: ``GET /pets``, ``query parameter `limit```."""

    operation: str
    where: str
    position: Position


class Used(NamedTuple):
    """A change, the position that names its rule, and the uses that reach it, sorted."""

    fact: Fact
    position: Position
    uses: tuple[Use, ...]
    is_remark: bool


class SchemaUses:
    """Collects the schemas that operations use, compares them, and tells what changed for whom."""

    def __init__(self, old: Side, new: Side) -> None:
        self.old_views, self.new_views = Views(old), Views(new)
        self._comparisons: dict[Key, SchemaComparison] = {}
        self._below: dict[Key, list[Key]] = {}
        self._roots: dict[Key, list[Use]] = {}
        self._waiting: list[tuple[Key, Schema, Schema]] = []
        self._inner: dict[tuple[bool, str], tuple[list[Node], bool]] = {}
        self.renamed: dict[tuple[str, str], tuple[Schema, Schema]] = {}

    def add(self, old: Node, new: Node, use: Use) -> None:
        """Compare the schemas at ``old`` and ``new``, which ``use`` uses."""
        before, after = self.old_views.schema(old), self.new_views.schema(new)
        if before is None or after is None:  # a reference that leads nowhere: nothing is known
            return
        if key := self._pair(before, after, is_sent=use.position.is_sent):
            self._roots.setdefault(key, []).append(use)

    def changes(self) -> Iterator[Used]:
        """Compare everything that was added, and yield the changes with their uses."""
        self._compare_all()
        reached = self._reached()
        for key, comparison in self._comparisons.items():
            if not (comparison.facts or comparison.remarks) or not (mask := reached.get(key, 0)):
                continue
            uses = self._uses(mask)
            position = self._position(key)
            for fact in comparison.facts:
                yield Used(fact, position, uses, is_remark=False)
            for fact in comparison.remarks:
                yield Used(fact, position, uses, is_remark=True)

    # --- pairs -------------------------------------------------------------------------------------------------------

    def _pair(self, old: Schema, new: Schema, *, is_sent: bool) -> Key | None:
        if all(node.value is True for node in (*old, *new)):  # anything on both sides
            return None
        key = (is_sent, tuple(node.place for node in old), tuple(node.place for node in new))
        if key not in self._below:
            if len(self._below) >= _MOST_PAIRS:
                message = f"the documents have more than {_MOST_PAIRS:,} pairs of schemas to compare"
                raise InputError(message, "compare them in parts, or name the schemas that are written out many times")
            self._below[key] = []
            self._waiting.append((key, old, new))
            self._note_renamed(old, new)
        return key

    def _note_renamed(self, old: Schema, new: Schema) -> None:
        if len(old) == len(new) == 1 and old[0].place != new[0].place:
            self.renamed.setdefault((old[0].place, new[0].place), (old, new))

    def _compare_all(self) -> None:
        while self._waiting:
            key, old, new = self._waiting.pop()
            is_sent = key[0]
            below = self._inside_equal(old, new, is_sent=is_sent)
            if below is None:
                comparison = compare_schemas(old, new, self.old_views, self.new_views, is_sent=is_sent)
                self._comparisons[key] = comparison
                below = comparison.below
            for before, after in below:
                if child := self._pair(before, after, is_sent=is_sent):
                    self._below[key].append(child)

    def _inside_equal(self, old: Schema, new: Schema, *, is_sent: bool) -> list[tuple[Schema, Schema]] | None:
        """Return the pairs that schemas of one text refer to; None if they have to be read.

        Most of two versions is the same, and comparing texts is fast; only what they refer to may differ.
        """
        if len(old) != 1 or len(new) != 1 or old[0].value != new[0].value:
            return None
        before, must_read = self._references(old[0], is_sent=is_sent)
        if must_read:
            return None
        cut = len(old[0].place)
        pairs: list[tuple[Schema, Schema]] = []
        for here in before:
            there = Node(here.value, f"{new[0].place}{here.place[cut:]}")
            first, second = self.old_views.schema(here), self.new_views.schema(there)
            if first is not None and second is not None:
                pairs.append((first, second))
        return pairs

    def _references(self, node: Node, *, is_sent: bool) -> tuple[list[Node], bool]:
        """Return what is in ``node`` that refers to others, and whether it is itself more than plain structure."""
        key = (is_sent, node.place)
        if key not in self._inner:
            found: list[Node] = []
            must_read = _collect(node, found, "readOnly" if is_sent else "writeOnly", is_top=True)
            self._inner[key] = found, must_read
        return self._inner[key]

    # --- who reaches them --------------------------------------------------------------------------------------------

    def _reached(self) -> dict[Key, int]:
        """Return for each pair its uses, as bits."""
        self._all_uses = sorted({use for uses in self._roots.values() for use in uses})
        bits = {use: 1 << index for index, use in enumerate(self._all_uses)}
        reached: dict[Key, int] = {}
        for key, uses in self._roots.items():
            for use in uses:
                reached[key] = reached.get(key, 0) | bits[use]
        waiting = dict.fromkeys(reached)
        while waiting:
            key = next(iter(waiting))
            del waiting[key]
            mask = reached[key]
            for child in self._below[key]:
                if (known := reached.get(child, 0)) | mask != known:
                    reached[child] = known | mask
                    waiting[child] = None
        return reached

    def _uses(self, mask: int) -> tuple[Use, ...]:
        return tuple(use for index, use in enumerate(self._all_uses) if mask >> index & 1)

    def _position(self, key: Key) -> Position:
        """The position that a rule is named after: of the first use of the schema as a whole, else "in" a value."""
        if uses := self._roots.get(key):
            return min(uses).position
        return Position.REQUEST_PROPERTY if key[0] else Position.RESPONSE_PROPERTY


# Words whose schemas are merged or wrapped: what they mean together is not what each one means.
_TOGETHER = frozenset({"allOf", "anyOf", "oneOf"})
_HOLD_ONE = ("items", "additionalProperties", "not", "unevaluatedProperties")
_HOLD_MANY = ("properties", "patternProperties", "allOf", "anyOf", "oneOf", "prefixItems")


def _collect(node: Node, found: list[Node], hidden: str, *, is_top: bool = False) -> bool:
    """Add the references below ``node``, and what has to be read as a whole; True if ``node`` itself has to."""
    waiting = [(node, is_top)]
    while waiting:
        part, is_first = waiting.pop()
        value = part.value
        if not is_object(value) or (value.get(hidden) is True and not is_first):
            continue
        if "$ref" in value or (value.keys() & _TOGETHER and _refers(value)):
            if is_first:
                return True
            found.append(part)
            continue
        waiting += ((part.child(word), False) for word in _HOLD_ONE if word in value)
        for word in _HOLD_MANY:
            inner = value.get(word)
            if is_object(inner):
                waiting += ((part.child(word).child(name), False) for name in inner)
            elif is_array(inner):
                waiting += ((item, False) for item in part.child(word).items)
    return False


def _refers(value: dict[str, object]) -> bool:
    """Whether there is a reference anywhere in ``value``."""
    waiting: list[object] = [value]
    while waiting:
        part = waiting.pop()
        if is_object(part):
            if "$ref" in part:
                return True
            waiting += part.values()
        elif is_array(part):
            waiting += part
    return False
