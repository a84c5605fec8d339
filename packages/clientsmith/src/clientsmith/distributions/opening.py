"""`opened`: what a user wrote becomes a distribution at hand, for as long as it is needed."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from clientsmith.core.redaction import redact_url
from clientsmith.findings import InputError

from .archives import unpack
from .describing import describe
from .distribution import Distribution, Kind
from .references import AtRevision, InFile, InFolder, InRepository, OnIndex, read_reference, revision_of_document
from .releases import download
from .revisions import export, fetch

__all__ = ["opened", "opened_document"]


@contextmanager
def opened(reference: str, *, index: str = "", inside: Path | None = None) -> Generator[Distribution]:
    """Make a package readable: unpack, export or download it into a temporary folder, which goes away at the end.

    Args:
        reference: A folder, a wheel, an sdist; ``REVISION:path`` (from the root of the repository around the current
            folder) or ``path@REVISION``; ``git+https://…@REVISION#subdirectory=…``; ``name==version``, or ``name`` for
            the newest.
        index: URL of the index that has the version; if it is "", ``CLIENTSMITH_INDEX_URL`` has to name it.
        inside: The folder to make the temporary folder in.

    Raises:
        InputError: Where it leads to no package; the message says why, the hint what to do.
    """
    meant = read_reference(reference)
    shown = redact_url(reference) if "://" in reference else reference
    with ExitStack() as stack:

        def room() -> Path:
            folder = stack.enter_context(
                TemporaryDirectory(prefix="clientsmith-", dir=inside, ignore_cleanup_errors=True)
            )
            return Path(folder)

        match meant:
            case InFolder(path):
                yield describe(path, shown, Kind.FOLDER)
            case InFile(path):
                kind = Kind.WHEEL if meant.is_wheel else Kind.SDIST
                yield describe(unpack(path, room() / "unpacked"), shown, kind)
            case AtRevision():
                yield describe(export(meant, room()), shown, Kind.REVISION)
            case InRepository():
                yield describe(fetch(meant, room()), shown, Kind.REVISION)
            case OnIndex():
                folder = room()
                file = download(meant, index, folder / "files")
                found = describe(unpack(file.path, folder / "unpacked"), shown, Kind.RELEASE)
                yield replace(found, notes=(*file.notes, *found.notes))


@contextmanager
def opened_document(reference: str) -> Generator[str]:
    """Make an API description readable as `generate` reads it: one of a git revision becomes a file for a while.

    Raises:
        InputError: There is no such revision, or no such file in it.
    """
    at = revision_of_document(reference)
    if at is None:
        yield reference
        return
    with TemporaryDirectory(prefix="clientsmith-", ignore_cleanup_errors=True) as folder:
        # Its neighbours come, too: references may lead to them.
        document = PurePosixPath(at.path)
        path = export(replace(at, path=str(document.parent)), Path(folder)) / document.name
        if not path.is_file():
            raise InputError(f"cannot read {reference!r}: it is no file at that revision")
        yield str(path)
