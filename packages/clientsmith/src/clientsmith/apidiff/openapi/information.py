"""What a document says of itself: version, title, tags, texts."""

from __future__ import annotations

from clientsmith.openapi.resolve import Node

from .comparison import Comparison
from .sides import Both

__all__ = ["compare_information"]


def compare_information(comparison: Comparison) -> None:
    """Compare the words of the document about itself."""
    info = comparison.roots.child("info")
    for key, rule in (("version", "info-version-changed"), ("title", "api-title-changed")):
        before, after = (str(value or "") for value in info.values(key))
        if before != after:
            comparison.add(rule, "the API", f"{before or 'none'} → {after or 'none'}", info.child(key))
    comparison.compare_descriptions(info, "the API", "summary", "description")
    olds, news = (_tags(node) for node in comparison.roots.child("tags"))
    for name in sorted(olds.keys() & news.keys()):
        both = Both(olds[name], news[name])
        before, after = both.texts("description")
        if before.strip() != after.strip():
            message = "its description is another one"
            comparison.add("tag-description-changed", f"tag {name}", message, both.child("description"))


def _tags(tags: Node) -> dict[str, Node]:
    return {name: item for item in tags.items if (name := item.text("name"))}
