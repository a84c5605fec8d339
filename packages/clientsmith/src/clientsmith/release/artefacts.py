"""Wheel and sdist of a release: built twice, in different places, and the same to the last byte.

What is built is a commit and not the working tree, dated with the time of the commit (SOURCE_DATE_EPOCH). Then the
wheel is built once more, from the sdist: who builds it elsewhere gets what everybody has.
"""

from __future__ import annotations

import gzip
import io
import shutil
import tarfile
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from clientsmith.findings import Finding, InputError
from clientsmith.workspace import git, read_member
from clientsmith.workspace.building import build

from .contents import check_contents, contents_by_name, read_sdist, read_wheel
from .plan import PackagePlan

__all__ = ["build_release", "check_release", "hash_of", "redate"]


def hash_of(path: Path) -> str:
    """Return the SHA-256 of a file, hexadecimal."""
    return sha256(path.read_bytes()).hexdigest()


def build_release(top: Path, commit: str, package: PackagePlan, into: Path) -> dict[str, str]:
    """Build wheel and sdist of a package as a commit has it, into a folder; return their hashes by name.

    Raises:
        InputError: It cannot be built, or not twice alike, or the sdist does not build the same wheel.
    """
    epoch = git.commit_time(top, commit)
    with TemporaryDirectory(prefix="clientsmith-build-") as folder:
        room = Path(folder)
        # Of different depth, so that a path that gets into an archive differs.
        first = _built(top, commit, package, room / "a", epoch)
        second = _built(top, commit, package, room / "again" / "elsewhere", epoch)
        if first[1].read_bytes() != second[1].read_bytes():
            # setuptools dates what it writes into an sdist with the time of day.
            for sdist in (first[1], second[1]):
                redate(sdist, epoch)
        for one, other in zip(first, second, strict=True):
            _same(one, other, f"{one.name} is not reproducible: built twice of {commit[:12]}, its bytes differ")
        wheel, sdist = first
        again = _wheel_of(sdist, room / "from-sdist", epoch)
        _same(wheel, again, f"the sdist {sdist.name} builds another wheel than {wheel.name}")
        shutil.rmtree(into, ignore_errors=True)
        into.mkdir(parents=True)
        return {path.name: hash_of(Path(shutil.move(path, into / path.name))) for path in first}


def check_release(top: Path, commit: str, package: PackagePlan, files: Iterable[Path]) -> list[Finding]:
    """Return what is wrong with the files of a release: metadata, licence, README, packages, strays."""
    by_kind = {path.suffix: path for path in files}
    with TemporaryDirectory(prefix="clientsmith-check-") as folder:
        member = read_member(git.export(top, commit, Path(folder), package.folder))
        return check_contents(
            read_wheel(by_kind[".whl"]),
            read_sdist(by_kind[".gz"]),
            name=package.name,
            version=package.new,
            import_packages=member.import_packages,
            typed=any(member.source.rglob("py.typed")),
        )


def _built(top: Path, commit: str, package: PackagePlan, room: Path, epoch: int) -> list[Path]:
    git.export(top, commit, room / "tree")
    return build(room / "tree" / package.folder, room / "dist", epoch=epoch)


def _wheel_of(sdist: Path, room: Path, epoch: int) -> Path:
    with tarfile.open(sdist) as archive:
        archive.extractall(room, filter="data")
    return build(room / sdist.name.removesuffix(".tar.gz"), room / "dist", ("wheel",), epoch=epoch)[0]


def redate(sdist: Path, epoch: int) -> None:
    """Pack an sdist again, with all of it dated alike and owned by nobody; what is in it and its order stay."""
    packed = io.BytesIO()
    with (
        tarfile.open(sdist) as old,
        gzip.GzipFile("", "wb", fileobj=packed, mtime=epoch) as compressed,
        tarfile.open(fileobj=compressed, mode="w", format=tarfile.PAX_FORMAT) as new,
    ):
        for entry in old:
            entry.mtime, entry.uid, entry.gid, entry.uname, entry.gname = epoch, 0, 0, "", ""
            entry.pax_headers = {}
            new.addfile(entry, old.extractfile(entry) if entry.isreg() else None)
    sdist.write_bytes(packed.getvalue())


def _same(one: Path, other: Path, otherwise: str) -> None:
    if one.read_bytes() == other.read_bytes():
        return
    raise InputError(
        f"{otherwise}{_difference(one, other)}",
        "look for times, paths of the machine, unordered sets and generated files in the build",
    )


def _difference(one: Path, other: Path) -> str:
    """Return in which of its files a wheel differs from another, as the end of a sentence."""
    if one.suffix != ".whl":
        return ""
    ours, theirs = contents_by_name(one), contents_by_name(other)
    differing = sorted(name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name))
    told = [name for name in differing if not name.endswith("/RECORD")] or differing
    return f" ({', '.join(told[:3])})" if told else " (only in times or order)"
