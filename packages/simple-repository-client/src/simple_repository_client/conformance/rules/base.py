"""What a rule is."""

from __future__ import annotations

import hashlib
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final, Generic, TypeVar, cast

from ..answers import Subject
from ..levels import Level, Serialization

__all__ = ["Rule", "SubjectT", "hash_faults", "is_secure"]

SubjectT = TypeVar("SubjectT", bound=Subject)


class Rule(ABC, Generic[SubjectT]):
    """One sentence of a standard, and how to see whether an index keeps it.

    Attributes:
        id: What reports call it.
        source: The standard that says so, "PEP 691".
        level: How much it asks for.
        text: What it asks for, a sentence about the index.
        serialization: The one that it is about, None for a rule about answers.
        subject: What it judges.
        good: Examples that keep it.
        bad: Examples that break it.
    """

    id: ClassVar[str]
    source: ClassVar[str]
    level: ClassVar[Level]
    text: ClassVar[str]
    serialization: ClassVar[Serialization | None] = None
    subject: ClassVar[type[Subject]]
    good: ClassVar[tuple[Subject, ...]]
    bad: ClassVar[tuple[Subject, ...]]

    @abstractmethod
    def breaches(self, subject: SubjectT, /) -> Iterator[str]:
        """Say what is wrong with a subject, once for each fault; nothing for one that keeps the rule."""

    def applies(self, subject: SubjectT, /) -> bool:
        """Return whether the subject has what the rule is about: a rule that found nothing to judge says so."""
        return True


# What Python's hashlib always has, without what no longer protects against anybody.
_SECURE: Final = frozenset(hashlib.algorithms_guaranteed) - {"md5", "sha1"}


def is_secure(name: str) -> bool:
    """Return whether a hash protects a download, and every Python has it."""
    return name in _SECURE


def hash_faults(hashes: object) -> Iterator[str]:
    """Say what keeps a value from being names of hashes and hex digests."""
    if not isinstance(hashes, dict):
        yield f"{hashes!r} is no object of names and digests"
        return
    for name, digest in cast("Mapping[str, Any]", hashes).items():
        if not isinstance(digest, str) or not re.fullmatch(r"[0-9a-fA-F]+", digest):
            yield f"the digest of {name} is {digest!r}, not hexadecimal"
