"""Texts and numbers that a schema allows: formats, patterns, lengths and bounds; the same every time."""

from __future__ import annotations

import base64
import datetime
import math
import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from email.utils import format_datetime
from itertools import chain
from random import Random
from typing import Any, Final

from rstr import Rstr

from .schemas import Schema
from .validation import matches

__all__ = ["make_number", "make_text"]

_START: Final = datetime.datetime(2026, 1, 31, 12, 30, tzinfo=datetime.UTC)
_WORDS: Final = (
    "amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "harbor", "iris", "juniper", "kestrel", "lagoon",
    "maple", "north", "opal", "pine", "quartz", "river", "sage", "tundra", "umber", "violet", "willow", "yarrow",
)  # fmt: skip
_TRIES: Final = 12  # of a pattern: what it makes may be too long, or not what its look-aheads want
_REPEATS: Final = 6  # how often `*` and `+` repeat at most


def make_text(schema: Schema, random: Random, name: str = "") -> str:
    """Return a text that ``schema`` allows; ``name`` is what it is called, where it has no format.

    A pattern that contradicts a length, or that nothing here can satisfy, gives a text that fits as well as it can.
    """
    pattern, word = schema.get("pattern", ""), schema.get("format", "")
    shortest = schema.get("minLength", 0)
    longest = schema.get("maxLength", math.inf)
    made = _FORMATS[word](random) if word in _FORMATS else _words(name, random)
    if schema.get("contentEncoding") in ("base64", "base64url"):
        made = base64.b64encode(made.encode()).decode()
    if not pattern:
        return made if word in _FORMATS and word not in _FREE else _fitted(made, shortest, longest)
    candidates = [made, _fitted(made, shortest, longest)]
    for text in chain(candidates, _matching(pattern, random, shortest)):
        if shortest <= len(text) <= longest and matches(pattern, text):
            return text
    return candidates[-1]


def _matching(pattern: str, random: Random, shortest: int) -> Iterator[str]:
    """Yield texts that are made from a pattern, none of one that Python cannot read."""
    maker = Rstr(random)
    for attempt in range(_TRIES):
        repeats = max(_REPEATS, shortest) if attempt < _TRIES - 3 else 1  # short ones at last
        try:
            made = maker.xeger(_bounded(pattern, repeats))
        except (re.error, ValueError, KeyError, IndexError, OverflowError, RecursionError):
            return
        yield str(made)


def _bounded(pattern: str, repeats: int) -> str:
    """Return a pattern in which nothing repeats without end."""

    def bound(match: re.Match[str]) -> str:
        quantifier = match[0]
        if quantifier in ("*", "+"):
            return f"{{{int(quantifier == '+')},{repeats}}}"
        return f"{{{match['least']},{int(match['least']) + repeats}}}" if match["least"] else quantifier

    return _TOKENS.sub(bound, pattern)


# An escaped character and a set of characters are left alone; what is found outside of them repeats.
_TOKENS: Final = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\{(?P<least>\d+),\}|[*+]", re.DOTALL)


def _fitted(text: str, shortest: int, longest: float) -> str:
    if len(text) < shortest:
        text += " " + "x" * (shortest - len(text) - 1) if shortest - len(text) > 1 else "x"
    return text if len(text) <= longest else text[: int(longest)].rstrip() or text[: int(longest)]


def _words(name: str, random: Random) -> str:
    plain = name.lower().replace("_", "").replace("-", "")
    for ending, make in _BY_NAME.items():
        if plain.endswith(ending):
            return make(random)
    return random.choice(_WORDS)


def _moment(random: Random) -> datetime.datetime:
    return _START + datetime.timedelta(minutes=random.randrange(0, 60 * 24 * 28))


def _email(random: Random) -> str:
    return f"{random.choice(_WORDS)}@example.com"


def _url(random: Random) -> str:
    return f"https://example.com/{random.choice(_WORDS)}"


def _uuid(random: Random) -> str:
    return str(uuid.UUID(int=random.getrandbits(128), version=4))


def _base64(random: Random) -> str:
    return base64.b64encode(random.choice(_WORDS).encode()).decode()


def _ipv4(random: Random) -> str:
    return f"192.0.2.{random.randrange(1, 255)}"  # RFC 5737: addresses for documentation


_FORMATS: Final[Mapping[str, Callable[[Random], str]]] = {
    "date-time": lambda random: f"{_moment(random):%Y-%m-%dT%H:%M:%SZ}",
    "date": lambda random: f"{_moment(random):%Y-%m-%d}",
    "time": lambda random: f"{_moment(random):%H:%M:%SZ}",
    "duration": lambda random: f"PT{random.randrange(1, 90)}M",
    "http-date": lambda random: format_datetime(_moment(random), usegmt=True),
    "date-time-rfc1123": lambda random: format_datetime(_moment(random), usegmt=True),
    "date-time-rfc7231": lambda random: format_datetime(_moment(random), usegmt=True),
    "uuid": _uuid,
    "email": _email,
    "idn-email": _email,
    "uri": _url,
    "url": _url,
    "iri": _url,
    "uri-reference": _url,
    "uri-template": lambda random: f"https://example.com/{random.choice(_WORDS)}/{{id}}",
    "hostname": lambda random: f"{random.choice(_WORDS)}.example.com",
    "idn-hostname": lambda random: f"{random.choice(_WORDS)}.example.com",
    "ipv4": _ipv4,
    "ip": _ipv4,
    "ipv6": lambda random: f"2001:db8::{random.randrange(1, 0xFFFF):x}",  # RFC 3849
    "mac": lambda random: f"00:00:5e:00:53:{random.randrange(256):02x}",  # RFC 7042
    "byte": _base64,
    "base64": _base64,
    "base64url": _base64,
    "binary": lambda random: random.choice(_WORDS),
    "password": lambda random: f"{random.choice(_WORDS)}-{random.choice(_WORDS)}",
    "int32": lambda random: str(random.randrange(1, 1000)),
    "int64": lambda random: str(random.randrange(1, 1000)),
    "uint64": lambda random: str(random.randrange(1, 1000)),
    "decimal": lambda random: f"{random.randrange(1, 1000)}.50",
    "json-pointer": lambda random: f"/{random.choice(_WORDS)}",
    "regex": lambda _random: "^[a-z]+$",
}
# Formats whose texts may be cut or made longer.
_FREE: Final = frozenset({"password", "binary"})
_BY_NAME: Final[Mapping[str, Callable[[Random], str]]] = {
    "id": lambda random: f"{random.choice(_WORDS)}-{random.randrange(1000)}",
    "email": _email,
    "url": _url,
    "uri": _url,
    "href": _url,
    "phone": lambda random: f"+1555010{random.randrange(100, 200)}",
    "createdat": _FORMATS["date-time"],
    "updatedat": _FORMATS["date-time"],
    "country": lambda random: random.choice(("DE", "FR", "JP", "NZ")),
    "currency": lambda random: random.choice(("EUR", "JPY", "NZD")),
    "locale": lambda random: random.choice(("de-DE", "fr-FR", "ja-JP")),
}


def make_number(schema: Schema, random: Random, *, whole: bool) -> Any:
    """Return a number within the bounds of ``schema``; where they exclude each other, one of them."""
    lowest = max(schema.get("minimum", -math.inf), _beyond(schema.get("exclusiveMinimum"), 1, whole=whole))
    highest = min(schema.get("maximum", math.inf), _beyond(schema.get("exclusiveMaximum"), -1, whole=whole))
    step = schema.get("multipleOf", 1 if whole else 0.5)
    if whole and step < 1:
        step = 1
    low = lowest if lowest > -math.inf else min(1.0, highest)
    high = highest if highest < math.inf else low + 100 * step
    if schema.get("format") in ("unix-time", "unixtime", "timestamp") and low <= _START.timestamp() <= highest:
        low, high = _START.timestamp(), min(highest, _START.timestamp() + 86_400)
    first, last = math.ceil(low / step), math.floor(high / step)
    if first > last:  # no multiple in between
        return _as_kind(low if lowest > -math.inf else high, whole=whole)
    return _as_kind(random.randint(first, min(last, first + 1000)) * step, whole=whole)


def _beyond(bound: float | None, side: int, *, whole: bool) -> float:
    if bound is None:
        return -math.inf * side
    return math.floor(bound) + 1 if whole and side > 0 else math.ceil(bound) - 1 if whole else bound + side * 1e-6


def _as_kind(value: float, *, whole: bool) -> int | float:
    return int(value) if whole else round(float(value), 9)
