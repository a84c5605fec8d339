"""One operation in both documents: what it is called, what it takes and answers, and what clients make of it."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from clientsmith.model.names import snake_case
from clientsmith.openapi.data import is_array
from clientsmith.openapi.extensions import paging_hint, version_range
from clientsmith.openapi.resolve import Node

from .comparison import Comparison
from .contents import compare_request_bodies
from .lifecycle import OPERATIONS, compare_lifecycles, compare_stability
from .parameters import compare_parameters
from .responses import compare_responses
from .schema_rules import Position
from .security import Schemes, compare_requirements
from .servers import compare_servers
from .sides import Both
from .uses import Use
from .view import canonical
from .webhooks import compare_callbacks

__all__ = ["OperationAt", "compare_operations"]


class OperationAt(NamedTuple):
    """An operation, and where it is: its path as written, the path item, the method in capitals."""

    url: str
    method: str
    path: Node
    node: Node

    @property
    def label(self) -> str:
        return f"{self.method} {self.url}"


def compare_operations(comparison: Comparison, old: OperationAt, new: OperationAt, schemes: Schemes) -> None:
    """Compare one operation; findings call it as the new document does."""
    subject = new.label
    both, paths = Both(old.node, new.node), Both(old.path, new.path)
    _compare_names(comparison, both, subject)
    _compare_tags(comparison, both, subject)
    compare_lifecycles(comparison, both, subject, OPERATIONS)
    compare_stability(comparison, both, subject)
    comparison.compare_descriptions(both, subject, "summary", "description")
    _compare_security(comparison, both, subject, schemes)
    for one in (paths, both):
        if "servers" in one.old.mapping or "servers" in one.new.mapping:
            compare_servers(comparison, one, subject)
    compare_parameters(comparison, paths, both, subject, (old.url, new.url))
    compare_request_bodies(comparison, both, Use(subject, "request body", Position.REQUEST_BODY))
    compare_responses(comparison, both, subject)
    compare_callbacks(comparison, both, subject)
    _compare_extensions(comparison, both, subject)


def _compare_names(comparison: Comparison, both: Both, subject: str) -> None:
    before, after = both.texts("operationId")
    if before == after:
        return
    message = f"operationId {before or 'none'} → {after or 'none'}"
    is_same = bool(before and after) and snake_case(before) == snake_case(after)
    rule = "api-operation-id-respelled" if is_same else "api-operation-id-changed"
    comparison.add(rule, subject, message, both.child("operationId"))


def _compare_tags(comparison: Comparison, both: Both, subject: str) -> None:
    before, after = ([str(tag) for tag in value] if is_array(value) else [] for value in both.values("tags"))
    for tag in before:
        if tag not in after:
            comparison.add("api-tag-removed", subject, f"without the tag `{tag}`", both.child("tags"))
    for tag in after:
        if tag not in before:
            comparison.add("api-tag-added", subject, f"with the tag `{tag}`", both.child("tags"))


def _compare_security(comparison: Comparison, both: Both, subject: str, schemes: Schemes) -> None:
    """Compare what the operation asks for; where neither says its own, the document's is compared once for all."""
    if "security" not in both.old.mapping and "security" not in both.new.mapping:
        return
    effective = Both(
        *(
            (node if "security" in node.mapping else root).child("security")
            for node, root in zip(both, comparison.roots, strict=True)
        )
    )
    compare_requirements(comparison, effective, subject, schemes)


# --- extensions ------------------------------------------------------------------------------------------------------

_POLLING: Final = (
    ("x-ms-long-running-operation-options", "final-state-via"),
    ("x-ms-long-running-operation-options", "final-state-schema"),
)
_NAMES: Final = ("x-ms-client-name", "x-codegen-request-body-name", "x-body-name")


def _compare_extensions(comparison: Comparison, both: Both, subject: str) -> None:
    hints = [paging_hint(node.mapping, root.mapping) for node, root in zip(both, comparison.roots, strict=True)]
    _compare_marks(comparison, both, subject, "paging", hints, _extension(both, "pag"))
    polls = [_polling(node) for node in both]
    _compare_marks(comparison, both, subject, "polling", polls, "x-ms-long-running-operation")
    for name in _NAMES:
        before, after = both.texts(name)
        if before != after:
            message = f"`{name}` {before or 'none'} → {after or 'none'}"
            comparison.add("client-name-changed", subject, message, both.child(name))
    ranges = [version_range(node.mapping) for node in both]
    if (ranges[0].since, ranges[0].until) != (ranges[1].since, ranges[1].until):
        shown = [f"{one.since or '…'} to {one.until or '…'}" for one in ranges]
        comparison.add("version-range-changed", subject, f"versions {shown[0]} → {shown[1]}", both)


def _extension(both: Both, part: str) -> str:
    """Return the extension that speaks of paging in either document."""
    keys = [*both.new.mapping, *both.old.mapping]
    return next((key for key in keys if key.startswith("x-") and part in key), "")


def _polling(node: Node) -> Any:
    if node.mapping.get("x-ms-long-running-operation") is not True:
        return None
    return canonical([node.child(extension).mapping.get(word) for extension, word in _POLLING])


def _compare_marks(
    comparison: Comparison, both: Both, subject: str, name: str, marks: list[Any], extension: str
) -> None:
    before, after = marks
    if before == after:
        return
    what = "added" if before is None else "removed" if after is None else "changed"
    said = {"added": "is described", "removed": "is described no more", "changed": "is described in another way"}
    place = both.child(extension) if extension else both
    comparison.add(f"{name}-{what}", subject, f"its {name} {said[what]}", place)
