"""Webhooks and callbacks: here the service sends, and the client answers.

So the sides are swapped: what a request carries is received by the client, and the rules are those of responses.
"""

from __future__ import annotations

from clientsmith.openapi.convert import METHODS
from clientsmith.openapi.resolve import Node

from .comparison import Comparison
from .contents import compare_contents
from .schema_rules import Position
from .sides import Both
from .uses import Use

__all__ = ["compare_callbacks", "compare_webhooks"]


def compare_webhooks(comparison: Comparison) -> None:
    """Compare the webhooks of the documents."""
    for word in ("webhooks", "x-webhooks"):
        _compare_named(comparison, comparison.roots, word, "webhook", "")


def compare_callbacks(comparison: Comparison, operations: Both, subject: str) -> None:
    """Compare the callbacks of an operation: path items by expression, by name."""
    olds, news = comparison.members(operations, "callbacks")
    for name in sorted(olds.keys() | news.keys()):
        before, after = olds.get(name), news.get(name)
        if before is None and after is not None:
            comparison.add("callback-added", subject, f"callback `{name}` is new", Both(operations.old, after))
        elif before is not None and after is None:
            comparison.add("callback-removed", subject, f"callback `{name}` is no more", Both(before, operations.new))
        elif before is not None and after is not None:
            _compare_items(comparison, _items(comparison, Both(before, after)), f"{subject} callback {name}")


def _items(comparison: Comparison, both: Both) -> Both:
    """Return the path items of a callback; of one expression each, the expression does not matter to who listens."""
    olds, news = comparison.old.members(both.old), comparison.new.members(both.new)
    if len(olds) == len(news) == 1:
        return Both(*(next(iter(items.values())) for items in (olds, news)))
    common = sorted(olds.keys() & news.keys())
    return (
        Both(olds[common[0]], news[common[0]])
        if common
        else Both(Node(None, both.old.place), Node(None, both.new.place))
    )


def _compare_named(comparison: Comparison, parents: Both, word: str, what: str, subject: str) -> None:
    olds, news = comparison.members(parents, word)
    for name in sorted(olds.keys() | news.keys()):
        before, after = olds.get(name), news.get(name)
        label = f"{what} {name}"
        if before is None and after is not None:
            comparison.add(f"{what}-added", subject or label, "it is new", Both(parents.old, after))
        elif before is not None and after is None:
            comparison.add(f"{what}-removed", subject or label, "it is no more", Both(before, parents.new))
        elif before is not None and after is not None:
            _compare_items(comparison, Both(before, after), label)


def _compare_items(comparison: Comparison, both: Both, subject: str) -> None:
    for method in METHODS:
        one = both.child(method)
        if one.old.mapping and one.new.mapping:
            _compare_message(comparison, one, subject)


def _compare_message(comparison: Comparison, both: Both, subject: str) -> None:
    comparison.compare_descriptions(both, subject, "summary", "description")
    received = Use(subject, "request", Position.RESPONSE_BODY)
    compare_contents(comparison, comparison.followed(both.child("requestBody")), received, is_sent=False)
    olds, news = comparison.members(both, "responses")
    for status in sorted(olds.keys() & news.keys()):
        sent = Use(subject, f"answer {status}", Position.REQUEST_BODY)
        compare_contents(comparison, Both(olds[status], news[status]), sent, is_sent=True)
