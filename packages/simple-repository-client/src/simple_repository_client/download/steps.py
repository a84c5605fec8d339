"""One file on its way to a folder, as steps without I/O.

Rules:

- Its name has to be a plain one (`file_names`), and its hash one that says something (`hashes`), or nothing is sent.
- What is there already under the name: the same file is taken as it is, another one is an error and stays.
- Bytes go into a hidden file beside the place. It is kept when the road breaks off, gone on with by the next call
  (``Range``, on condition that the entity tag is the same), checked as a whole, written to the disk for good, and only
  then gets the name; so under the name there is never anything but the file that the index describes.
- The bytes are those that the server has, whatever it says that they are compressed with: some say ``gzip`` of every
  file that ends in ``.gz``, and the hash is that of the file.
- Where bytes of an earlier call were gone on with and the whole is wrong, they may be what is wrong: once, it is begun
  anew. Wrong bytes are removed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from clientsmith.core.errors import ClientsmithError
from clientsmith.core.pipeline import Steps
from clientsmith.core.rest import HttpRequest, HttpResponse
from clientsmith.core.streaming.downloads import ByteSteps, Progress
from clientsmith.core.streaming.saving import save
from clientsmith.core.streaming.source import Blocking, Source

from ..addresses import check_address
from ..errors import ExistingFileError, HashMismatchError, SizeMismatchError
from ..pages import ProjectFile
from .file_names import place_for
from .hashes import Expected, Verification, expected_of

if TYPE_CHECKING:
    import os

    from clientsmith.core._origin import Access
    from clientsmith.core.settings import Settings

    from ..index import Index

__all__ = ["FileProgress", "GetFile", "Plan", "download", "plan_for"]

FileProgress: TypeAlias = Callable[[ProjectFile, int, "int | None"], object]
"""Called with a file, its bytes so far and how many there will be, None if nobody says."""


class Plan(NamedTuple):
    """A file, where it goes, and what it is checked by."""

    file: ProjectFile
    path: Path
    expected: Expected


def plan_for(file: ProjectFile, folder: str | os.PathLike[str], *, allow_unverified: bool) -> Plan:
    """Return what is to be done for a file; nothing is sent, and nothing looked at but links in the folder.

    Raises:
        UnsafeFileNameError: It must not be written under its name.
        FileError: Its address is none of the web.
        UnverifiableFileError: Nobody could tell whether it is the right one.
    """
    path = place_for(Path(folder).absolute(), file.filename, file.url)
    check_address(file)
    expected = expected_of(file.filename, file.url, file.hashes, file.size, allow_unverified=allow_unverified)
    return Plan(file, path, expected)


def download(index: Index, plan: Plan, progress: Progress | None, options: Mapping[str, Any]) -> Steps[Path]:
    """Bring a file to its place, and return that.

    Raises:
        HashMismatchError, SizeMismatchError: It is not the file that the index describes.
        ExistingFileError: Another file is there.
        HttpResponseError, TransportError: It did not come.
        OSError: It cannot be written.
    """
    index.check_road(plan.file.url)
    settings = index.core.table.for_call(options)
    try:
        if (yield from Blocking(partial(_is_there, plan))):
            return _done(plan, progress)
        try:
            yield from _fetch(index, plan, progress, settings)
        except FileExistsError:  # somebody else was quicker
            if not (yield from Blocking(partial(_is_there, plan))):
                raise
            return _done(plan, progress)
    except OSError as error:
        if error.filename is None and not isinstance(error, ClientsmithError):  # a full disk does not say where it is
            error.filename = str(plan.path)
        raise
    return plan.path


def _is_there(plan: Plan) -> bool:
    """Whether the file is in its place; make the folder if it is not there.

    Raises:
        ExistingFileError: Another one is there.
    """
    path, expected = plan.path, plan.expected
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        return False
    if path.is_file() and expected.fits(path):
        return True
    why = "is another file" if expected.algorithm else "cannot be compared, for the index gives no hash"
    raise ExistingFileError(
        path, why if path.is_file() else "is no file", file_name=plan.file.filename, url=plan.file.url
    )


def _done(plan: Plan, progress: Progress | None) -> Path:
    if progress is not None:
        size = plan.path.stat().st_size
        progress(size, size)
    return plan.path


def _fetch(index: Index, plan: Plan, progress: Progress | None, settings: Settings) -> Steps[None]:
    operation = GetFile(index, plan.file.url)
    while True:
        body = ByteSteps(Source(index.core, operation, {}, None, settings, as_stored=True))
        check = Verification(plan.expected)
        try:
            yield from save(body, plan.path, progress, resume=True, check=check, overwrite=False)
        except (HashMismatchError, SizeMismatchError):
            if not body.resumed_at:
                raise
        else:
            return


class GetFile:
    """The request for a file, as streams want it."""

    method = "GET"
    path = "/{project}/{file}"
    access: Access | None = None

    def __init__(self, index: Index, url: str) -> None:
        self._index, self._url = index, url

    def request(self, arguments: Mapping[str, Any], body: Any = None) -> HttpRequest:
        """Return the request."""
        return HttpRequest("GET", self._url, headers={"Accept": "*/*"})

    def raise_for_error(self, response: HttpResponse) -> None:
        """Raise the error that an answer is."""
        self._index.raise_for_error(response)
