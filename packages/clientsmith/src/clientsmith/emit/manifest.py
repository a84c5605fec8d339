"""``clientsmith.manifest.json``: which files are ours, and what they held when we wrote them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from clientsmith.emit.errors import ManifestError

__all__ = ["FILE_NAME", "Manifest", "digest", "tie"]

FILE_NAME: Final = "clientsmith.manifest.json"
_FORMAT: Final = 1  # of the manifest itself


@dataclass(frozen=True, slots=True)
class Manifest:
    """The generated files of a package.

    Attributes:
        files: Path relative to the target, with forward slashes → SHA-256 of the content.
        generator: Version of clientsmith that wrote them.
        formatter: Version of ruff that laid them out.
        title: Title of the API.
        version: Version of the API.
        made: Path → what ties a formatted file to the text it was made from, see `tie`: the next generation need not
            check and format again what it would write in the same way.
    """

    files: Mapping[str, str]
    generator: str
    formatter: str
    title: str
    version: str
    made: Mapping[str, str] = field(default_factory=dict[str, str])

    def dump(self) -> bytes:
        """The manifest as bytes: sorted, without a time, so that equal input gives an equal file."""
        content = {
            "format": _FORMAT,
            "generator": {"clientsmith": self.generator, "ruff": self.formatter},
            "source": {"title": self.title, "version": self.version},
            "files": dict(sorted(self.files.items())),
            "made": dict(sorted(self.made.items())),
        }
        return (json.dumps(content, indent=2) + "\n").encode()

    @classmethod
    def load(cls, path: Path) -> Manifest:
        """Read a manifest.

        Raises:
            ManifestError: The file is not one that `dump` made.
        """
        try:
            content = json.loads(path.read_bytes())
            files, generator, source = content["files"], content["generator"], content["source"]
            if content["format"] != _FORMAT:
                raise ManifestError(path, f"format {content['format']!r} is not {_FORMAT}")
            made = content.get("made", {})  # the first manifests had none
            if not all(isinstance(item, str) for pair in (*files.items(), *made.items()) for item in pair):
                raise ManifestError(path, "`files` is not a table of paths and hashes")
            versions = (generator["clientsmith"], generator["ruff"], source["title"], source["version"])
            return cls(files, *versions, made)
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise ManifestError(path, str(error) or type(error).__name__) from error


def digest(content: bytes) -> str:
    """SHA-256, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def tie(rendered: bytes, formatted: str) -> str:
    """Return a short hash of a text as it was rendered and of the digest of the same text formatted.

    Whoever changes a generated file and its digest in the manifest breaks it, so that the file is made anew.
    """
    return hashlib.sha256(formatted.encode() + rendered).hexdigest()[:16]
