"""`ProjectPage`: the files of one project."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final, Generic, Literal, TypeVar, cast, overload

from packaging.version import Version

from .files import ProjectFile
from .findings import Finding, shown
from .status import ProjectStatus

if TYPE_CHECKING:
    from clientsmith.core.versioning import ApiVersion

    from ..names import NormalizedName

__all__ = ["FileList", "ProjectPage", "Serialization"]

Serialization = Literal["json", "html"]
RawT = TypeVar("RawT")

_NOTHING: Final[Mapping[str, object]] = {}


class FileList(Sequence[ProjectFile], Generic[RawT]):
    """The files of a page. Each is made when it is first looked at: most programs look at a few of thousands."""

    __slots__ = ("_files", "_make", "_raw")

    def __init__(self, raw: Sequence[RawT], make: Callable[[RawT], ProjectFile]) -> None:
        self._raw, self._make = raw, make
        self._files: list[ProjectFile | None] = [None] * len(raw)

    def __len__(self) -> int:
        return len(self._raw)

    @overload
    def __getitem__(self, index: int) -> ProjectFile: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[ProjectFile]: ...
    def __getitem__(self, index: int | slice) -> ProjectFile | Sequence[ProjectFile]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self._raw)))]
        found = self._files[index]
        if found is None:
            # Two threads may both make it: they make equal ones.
            found = self._files[index] = self._make(self._raw[index])
        return found

    def __iter__(self) -> Iterator[ProjectFile]:
        for place in range(len(self._raw)):
            yield self[place]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or isinstance(other, str | bytes):
            return NotImplemented
        return list(self) == list(cast("Sequence[object]", other))

    __hash__ = None  # type: ignore[assignment]  # as of a list

    def __repr__(self) -> str:
        return f"<{len(self)} files>"


@dataclass(frozen=True, kw_only=True, repr=False)
class ProjectPage:
    """One project as an index tells of it.

    Attributes:
        name: Normalized (PEP 503).
        files: In the order of the page; made when looked at.
        api_version: The version by which the page was read: 1.0 where it says none, the newest that this client
            understands where it says a newer minor one (PEP 629).
        said_version: What the page says about its version, None if nothing.
        serialization: The form that it came in.
        url: Where it came from, after redirects.
        status: What the project is to its users (PEP 792), ``active`` where the page does not say. A word that this
            client does not know stands here as it is.
        status_reason: In the words of who gave it this status, "" if nothing was said.
        said_versions: The versions as the page lists them (PEP 700; JSON only), None if it does not.
        tracks, alternate_locations: URLs of the same project elsewhere (PEP 708). The PEP was rejected: they are here
            to be seen, nothing in this client relies on them.
        last_serial: Number of the last change, of indexes that count them; None where it does not say.
        raw: All that the page says beside the files, by the page's own names: what this client does not know is here.
            In HTML, the ``pypi:`` metas, each with the list of its values.
        notes: What in the page was not as it should be. `findings` has what is wrong with the files too.
    """

    name: NormalizedName
    files: Sequence[ProjectFile]
    api_version: ApiVersion
    said_version: str | None = None
    serialization: Serialization
    url: str
    status: ProjectStatus | str = ProjectStatus.ACTIVE
    status_reason: str = ""
    said_versions: tuple[str, ...] | None = None
    tracks: tuple[str, ...] = ()
    alternate_locations: tuple[str, ...] = ()
    last_serial: int | None = None
    raw: Mapping[str, object] = field(default_factory=lambda: _NOTHING, compare=False)
    notes: tuple[Finding, ...] = field(default=(), compare=False)

    def __repr__(self) -> str:
        what = f"{len(self.files)} files, API {self.api_version} in {self.serialization}"
        return f"<{type(self).__name__} {self.name}: {what}>"

    @property
    def private(self) -> Mapping[str, object]:
        """What an index says for itself: keys of ``meta`` that begin with ``_`` (PEP 691), and of the page."""
        meta = self.raw.get("meta")
        both = {**self.raw, **(cast("Mapping[str, object]", meta) if isinstance(meta, Mapping) else {})}
        return {name: value for name, value in both.items() if name.startswith("_")}

    @cached_property
    def versions(self) -> tuple[Version, ...]:
        """All versions that can be read, oldest first.

        Those that the page lists; where it lists none (HTML, and JSON before 1.1), those in the names of the files. A
        version of which all files are gone stands only in the first.
        """
        if self.said_versions is None:
            return tuple(sorted({file.version for file in self.files if file.version is not None}))
        return tuple(sorted({version for text in self.said_versions if (version := _version(text)) is not None}))

    def files_of(self, version: Version | str) -> tuple[ProjectFile, ...]:
        """Return the files of one version; 1.0 and 1.0.0 are the same.

        Raises:
            packaging.version.InvalidVersion: ``version`` is none.
        """
        wanted = Version(version) if isinstance(version, str) else version
        return tuple(file for file in self.files if file.version == wanted)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """All that is not as it should be; every file is looked at."""
        found = [*self.notes]
        if self.status == ProjectStatus.QUARANTINED and self.files:
            what = f"the project is quarantined, and {len(self.files)} files are offered nevertheless"
            found.append(Finding("files", what, "PEP 792"))
        unreadable = (text for text in self.said_versions or () if _version(text) is None)
        found.extend(Finding("versions", f"{shown(text)} is not a version; left out", "PEP 440") for text in unreadable)
        names: set[str] = set()
        for file in self.files:
            found.extend(file.findings)
            if file.filename in names:
                found.append(Finding(file.filename, "is listed more than once", "PEP 503"))
            names.add(file.filename)
        return tuple(found)


def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except ValueError:  # InvalidVersion is one, and a number of thousands of digits, which Python does not read
        return None
