"""What users write with the clients, as the type checkers see it. Checked, never run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import assert_type

from clientsmith.core.credentials import AccessToken, BasicCredential, KeyCredential, LookedUpCredential
from clientsmith.core.policies.caching import CachingPolicy
from clientsmith.core.versioning import ApiVersion
from clientsmith.core.versioning.schemes import simple_api
from packaging.metadata import Metadata
from packaging.version import Version
from simple_repository_client import (
    CoreMetadata,
    DiskCache,
    DownloadsFailedError,
    KeyringCredential,
    NetrcCredential,
    ProjectFile,
    ProjectList,
    ProjectPage,
    Provenance,
    SimpleRepositoryClient,
    aio,
    api_token,
)

INDEX = "https://index.example.org/simple/"


class Tokens:
    def get_token(self, *scopes: str, claims: str | None = None) -> AccessToken:
        return AccessToken("token", 0.0)


class AsyncTokens:
    async def get_token(self, *scopes: str, claims: str | None = None) -> AccessToken:
        return AccessToken("token", 0.0)


class Vault(LookedUpCredential):
    def look_up(self, origin: str, /) -> BasicCredential:
        return BasicCredential("me", origin)


def every_credential() -> list[SimpleRepositoryClient]:
    return [
        SimpleRepositoryClient(INDEX),
        SimpleRepositoryClient(INDEX, BasicCredential("me", "x")),
        SimpleRepositoryClient(INDEX, api_token("x")),
        SimpleRepositoryClient(INDEX, KeyCredential("x")),
        SimpleRepositoryClient(INDEX, Tokens()),
        SimpleRepositoryClient(INDEX, NetrcCredential()),
        SimpleRepositoryClient(INDEX, KeyringCredential(), credential_origins=["https://files.example.org"]),
        SimpleRepositoryClient(INDEX, Vault()),
        SimpleRepositoryClient(INDEX, "pypi-abc"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        SimpleRepositoryClient(INDEX, cache=DiskCache("cache"), serialization="json", timeout=30),
        SimpleRepositoryClient(INDEX, cache=CachingPolicy(), api_version=simple_api(malformed="warn")),
        SimpleRepositoryClient(INDEX, serialization="xml"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        SimpleRepositoryClient(INDEX, timout=30),  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
        SimpleRepositoryClient.from_environment(max_retries=0),
    ]


def pages(client: SimpleRepositoryClient) -> None:
    assert_type(client.list_projects(), ProjectList)
    assert_type(list(client.list_projects()), list[str])
    page = client.get_project("foo", timeout=5)
    assert_type(page, ProjectPage)
    assert_type(page.versions, tuple[Version, ...])
    assert_type(page.api_version, ApiVersion)
    file = page.files[0]
    assert_type(file, ProjectFile)
    assert_type(file.hashes, Mapping[str, str])
    assert_type(file.upload_time, datetime | None)
    metadata = client.get_metadata(file, from_wheel=True)
    assert_type(metadata, CoreMetadata)
    assert_type(metadata.parsed, Metadata)
    assert_type(client.get_provenance(file), Provenance)
    client.get_project("foo", timout=5)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def downloads(client: SimpleRepositoryClient, files: list[ProjectFile]) -> None:
    def one(done: int, total: int | None) -> None: ...

    def many(file: ProjectFile, done: int, total: int | None) -> None: ...

    assert_type(client.download(files[0], "folder", progress=one), Path)
    try:
        assert_type(client.download_all(files, Path("folder"), progress=many, concurrency=2), list[Path])
    except DownloadsFailedError as error:
        assert_type(error.failed, Mapping[str, Exception])
        assert_type(error.done, Mapping[str, Path])


async def the_same_for_async(files: list[ProjectFile]) -> None:
    async with aio.SimpleRepositoryClient(INDEX, AsyncTokens()) as client:
        assert_type(await client.list_projects(), ProjectList)
        assert_type(await client.get_project("foo"), ProjectPage)
        assert_type(await client.get_metadata(files[0]), CoreMetadata)
        assert_type(await client.get_provenance(files[0]), Provenance)
        assert_type(await client.download(files[0], "folder"), Path)
        assert_type(await client.download_all(files, "folder"), list[Path])
