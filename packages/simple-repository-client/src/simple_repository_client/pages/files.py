"""`ProjectFile`: one file of a project."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from ..names import OLD_ENDINGS, FileKind, FileName, NormalizedName, read_file_name
from ._urls import has_user_info, is_web_url, with_suffix
from .findings import Finding, shown

if TYPE_CHECKING:
    from packaging.tags import Tag

__all__ = ["ProjectFile"]

_NOTHING: Final[Mapping[str, object]] = {}
_NO_HASHES: Final[Mapping[str, str]] = {}


@dataclass(frozen=True, repr=False)
class ProjectFile:
    """One file, as a project page tells of it. What the page does not tell is None or empty.

    Attributes:
        filename: As the index calls it, which may be anything: a path is made of it only by the download.
        url: Absolute, without a fragment.
        hashes: By the algorithm's name, as in `hashlib`; hexadecimal, in lower case.
        requires_python: Versions of Python that it is for, as text (PEP 345); None: any.
        core_metadata: Whether its metadata can be got without it (PEP 658): True, False, the hashes of the metadata, or
            None where the page does not say.
        gpg_sig: Whether there is a signature beside it; None where the page does not say.
        yanked: Taken back (PEP 592): to be used only by who asks for exactly this version.
        yanked_reason: In the words of who did it, "" if nothing was said.
        size: In bytes (PEP 700; JSON only).
        upload_time: In UTC (PEP 700; JSON only).
        provenance: URL of its attestations (PEP 740).
        project: Whose page it stood on.
        raw: All that the page says of it, by the page's own names: what this client does not know is here. In HTML the
            attributes of the link.
        notes: What in the page was not as it should be. `findings` has what is wrong with the values too.
    """

    filename: str
    url: str
    hashes: Mapping[str, str] = field(default_factory=lambda: _NO_HASHES, hash=False)
    requires_python: str | None = None
    core_metadata: Mapping[str, str] | bool | None = field(default=None, hash=False)
    gpg_sig: bool | None = None
    yanked: bool = False
    yanked_reason: str = ""
    size: int | None = None
    upload_time: datetime | None = None
    provenance: str | None = None
    project: NormalizedName | None = None
    raw: Mapping[str, object] = field(default_factory=lambda: _NOTHING, compare=False)
    notes: tuple[Finding, ...] = field(default=(), compare=False)

    def __repr__(self) -> str:
        # No URL: the ones of private indexes may be signed, or have a password in them.
        return f"{type(self).__name__}({self.filename!r})"

    # --- what its name tells ---

    @cached_property
    def name_parts(self) -> FileName:
        """What the file name tells."""
        return read_file_name(self.filename, self.project)

    @property
    def kind(self) -> FileKind:
        """Wheel, sdist or something else."""
        return self.name_parts.kind

    @property
    def version(self) -> Version | None:
        """The version of the project that it is of; None where the name does not tell, or tells of another project."""
        parts = self.name_parts
        return parts.version if self.project is None or parts.project == self.project else None

    @property
    def tags(self) -> frozenset[Tag]:
        """What a wheel runs on, to be compared with `packaging.tags.sys_tags`; empty for all else."""
        return self.name_parts.tags

    # --- what it is for ---

    @property
    def python_specifier(self) -> SpecifierSet | None:
        """`requires_python` to be asked; None if there is none, or if it cannot be read."""
        return None if self.requires_python is None else _specifier(self.requires_python)

    def supports_python(self, version: str | Version) -> bool:
        """Whether it is for a version of Python: ``3.12.1``.

        A requirement that cannot be read forbids nothing: there are old files with such, and installers take them.

        Raises:
            packaging.version.InvalidVersion: ``version`` is none.
        """
        wanted = Version(version) if isinstance(version, str) else version
        specifier = self.python_specifier
        return specifier is None or specifier.contains(wanted, prereleases=True)

    # --- what is beside it ---

    @property
    def has_metadata(self) -> bool:
        """Whether the page says that the metadata can be got without the file (PEP 658)."""
        return self.core_metadata is not None and self.core_metadata is not False

    @property
    def metadata_url(self) -> str | None:
        """Where the metadata is, None if the page does not say that there is any."""
        return with_suffix(self.url, ".metadata") if self.has_metadata else None

    @property
    def metadata_hashes(self) -> Mapping[str, str]:
        """What the metadata has to hash to, as `hashes`; empty where the page does not say."""
        return {} if self.core_metadata is None or isinstance(self.core_metadata, bool) else self.core_metadata

    @property
    def signature_url(self) -> str | None:
        """Where the signature is, None if the page does not say that there is one."""
        return with_suffix(self.url, ".asc") if self.gpg_sig else None

    # --- what is wrong with it ---

    @property
    def obstacle(self) -> str:
        """Why it must not be downloaded, "" if nothing speaks against it. A yanked file can be downloaded."""
        if is_web_url(self.url):
            return ""
        if has_user_info(self.url):  # not shown: it may be a password
            return "its URL has a user name in it, and who is calling is not for a page to say"
        return f"its URL is {shown(self.url)}, and only http and https are followed"

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """All that is not as it should be."""
        found = list(self.notes)
        if obstacle := self.obstacle:
            found.append(Finding(self.filename, f"{obstacle}; it is listed, and never downloaded", "PEP 503"))
        if self.requires_python is not None and self.python_specifier is None:
            what = f"requires-python is {shown(self.requires_python)}, which cannot be read; it forbids nothing"
            found.append(Finding(self.filename, what, "PEP 440"))
        if self.version is None and not self.filename.lower().endswith(OLD_ENDINGS):
            what = f"its name tells no version of {self.project or 'a project'}"
            found.append(Finding(self.filename, what, "PEP 427"))
        return tuple(found)


# The longest on the largest index have 150 characters. In what is longer Python may not be able to read a number, and
# to hold a version against it takes as long as it wants.
_LONGEST_SPECIFIER: Final = 1000


@lru_cache(maxsize=1024)  # the thousands of files of a project share a handful
def _specifier(text: str) -> SpecifierSet | None:
    if len(text) > _LONGEST_SPECIFIER:
        return None
    try:
        return SpecifierSet(text)
    except InvalidSpecifier:
        return None
