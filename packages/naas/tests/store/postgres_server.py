"""A PostgreSQL server for the tests: of this machine's binaries, in a temporary folder, on a Unix socket alone."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg


class NoServer(Exception):
    """This machine cannot run one; the text says why."""


@dataclass
class Server:
    """A running server; every database of it belongs to the user ``naas``, without a password."""

    binaries: Path
    folder: Path
    as_user: list[str]

    def url(self, database: str) -> str:
        """The URL of one of its databases."""
        return f"postgresql://naas@/{database}?host={self.folder}"

    def run(self, statement: str) -> None:
        """Run a statement in the database that every server has."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = f"-c listen_addresses= -c unix_socket_directories={self.folder} -c fsync=on -c max_connections=50"
        self._control("start", "-w", "-t", "30", "-o", options, "-l", str(self.folder / "log"))

    def stop(self, mode: str = "fast") -> None:
        """Stop it; ``immediate`` is what a power cut does."""
        self._control("stop", "-m", mode, "-w", "-t", "30")

    def _control(self, *arguments: str) -> None:
        _run([*self.as_user, str(self.binaries / "pg_ctl"), "-D", str(self.folder / "data"), *arguments])


@contextmanager
def running_server() -> Iterator[Server]:
    """Run a server.

    Raises:
        NoServer: There are no binaries, or nobody whom they would run for.
    """
    binaries = _binaries()
    as_user, owner = _somebody()
    folder = Path(tempfile.mkdtemp(prefix="naas-postgres-"))
    try:
        if owner is not None:
            os.chown(folder, *owner)
        server = Server(binaries, folder, as_user)
        options = ["--username=naas", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"]
        _run([*as_user, str(binaries / "initdb"), "-D", str(folder / "data"), *options])
        server.start()
        try:
            yield server
        finally:
            server.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _binaries() -> Path:
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    # Debian keeps them out of the way, one folder a version.
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda file: int(file.parts[-3]))
    if not installed:
        raise NoServer("no PostgreSQL server is installed (initdb is not found)")
    return installed[-1].parent


def _somebody() -> tuple[list[str], tuple[int, int] | None]:
    """PostgreSQL refuses to run as root: return what to put before a command, and who then owns the files."""
    if os.geteuid() != 0:
        return [], None
    if shutil.which("setpriv") is None:
        raise NoServer("PostgreSQL does not run as root, and there is no `setpriv` to become somebody else")
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        become = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        return become, (user.pw_uid, user.pw_gid)
    raise NoServer("PostgreSQL does not run as root, and there is neither a user `postgres` nor `nobody`")


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", timeout=60, check=False)
    if done.returncode != 0:
        raise NoServer(f"{Path(command[-1]).name}: {' '.join(command)} failed: {done.stderr.strip() or done.stdout}")
