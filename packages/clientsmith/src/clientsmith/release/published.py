"""The index: what it has already, how files get there, and whether what it gives back is what was sent.

Uploading is `uv publish`. Credentials reach it by its own environment variables (UV_PUBLISH_TOKEN, or
UV_PUBLISH_USERNAME and UV_PUBLISH_PASSWORD) or a keyring, never on the command line, where every user of the machine
could read them.
"""

from __future__ import annotations

import os
import time
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from clientsmith.core.redaction import redact_url
from clientsmith.findings import InputError
from clientsmith.workspace.building import find_uv
from clientsmith.workspace.environments import uv_variables
from clientsmith.workspace.processes import Finished, Processes
from packaging.version import Version

from .artefacts import hash_of
from .plan import Target

if TYPE_CHECKING:
    from clientsmith.core.credentials import BasicCredential
    from simple_repository_client import ProjectFile, SimpleRepositoryClient

__all__ = ["Index", "check_target", "upload"]

_SECRETS: Final = ("UV_PUBLISH_TOKEN", "UV_PUBLISH_PASSWORD", "CLIENTSMITH_INDEX_PASSWORD")
# An index may take a moment until a page shows what was uploaded: half a minute in all.
_WAITS: Final = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0)


def check_target(target: Target) -> None:
    """See that a target can be used at all, before anything is planned.

    Raises:
        InputError: A URL is none, has a password in it, or the index is not named.
    """
    for option, url in (("--publish-url", target.publish_url), ("--index", target.index)):
        parts = urlsplit(url)
        if url and (parts.scheme not in ("http", "https") or not parts.netloc):
            raise InputError(f"{option} {redact_url(url)!r} is no http(s) URL", "https://…")
        if parts.username or parts.password:
            raise InputError(
                f"{option} {redact_url(url)} has credentials in it, which everybody on this machine could read",
                "set UV_PUBLISH_TOKEN, or UV_PUBLISH_USERNAME and UV_PUBLISH_PASSWORD; for reading "
                "CLIENTSMITH_INDEX_USERNAME and CLIENTSMITH_INDEX_PASSWORD",
            )
    if target.publish_url and not target.index:
        raise InputError(
            "--publish-url says where files go, and nothing says where they can be read back",
            "--index URL, of the same index (its Simple API, often ending in /simple/)",
        )


class Index:
    """An index that a release is published to, as it is seen by everybody else."""

    def __init__(self, url: str) -> None:
        self._url = url

    def hashes(self, package: str) -> dict[str, str]:
        """Return the files of a project with their SHA-256, "" where the index does not say; none if it has no such.

        Raises:
            InputError: The index cannot be asked.
        """
        from clientsmith.core.errors import ClientsmithError
        from simple_repository_client import ProjectNotFoundError

        try:
            with self._client() as client:
                return {one.filename: one.hashes.get("sha256", "") for one in client.get_project(package).files}
        except ProjectNotFoundError:
            return {}
        except (ClientsmithError, OSError) as problem:
            raise self._away(problem) from problem

    def versions(self, package: str) -> tuple[Version, ...]:
        """Return the versions of a project that the index has files of, yanked ones among them; oldest first.

        Raises:
            InputError: The index cannot be asked.
        """
        from simple_repository_client import normalize_name, read_file_name

        project = normalize_name(package)
        names = (read_file_name(name, project).version for name in self.hashes(package))
        return tuple(sorted({version for version in names if version is not None}))

    def missing(self, package: str, files: Iterable[Path]) -> list[Path]:
        """Return those of ``files`` that the index does not have yet.

        Raises:
            InputError: It has one of them with other bytes, or cannot be asked.
        """
        held, missing = self.hashes(package), list[Path]()
        for path in files:
            if path.name not in held:
                missing.append(path)
                continue
            theirs = held[path.name] or self._downloaded(package, path.name)
            if theirs != hash_of(path):
                raise InputError(
                    f"the index has another {path.name} already (sha256 {theirs[:16]}…, ours {hash_of(path)[:16]}…)",
                    "a version is published once: release another one, and find out who published this",
                )
        return missing

    def verify(self, package: str, hashes: Mapping[str, str]) -> None:
        """Download every file of a release from the index, and see that it is what was built.

        Raises:
            InputError: One is not there, or is something else.
        """
        for name, ours in hashes.items():
            theirs = self._downloaded(package, name)
            if theirs != ours:
                raise InputError(
                    f"the index gives another {name} than was built (sha256 {theirs[:16]}…, ours {ours[:16]}…)",
                    "yank it, and find out what stands between here and the index",
                )

    def _downloaded(self, package: str, name: str) -> str:
        """Return the SHA-256 of a file as the index gives it, waiting a little until it has it."""
        from clientsmith.core.errors import ClientsmithError

        try:
            with TemporaryDirectory(prefix="clientsmith-read-back-") as folder, self._client() as client:
                file = _found(client, package, name)
                return hash_of(client.download(file, folder, allow_unverified=True))
        except (ClientsmithError, OSError) as problem:
            raise self._away(problem) from problem

    def _client(self) -> SimpleRepositoryClient:
        from simple_repository_client import SimpleRepositoryClient

        return SimpleRepositoryClient(self._url, credential=_credential())

    def _away(self, problem: Exception) -> InputError:
        return InputError(
            f"cannot ask the index {redact_url(self._url)}: {problem}",
            "see that it is up and that its URL is right; a private one needs "
            "CLIENTSMITH_INDEX_USERNAME and CLIENTSMITH_INDEX_PASSWORD",
        )


def _found(client: SimpleRepositoryClient, package: str, name: str) -> ProjectFile:
    from simple_repository_client import ProjectNotFoundError

    for wait in (*_WAITS, None):
        try:
            for file in client.get_project(package).files:
                if file.filename == name:
                    return file
        except ProjectNotFoundError:
            pass  # a project begins with its first file
        if wait is not None:
            time.sleep(wait)
    raise InputError(
        f"the index does not have {name} {sum(_WAITS):.0f} s after it was uploaded",
        "--resume goes on when it has; see that --publish-url and --index are the same index",
    )


def _credential() -> BasicCredential | None:
    user, password = (os.environ.get(f"CLIENTSMITH_INDEX_{part}", "") for part in ("USERNAME", "PASSWORD"))
    if user and password:
        from clientsmith.core.credentials import BasicCredential

        return BasicCredential(user, password)
    return None


def upload(files: Sequence[Path], publish_url: str) -> None:
    """Upload files with `uv publish`.

    Raises:
        InputError: uv or the index refused; the message is what uv said, without any secret.
    """
    # No configuration of the project's: where files go is what the caller said, and nothing else.
    command = [find_uv(), "publish", "--no-config", "--publish-url", publish_url, *map(str, files)]
    with Processes() as processes:
        finished = processes.run(command, cwd=files[0].parent, variables=uv_variables())
    if not finished.is_good:
        raise InputError(
            f"cannot upload to {redact_url(publish_url)}: {_without_secrets(_told(finished))}",
            "credentials come from UV_PUBLISH_TOKEN, or UV_PUBLISH_USERNAME and UV_PUBLISH_PASSWORD, or a keyring; "
            "--resume goes on",
        )


def _told(finished: Finished) -> str:
    """Return what uv said was wrong, on one line; all of its end where it does not say "error"."""
    said = finished.last_lines(6)
    _, _, error = said.partition("error: ")
    return " ".join((error or said).split())


def _without_secrets(text: str) -> str:
    """Return what uv said without a secret: as it is, or as an index saw it and may repeat it (RFC 7617)."""
    users = ("__token__", os.environ.get("UV_PUBLISH_USERNAME", ""), "")
    for secret in filter(None, (os.environ.get(name, "") for name in _SECRETS)):
        text = text.replace(secret, "***")
        for user in users:
            for plain in (f"{user}:{secret}", secret):
                text = text.replace(b64encode(plain.encode()).decode(), "***")
    return text
