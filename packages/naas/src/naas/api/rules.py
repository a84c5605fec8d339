"""Rules for fields that types and bounds cannot say: hosts, platforms, lines, labels, patterns.

Each yields a problem for everything that breaks it. None of them repeats a command, a line or a secret.
"""

from __future__ import annotations

import difflib
import ipaddress
import re
from typing import TYPE_CHECKING, Final

from naas.api.validation import CONTROL_CHARACTER, short
from naas.driver.patterns import BadPattern, CallerPattern
from naas.errors import FieldProblem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

__all__ = [
    "host_rule",
    "line_rules",
    "near_matches",
    "pattern_rule",
    "platform_rule",
    "secret_rule",
    "tag_rules",
]

Location = tuple[str | int, ...]

_LABEL: Final = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)")
_TAG: Final = re.compile(r"[A-Za-z0-9_\-:]{1,64}")
_MOST_TAGS: Final = 10


def host_rule(host: str, location: Location = ("host",)) -> Iterator[FieldProblem]:
    """An address or a host name."""
    if not _is_host(host):
        yield FieldProblem("host", location, "must be an IPv4 address, an IPv6 address or a host name")


def platform_rule(platform: str, known: Collection[str], location: Location = ("platform",)) -> Iterator[FieldProblem]:
    """A platform that the driver knows."""
    if platform in known:
        return
    near = near_matches(platform, known)
    hint = f"; did you mean {' or '.join(near)}?" if near else "; the names are those of Netmiko's platforms"
    name = short(platform)
    yield FieldProblem("unknown_platform", location, f"unknown platform {name!r}{hint}", name, near)


def secret_rule(secret: str | None, location: Location) -> Iterator[FieldProblem]:
    """A password or user name without what would end the line in which a device asks for it."""
    if secret is not None and CONTROL_CHARACTER.search(secret):
        yield FieldProblem("control_character", location, "must not hold control characters")


def line_rules(name: str, lines: Sequence[str]) -> Iterator[FieldProblem]:
    """Commands or configuration lines: none blank, each one line."""
    for index, line in enumerate(lines):
        if not line.strip():
            yield FieldProblem("blank", (name, index), "must not be blank")
        # Line ends at the end are what a file leaves behind; they are not sent twice.
        elif CONTROL_CHARACTER.search(line.rstrip()):
            rule = "must be one line without control characters; give each line an entry of its own"
            yield FieldProblem("control_character", (name, index), rule)


def pattern_rule(pattern: str | None) -> Iterator[FieldProblem]:
    """An `expect_string`, if one is given."""
    if pattern is None:
        return
    try:
        CallerPattern(pattern)
    except BadPattern as exc:
        yield FieldProblem("pattern", ("expect_string",), f"is not a regular expression: {exc}")


def tag_rules(tags: Mapping[str, str]) -> Iterator[FieldProblem]:
    """Labels: few, and of characters that need no quoting anywhere."""
    if len(tags) > _MOST_TAGS:
        yield FieldProblem("wrong_length", ("tags",), f"at most {_MOST_TAGS} tags are allowed, {len(tags)} were given")
    for position, (key, value) in enumerate(tags.items()):
        if not (_TAG.fullmatch(key) and _TAG.fullmatch(value)):
            rule = "key and value must be 1 to 64 letters, digits, '_', '-' or ':'"
            yield FieldProblem("pattern_mismatch", ("tags", position), rule)


def _is_host(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        # Four numbers that are no address are a mistyped address, not a host name.
        labels = host.split(".")
        return all(_LABEL.fullmatch(label) for label in labels) and not all(label.isdigit() for label in labels)
    # A zone id ("fe80::1%eth0") would reach the resolver as typed.
    return "%" not in host


def near_matches(name: str, known: Collection[str]) -> tuple[str, ...]:
    """Return up to three known names that a person who wrote ``name`` may have meant, nearest first."""
    wanted = name.lower().replace("-", "_").replace(" ", "_")
    alike = difflib.get_close_matches(wanted, known, n=3, cutoff=0.7)
    holding = sorted((other for other in known if wanted and wanted in other), key=lambda other: (len(other), other))
    return tuple(dict.fromkeys([*alike, *holding]))[:3]
