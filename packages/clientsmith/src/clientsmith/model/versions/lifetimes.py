"""In which versions an operation exists: said by an extension, or by a line of its description."""

from __future__ import annotations

import re
from typing import Final

from clientsmith.core.versioning import VersionFormat
from clientsmith.openapi.extensions import version_range

from ..ir import ALL_VERSIONS, ApiVersionIn, Lifetime, Operation
from .reading import read

__all__ = ["lifetime_of", "problem_of"]

# A line of its own: in the middle of a sentence it may be about a parameter, or an answer.
_SAID: Final = re.compile(
    r"(?im)^\W*(?:available (?:as of|since|from)|new in|added in|since) (?:micro|api )?version v?([0-9]+\.[0-9]+)\W*$"
)


def lifetime_of(operation: Operation, scheme: ApiVersionIn) -> Lifetime:
    """Return in which versions the document says that there is an operation."""
    said = version_range(operation.extensions)
    if said.since or said.until:
        return Lifetime(said.since, said.until, said.evidence)
    if scheme.format is VersionFormat.MICROVERSION and (found := _SAID.search(operation.description)) is not None:
        return Lifetime(found[1], "", "a line of its description")
    return ALL_VERSIONS


def problem_of(lifetime: Lifetime, scheme: ApiVersionIn) -> str:
    """Return why a lifetime can mean nothing here, "" if it can."""
    form = scheme.format
    if form is VersionFormat.OPAQUE:
        return f"versions like {scheme.default or 'these'!r} cannot be compared, so `{lifetime}` means nothing"
    since, until = read(lifetime.since, form), read(lifetime.until, form)
    for text, version in ((lifetime.since, since), (lifetime.until, until)):
        if text and version is None:
            return f"{text!r} is no {form.value} like {scheme.default}"
    if since is not None and until is not None and since > until:
        return f"it would begin with {since} and end with {until}"
    return ""
