"""The async twin of `simple_repository_client.client`: the same steps, carried out on an event loop."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Self

from clientsmith.core.aio import ServiceClient
from clientsmith.core.versioning.schemes import simple_api

from .._construction import AUTHENTICATION, PACKAGE, parts_of
from ..addresses import url_from
from ..content_negotiation import accept_for
from ..index import Index

if TYPE_CHECKING:
    from typing import Unpack

    from clientsmith.core.credentials import (
        AsyncTokenCredential,
        BasicCredential,
        KeyCredential,
        LookedUpCredential,
        TokenCredential,
    )
    from clientsmith.core.policies.caching import CachingPolicy
    from clientsmith.core.settings import CallOptions, ClientOptions
    from clientsmith.core.streaming.downloads import Progress
    from clientsmith.core.transport.base import AsyncTransport
    from clientsmith.core.versioning import Scheme

    from ..cache import DiskCache
    from ..download.batch import Batch
    from ..download.steps import FileProgress
    from ..metadata import CoreMetadata
    from ..pages import ProjectFile, ProjectList, ProjectPage
    from ..pages.project import Serialization
    from ..provenance import Provenance

    Credential = BasicCredential | KeyCredential | TokenCredential | AsyncTokenCredential | LookedUpCredential

__all__ = ["SimpleRepositoryClient"]


class SimpleRepositoryClient(ServiceClient):
    """A client for one index that speaks the Simple API, in JSON or HTML (PEP 503, 691 and their kin).

        async with SimpleRepositoryClient("https://index.example.org/simple/") as client:
            page = await client.get_project("requests")
            await client.download(page.files[-1], "downloads")

    Arguments and errors as for the sync `simple_repository_client.SimpleRepositoryClient`.
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
        transport: AsyncTransport | None = None,
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
        transport: AsyncTransport | None = None,
        **options: Unpack[ClientOptions],
    ) -> Self:
        """Return a client for the index that the environment names; see the sync twin."""
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

    async def list_projects(self, **options: Unpack[CallOptions]) -> ProjectList:
        """Return the names of all projects; see the sync `SimpleRepositoryClient.list_projects`.

        Raises:
            ApiVersionError, ContentNegotiationError, UnreadablePageError, HttpResponseError, TransportError: As there.
        """
        return await self._run(self._index.projects(options))

    async def get_project(self, name: str, **options: Unpack[CallOptions]) -> ProjectPage:
        """Return a project with its files; see the sync `SimpleRepositoryClient.get_project`.

        Raises:
            ProjectNotFoundError, ArgumentError, and what `list_projects` raises: As there.
        """
        return await self._run(self._index.project(name, options))

    # --- what stands beside a file ---

    async def get_metadata(
        self, file: ProjectFile, *, from_wheel: bool = False, **options: Unpack[CallOptions]
    ) -> CoreMetadata:
        """Return the metadata of a file; see the sync `SimpleRepositoryClient.get_metadata`.

        Raises:
            MetadataUnavailableError, HashMismatchError, HttpResponseError, TransportError: As there.
        """
        return await self._run(self._index.metadata(file, options, from_wheel=from_wheel))

    async def get_provenance(self, file: ProjectFile, **options: Unpack[CallOptions]) -> Provenance:
        """Return where a file comes from; see the sync `SimpleRepositoryClient.get_provenance`.

        Raises:
            ProvenanceUnavailableError, UnsupportedApiVersionError, HttpResponseError, TransportError: As there.
        """
        return await self._run(self._index.provenance(file, options))

    # --- files ---

    async def download(
        self,
        file: ProjectFile,
        folder: str | os.PathLike[str],
        *,
        progress: Progress | None = None,
        allow_unverified: bool = False,
        **options: Unpack[CallOptions],
    ) -> Path:
        """Download a file into a folder; see the sync `SimpleRepositoryClient.download`. Threads write it.

        Raises:
            HashMismatchError, SizeMismatchError, UnverifiableFileError, UnsafeFileNameError, ExistingFileError,
            HttpResponseError, TransportError, OSError: As there.
        """
        from ..download.steps import download, plan_for

        plan = plan_for(file, folder, allow_unverified=allow_unverified)
        return await self._run(download(self._index, plan, progress, options))

    async def download_all(
        self,
        files: Iterable[ProjectFile],
        folder: str | os.PathLike[str],
        *,
        concurrency: int = 8,
        progress: FileProgress | None = None,
        allow_unverified: bool = False,
        **options: Unpack[CallOptions],
    ) -> list[Path]:
        """Download files, several at a time, each in a task; see the sync `SimpleRepositoryClient.download_all`.

        A task that is cancelled leaves what has come for the next time.

        Raises:
            DownloadsFailedError, ArgumentError, UnsafeFileNameError, UnverifiableFileError: As there.
        """
        from ..download.batch import Batch

        batch = Batch(files, folder, concurrency=concurrency, progress=progress, allow_unverified=allow_unverified)

        async with asyncio.TaskGroup() as tasks:
            for _ in range(batch.workers):
                tasks.create_task(self._work(batch, options))
        return batch.paths()

    async def _work(self, batch: Batch, options: CallOptions) -> None:
        from ..download.steps import download

        while (todo := batch.next()) is not None:
            name, plan, progress = todo
            try:
                batch.succeeded(name, await self._run(download(self._index, plan, progress, options)))
            except Exception as error:  # noqa: BLE001  whatever it is, it is told in the end
                batch.failed(name, error)
