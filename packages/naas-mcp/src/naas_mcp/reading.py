"""Which commands are known to read only.

The same short list by which NAAS decides whether a job may run twice; a test compares the two. A command that is not on
it costs a person one look, a command that is wrongly on it could reload a device. Abbreviations are left out on
purpose: ``sh`` is "show" on a router and a shell elsewhere.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["only_reads"]

READ_WORDS: Final = frozenset({"show", "display", "get", "ping", "traceroute", "tracert", "dir"})
READ_FILTERS: Final = frozenset(
    {"include", "exclude", "begin", "section", "count", "match", "except", "find", "last", "no-more", "display"}
    | {"grep", "egrep", "json", "xml", "i", "inc", "e", "b", "sec"}
)
# What could start a second command on some platform: line ends, other control characters, `;`, `&`, redirections.
_CHAINING: Final = re.compile(r"[\x00-\x1f\x7f-\x9f;&<>`]|\$\(|\|\|")


def only_reads(command: str) -> bool:
    """Whether the command is known to change nothing."""
    if _CHAINING.search(command.strip()):
        return False
    first, *filters = (part.split() for part in command.split("|"))
    return bool(first) and first[0] in READ_WORDS and all(words and words[0] in READ_FILTERS for words in filters)
