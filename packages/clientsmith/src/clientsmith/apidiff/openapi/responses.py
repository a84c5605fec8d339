"""Answers: their statuses, bodies, headers and links."""

from __future__ import annotations

from typing import Final

from clientsmith.openapi.pointer import split
from clientsmith.openapi.resolve import Node

from .comparison import Comparison
from .contents import compare_contents, first_media
from .schema_rules import Position
from .sides import Both
from .uses import Use
from .view import canonical

__all__ = ["compare_responses"]

_DEFAULT: Final = "default"


def compare_responses(comparison: Comparison, operations: Both, subject: str) -> None:
    """Compare what an operation answers."""
    olds, news = _statuses(operations.old), _statuses(operations.new)
    container = operations.child("responses")
    for status in sorted(olds.keys() | news.keys()):
        here, there = olds.get(status), news.get(status)
        if here is not None and there is not None:
            _compare(comparison, Both(here, there), status, subject)
        elif here is not None:
            if (range_ := _covering(news, status)) is not None:
                _compare(comparison, Both(here, range_), status, subject)
            _gone(comparison, status, Both(here, container.new), subject, is_covered=range_ is not None)
        elif there is not None:
            if (range_ := _covering(olds, status)) is not None:
                _compare(comparison, Both(range_, there), status, subject)
            _come(comparison, status, Both(container.old, there), subject, is_covered=range_ is not None)


def _statuses(operation: Node) -> dict[str, Node]:
    """Return the answers, as the operation has them: what they refer to is another place."""
    responses = operation.child("responses")
    found = {key: responses.child(key) for key in responses.mapping if not key.startswith("x-")}
    return {key if key == _DEFAULT else key.upper(): node for key, node in found.items()}


def _covering(statuses: dict[str, Node], status: str) -> Node | None:
    """Return the answer that stands for ``status``: the one of its range, else `default`.

    Where another status says what success is, `default` is about errors, as nearly everybody means it.
    """
    if status == _DEFAULT:
        return None
    if (found := statuses.get(f"{status[0]}XX")) is not None:
        return found
    is_about_errors = any(_is_success(one) for one in statuses)
    return None if is_about_errors and _is_success(status) else statuses.get(_DEFAULT)


def _is_success(status: str) -> bool:
    """Redirects and "not modified" are none: who gets them asked for them, or follows them as always."""
    return status.startswith("2")


def _gone(comparison: Comparison, status: str, both: Both, subject: str, *, is_covered: bool) -> None:
    message = f"response {status} is described no more"
    if status == _DEFAULT:
        comparison.add("response-default-removed", subject, message, both)
    elif not _is_success(status):
        comparison.add("response-non-success-status-removed", subject, message, both)
    elif not is_covered:
        comparison.add("response-success-status-removed", subject, message, both)


def _come(comparison: Comparison, status: str, both: Both, subject: str, *, is_covered: bool) -> None:
    message = f"response {status} is new"
    if status == _DEFAULT:
        comparison.add("response-default-added", subject, message, both)
    elif not _is_success(status):
        comparison.add("response-non-success-status-added", subject, message, both)
    elif not is_covered:
        comparison.add("response-success-status-added", subject, message, both)


def _compare(comparison: Comparison, sites: Both, status: str, subject: str) -> None:
    both = comparison.followed(sites)
    where = f"response {status}"
    if both.old.text("description").strip() != both.new.text("description").strip():
        message = f"{where}: its description is another one"
        comparison.add("description-changed", subject, message, both.child("description"))
    compare_contents(comparison, both, Use(subject, where, Position.RESPONSE_BODY), is_sent=False)
    _compare_headers(comparison, both, where, subject)
    _compare_links(comparison, both, where, subject)


def _compare_headers(comparison: Comparison, both: Both, where: str, subject: str) -> None:
    headers = both.child("headers")
    olds, news = ({name.lower(): node.child(name) for name in node.mapping} for node in headers)
    for key in sorted((olds.keys() | news.keys()) - {"content-type"}):
        before, after = olds.get(key), news.get(key)
        if before is None and after is not None:
            message = f"{where}: header `{_name(after)}` is new"
            comparison.add("response-header-added", subject, message, Both(both.old, after))
        elif before is not None and after is None:
            is_required = comparison.old.follow(before).mapping.get("required") is True
            kind = "required" if is_required else "optional"
            message = f"{where}: header `{_name(before)}` is no more"
            comparison.add(f"{kind}-response-header-removed", subject, message, Both(before, both.new))
        elif before is not None and after is not None:
            one = comparison.followed(Both(before, after))
            _compare_header(comparison, one, f"{where}: header `{_name(after)}`", subject)


def _name(node: Node) -> str:
    return split(node.place)[-1]


def _compare_header(comparison: Comparison, both: Both, where: str, subject: str) -> None:
    was, is_ = both.flags("required")
    if was != is_:
        rule, said = ("required", "is always there") if is_ else ("optional", "may be missing")
        comparison.add(f"response-header-became-{rule}", subject, f"{where} {said}", both.child("required"))
    schemas = Both(
        *(
            node.child("schema") if "schema" in node.mapping else first_media(side, node).child("schema")
            for side, node in ((comparison.old, both.old), (comparison.new, both.new))
        )
    )
    comparison.compare_schemas(schemas, Use(subject, where, Position.RESPONSE_HEADER))


def _compare_links(comparison: Comparison, both: Both, where: str, subject: str) -> None:
    links = both.child("links")
    for name in sorted(links.old.mapping.keys() | links.new.mapping.keys()):
        one = links.child(name)
        said = f"{where}: link `{name}`"
        if name not in links.old.mapping:
            comparison.add("response-link-added", subject, f"{said} is new", Both(both.old, one.new))
        elif name not in links.new.mapping:
            comparison.add("response-link-removed", subject, f"{said} is no more", Both(one.old, both.new))
        elif len({_target(node) for node in comparison.followed(one)}) > 1:
            comparison.add("response-link-changed", subject, f"{said} leads elsewhere", one)


def _target(link: Node) -> str:
    words = ("operationId", "operationRef", "parameters", "requestBody", "server")
    return canonical({word: link.mapping.get(word) for word in words})
