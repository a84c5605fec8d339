"""Wheels, sdists and tarballs of git, unpacked so that they get no more than the folder they are put into.

Rules: no path leads out of the folder, links and devices are left out, and size and count have bounds. Python's own
filter for tar files knows the first, and lets links be; zip files have no filter at all.
"""

from __future__ import annotations

import shutil
import stat
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Final

from clientsmith.findings import InputError

__all__ = ["unpack", "unpack_tar"]

# The largest sdist that we have met (with its test data) unpacks to 500 MB and 20,000 files.
_MOST_BYTES: Final = 2 * 1024**3
_MOST_FILES: Final = 200_000


@dataclass(slots=True)
class _Budget:
    """What may still be unpacked."""

    name: str
    bytes_left: int = _MOST_BYTES
    files_left: int = _MOST_FILES

    def take(self, size: int) -> None:
        self.bytes_left -= size
        self.files_left -= 1
        if self.bytes_left < 0 or self.files_left < 0:
            raise InputError(
                f"cannot unpack {self.name!r}: it has more than {_MOST_FILES:,} files or {_MOST_BYTES // 1024**3} GiB",
                "unpack it yourself, and give the folder",
            )


def unpack(archive: Path, into: Path) -> Path:
    """Unpack a wheel (or zip file) or an sdist, and return the folder where it begins: of an sdist its one top folder.

    Raises:
        InputError: It is no archive, is broken, or wants out of the folder.
    """
    into.mkdir(parents=True, exist_ok=True)
    try:
        if archive.name.endswith((".whl", ".zip")):
            with zipfile.ZipFile(archive) as zipped:
                _unzip(zipped, into, archive.name)
        else:
            with archive.open("rb") as file:
                unpack_tar(file, into, archive.name)
    except (
        zipfile.BadZipFile,
        tarfile.TarError,
        EOFError,
        OSError,
        ValueError,
        RuntimeError,
        NotImplementedError,
    ) as problem:
        kind = "a wheel" if archive.suffix == ".whl" else "an sdist"
        raise InputError(f"cannot unpack {str(archive)!r}: {problem}", f"is it {kind}, and all of it?") from problem
    return into if archive.suffix == ".whl" else _top(into)


def unpack_tar(file: IO[bytes], into: Path, name: str) -> None:
    """Unpack a tar file, compressed or not, that is read once from its beginning to its end.

    Raises:
        InputError: It wants out of the folder, or is too large.
        tarfile.TarError: It is none.
    """
    budget = _Budget(name)
    with tarfile.open(fileobj=file, mode="r|*") as tar:
        for member in tar:
            place = _place(into, member.name, name)
            if member.isdir():
                place.mkdir(parents=True, exist_ok=True)
                continue
            if not member.isfile():  # links, devices: nothing that an API could be in
                continue
            budget.take(member.size)
            content = tar.extractfile(member)
            if content is not None:
                _write(content, place)


def _unzip(zipped: zipfile.ZipFile, into: Path, name: str) -> None:
    budget = _Budget(name)
    for info in zipped.infolist():
        place = _place(into, info.filename, name)
        if info.is_dir():
            place.mkdir(parents=True, exist_ok=True)
            continue
        if stat.S_ISLNK(info.external_attr >> 16):
            continue
        budget.take(info.file_size)  # zipfile stops at the size that is written there
        with zipped.open(info) as content:
            _write(content, place)


def _place(into: Path, member: str, name: str) -> Path:
    parts = PurePosixPath(member.replace("\\", "/")).parts
    if not parts or parts[0] == "/" or ".." in parts or ":" in parts[0] or "\0" in member:
        if parts in ((), (".",)):
            return into
        hint = "do not use this file; tell who gave it to you"
        raise InputError(f"cannot unpack {name!r}: {member!r} would be outside its folder", hint)
    return into.joinpath(*parts)


def _write(content: IO[bytes], place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("wb") as target:
        shutil.copyfileobj(content, target)


def _top(into: Path) -> Path:
    entries: Iterator[Path] = into.iterdir()
    folders = [entry for entry in entries if entry.is_dir()]
    return folders[0] if len(folders) == 1 and not any(entry.is_file() for entry in into.iterdir()) else into
