"""Text to words, and words to the plural and back."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

__all__ = ["is_plural", "letters_of", "plural", "singular", "split_words", "vocabulary"]


def vocabulary(text: str) -> frozenset[str]:
    """Return the words of a list that is written as text."""
    return frozenset(text.split())


@lru_cache(maxsize=20_000)
def letters_of(name: str) -> str:
    """Return what is left of a name when spelling does not count: ``next_page-Token`` → nextpagetoken."""
    return re.sub(r"[^a-z]", "", name.lower())


# Brand and technical spellings that case alone would cut in the wrong place.
_KEEP: Final = (
    "OAuth2",
    "OAuth",
    "OpenID",
    "IPv4",
    "IPv6",
    "GitHub",
    "GitLab",
    "GraphQL",
    "WebSocket",
    "YouTube",
    "PayPal",
)
_WORD = re.compile(
    "|".join(
        (
            *(rf"{word}(?![a-z])" for word in _KEEP),
            r"[A-Z]{2,}s(?![a-z])",  # IDs, URLs
            r"[A-Z]+(?=[A-Z][a-z])",  # the HTTP of HTTPServer
            r"[A-Z]?[a-z]+[0-9]*",  # sha256, Vec2
            r"[A-Z]+[0-9]*",
            r"[0-9]+[a-z]{1,2}(?![a-z])",  # 2fa, 3d
            r"[0-9]+(?![a-z])",
            r"[0-9]+",
            r"[^\W\d_a-zA-Z]+\d*",  # other scripts: Python identifiers may have them
        )
    )
)

_IRREGULAR: Final = {
    "child": "children",
    "person": "people",
    "index": "indices",
    "matrix": "matrices",
    "vertex": "vertices",
    "criterion": "criteria",
    "analysis": "analyses",
    "basis": "bases",
    "axis": "axes",
    "hypothesis": "hypotheses",
    "man": "men",
    "woman": "women",
    "foot": "feet",
    "leaf": "leaves",
    "life": "lives",
    "shelf": "shelves",
    "quiz": "quizzes",
    "movie": "movies",
    "cookie": "cookies",
    "cache": "caches",
    "release": "releases",
    "database": "databases",
    "license": "licenses",
    "response": "responses",
    "purchase": "purchases",
    "course": "courses",
    "case": "cases",
    "phase": "phases",
    "use": "uses",
    "house": "houses",
    "expense": "expenses",
    "invoice": "invoices",
    "size": "sizes",
    "prize": "prizes",
    "zone": "zones",
    "shoe": "shoes",
    "tie": "ties",
    "alias": "aliases",
    "status": "statuses",
    "bus": "buses",
    "virus": "viruses",
    "campus": "campuses",
    "bonus": "bonuses",
    "gas": "gases",
    "ids": "ids",
    "repo": "repos",
    "photo": "photos",
    "video": "videos",
    "logo": "logos",
    "memo": "memos",
    "demo": "demos",
}
_PLURALS: Final = {plural: singular for singular, plural in _IRREGULAR.items() if singular != plural}
_SAME: Final = vocabulary(
    """
    data metadata information info news series species settings details statistics stats analytics advice
    equipment hardware software firmware content feedback history inventory logs sms https dns access
    progress news hours credentials permissions media headquarters graphics status_info usage
    """
)
# These end in "s" and are one thing.
_NOT_PLURAL: Final = ("ss", "us", "is", "os", "ous", "ics")


def split_words(text: str) -> list[str]:
    """Return the words of ``text`` in lower case: camelCase, snake_case, kebab-case, acronyms.

    >>> split_words("listUserIDs"), split_words("IPv4Address"), split_words("HTTPServer2")
    (['list', 'user', 'ids'], ['ipv4', 'address'], ['http', 'server2'])
    """
    return list(_split(text))


@lru_cache(maxsize=50_000)  # a document says the same few thousand names again and again
def _split(text: str) -> tuple[str, ...]:
    return tuple(word.lower() for word in _WORD.findall(text.replace("'", "")))


def plural(word: str) -> str:
    """Return the plural of an English noun; a word that is plural already comes back as it is."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word in _SAME or is_plural(word):
        return word
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return f"{word}es"
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return f"{word[:-1]}ies"
    return f"{word}s"


def singular(word: str) -> str:
    """Return the singular of an English noun; a word that is singular already comes back as it is."""
    if word in _PLURALS:
        return _PLURALS[word]
    if word in _SAME or not is_plural(word):
        return word
    if word == "ids":
        return "id"
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith(("sses", "shes", "ches", "xes", "zzes")):
        return word[:-2]
    return word[:-1]


def is_plural(word: str) -> bool:
    """Whether an English noun is in the plural, as far as its letters tell."""
    if word in _PLURALS or word in ("ids",):
        return True
    return word.endswith("s") and len(word) > 2 and not word.endswith(_NOT_PLURAL) and word not in _IRREGULAR
