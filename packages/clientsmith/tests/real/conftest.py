"""Servers of other people (and our own), started for these tests, and the clients that are generated from their documents.

`python -m tools.servers install NAME…` installs them, below `.venv-servers` or where CLIENTSMITH_SERVERS says. Where one
is not installed its tests are skipped; where the variable is set, as in continuous integration, that is a failure.
Everything listens on loopback, on ports that the system chose, and is stopped after the last test.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from inspect import isawaitable
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pytest
from clientsmith.core import HttpRequest, KeyInHeader, ServiceClient, aio
from clientsmith.core.openstack import KeystonePasswordCredential
from clientsmith.core.transport import AsyncStdlibTransport, StdlibTransport

ROOT: Final = Path(__file__).parents[4]
HERE: Final = Path(__file__).parent
OURS: Final = Path(__file__).resolve().parents[1] / "specs"
SPECS: Final = Path(os.environ.get("CLIENTSMITH_SPECS", ROOT.parent / "shared" / "specs"))

sys.path.insert(0, str(ROOT))  # the workspace's tools are no package that is installed

from tools.serving import NotInstalledError, environment_of, prepared, wsgi  # noqa: E402

# --- the quick run ---------------------------------------------------------------------------------------------------


def pytest_configure(config: pytest.Config) -> None:
    """Say what the mark means."""
    config.addinivalue_line(
        "markers",
        "takes_long: waits for a server. The quick run asks with async clients, the long one with both colours",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the sync half of what takes long to the long run."""
    for item in items:
        takes_long = isinstance(item, pytest.Function) and item.get_closest_marker("takes_long") is not None
        if takes_long and item.callspec.params["colour"] is False:
            item.add_marker(pytest.mark.slow)


# --- servers ---------------------------------------------------------------------------------------------------------


def installed(name: str) -> None:
    """Skip the test, or fail it, if a server has no environment."""
    try:
        environment_of(name)
    except NotInstalledError as error:
        if "CLIENTSMITH_SERVERS" in os.environ:
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def placement(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Placement over an empty database; the token ``admin`` may do everything."""
    installed("placement")
    folder = tmp_path_factory.mktemp("placement")
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
    installed("keystone")
    folder = tmp_path_factory.mktemp("keystone")
    state = prepared("keystone", folder)
    variables = {"OS_KEYSTONE_CONFIG_DIR": str(state), "OS_KEYSTONE_CONFIG_FILES": "keystone.conf"}
    with wsgi("keystone", "keystone.wsgi.api:application", folder, variables) as url:
        register(url, "identity", f"{url}/v3")
        yield url


X_AUTH_TOKEN: Final = (KeyInHeader("X-Auth-Token"),)


def administrator(keystone: str) -> KeystonePasswordCredential:
    """Return who may do everything."""
    return KeystonePasswordCredential(keystone, "admin", "admin-password", project_name="admin")


def register(keystone: str, service_type: str, url: str) -> None:
    """Put a service into the catalog: for users, and for the services themselves."""
    with ServiceClient(f"{keystone}/v3", administrator(keystone), authentication=X_AUTH_TOKEN) as client:
        service = {"service": {"type": service_type, "name": service_type}}
        made = client.send_request(HttpRequest("POST", "/services", json=service)).json()["service"]["id"]
        for interface in ("public", "internal"):
            endpoint = {"service_id": made, "interface": interface, "url": url}
            answer = client.send_request(HttpRequest("POST", "/endpoints", json={"endpoint": endpoint}))
            assert answer.status_code == 201


@pytest.fixture(scope="session")
def ironic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Ironic over hardware that is none; everybody may do everything."""
    installed("ironic")
    folder = tmp_path_factory.mktemp("ironic")
    with wsgi("ironic", str(prepared("ironic", folder) / "ironic.conf"), folder) as url:
        yield url


@pytest.fixture(scope="session")
def nova(tmp_path_factory: pytest.TempPathFactory, keystone: str) -> Iterator[str]:
    """Nova's API, with nothing behind it that could run a machine; keystone says who may do what."""
    installed("nova")
    folder = tmp_path_factory.mktemp("nova")
    routes = environment_of("nova") / "etc" / "nova" / "api-paste.ini"
    state = prepared("nova", folder, {"@KEYSTONE@": keystone})
    variables = {"OS_NOVA_CONFIG_DIR": str(state), "OS_NOVA_CONFIG_FILES": f"{routes};nova.conf"}
    with wsgi("nova", "nova.wsgi.osapi_compute:application", folder, variables) as url:
        register(keystone, "compute", f"{url}/v2.1")
        yield f"{url}/v2.1"


@pytest.fixture(scope="session")
def glance(tmp_path_factory: pytest.TempPathFactory, keystone: str) -> Iterator[str]:
    """Glance, which keeps images in a folder; keystone says who may do what."""
    installed("glance")
    folder = tmp_path_factory.mktemp("glance")
    state = prepared("glance", folder, {"@KEYSTONE@": keystone})
    variables = {"OS_GLANCE_CONFIG_DIR": str(state)}
    with wsgi("glance", "glance.wsgi.api:application", folder, variables) as url:
        register(keystone, "image", url)
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
    installed("kinto")
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

    @asynccontextmanager
    async def service(self, endpoint: str, **options: Any) -> AsyncIterator[Any]:
        """Open a client without operations for a block, for requests that are written by hand."""
        client: Any = (aio.ServiceClient if self.is_async else ServiceClient)(endpoint, **options)
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

    def counting(self, asked: list[str]) -> Any:
        """Return a transport that writes down what it is asked, as ``GET /path``."""
        return _AsyncCounting(asked) if self.is_async else _Counting(asked)


class _Counting(StdlibTransport):
    def __init__(self, asked: list[str]) -> None:
        super().__init__()
        self._asked = asked

    def send(self, request: HttpRequest, /) -> Any:
        self._asked.append(_line(request))
        return super().send(request)


class _AsyncCounting(AsyncStdlibTransport):
    def __init__(self, asked: list[str]) -> None:
        super().__init__()
        self._asked = asked

    async def send(self, request: HttpRequest, /) -> Any:
        self._asked.append(_line(request))
        return await super().send(request)


def _line(request: HttpRequest) -> str:
    return f"{request.method} /{request.url.split('/', 3)[-1]}"


@pytest.fixture(params=[False, True], ids=["sync", "async"])
def colour(request: pytest.FixtureRequest) -> Colour:
    return Colour(request.param)
