"""`SimpleRepositoryClient`: an index, asked by a sync program. Its twin is in `simple_repository_client.aio`."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Final, Self

from clientsmith.core import ServiceClient
from clientsmith.core.versioning.schemes import simple_api

from ._construction import AUTHENTICATION, PACKAGE, parts_of
from .addresses import url_from
from .content_negotiation import accept_for
from .index import Index

if TYPE_CHECKING:
    from typing import Unpack

    from clientsmith.core.credentials import BasicCredential, KeyCredential, LookedUpCredential, TokenCredential
    from clientsmith.core.policies.caching import CachingPolicy
    from clientsmith.core.settings import CallOptions, ClientOptions
    from clientsmith.core.streaming.downloads import Progress
    from clientsmith.core.transport.base import Transport
    from clientsmith.core.versioning import Scheme

    from .cache import DiskCache
    from .download.batch import Batch
    from .download.steps import FileProgress
    from .metadata import CoreMetadata
    from .pages import ProjectFile, ProjectList, ProjectPage
    from .pages.project import Serialization
    from .provenance import Provenance

    Credential = BasicCredential | KeyCredential | TokenCredential | LookedUpCredential

__all__ = ["SimpleRepositoryClient"]

# After an interruption: enough to put away what is here, and not more than a person waits who wants it to end.
_GRACE_SECONDS: Final = 1.0


class SimpleRepositoryClient(ServiceClient):
    """A client for one index that speaks the Simple API, in JSON or HTML (PEP 503, 691 and their kin).

        with SimpleRepositoryClient("https://index.example.org/simple/") as client:
            page = client.get_project("requests")
            client.download(page.files[-1], "downloads")

    Every answer is judged by the version that it says (PEP 629): a newer major version is an error, a newer minor
    version a `NewerApiVersionWarning`, told once.

    Args:
        index_url: Of the list of projects; it often ends in ``/simple/``. A user name and a password in it become the
            credential, and are shown nowhere. No index is the default.
        credential: Who is calling: a `BasicCredential`, also `api_token`; a `KeyCredential` or a `TokenCredential`,
            which send a bearer token; a `NetrcCredential` or a `KeyringCredential`. It goes to the index's own origin
            only.
        page_origins: Other origins whose pages are taken for this index's when it redirects there:
            ``https://mirror.example.org``. By default none is, and nothing is asked there.
        cache: Where answers are kept for the next time: a `DiskCache`, or a `CachingPolicy` for memory. None: nowhere.
        serialization: ``"json"`` or ``"html"`` to insist on one; None takes the best that the index has.
        api_version: How versions are judged; ``simple_api(malformed="warn")`` is the lenient way.
        transport: See `clientsmith.core.ServiceClient`.
        **options: Settings of all calls: ``timeout``, ``max_retries``, ``verify``, ``proxy``, … With
            ``credential_origins=["https://files.example.org"]`` another origin may see the credential, too: where an
            index has its files elsewhere, and they are not public.

    Raises:
        UsageError: The index URL is none, a credential is given twice, an origin is none.
        CredentialError: The credential is of a kind that indexes do not take.
        InsecureTransportError: A credential for plain http on another machine.
    """

    _index: Index

    def __init__(
        self,
        index_url: str,
        credential: Credential | None = None,
        *,
        page_origins: Sequence[str] = (),
        cache: DiskCache | CachingPolicy | None = None,
        serialization: Serialization | None = None,
        api_version: Scheme | None = None,
        transport: Transport | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        accept_for(serialization)
        parts = parts_of(index_url, credential, page_origins, cache, options)
        super().__init__(
            parts.url,
            parts.credential,
            authentication=AUTHENTICATION,
            api_version=api_version or simple_api(),
            package=PACKAGE,
            transport=transport,
            settings=parts.settings,
        )
        self.__dict__["_index"] = Index(self._core, parts, serialization)

    @classmethod
    def from_environment(
        cls,
        credential: Credential | None = None,
        *,
        environment: Mapping[str, str] | None = None,
        page_origins: Sequence[str] = (),
        cache: DiskCache | CachingPolicy | None = None,
        serialization: Serialization | None = None,
        api_version: Scheme | None = None,
        transport: Transport | None = None,
        **options: Unpack[ClientOptions],
    ) -> Self:
        """Return a client for the index that the environment names.

        That is the first of ``SIMPLE_REPOSITORY_INDEX_URL``, ``UV_DEFAULT_INDEX``, ``UV_INDEX_URL`` and
        ``PIP_INDEX_URL`` that is set. Arguments as for the constructor; ``environment`` is that of the process unless
        another one is given.

        Raises:
            UsageError: None of them is set; and what the constructor raises.
        """
        return cls(
            url_from(environment),
            credential,
            page_origins=page_origins,
            cache=cache,
            serialization=serialization,
            api_version=api_version,
            transport=transport,
            **options,
        )

    @property
    def index_url(self) -> str:
        """The URL of the index, without user and password, with a slash at its end."""
        return self._index.url

    # --- pages ---

    def list_projects(self, **options: Unpack[CallOptions]) -> ProjectList:
        """Return the names of all projects. They are made as they are looked at: a large index has 700,000.

        Raises:
            ApiVersionError: The list is of a version that cannot be read, or says one that is none.
            ContentNegotiationError: The index has the list in none of the forms asked for.
            ForeignPageError: It redirected to another origin.
            UnreadablePageError: The answer is no list of projects.
            HttpResponseError: The index refused.
            TransportError: There was no answer.
        """
        return self._run(self._index.projects(options))

    def get_project(self, name: str, **options: Unpack[CallOptions]) -> ProjectPage:
        """Return a project with its files, which are none for a project that is registered and empty.

        Args:
            name: In any spelling (PEP 503).
            **options: Settings of this call.

        Raises:
            ProjectNotFoundError: The index has no such project.
            ArgumentError: The name is none that a project can have.
            Errors as `list_projects`.
        """
        return self._run(self._index.project(name, options))

    # --- what stands beside a file ---

    def get_metadata(
        self, file: ProjectFile, *, from_wheel: bool = False, **options: Unpack[CallOptions]
    ) -> CoreMetadata:
        """Return the metadata of a file, which is not downloaded for it (PEP 658).

        Args:
            file: Of a page.
            from_wheel: Whether to read it from the wheel where the index does not give it by itself: a few KiB at its
                end are asked for. No hash covers them; ``verified_by`` is "" then.
            **options: Settings of this call.

        Raises:
            MetadataUnavailableError: The index does not give it; see ``file.has_metadata``.
            HashMismatchError: What came is not what the index describes.
            HttpResponseError: The index refused.
            TransportError: There was no answer.
        """
        return self._run(self._index.metadata(file, options, from_wheel=from_wheel))

    def get_provenance(self, file: ProjectFile, **options: Unpack[CallOptions]) -> Provenance:
        """Return what the index says about where a file comes from (PEP 740). Signatures are not checked.

        Raises:
            ProvenanceUnavailableError: It says nothing; see ``file.provenance``.
            UnsupportedApiVersionError: It says it in a way that is not known here.
            HttpResponseError: The index refused.
            TransportError: There was no answer.
        """
        return self._run(self._index.provenance(file, options))

    # --- files ---

    def download(
        self,
        file: ProjectFile,
        folder: str | os.PathLike[str],
        *,
        progress: Progress | None = None,
        allow_unverified: bool = False,
        **options: Unpack[CallOptions],
    ) -> Path:
        """Download a file into a folder, checked by the strongest hash that the index gives, and return its place.

        Under its name there is nothing before all of it is there and right. A download that broke off is gone on with
        by the next call; a file that is there already is not downloaded again.

        Args:
            file: Of a page.
            folder: Where to; it is made if it is not there.
            progress: Called with the bytes so far and with how many there will be, None if nobody says.
            allow_unverified: Whether to take a file for which the index gives no hash, or a weak one.
            **options: Settings of this call; ``timeout`` counts until the first byte.

        Raises:
            HashMismatchError, SizeMismatchError: It is not the file that the index describes; nothing is left of it.
            UnverifiableFileError: The index gives no hash that says anything.
            UnsafeFileNameError: Nothing is written under such a name.
            ExistingFileError: Another file of this name is there; it is left as it is.
            HttpResponseError: The service refused.
            TransportError: It did not come, also after a few tries.
            OSError: It cannot be written.
        """
        from .download.steps import download, plan_for

        plan = plan_for(file, folder, allow_unverified=allow_unverified)
        return self._run(download(self._index, plan, progress, options))

    def download_all(
        self,
        files: Iterable[ProjectFile],
        folder: str | os.PathLike[str],
        *,
        concurrency: int = 8,
        progress: FileProgress | None = None,
        allow_unverified: bool = False,
        **options: Unpack[CallOptions],
    ) -> list[Path]:
        """Download files into a folder, several at a time; return their places in the order of the files.

        All of them are tried, whatever happens to one.

        Args:
            files: Of any pages.
            folder: Where to.
            concurrency: How many at a time, each in a thread.
            progress: Called with the file, its bytes so far and how many there will be; by one thread at a time.
            allow_unverified, **options: As for `download`.

        Raises:
            DownloadsFailedError: Some did not come: the errors of `download`, by file, and where the others are.
            ArgumentError: Two files have one name, and are not the same.
            UnsafeFileNameError, UnverifiableFileError: As `download`, before anything is sent.
        """
        from .download.batch import Batch

        batch = Batch(files, folder, concurrency=concurrency, progress=progress, allow_unverified=allow_unverified)

        def work() -> None:
            self._work(batch, options)

        _in_threads(batch, work)
        return batch.paths()

    def _work(self, batch: Batch, options: CallOptions) -> None:
        from .download.steps import download

        while (todo := batch.next()) is not None:
            name, plan, progress = todo
            try:
                batch.succeeded(name, self._run(download(self._index, plan, progress, options)))
            except Exception as error:  # noqa: BLE001  whatever it is, it is told in the end
                batch.failed(name, error)


def _in_threads(batch: Batch, work: Callable[[], None]) -> None:
    """Do the work of a batch in as many threads as it wants; whatever interrupts the waiting ends it.

    A thread that waits for a silent server cannot be woken. It ends with its next byte, its timeout or the program,
    which does not wait for it; what has come by then is there for the next call.
    """
    if batch.workers == 1:
        work()
        return
    broken: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001  raised below, by who waits
            broken.append(error)
            batch.stop()

    threads = [Thread(target=run, name=f"download-{number}", daemon=True) for number in range(batch.workers)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    except BaseException:
        batch.stop()
        until = time.monotonic() + _GRACE_SECONDS
        for thread in threads:
            if thread.ident is not None:
                thread.join(max(0.0, until - time.monotonic()))
        raise
    if broken:
        raise broken[0]
