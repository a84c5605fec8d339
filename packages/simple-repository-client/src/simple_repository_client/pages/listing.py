"""`ProjectList`: the names of all projects of an index."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final

from packaging.utils import canonicalize_name

from .findings import Finding

if TYPE_CHECKING:
    from clientsmith.core.versioning import ApiVersion

    from ..names import NormalizedName
    from .project import Serialization

__all__ = ["ProjectList"]

_UNKNOWN: Final = -1


class ProjectList(Collection[str]):
    """The projects of an index, in its order and spelling.

    A large index has more than 700,000. They are kept as a few long texts (one byte a letter) instead of objects, and
    a name is made when the iteration comes to it.

    Attributes:
        api_version: The version by which the list was read: 1.0 where it says none, the newest that this client
            understands where it says a newer minor one (PEP 629).
        said_version: What the list says about its version, None if nothing.
        serialization: The form that it came in.
        url: Where it came from, after redirects.
        last_serial: Number of the last change, of indexes that count them; None where it does not say.
        raw: All that the page says beside the projects, by the page's own names.
        findings: What was not as it should be. What is not the name of a project is left out, and is here.
    """

    def __init__(
        self,
        parts: Sequence[str],
        *,
        serials: array[int] | None = None,
        api_version: ApiVersion,
        said_version: str | None,
        serialization: Serialization,
        url: str,
        last_serial: int | None = None,
        raw: Mapping[str, object],
        findings: tuple[Finding, ...] = (),
    ) -> None:
        self._parts = tuple(parts)  # names with line feeds between them, a few thousand each
        self._serials = serials  # one for each name, or None if the page has none at all
        self._length = sum(part.count("\n") + 1 for part in self._parts)
        self.api_version, self.said_version = api_version, said_version
        self.serialization: Serialization = serialization
        self.url, self.last_serial, self.raw, self.findings = url, last_serial, raw, findings

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[str]:
        for part in self._parts:
            yield from part.split("\n")

    def __contains__(self, name: object) -> bool:
        """Whether there is such a project, in whatever spelling.

        The first question costs a tenth of a second in a large index, each one after it up to a few milliseconds. For
        thousands of questions make a set of `normalized`.
        """
        if not isinstance(name, str) or "\n" in name:
            return False
        return f"\n{canonicalize_name(name)}\n" in self._searchable

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ProjectList):
            return NotImplemented
        return list(self) == list(other) and self.api_version == other.api_version

    __hash__ = None  # type: ignore[assignment]  # as of a list

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {len(self)} projects, API {self.api_version} in {self.serialization}>"

    @cached_property
    def _searchable(self) -> str:
        # Normalizing touches no line feed, so that a few thousand names take as long as one.
        return "\n".join(("", *(canonicalize_name(part) for part in self._parts), ""))

    def normalized(self) -> Iterator[NormalizedName]:
        """Yield the names as they stand in the addresses of their pages (PEP 503)."""
        for part in self._parts:
            yield from canonicalize_name(part).split("\n")  # type: ignore[misc]  # parts of what is normalized are so

    def serials(self) -> Iterator[tuple[str, int | None]]:
        """Yield each name with the number of its last change, None where the index does not say.

        Mirrors compare them with their own to see what changed. PyPI's software tells them in JSON.
        """
        if self._serials is None:
            for name in self:
                yield name, None
        else:
            for name, serial in zip(self, self._serials, strict=True):
                yield name, None if serial == _UNKNOWN else serial
