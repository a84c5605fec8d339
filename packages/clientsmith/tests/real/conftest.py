"""Servers of other people (and our own), started for these tests, and the clients that are generated from their documents.

`python -m tools.servers install NAME…` installs them, below `.venv-servers` or where CLIENTSMITH_SERVERS says. Where one
is not installed its tests are skipped; where the variable is set, as in continuous integration, that is a failure.
Everything listens on loopback, on ports that the system chose, and is stopped after the last test.
"""

from __future__ import annotations

import importlib
import os
import queue
import shutil
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from inspect import isawaitable
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).parents[4]
HERE: Final = Path(__file__).parent
OURS: Final = Path(__file__).resolve().parents[1] / "specs"
SPECS: Final = Path(os.environ.get("CLIENTSMITH_SPECS", ROOT.parent / "shared" / "specs"))
SERVERS: Final = Path(os.environ.get("CLIENTSMITH_SERVERS") or ROOT / ".venv-servers").absolute()
START_SECONDS: Final = 60.0  # keystone imports for five on a quiet machine


# --- processes -------------------------------------------------------------------------------------------------------


def environment_of(name: str) -> Path:
    """Return the folder of a server's environment; the test is skipped, or fails, if there is none."""
    folder = SERVERS / name
    if not (folder / "server.stamp").exists():
        message = f"{name} is not installed; `python -m tools.servers install {name}` does it"
        if "CLIENTSMITH_SERVERS" in os.environ:
            pytest.fail(message)
        pytest.skip(message)
    return folder


@contextmanager
def running(
    command: list[str], log: Path, variables: Mapping[str, str] | None = None, *, ready: str = "listening on"
) -> Iterator[list[str]]:
    """Run a server until the block ends; gives the lines that it said, up to the one that says that it is ready."""
    with log.open("w") as complaints:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            text=True,
            env={**os.environ, **(variables or {})},
            cwd=log.parent,
        )
        try:
            yield _said_until(ready, process, log)
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _said_until(ready: str, process: subprocess.Popen[str], log: Path) -> list[str]:
    said: queue.Queue[str | None] = queue.Queue()

    def listen() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            said.put(line.rstrip("\n"))
        said.put(None)

    threading.Thread(target=listen, daemon=True).start()
    lines: list[str] = []
    while not lines or ready not in lines[-1]:
        try:
            line = said.get(timeout=START_SECONDS)
        except queue.Empty:
            pytest.fail(f"it was not ready within {START_SECONDS:g} s:\n{log.read_text()[-2000:]}")
        if line is None:
            pytest.fail(f"it ended with code {process.wait()}:\n{log.read_text()[-2000:]}")
        lines.append(line)
    return lines


@contextmanager
def wsgi(name: str, target: str, folder: Path, variables: Mapping[str, str] | None = None) -> Iterator[str]:
    """Serve an application of a server's environment; gives its URL."""
    python = environment_of(name) / "bin" / "python"
    with running([str(python), str(HERE / "serve_wsgi.py"), target], folder / f"{name}.log", variables) as said:
        yield f"http://127.0.0.1:{said[-1].split()[-1]}"


@pytest.fixture(scope="session")
def placement(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Placement over an empty database; the token ``admin`` may do everything."""
    folder = tmp_path_factory.mktemp("placement")
    environment_of("placement")
    (folder / "placement.conf").write_text(
        "[api]\nauth_strategy = noauth2\n[oslo_policy]\npolicy_file = policy.yaml\n"
        f"[placement_database]\nconnection = sqlite:///{folder}/placement.db\nsync_on_startup = true\n"
    )
    (folder / "policy.yaml").write_text('"placement:reshaper:reshape": "role:admin"\n')  # else only other services may
    variables = {"OS_PLACEMENT_CONFIG_DIR": str(folder)}
    with wsgi("placement", "placement.wsgi.api:application", folder, variables) as url:
        yield url


@pytest.fixture(scope="session")
def keystone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Keystone over a copy of the database that was made when it was installed: ``admin``, ``admin-password``."""
    prepared = environment_of("keystone") / "state"
    folder = tmp_path_factory.mktemp("keystone") / "state"
    shutil.copytree(prepared, folder)
    configuration = folder / "keystone.conf"
    configuration.write_text(configuration.read_text().replace(str(prepared), str(folder)))
    variables = {"OS_KEYSTONE_CONFIG_DIR": str(folder), "OS_KEYSTONE_CONFIG_FILES": "keystone.conf"}
    with wsgi("keystone", "keystone.wsgi.api:application", folder, variables) as url:
        yield url


KINTO_INI: Final = """\
[app:main]
use = egg:kinto
kinto.includes = kinto.plugins.default_bucket kinto.plugins.accounts
kinto.storage_backend = kinto.core.storage.memory
kinto.cache_backend = kinto.core.cache.memory
kinto.permission_backend = kinto.core.permission.memory
kinto.userid_hmac_secret = of-this-test
kinto.default_bucket_hmac_secret = of-this-test
multiauth.policies = account
multiauth.policy.account.use = kinto.plugins.accounts.AccountsPolicy
kinto.account_create_principals = system.Everyone
kinto.bucket_create_principals = system.Authenticated
"""


@pytest.fixture(scope="session")
def kinto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Kinto in memory; everybody may make an account."""
    folder = tmp_path_factory.mktemp("kinto")
    (folder / "kinto.ini").write_text(KINTO_INI)
    with wsgi("kinto", str(folder / "kinto.ini"), folder) as url:
        yield f"{url}/v1"


# --- clients ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Package:
    """A generated package, imported."""

    sync: ModuleType
    aio: ModuleType
    client: str
    folder: Path

    @property
    def models(self) -> ModuleType:
        return importlib.import_module(f"{self.sync.__name__}.models")


Generate = Callable[..., Package]


@pytest.fixture(scope="session")
def generate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Generate]:
    """Generates a client as anyone would, and imports it: ``generate(spec, "pets_client", "PetsClient")``."""
    imported: list[Package] = []

    def run(spec: str, name: str, client: str, *, overlay: str = "", configuration: str = "") -> Package:
        folder = tmp_path_factory.mktemp(name)
        options = ["--package", name, "--client-name", client, "--output", str(folder / "client")]
        if overlay:
            (folder / "overlay.yaml").write_text(overlay)
            options += ["--overlay", str(folder / "overlay.yaml")]
        if configuration:
            (folder / "clientsmith.toml").write_text(configuration)
            options += ["--config", str(folder / "clientsmith.toml")]
        command = [str(Path(sys.executable).with_name("clientsmith")), "generate", spec, *options]
        finished = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert finished.returncode == 0, finished.stderr
        sys.path.insert(0, str(folder / "client" / "src"))
        modules = importlib.import_module(name), importlib.import_module(f"{name}.aio")
        imported.append(Package(*modules, client, folder / "client"))
        return imported[-1]

    yield run
    for package in imported:
        sys.path.remove(str(package.folder / "src"))
        for module in [name for name in sys.modules if name.partition(".")[0] == package.sync.__name__]:
            del sys.modules[module]


def document(name: str) -> str:
    """Return the path of a document; the test is skipped where it is not ours to keep and not at hand."""
    path = OURS / name if (OURS / name).exists() else SPECS / name
    if not path.exists():
        pytest.skip(f"set CLIENTSMITH_SPECS to a folder with {name}")
    return str(path)


@dataclass(frozen=True)
class Colour:
    """Calls a client of either colour in the same words."""

    is_async: bool

    @asynccontextmanager
    async def client(self, package: Package, *arguments: Any, **options: Any) -> AsyncIterator[Any]:
        """Open the package's client for a block."""
        module = package.aio if self.is_async else package.sync
        client = getattr(module, package.client)(*arguments, **options)
        try:
            yield client
        finally:
            await self.done(client.close())

    async def done(self, result: Any) -> Any:
        """Return what a call returns."""
        return await result if isawaitable(result) else result

    async def all(self, items: Any) -> list[Any]:
        """Return all items of a list or of its pages."""
        if not self.is_async:
            return list(items)
        return [item async for item in items]


@pytest.fixture(params=[False, True], ids=["sync", "async"])
def colour(request: pytest.FixtureRequest) -> Colour:
    return Colour(request.param)
