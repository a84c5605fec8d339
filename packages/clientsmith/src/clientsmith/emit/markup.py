"""HTML in the texts of a document, as Markdown: OpenAPI asks for CommonMark, and many descriptions are HTML yet.

Only the tags of running text are read. Everything else that stands in angle brackets, such as ``<digits>`` or
``<branch>``, is somebody's placeholder and stays.
"""

from __future__ import annotations

import html
import re
from typing import Final

__all__ = ["without_html"]

_TAG: Final = re.compile(
    r"<(?P<end>/?)(?P<name>p|br|b|strong|i|em|code|pre|a|ul|ol|li|h[1-6]|div|span)\b(?P<rest>[^<>]*)>", re.IGNORECASE
)
_ADDRESS: Final = re.compile(r"href\s*=\s*(?:\"([^\"<>]*)\"|'([^'<>]*)')", re.IGNORECASE)
_MARKS: Final = {"b": "**", "strong": "**", "i": "*", "em": "*", "code": "`"}
_BLANKS: Final = re.compile(r"\n[ \t]*(?:\n[ \t]*)+\n")


def without_html(text: str) -> str:
    """Return ``text`` with its tags as Markdown; without tags it is the same object."""
    if "<" not in text or not _TAG.search(text):
        return text
    parts: list[str] = []
    addresses: list[str] = []
    start = 0
    for tag in _TAG.finditer(text):
        parts += [html.unescape(text[start : tag.start()]), _mark(tag, addresses)]
        start = tag.end()
    parts.append(html.unescape(text[start:]))
    return _BLANKS.sub("\n\n", "".join(parts)).strip()


def _mark(tag: re.Match[str], addresses: list[str]) -> str:
    """What stands for a tag. An opened link waits in ``addresses`` for its end."""
    name, is_end = tag["name"].lower(), bool(tag["end"])
    if name == "a":
        if not is_end:
            found = _ADDRESS.search(tag["rest"])
            addresses.append((found[1] or found[2] or "") if found else "")
            return "[" if addresses[-1] else ""
        address = addresses.pop() if addresses else ""
        return f"]({address})" if address else ""
    if name == "br":
        return "\n"
    if name == "li":
        return "" if is_end else "\n- "
    if name == "span":
        return ""
    return _MARKS.get(name, "\n\n")
