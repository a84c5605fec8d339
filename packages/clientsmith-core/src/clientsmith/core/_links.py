"""The ``Link`` header field (RFC 8288, section 3): a pure reader that never raises.

The grammar, loosely as its appendix B.2 asks: ``<target>; name=value; name="quoted \\" value", <target>; …``
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

__all__ = ["Link", "next_target", "read_links"]


class Link(NamedTuple):
    """One link of a header field.

    Attributes:
        target: The URL reference as it stands between the brackets, usually to be resolved.
        relations: The relation types in lower case; a link without ``rel`` has none.
        parameters: The other parameters, names in lower case; of equal names the first one counts.
    """

    target: str
    relations: tuple[str, ...]
    parameters: Mapping[str, str]


def read_links(value: str) -> list[Link]:
    """Return the links of a header field in their order; what is no link is left out. Linear in the text's length."""
    links: list[Link] = []
    for text in _split(value, ","):
        target, *rest = _split(text, ";")
        target = target.strip()
        if not (target.startswith("<") and target.endswith(">") and len(target) > 1):
            continue
        parameters: dict[str, str] = {}
        for name, content in map(_parameter, rest):
            parameters.setdefault(name, content)
        relations = tuple(parameters.pop("rel", "").lower().split())
        links.append(Link(target[1:-1].strip(), relations, parameters))
    return links


def next_target(value: str) -> str | None:
    """Return the target of the link to the next page, None if there is none.

    With an ``anchor`` it is a link between two other resources (section 3.2), so it does not count.
    """
    for link in read_links(value):
        if "next" in link.relations and "anchor" not in link.parameters:
            return link.target
    return None


def _parameter(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    value = value.strip()
    if value.startswith('"'):
        value = "".join(_unquoted(value))
    return name.strip().lower(), value


def _unquoted(value: str) -> Iterator[str]:
    """Yield the characters of a quoted string without its quotes and escapes (RFC 9110, section 5.6.4)."""
    is_escaped = False
    for character in value[1:]:
        if is_escaped:
            is_escaped = False
        elif character == "\\":
            is_escaped = True
            continue
        elif character == '"':
            return
        yield character


def _split(text: str, separator: str) -> Iterator[str]:
    """Yield the parts between separators that stand neither in <> nor in a quoted string."""
    start, closing, is_escaped = 0, "", False
    for index, character in enumerate(text):
        if is_escaped:
            is_escaped = False
        elif closing:
            is_escaped = character == "\\" and closing == '"'
            closing = "" if character == closing else closing
        elif character in '<"':
            closing = ">" if character == "<" else character
        elif character == separator:
            yield text[start:index]
            start = index + 1
    yield text[start:]
