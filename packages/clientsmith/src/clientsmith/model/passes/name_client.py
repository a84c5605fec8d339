"""The names that are seen first: client class, import name, distribution; from the title."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from clientsmith.configuration import Configuration
from clientsmith.findings import Finding

from ..ir import Api
from ..letters import transliterated
from ..words import split_words, vocabulary

__all__ = ["class_of", "name_client", "title_words"]

# Words that say what kind of document it is, not what the service is called.
_KIND_WORDS: Final = vocabulary(
    "api apis swagger openapi rest restful http spec specification documentation docs reference schema the official"
)
_ENDS: Final = frozenset({"api", "apis", "openapi", "swagger"})  # what follows them is about the document
_VERSION: Final = re.compile(r"v?\d+(\.\d+)*")
_MOST_WORDS = 4
# A name of four words is the name of a folder, and file systems end at 255 characters.
_LONGEST_WORD: Final = 40


def name_client(api: Api, configuration: Configuration) -> tuple[Api, list[Finding]]:
    """Name what has no name yet: "Swagger Petstore" gives `PetstoreClient` in `petstore_client`, `petstore-client`.

    The distribution is named after the import name (python-packaging-name); the end `_client` keeps it apart from the
    package of the service itself.
    """
    words = title_words(api.title)
    lock = configuration.lock
    package = configuration.package or lock.package or _with_client("_".join(map(_in_package, words)))
    named = replace(
        api,
        package=package,
        distribution=configuration.distribution
        or lock.distribution
        or package.split(".")[-1].strip("_").replace("_", "-").lower(),
        root=replace(api.root, name=configuration.client or lock.client or class_of(words)),
    )
    return named, []


def title_words(title: str) -> list[str]:
    """Return the words of a title that name the service, as it writes them.

    >>> title_words("NAAS - Netmiko As A Service"), title_words("GitHub v3 REST API")
    (['NAAS'], ['GitHub'])
    """
    head = re.split(r"\s[-–—|:]\s|:\s|\(|\[", title.strip())[0]
    head, title = (re.sub(r"['’]s\b", "", transliterated(text)) for text in (head, title))
    words = re.findall(r"[A-Za-z0-9]+", head) or re.findall(r"[A-Za-z0-9]+", title)
    for index, word in enumerate(words):
        if word.lower() in _ENDS and index and any(w.lower() not in _KIND_WORDS for w in words[:index]):
            words = words[:index]
            break
    telling = [word for word in words if word.lower() not in _KIND_WORDS and not _VERSION.fullmatch(word.lower())]
    telling = telling or words or ["api"]
    if telling[0][0].isdigit():
        telling = ["api", *telling]
    return [word[:_LONGEST_WORD] for word in telling[:_MOST_WORDS]]


def class_of(words: list[str]) -> str:
    """Return the class name: a word with capitals inside keeps them (GitHub), one of capitals only does not (Naas)."""
    is_mixed = [any(char.isupper() for char in word[1:]) and not word.isupper() for word in words]
    joined = "".join(
        word[0].upper() + word[1:] if mixed else word.capitalize() for word, mixed in zip(words, is_mixed, strict=True)
    )
    return joined if joined.endswith("Client") else f"{joined}Client"


def _in_package(word: str) -> str:
    """A brand is one word, however it is written; a long title in one word is many."""
    parts = split_words(word)
    return "_".join(parts) if len(parts) > _MOST_WORDS - 1 else word.lower()


def _with_client(name: str) -> str:
    return name if name.endswith("client") else f"{name}_client"
