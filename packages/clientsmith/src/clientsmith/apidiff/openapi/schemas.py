"""Two schemas compared: what changed in them, and which pairs of schemas below them are to be compared.

Nothing recurses: a comparison names the pairs below it, and each pair is compared once. So trees that contain
themselves are no special case, and a schema that a hundred operations use is read once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from clientsmith.openapi.data import is_object
from clientsmith.openapi.resolve import Node

from .discriminators import mapping_changes
from .likeness import matched
from .reading import Views
from .values import value_facts
from .view import ANYTHING, OPAQUE, Schema, View, canonical, unordered

__all__ = ["Fact", "SchemaComparison", "compare_schemas"]


class Fact(NamedTuple):
    """One change of a schema: the rule's name without the position, where, and in words."""

    what: str
    message: str
    old: str
    new: str
    is_property: bool = False


@dataclass(slots=True)
class SchemaComparison:
    """What changed in one pair, and the pairs below it."""

    facts: list[Fact] = field(default_factory=list[Fact])
    below: list[tuple[Schema, Schema]] = field(default_factory=list[tuple[Schema, Schema]])
    remarks: list[Fact] = field(default_factory=list[Fact])  # of what people read only


@dataclass(frozen=True, slots=True)
class _Run:
    old_views: Views
    new_views: Views
    is_sent: bool
    found: SchemaComparison

    def add(self, what: str, message: str, old: str, new: str, *, is_property: bool = False) -> None:
        self.found.facts.append(Fact(what, message, old, new, is_property))


def compare_schemas(old: Schema, new: Schema, old_views: Views, new_views: Views, *, is_sent: bool) -> SchemaComparison:
    """Compare two schemas; ``is_sent`` says that clients send their values, else they receive them."""
    before, after = old_views.view(old), new_views.view(new)
    run = _Run(old_views, new_views, is_sent, SchemaComparison())
    if before.is_unknown or after.is_unknown:
        return run.found
    _annotations(run, before, after)
    if bool(before.alternatives) != bool(after.alternatives) and _is_wrapped(before, after):
        _wrapped(run, before, after, old, new)
        return run.found
    if _types(run, before, after):
        for what, message, here, there in value_facts(before, after):
            run.add(what, message, here, there)
        _structure(run, before, after)
        _alternatives(run, before, after)
        _discriminator(run, before, after)
        _opaque(run, before, after)
    return run.found


# --- what people read ------------------------------------------------------------------------------------------------


def _annotations(run: _Run, old: View, new: View) -> None:
    _descriptions(run, old, new)
    was, is_ = old.value("deprecated") is True, new.value("deprecated") is True
    if was != is_:
        said = "it is deprecated" if is_ else "it is deprecated no more"
        run.add("deprecated" if is_ else "reactivated", said, old.at("deprecated"), new.at("deprecated"))
    before, after = old.words.get("default"), new.words.get("default")
    if before is None and after is None:
        return
    if before is None or after is None or canonical(before.value) != canonical(after.value):
        what = "added" if before is None else "removed" if after is None else "changed"
        message = f"the default {_shown(before, 'none')} → {_shown(after, 'none')}"
        run.add(f"default-value-{what}", message, old.at("default"), new.at("default"))


def _descriptions(run: _Run, old: View, new: View) -> None:
    gone = [place for text, place in old.descriptions.items() if text not in new.descriptions]
    come = [place for text, place in new.descriptions.items() if text not in old.descriptions]
    if gone or come:
        here, there = (gone or [old.place])[0], (come or [new.place])[0]
        run.found.remarks.append(Fact("description-changed", "", here, there))


def _shown(word: Any, otherwise: str) -> str:
    return otherwise if word is None else f"`{canonical(word.value)[:60]}`"


# --- types -----------------------------------------------------------------------------------------------------------


def _types(run: _Run, old: View, new: View) -> bool:
    """Compare the types. False if no more can be said: a value of another type has nothing in common."""
    if old.is_never != new.is_never:
        run.add("type-changed", f"{_kind(old)} → {_kind(new)}", _type_place(old), _type_place(new))
        return False
    if old.alternatives and new.alternatives:
        return True
    if old.types != new.types:
        is_wider, is_narrower = _covers(new.types, old.types), _covers(old.types, new.types)
        what = "type-generalized" if is_wider else "type-specialized" if is_narrower else "type-changed"
        run.add(what, f"type {_kind(old)} → {_kind(new)}", _type_place(old), _type_place(new))
        if None in (old.types, new.types) or what == "type-changed":
            return False
    if old.is_nullable != new.is_nullable:
        what, said = ("became-nullable", "may be") if new.is_nullable else ("became-not-nullable", "may not be")
        run.add(what, f"it {said} null", _type_place(old), _type_place(new))
    return True


def _covers(wide: frozenset[str] | None, narrow: frozenset[str] | None) -> bool:
    if wide is None:
        return True
    return narrow is not None and all(one in wide or (one == "integer" and "number" in wide) for one in narrow)


def _kind(view: View) -> str:
    if view.is_never:
        return "nothing"
    if view.types is None:
        return "any"
    return " or ".join(sorted(view.types)) or "null"


def _type_place(view: View) -> str:
    return view.place


# --- structure -------------------------------------------------------------------------------------------------------


def _structure(run: _Run, old: View, new: View) -> None:
    names = [*old.properties, *(name for name in new.properties if name not in old.properties)]
    for name in names:
        _property(run, name, old, new)
    for name in sorted((old.required.keys() | new.required.keys()) - set(names)):
        _requirement(run, name, old, new)
    for pattern in old.patterns.keys() & new.patterns.keys():
        run.found.below.append((old.patterns[pattern], new.patterns[pattern]))
    for pattern in sorted(old.patterns.keys() ^ new.patterns.keys()):
        what = "constraint-removed" if pattern in old.patterns else "constraint-added"
        run.add(what, f"`patternProperties` {pattern!r:.60}", old.place, new.place)
    _extra(run, old, new)
    if old.items or new.items:
        run.found.below.append((_or_any(old.items, f"{old.place}/items"), _or_any(new.items, f"{new.place}/items")))
    run.found.below += zip(old.first_items, new.first_items, strict=False)
    if len(old.first_items) != len(new.first_items):
        message = f"`prefixItems` of {len(old.first_items)} → {len(new.first_items)}"
        run.add("constraint-changed", message, old.place, new.place)


def _extra_place(view: View) -> str:
    return view.extra_place or f"{view.place}/additionalProperties"


def _or_any(schema: Schema, place: str) -> Schema:
    """Return ``schema``; one that allows anything stands where it could be written, which is no other's place."""
    return schema or (Node(True, place),)


def _property(run: _Run, name: str, old: View, new: View) -> None:
    before, after = _before(name, old, new), new.properties.get(name)
    was_there = before is not None and not _is_hidden(run.old_views.view(before), run)
    is_there = after is not None and not _is_hidden(run.new_views.view(after), run)
    here = _place(before, old.place)
    there = _place(after, new.place)
    shown = f"`{name}`"
    if was_there and is_there and before is not None and after is not None:
        _requirement(run, name, old, new)
        run.found.below.append((before, after))
    elif was_there and after is not None:
        word = "readOnly" if run.is_sent else "writeOnly"
        run.add("became-hidden", f"{shown} is `{word}`", here, there, is_property=True)
    elif was_there:
        what = "removed" if run.is_sent or name not in old.required else "removed-required"
        run.add(what, f"{shown} is no more", here, new.place, is_property=True)
    elif is_there:
        is_needed = name in new.required
        kept = before is not None and not (is_needed and run.is_sent)
        what = "became-visible" if kept else "new-required" if is_needed else "new-optional"
        said = f"{shown} is new" + (", and required" if is_needed else "")
        run.add(what, f"{shown} may be sent" if kept and run.is_sent else said, here, there, is_property=True)


def _before(name: str, old: View, new: View) -> Schema | None:
    """Return what a property was; one that was only required, and is described now, was anything."""
    if name in old.required and name in new.properties:
        return old.properties.get(name) or _or_any(ANYTHING, f"{old.place}/properties/{name}")
    return old.properties.get(name)


def _is_hidden(view: View, run: _Run) -> bool:
    return view.value("readOnly" if run.is_sent else "writeOnly") is True


def _place(schema: Schema | None, otherwise: str) -> str:
    return schema[0].place if schema else otherwise


def _requirement(run: _Run, name: str, old: View, new: View) -> None:
    if (name in old.required) == (name in new.required):
        return
    is_required = name in new.required
    what, said = ("became-required", "is required now") if is_required else ("became-optional", "is optional now")
    here, there = old.required.get(name, old.place), new.required.get(name, new.place)
    run.add(what, f"`{name}` {said}", here, there, is_property=True)


def _extra(run: _Run, old: View, new: View) -> None:
    here, there = old.extra_place or old.place, new.extra_place or new.place
    if old.extra is not False and new.extra is not False:
        if not (isinstance(old.extra, bool) and isinstance(new.extra, bool)):
            before = ANYTHING if isinstance(old.extra, bool) else old.extra
            after = ANYTHING if isinstance(new.extra, bool) else new.extra
            run.found.below.append((_or_any(before, _extra_place(old)), _or_any(after, _extra_place(new))))
    elif old.extra is not new.extra:
        what = "forbidden" if old.extra is True else "removed" if new.extra is False else "allowed"
        message = {
            "forbidden": "properties that are not described are not allowed any more",
            "removed": "it is a map no more",
            "allowed": "properties that are not described are allowed",
        }[what]
        run.add(f"additional-properties-{what}", message, here, there)


# --- alternatives ----------------------------------------------------------------------------------------------------


def _is_wrapped(old: View, new: View) -> bool:
    """Whether one side is alternatives and nothing else, and the other one something that may be one of them."""
    with_them = old if old.alternatives else new
    return not with_them.properties and with_them.enum is None


def _wrapped(run: _Run, old: View, new: View, before: Schema, after: Schema) -> None:
    """One schema became one of several, or the other way round."""
    if old.is_anything or new.is_anything:
        what = "type-generalized" if new.is_anything else "type-specialized"
        run.add(what, "any → alternatives" if old.is_anything else "alternatives → any", old.place, new.place)
        return
    olds, news = old.alternatives or (before,), new.alternatives or (after,)
    pairs, gone, come = matched(olds, news, run.old_views, run.new_views)
    if not pairs:
        run.add("type-changed", f"{_listed(olds)} → {_listed(news)}", old.place, new.place)
        return
    if old.is_nullable != new.is_nullable:
        what, said = ("became-nullable", "may be") if new.is_nullable else ("became-not-nullable", "may not be")
        run.add(what, f"it {said} null", old.place, new.place)
    run.found.below += pairs
    _came_and_went(run, old, new, gone, come)


def _alternatives(run: _Run, old: View, new: View) -> None:
    if old.alternatives and new.alternatives:
        if old.is_nullable != new.is_nullable:
            what, said = ("became-nullable", "may be") if new.is_nullable else ("became-not-nullable", "may not be")
            run.add(what, f"it {said} null", old.place, new.place)
        pairs, gone, come = matched(old.alternatives, new.alternatives, run.old_views, run.new_views)
        run.found.below += pairs
        _came_and_went(run, old, new, gone, come)
    elif old.alternatives or new.alternatives:
        what = "constraint-removed" if old.alternatives else "constraint-added"
        word = old.alternatives_word or new.alternatives_word
        run.add(what, f"`{word}` of {_listed(old.alternatives or new.alternatives)}", old.at(word), new.at(word))
    if len(old.more_alternatives) != len(new.more_alternatives):
        what = "constraint-added" if len(new.more_alternatives) > len(old.more_alternatives) else "constraint-removed"
        run.add(what, "alternatives in `allOf`", old.place, new.place)


def _came_and_went(run: _Run, old: View, new: View, gone: list[Schema], come: list[Schema]) -> None:
    word = new.alternatives_word or old.alternatives_word
    name = "any-of" if word == "anyOf" else "one-of"
    here, there = (
        (old.at(old.alternatives_word) if old.alternatives else old.place),
        (new.at(new.alternatives_word) if new.alternatives else new.place),
    )
    if come:
        run.add(f"{name}-added", f"it may also be {_listed(come)}", here, there)
    if gone:
        run.add(f"{name}-removed", f"it may not be {_listed(gone)} any more", here, there)


def _listed(schemas: tuple[Schema, ...] | list[Schema]) -> str:
    return ", ".join(_called(schema) for schema in schemas[:4]) + (", …" if len(schemas) > 4 else "")


def _called(schema: Schema) -> str:
    """A name for messages: the component's, the title, the type."""
    if not schema:
        return "anything"
    node = schema[0]
    parent, _, name = node.place.rpartition("/")
    if parent.endswith("/schemas"):
        return f"`{name}`"
    return f"`{node.text('title') or node.value.get('type', 'a schema')}`" if is_object(node.value) else "anything"


# --- discriminators --------------------------------------------------------------------------------------------------


def _discriminator(run: _Run, old: View, new: View) -> None:
    before, after = old.value("discriminator"), new.value("discriminator")
    here, there = old.at("discriminator"), new.at("discriminator")
    if not is_object(before) or not is_object(after):
        if is_object(before) or is_object(after):
            said = before if is_object(before) else after
            what, word = ("discriminator-removed", "no more") if is_object(before) else ("discriminator-added", "now")
            run.add(what, f"`{said.get('propertyName')}` tells its alternatives apart {word}", here, there)
        return
    if before.get("propertyName") != after.get("propertyName"):
        message = f"`{before.get('propertyName')}` → `{after.get('propertyName')}`"
        run.add("discriminator-property-name-changed", message, here, there)
    for what, value in mapping_changes(before, after):
        run.add(f"discriminator-mapping-{what}", f"value {value!r:.60}", here, there)


# --- what is compared as a whole -------------------------------------------------------------------------------------


def _opaque(run: _Run, old: View, new: View) -> None:
    for word in OPAQUE:
        before, after = old.words.get(word), new.words.get(word)
        if before is None and after is None:
            continue
        if before is not None and after is not None and unordered(before.value) == unordered(after.value):
            continue
        is_other = word == "xml" or (before is not None and after is not None)
        what = "changed" if is_other else "removed" if after is None else "added"
        run.add(f"constraint-{what}", f"`{word}` {what}", old.at(word), new.at(word))
