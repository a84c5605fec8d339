"""Shapes as codecs, where one shape stands in another."""

from __future__ import annotations

from clientsmith.emit.code import local
from clientsmith.emit.types import View
from clientsmith.model.ir import Model, Nullable, Ref, Shape, Union

MODELS = {f"#/{name}": Model(f"#/{name}", name, (), name=name) for name in ("Message", "Call", "Easy")}


def ref(name: str) -> Ref:
    return Ref(f"#/{name}")


def codec(shape: Shape) -> str:
    made = View(MODELS, lambda shape: local(shape.name)).codec(shape)
    assert made is not None
    return made.render({symbol: symbol.local for symbol in made.symbols}).replace("lambda: ", "").replace("'", '"')


def test_a_union_in_a_union_is_told_apart_by_the_tag_that_both_have() -> None:
    """Its members stand beside the others; where both know a value, the outer one is meant."""
    inner = Union((ref("Message"), ref("Call")), "type", (("message", ref("Message")), ("call", ref("Call"))))
    outer = Union((ref("Easy"), inner), "type", (("message", ref("Easy")), ("Item", Nullable(inner))))
    assert codec(outer) == 'union_of("type", {"message": Easy, "call": Call})'


def test_members_with_one_value_of_the_tag_are_read_by_what_fits_best() -> None:
    members = (ref("Message"), ref("Easy"), ref("Call"))
    union = Union(members, "type", (("message", ref("Message")), ("message", ref("Easy")), ("call", ref("Call"))))
    assert codec(union) == 'union_of("type", {"message": any_of(Message, Easy), "call": Call})'


def test_a_union_with_another_tag_stays_one() -> None:
    inner = Union((ref("Message"), ref("Call")), "kind", (("m", ref("Message")), ("c", ref("Call"))))
    outer = Union((ref("Easy"), inner), "type", (("easy", ref("Easy")), ("item", inner)))
    assert codec(outer) == 'union_of("type", {"easy": Easy, "item": union_of("kind", {"m": Message, "c": Call})})'
