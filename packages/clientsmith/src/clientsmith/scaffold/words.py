"""From the sample in the templates to a workspace of one's own: words are replaced, and nothing else.

The templates are the files of ``clientsmith new acme-depot --resource parcel --owner @acme/owners`` as they are. So
they read like what they become, without marks and conditions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Final

from clientsmith.emit.project import OLDEST_CORE

from .choices import Choices

__all__ = ["Words", "words_of"]

# The tests of both frameworks are the same; the client that their test clients are made of is not.
_OF_FRAMEWORK: Final = {
    "litestar": {},
    "fastapi": {
        "httpx>=0.28": "httpx2>=2",
        "from httpx import": "from httpx2 import",
        "api.openapi_schema.to_schema()": "api.openapi()",
    },
}


@dataclass(frozen=True, slots=True)
class Words:
    """What each word of the sample becomes."""

    table: Mapping[str, str]

    def replaced_in(self, text: str) -> str:
        """Return ``text`` with every word replaced, all in one go: what is put in is not looked at again."""
        # Longer ones first: `3.11` is part of `python:3.11`, `parcel` of `parcels`.
        pattern = "|".join(re.escape(word) for word in sorted(self.table, key=len, reverse=True))
        return re.sub(pattern, lambda found: self.table[found[0]], text)


def words_of(choices: Choices) -> Words:
    """Return the words of a workspace."""
    return Words({**_names(choices), **_resources(choices), **_values(choices), **_OF_FRAMEWORK[choices.framework]})


def _names(choices: Choices) -> dict[str, str]:
    words = choices.name.split("-")
    return {
        "acme-depot": choices.name,
        "acme_depot": choices.package,
        "AcmeDepot": "".join(word.capitalize() for word in words),
        "Acme Depot": " ".join(word.capitalize() for word in words),
    }


def _resources(choices: Choices) -> dict[str, str]:
    one, many = choices.resource, choices.plural
    article = "an" if one[0] in "aeiou" else "a"
    return {
        "parcel": one,
        "Parcel": one.capitalize(),
        "PARCEL": one.upper(),
        "parcels": many,
        "Parcels": many.capitalize(),
        "a parcel": f"{article} {one}",
        "A parcel": f"{article.capitalize()} {one}",
    }


def _values(choices: Choices) -> dict[str, str]:
    return {
        "@acme/owners": choices.owner,
        'license = "MIT"': f'license = "{choices.licence}"',
        '"3.11"': f'"{choices.python}"',
        ">=3.11": f">={choices.python}",
        "python:3.11": f"python:{choices.python}",
        "Python 3.11": f"Python {choices.python}",
        "py311": f"py{choices.python.replace('.', '')}",
        "clientsmith[ship]>=1.0.0b4": f"clientsmith[ship]>={version('clientsmith')}",
        "]>=1.0.0b4": f"]>={OLDEST_CORE}",
    }
