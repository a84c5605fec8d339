"""What can go wrong between us and an index, on top of the errors of `clientsmith.core.errors`.

    HttpResponseError                       their answer
    ├── ResourceNotFoundError
    │   └── ProjectNotFoundError              404: the index does not have the project
    ├── ClientAuthenticationError             401: says which credential was sent, or what to pass
    └── ContentNegotiationError               300 or 406: the index has its pages in no form that we read
    ForeignPageError                        the index redirected to a page of another one
    UnreadablePageError                     an answer that is no page of an index (in `simple_repository_client.pages`)
    FileError                               one file, by its name
    ├── HashMismatchError                     its bytes are others than the index says
    ├── SizeMismatchError                     so many bytes it should not have
    ├── UnverifiableFileError                 the index gives no hash to check it by
    ├── UnsafeFileNameError                   its name is none that a file of a project has
    ├── ExistingFileError                     another file of its name is there (also a FileExistsError)
    ├── MetadataUnavailableError              the index does not give its metadata by itself
    └── ProvenanceUnavailableError            the index says nothing about where it comes from
    DownloadsFailedError                    some of many downloads failed (an ExceptionGroup)

Versions that we cannot read are `UnsupportedApiVersionError` and `MalformedVersionError` of
`clientsmith.core.versioning`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from clientsmith.core.errors import ClientsmithError, HttpResponseError, ResourceNotFoundError
from clientsmith.core.redaction import redact_url

if TYPE_CHECKING:
    from clientsmith.core.rest import HttpResponse

__all__ = [
    "ContentNegotiationError",
    "DownloadsFailedError",
    "ExistingFileError",
    "FileError",
    "ForeignPageError",
    "HashMismatchError",
    "MetadataUnavailableError",
    "ProjectNotFoundError",
    "ProvenanceUnavailableError",
    "SizeMismatchError",
    "UnsafeFileNameError",
    "UnverifiableFileError",
]


# --- answers ---------------------------------------------------------------------------------------------------------


class ProjectNotFoundError(ResourceNotFoundError):
    """The index does not have the project. One that it has without any file is a page with no files.

    Attributes:
        project: Its normalized name.
        index_url: Where it was looked for.
    """

    def __init__(self, project: str, index_url: str, *, response: HttpResponse) -> None:
        super().__init__(
            f"the index {index_url} has no project {project!r}; check the name, and whether the index is the right one",
            response=response,
        )
        self.project, self.index_url = project, index_url


class ContentNegotiationError(HttpResponseError):
    """The index has its pages in none of the forms that were asked for (PEP 691).

    Attributes:
        asked: The media types that were asked for.
        offered: The media types that the index says it has; empty if it does not say.
    """

    def __init__(self, asked: Sequence[str], offered: Sequence[str], *, response: HttpResponse) -> None:
        has = f"it offers {', '.join(offered)}" if offered else "it does not say which ones it offers"
        if response.status_code == 300 and any("v1+" in kind or kind == "text/html" for kind in offered):
            advice = (
                "it does not choose by itself (300, PEP 691 discourages it), so pass `serialization` to ask for one"
            )
        elif len(asked) < 3:
            advice = "leave `serialization` out, or choose the other one"
        elif offered:
            advice = "a newer version of this client may read them"
        else:
            advice = "check the index URL"
        super().__init__(
            f"the index has no page in {' or '.join(asked)}; {has}; {advice}",
            response=response,
        )
        self.asked, self.offered = tuple(asked), tuple(offered)


class ForeignPageError(ClientsmithError):
    """The index redirected to another origin, whose page would have been taken for its own. Nothing was asked there.

    Attributes:
        index_url: Which index was asked.
        url: Where it led, redacted.
        origin: The other origin, as ``page_origins`` takes it.
    """

    def __init__(self, index_url: str, url: str) -> None:
        super().__init__(index_url, redact_url(url))
        self.index_url, self.url = index_url, redact_url(url)
        parts = urlsplit(self.url)
        self.origin = f"{parts.scheme}://{parts.netloc}"

    def __str__(self) -> str:
        return (
            f"the index {self.index_url} redirected to {self.url}, and the page of that other place would be taken for "
            "this index's own (the index itself may not have the project); nothing was asked there. If that is to "
            f"be trusted like the index itself, pass page_origins=[{self.origin!r}]"
        )


# --- files -----------------------------------------------------------------------------------------------------------


class FileError(ClientsmithError):
    """Something is wrong with one file.

    Attributes:
        file_name: Its name as the index has it.
        url: Where it is, redacted.
    """

    def __init__(self, message: str, *, file_name: str, url: str = "") -> None:
        super().__init__(message)
        self.file_name, self.url = file_name, redact_url(url) if url else ""

    def __str__(self) -> str:
        return f"{shown(self.file_name)}: {self.args[0]}" + (f" ({self.url})" if self.url else "")


class HashMismatchError(FileError):
    """The bytes that came are not those that the index describes. They were removed.

    Attributes:
        algorithm: What was computed, ``sha256`` for example.
        expected, found: Of the index, and of the bytes, in hexadecimal digits.
    """

    def __init__(self, algorithm: str, expected: str, found: str, *, file_name: str, url: str = "") -> None:
        super().__init__(
            f"its {algorithm} is {found}, and the index says {expected}; what came was removed, for it was damaged on "
            "its way or replaced by somebody",
            file_name=file_name,
            url=url,
        )
        self.algorithm, self.expected, self.found = algorithm, expected, found


class SizeMismatchError(FileError):
    """More or fewer bytes came than the index says that the file has. They were removed.

    Attributes:
        expected: Of the index.
        found: Of what came; where too much came, when it was stopped.
    """

    def __init__(self, expected: int, found: int, *, file_name: str, url: str = "") -> None:
        came = f"more than {expected}" if found > expected else str(found)
        super().__init__(
            f"{came} bytes came, and the index says {expected}; what came was removed", file_name=file_name, url=url
        )
        self.expected, self.found = expected, found


class UnverifiableFileError(FileError):
    """The index gives no hash that says anything, so nobody could tell whether the file is the right one.

    Attributes:
        algorithms: The names of the hashes that it does give.
    """

    def __init__(self, why: str, algorithms: Sequence[str] = (), *, file_name: str, url: str = "") -> None:
        super().__init__(f"{why}; pass allow_unverified=True to take what comes", file_name=file_name, url=url)
        self.algorithms = tuple(algorithms)


class UnsafeFileNameError(FileError):
    """The index calls a file what no file of a project is called. Nothing was downloaded.

    Names come from the index, and a name chooses where a file goes: ``../../.profile`` is one, too.
    """

    def __init__(self, why: str, *, file_name: str, url: str = "") -> None:
        super().__init__(f"nothing is written under this name: {why}", file_name=file_name, url=url)


class ExistingFileError(FileError, FileExistsError):
    """A file of this name is there already, and is another one. It was left as it is.

    Attributes:
        path: The file.
    """

    def __init__(self, path: Path, why: str, *, file_name: str, url: str = "") -> None:
        super().__init__(
            f"{path} is there already and {why}; move it away, or download to another folder",
            file_name=file_name,
            url=url,
        )
        self.path = path


class MetadataUnavailableError(FileError):
    """The index does not give the metadata of the file by itself (PEP 658)."""


class ProvenanceUnavailableError(FileError):
    """The index does not say where the file comes from (PEP 740)."""


class DownloadsFailedError(ExceptionGroup[Exception]):
    """Some of many downloads failed; all the others are done. ``except*`` takes it apart by the kinds of its errors.

    Attributes:
        failed: The error of each file that is not there, by its name.
        done: Where the other files are, by their names.
    """

    failed: Mapping[str, Exception]
    done: Mapping[str, Path]

    @classmethod
    def of(cls, failed: Mapping[str, Exception], done: Mapping[str, Path]) -> Self:
        """Return the group of the errors of ``failed``."""
        names = ", ".join(map(shown, [*failed][:3])) + (", …" if len(failed) > 3 else "")
        count = f"{len(failed)} of {len(failed) + len(done)}"
        made = cls(f"{count} files were not downloaded: {names}", [*failed.values()])
        made.failed, made.done = dict(failed), dict(done)
        return made


def shown(name: str) -> str:
    """Return a name of the index as it may stand in a message: on one line, and not too long."""
    plain = "".join(c if c.isprintable() else "�" for c in name)
    return plain if len(plain) <= 120 else f"{plain[:119]}…"
