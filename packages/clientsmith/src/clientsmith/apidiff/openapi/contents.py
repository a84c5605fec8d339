"""Bodies by media type, of requests and of answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from clientsmith.openapi.resolve import Node

from .comparison import Comparison
from .sides import NOTHING, Both, Side
from .uses import Use
from .view import canonical

__all__ = ["compare_contents", "compare_request_bodies", "first_media"]


def compare_request_bodies(comparison: Comparison, operations: Both, use: Use) -> None:
    """Compare what an operation sends."""
    both = comparison.followed(operations.child("requestBody"))
    was_there, is_there = bool(both.old.mapping), bool(both.new.mapping)
    subject = use.operation
    was, is_ = both.flags("required")
    if not was_there and is_there:
        rule = "request-body-added-required" if is_ else "request-body-added-optional"
        comparison.add(rule, subject, "there is a request body", Both(operations.old, both.new))
    elif was_there and not is_there:
        # Where the reference leads nowhere, nothing is known.
        if "requestBody" not in operations.new.mapping:
            comparison.add("request-body-removed", subject, "there is no request body", Both(both.old, operations.new))
    elif was_there:
        if was != is_:
            rule, said = ("required", "must be sent now") if is_ else ("optional", "may be left out")
            message = f"the request body {said}"
            comparison.add(f"request-body-became-{rule}", subject, message, both.child("required"))
        comparison.compare_descriptions(both, subject, "description")
        compare_contents(comparison, both, use, is_sent=True)


def compare_contents(comparison: Comparison, both: Both, use: Use, *, is_sent: bool) -> None:
    """Compare the media types of ``both``, and the schemas of those that are in both."""
    olds, news = _by_type(comparison.old, both.old), _by_type(comparison.new, both.new)
    if not is_sent and bool(olds) != bool(news):
        rule, said = ("added", "has a body") if news else ("removed", "has no body")
        comparison.add(f"response-body-{rule}", use.operation, f"{use.where} {said}", both.child("content"))
        return
    side = "request-body" if is_sent else "response"
    for name in sorted(olds.keys() | news.keys()):
        # A range stands for every type in it: who accepts `application/*` accepts JSON.
        here, there = _of(olds, name), _of(news, name)
        if here is None and there is not None:
            message = f"{use.where}: {name} is new"
            place = Both(both.old.child("content"), there)
            comparison.add(f"{side}-media-type-added", use.operation, message, place)
        elif there is None and here is not None:
            message = f"{use.where}: {name} is no more"
            place = Both(here, both.new.child("content"))
            comparison.add(f"{side}-media-type-removed", use.operation, message, place)
        elif here is not None and there is not None:
            _compare_media(comparison, Both(here, there), name, use, is_sent=is_sent)


def _compare_media(comparison: Comparison, both: Both, name: str, use: Use, *, is_sent: bool) -> None:
    for word in ("schema", "itemSchema"):
        if word in both.old.mapping or word in both.new.mapping:
            comparison.compare_schemas(both.child(word), use)
    before, after = both.values("encoding")
    if canonical(before or {}) != canonical(after or {}):
        rule = "request-body-encoding-changed" if is_sent else "response-body-encoding-changed"
        message = f"{use.where}: the fields of {name} are written in another way"
        comparison.add(rule, use.operation, message, both.child("encoding"))


def _by_type(side: Side, node: Node) -> dict[str, Node]:
    """Return the media types; parameters that say nothing of the form are left out."""
    return {_plain(name): media for name, media in side.members(node.child("content")).items()}


def _plain(name: str) -> str:
    first, *rest = name.lower().replace(" ", "").split(";")
    return ";".join([first, *(one for one in sorted(rest) if one and not one.startswith("charset="))])


def _of(types: Mapping[str, Node], name: str) -> Node | None:
    return next((types[one] for one in _ranges(name) if one in types), None)


def _ranges(name: str) -> Iterable[str]:
    return name, f"{name.partition('/')[0]}/*", "*/*"


def first_media(side: Side, node: Node) -> Node:
    """Return the first media type of ``node``, a node of nothing where there is none."""
    return next(iter(side.members(node.child("content")).values()), NOTHING)
