"""Words to Python identifiers, and the one way in which names are given out: `allocate`.

A scope (the models of a package, the methods of a client, one signature …) is allocated at once. Everyone who needs a
name brings candidates, from what it should be called down to longer and more exact names. Collisions are so resolved by
meaning; a number comes last. The result does not depend on the order in which the wishes come.
"""

from __future__ import annotations

import builtins
import keyword
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Protocol

from .letters import transliterated
from .words import split_words, vocabulary

__all__ = [
    "LONGEST",
    "METHOD_NAMES",
    "MODULE_NAMES",
    "PROPERTY_NAMES",
    "SIGNATURE_NAMES",
    "Style",
    "Wish",
    "allocate",
    "first_of",
    "pascal_case",
    "plainness",
    "safe",
    "shortened",
    "snake_case",
    "spelled_out",
    "told_apart",
    "upper_case",
]

_KEYWORDS: Final = frozenset({*keyword.kwlist, *keyword.softkwlist} - {"type", "_"})
_BUILTIN_TYPES: Final = vocabulary("bool bytes dict float int list object property set str super tuple type")

# Names that mean something where ours will stand; what `clientsmith.core` defines is listed by hand and compared with
# it by a test, so that the generator need not import the transport stack to allocate names.
CALL_OPTIONS: Final = vocabulary(
    """
    timeout headers client_request_id response_hook continuation_token polling_interval idempotency_key max_retries
    max_redirects connect_timeout read_timeout logging_enabled user_agent api_version etag match_condition transport
    credential endpoint results_per_page backoff_base backoff_cap retry_methods retry_statuses raw_request_hook
    raw_response_hook lifecycle_hook logging_allowed_headers logging_allowed_query tracing_enabled if_modified_since
    if_unmodified_since cache_enabled rate_limit_enabled circuit_breaker_enabled hedging_enabled
    byte_range last_event_id
    """
)
SIGNATURE_NAMES: Final = _KEYWORDS | CALL_OPTIONS | {"self", "cls", "options", "kwargs", "body", "etag_of"}
# The last two would be constants that `_operations.py` has already.
METHOD_NAMES: Final = (
    _KEYWORDS
    | _BUILTIN_TYPES
    | {"send_request", "close", "from_connection_string", "self", "authentication", "api_version"}
)
# A field that hides a builtin type breaks the annotations of the fields below it, and one called like a method of all
# models that method. An imported name gives way by itself: `import uuid as _uuid` stands above a field `uuid`.
PROPERTY_NAMES: Final = (
    _KEYWORDS | (_BUILTIN_TYPES - {"object", "set", "super", "tuple", "type"}) | {"self", "cls", "from_dict", "as_dict"}
)
MODULE_NAMES: Final = frozenset(name for name in dir(builtins) if name[:1].isupper()) | vocabulary(
    """
    Model Enum Any Mapping Sequence Literal Union Optional List Dict Iterator Codec Operation ListOperation
    LongRunningOperation ItemPaged LROPoller CallOptions ListOptions PollOptions ClientOptions Unpack UNSET
    HttpResponseError ServiceClient Transport TYPE_CHECKING
    """
)

_SYMBOLS: Final = {
    "+": "plus",
    "-": "minus",
    "*": "star",
    "/": "slash",
    "%": "percent",
    "<": "less",
    ">": "greater",
    "=": "equal",
    "!": "not",
    "&": "and",
    "|": "or",
    "#": "hash",
    "$": "dollar",
    "@": "at",
    "~": "tilde",
    "^": "caret",
    "?": "question",
    ".": "dot",
    ",": "comma",
    ":": "colon",
    ";": "semicolon",
    "_": "underscore",
    " ": "space",
    "(": "open",
    ")": "close",
}
# Twilio and others filter with `StartTime<` and `StartTime>`.
_TIME_WORDS: Final = vocabulary("time date at day created updated timestamp before after")
_PARTS: Final = re.compile(r"[^\WA-Z]+|[A-Z]+(?![^\WA-Z])|[A-Z][^\WA-Z]*")  # of a class's name
_SIGNED: Final = re.compile(r"\s*([+-])\s*\d")


# Longer names are no longer read.
LONGEST: Final = 60


@dataclass(frozen=True, slots=True)
class Wish:
    """Someone needs a name. ``key`` identifies who; lower ranks choose first; candidates are best first.

    ``told`` is the name that a person gave it in the configuration, ``kept`` the one that was published before.
    """

    key: str
    candidates: tuple[str, ...]
    rank: int = 0
    told: str = ""
    kept: str = ""


def allocate(
    wishes: Iterable[Wish], reserved: Collection[str] = (), suffix: str = "_", given: Iterable[str] = ()
) -> Mapping[str, str]:
    """Give everyone a name of their own and return the names by key.

    Names differ in more than case, so that they also serve as file names, and none has more than 60 characters. What a
    person said comes first, then what was published. A candidate that is ``reserved`` gets ``suffix``; one that was
    ``given`` away in the same scope before is taken. Who shares the first free candidate with others keeps it if their
    rank is lower, else by key.
    """
    names: dict[str, str] = {}
    taken = {name.casefold() for name in given}
    waiting = sorted(wishes, key=lambda wish: (wish.rank, wish.key))
    for decided in ({wish.key: wish.told for wish in waiting}, {wish.key: wish.kept for wish in waiting}):
        for key, name in decided.items():
            # A name that was given twice, or that has a meaning of its own by now, is nobody's.
            if name and key not in names and name not in reserved and name.casefold() not in taken:
                taken.add(name.casefold())
                names[key] = name
    waiting = [wish for wish in waiting if wish.key not in names]
    level = 0
    while waiting:
        left: list[Wish] = []
        for wish in waiting:
            name = safe(_candidate(wish, level), reserved, suffix)
            if name.casefold() in taken:
                left.append(wish)
            else:
                taken.add(name.casefold())
                names[wish.key] = name
        waiting, level = left, level + 1
    return names


def _candidate(wish: Wish, level: int) -> str:
    if level < len(wish.candidates):
        return shortened(wish.candidates[level], LONGEST)
    longest = shortened(wish.candidates[-1], LONGEST - 4)
    number = level - len(wish.candidates) + 2
    return f"{longest}_{number}" if longest.islower() or longest.isupper() else f"{longest}{number}"


def shortened(name: str, longest: int) -> str:
    """Return ``name`` with at most ``longest`` characters: the first word says whose, the last words say what."""
    if len(name) <= longest:
        return name
    glue = "_" if "_" in name.strip("_") else ""
    parts = name.split("_") if glue else _PARTS.findall(name)
    kept: list[str] = []
    for part in reversed(parts[1:]):
        if len(glue.join([parts[0], part, *kept])) > longest:
            break
        kept.insert(0, part)
    return glue.join([parts[0], *kept]) if kept else name[:longest].rstrip("_")


def safe(name: str, reserved: Collection[str], suffix: str = "_") -> str:
    return f"{name}{suffix}" if name in reserved else name


@lru_cache(maxsize=50_000)  # the same few thousand names, pass after pass
def snake_case(text: str, fallback: str = "value") -> str:
    """``petId`` → ``pet_id``; ``+1`` → ``plus_1``; ``$filter`` → ``filter``."""
    return _identifier("_".join(_words(text)), fallback)


@lru_cache(maxsize=50_000)
def pascal_case(text: str, fallback: str = "Model") -> str:
    """``send_command-request`` → ``SendCommandRequest``; the capitals of an acronym stay: ``HTTPError``."""
    return _identifier("".join(_capital(word, text) for word in _words(text)), fallback)


def upper_case(text: str, fallback: str = "VALUE") -> str:
    """``in-progress`` → ``IN_PROGRESS``; for the members of enums."""
    return _identifier("_".join(_words(text)).upper(), fallback)


def spelled_out(text: str) -> list[str]:
    """Return the words of ``text`` with its symbols in words: ``GMT+0`` → gmt, plus, 0; ``a-b`` → a, dash, b."""
    words = split_words(text)
    is_time = bool(words) and words[-1] in _TIME_WORDS
    times = {"<": "before", ">": "after"}
    # A dash between words is no sign of a number.
    text = re.sub(r"(?<=\w)-(?=[^\W\d])", " dash ", text)
    spelled = "".join(
        f" {(times.get(char) if is_time else None) or _SYMBOLS[char]} " if char in _SYMBOLS and char != " " else char
        for char in text
    )
    return split_words(spelled)


class Style(Protocol):
    """`snake_case` or `upper_case`."""

    def __call__(self, text: str, fallback: str) -> str: ...


def told_apart(texts: Iterable[str], style: Style, fallback: str) -> dict[str, tuple[str, ...]]:
    """Return candidates for what stands in one scope, so that what sounds alike is told apart by what differs.

    That is its symbols first (``StartTime<``, ``StartTime>``), then its case (``name``, ``Name``).
    """
    plain = {text: style(text, fallback) for text in texts}
    shared = Counter(plain.values())
    candidates: dict[str, tuple[str, ...]] = {}
    for text, name in plain.items():
        spelled = style(" ".join(spelled_out(text)), fallback)
        cased = style(f"{name}_{_case_of(text)}", fallback)
        is_alone = shared[name] == 1 or spelled == name or text == name
        candidates[text] = first_of([name, spelled, cased] if is_alone else [spelled, cased, name])
    return candidates


def plainness(text: str) -> int:
    """Rank what stands in one scope: `id` keeps its name beside `@id`, and `name` beside `Name`."""
    return 0 if text.isidentifier() and text.islower() else 1 if text.isidentifier() else 2


def _case_of(text: str) -> str:
    if text.islower():
        return "lowercase"
    if text.isupper():
        return "uppercase"
    return "capitalized" if text[:1].isupper() else "mixed_case"


@lru_cache(maxsize=50_000)
def _words(text: str) -> tuple[str, ...]:
    text = transliterated(text)
    words = split_words(text)
    if not words or _SIGNED.match(text):
        return tuple(spelled_out(text))
    return tuple(words)


def _capital(word: str, text: str) -> str:
    upper = word.upper()
    is_acronym = len(word) > 1 and upper in text and not text.isupper() and "_" not in text and text != upper
    return upper if is_acronym else word[:1].upper() + word[1:]


def _identifier(name: str, fallback: str) -> str:
    """Make sure of a valid identifier: one that would begin with a digit begins with the fallback's word."""
    if not name:
        return fallback
    if not name[0].isalpha():
        name = (
            f"{fallback}{name}"
            if name[:1].isdigit() and fallback[:1].isupper() and not fallback.isupper()
            else f"{fallback}_{name}"
        )
    return name if name.isidentifier() else fallback


def first_of(names: Sequence[str]) -> tuple[str, ...]:
    """Return ``names`` without repetitions and empty ones."""
    return tuple(dict.fromkeys(name for name in names if name))
