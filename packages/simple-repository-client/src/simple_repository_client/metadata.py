"""The metadata of a file, without the file (PEP 658, 714)."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from packaging.metadata import Metadata, RawMetadata, parse_email

from .download.hashes import Expected
from .errors import MetadataUnavailableError
from .pages import ProjectFile

__all__ = ["CoreMetadata", "metadata_of", "read_metadata"]


@dataclass(frozen=True, repr=False)
class CoreMetadata:
    """The core metadata of a file, as its authors wrote it.

    Attributes:
        file_name: Whose metadata it is.
        content: The bytes, as they came.
        source: Where they come from: ``index``, which gives them by themselves, or ``wheel``, the file itself.
        verified_by: The hash that they were checked by, ``sha256`` for example; "" where the index gives none, and for
            those of a wheel of which only a part was read.
    """

    file_name: str
    content: bytes = field(repr=False)
    source: Literal["index", "wheel"] = "index"
    verified_by: str = ""

    def __repr__(self) -> str:
        return f"<CoreMetadata of {self.file_name}>"

    @cached_property
    def raw(self) -> RawMetadata:
        """The fields as they were written, by the names of `packaging.metadata.RawMetadata`."""
        return self._read[0]

    @cached_property
    def unread(self) -> dict[str, list[str]]:
        """What could not be read, by the names of the fields."""
        return self._read[1]

    @cached_property
    def _read(self) -> tuple[RawMetadata, dict[str, list[str]]]:
        return parse_email(self.content)

    @cached_property
    def parsed(self) -> Metadata:
        """The fields as `packaging` reads them, each when it is asked for: a field that is wrong hurts nobody else.

        Raises:
            packaging.metadata.InvalidMetadata: By the attribute of a field that is wrong.
        """
        return Metadata.from_raw(self.raw, validate=False)

    def check(self) -> Metadata:
        """Return the fields, all of which are as the specification wants them.

        Raises:
            ExceptionGroup: Some are not; one `packaging.metadata.InvalidMetadata` for each.
        """
        return Metadata.from_email(self.content)


def read_metadata(file: ProjectFile, content: bytes, expected: Expected) -> CoreMetadata:
    """Return what a metadata file says.

    Raises:
        HashMismatchError: It is not the one that the index describes.
        MetadataUnavailableError: It is no metadata at all.
    """
    expected.check_bytes(content)
    return metadata_of(file, content, "index", expected.algorithm)


def metadata_of(
    file: ProjectFile, content: bytes, source: Literal["index", "wheel"], verified_by: str = ""
) -> CoreMetadata:
    """Return metadata that is as right as it can be.

    Raises:
        MetadataUnavailableError: It is no metadata at all.
    """
    found = CoreMetadata(file.filename, content, source, verified_by)
    if "name" not in found.raw or "version" not in found.raw:
        raise MetadataUnavailableError(
            f"what the {source} gives as its metadata is none, for it has no name and version; tell who made it",
            file_name=file.filename,
            url=file.url,
        )
    return found
