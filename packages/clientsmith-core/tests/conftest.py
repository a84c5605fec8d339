"""Real sockets for whoever needs them: a scripted server, certificates, and clients of either colour.

`tests/faults` and `tests/lifecycle` stand on these; `tests/transport` adds what is nearer to the bare transport.
"""

from __future__ import annotations

import asyncio
import datetime
import gc
import importlib.util
import inspect
import ipaddress
import os
import ssl
import sys
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


def load(path: Path) -> ModuleType:
    """Return a module of the tests, which are no package: what several of them share is loaded by its path."""
    name = f"clientsmith_tests_{path.stem}"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[name]


SERVER = load(Path(__file__).parent / "faults" / "server.py")


# --- the quick run ---------------------------------------------------------------------------------------------------


def pytest_configure(config: pytest.Config) -> None:
    """Say what the mark means."""
    config.addinivalue_line(
        "markers",
        "by_turns: takes long in every case. The quick run lets the parameters take turns, so that of three parameters each "
        "pair of values is tried, and of two each value; the long one (make test-all) tries every combination",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave every second combination of a test that takes long to the long run."""
    for item in items:
        takes_turns = isinstance(item, pytest.Function) and item.get_closest_marker("by_turns") is not None
        if takes_turns and sum(item.callspec.indices.values()) % 2:
            item.add_marker(pytest.mark.slow)


# --- servers ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def serve() -> Iterator[Callable[..., Any]]:
    """Starts servers, each with one script a connection, see `faults/server.py`."""
    started: list[Any] = []

    def start(*scripts: Any, tls: ssl.SSLContext | None = None) -> Any:
        started.append(SERVER.Server(*scripts, tls=tls))
        return started[-1]

    yield start
    for server in started:
        server.close()


class Authority:
    """A CA of our own. ``ca`` is the file to trust; `certify` makes what a server shows."""

    def __init__(self, folder: Path) -> None:
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.serialization import Encoding

        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.ca = folder / "ca.pem"
        self.ca.write_bytes(self._sign("clientsmith tests", self._key, {}).public_bytes(Encoding.PEM))

    def context(self, name: str = "localhost", *, days_left: int = 1) -> ssl.SSLContext:
        """Return what a server needs that shows a certificate of this name, over for days if ``days_left`` is below."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file(name, days_left=days_left))
        return context

    def file(self, name: str, *, days_left: int = 1) -> Path:
        """Return a file with a certificate of this name and its key, for either side of a connection."""
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

        file = self._folder / f"{name}{days_left:+}.pem"
        if not file.exists():
            key = ec.generate_private_key(ec.SECP256R1())
            signed = self._sign(name, key, {"names": (name,), "days_left": days_left})
            private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            file.write_bytes(private + signed.public_bytes(Encoding.PEM))
        return file

    def _sign(self, subject: str, key: Any, leaf: dict[str, Any]) -> Any:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes
        from cryptography.x509.oid import NameOID

        no = dict.fromkeys(
            ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only"), False
        )
        usage = x509.KeyUsage(
            digital_signature=bool(leaf), key_cert_sign=not leaf, crl_sign=not leaf, decipher_only=False, **no
        )
        now = datetime.datetime.now(datetime.UTC)
        until = now + datetime.timedelta(days=leaf.get("days_left", 1))
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "clientsmith tests")]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(min(now, until) - datetime.timedelta(days=1))
            .not_valid_after(until)
            .add_extension(x509.BasicConstraints(ca=not leaf, path_length=None), critical=True)
            .add_extension(usage, critical=True)  # Python 3.13 insists on it
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )
        names: list[x509.GeneralName] = [x509.DNSName(name) for name in leaf.get("names", ())]
        if "localhost" in leaf.get("names", ()):
            names.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(self._key, hashes.SHA256())


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """A CA of our own, and certificates that it signs."""
    return Authority(tmp_path_factory.mktemp("ca"))


# --- clients ---------------------------------------------------------------------------------------------------------


def transports() -> dict[str, type[Any]]:
    """Return every transport that the package offers, by name: a new one is tested as soon as it is listed."""
    import clientsmith.core.transport as offered

    named = {name: getattr(offered, name) for name in offered.__all__ if name.endswith("Transport")}
    return {name: kind for name, kind in named.items() if not getattr(kind, "_is_protocol", False)}


def is_async(transport: type[Any]) -> bool:
    """Whether a transport is for async clients."""
    return inspect.iscoroutinefunction(transport.send)


class Client:
    """A whole client of the transport's colour, with all policies, used from plain functions.

    Attributes:
        client: The `ServiceClient`.
        transport: Its transport, which is closed with it.
    """

    def __init__(self, kind: type[Any], url: str, transport: dict[str, Any], arguments: dict[str, Any]) -> None:
        from clientsmith.core import aio
        from clientsmith.core.client import ServiceClient

        self._runner = asyncio.Runner() if is_async(kind) else None
        self.transport = kind(**transport)
        service_client: Any = ServiceClient if self._runner is None else aio.ServiceClient
        self.client = service_client(url, transport=self.transport, **arguments)

    def run(self, value: Any) -> Any:
        """Return the value, awaited if it is to be."""
        if self._runner is None:
            return value

        async def wait() -> Any:
            return await value

        return self._runner.run(wait())

    def send(self, method: str, path: str = "/x", *, stream: bool = False, **arguments: Any) -> Any:
        """Send one request through the client; what is no part of a request is an option of the call."""
        from clientsmith.core.rest import HttpRequest

        parts = {name: arguments.pop(name) for name in ("content", "json", "headers") if name in arguments}
        return self.run(self.client.send_request(HttpRequest(method, path, **parts), stream=stream, **arguments))

    def get(self, path: str = "/x", **arguments: Any) -> Any:
        """Send a GET."""
        return self.send("GET", path, **arguments)

    def pause(self, seconds: float = 0.03) -> None:
        """Let what is under way arrive."""
        self.run(self.transport.sleep(seconds))

    def close(self) -> None:
        """Close the connections; the client may be used again."""
        self.run(self.transport.close())

    def end(self) -> None:
        """Close the connections and the event loop."""
        self.close()
        if self._runner is not None:
            self._runner.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run tests that ask for a ``transport`` with every one, of both colours or of the one that they name."""
    for wanted, colours in COLOURS.items():
        if wanted in metafunc.fixturenames:  # else none is imported
            found = {name: kind for name, kind in transports().items() if is_async(kind) in colours}
            metafunc.parametrize(wanted, found.values(), ids=found)


COLOURS = {"transport": (False, True), "sync_transport": (False,), "async_transport": (True,)}


@pytest.fixture
def connect(
    transport: type[Any], authority: Authority, clean_environment: pytest.MonkeyPatch
) -> Iterator[Callable[..., Client]]:
    """Makes clients that trust our CA and try once; arguments are the client's, ``settings`` included."""
    opened: list[Client] = []

    def make(
        url: str,
        *,
        verify: bool | str | None = None,
        certificate: str | tuple[str, str] | None = None,
        **arguments: Any,
    ) -> Client:
        settings = {"timeout": 5.0, "max_retries": 0} | arguments.pop("settings", {})
        trusted = {"verify": str(authority.ca) if verify is None else verify, "certificate": certificate}
        opened.append(Client(transport, url, trusted, {"settings": settings, **arguments}))
        return opened[-1]

    yield make
    for client in opened:
        client.end()


@pytest.fixture
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """No proxies and no CA bundle from the machine that the tests run on."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
            monkeypatch.delenv(name)
    return monkeypatch


# --- leaks -----------------------------------------------------------------------------------------------------------


def open_sockets() -> set[str]:
    """Return the sockets that this process holds, by inode; empty where the system does not tell."""
    found: set[str] = set()
    folder = Path("/proc/self/fd")
    for entry in folder.iterdir() if folder.exists() else ():
        try:
            target = str(entry.readlink())
        except OSError:  # the folder's own, closed by now
            continue
        if target.startswith("socket:"):
            found.add(target)
    return found


@pytest.fixture
def no_leaks() -> Iterator[None]:
    """Fails a test after which a socket is still open, or was closed by the garbage collector alone."""
    before = open_sockets()
    gc.freeze()  # what is there already cannot leak now, and need not be looked at
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", ResourceWarning)
        yield
        left = open_sockets() - before
        gc.collect()
    gc.unfreeze()
    assert [str(one.message) for one in told if issubclass(one.category, ResourceWarning)] == []
    assert left == set()


# --- clients over a script -------------------------------------------------------------------------------------------


class Scripted:
    """A client of either colour over a scripted service."""

    def __init__(self, is_async: bool, *lines: Any, endpoint: str = "https://api.test", **arguments: Any) -> None:
        from clientsmith.core import ServiceClient, aio
        from clientsmith.core.testing import AsyncScriptedTransport, ScriptedTransport

        self.is_async = is_async
        repeat = arguments.pop("repeat", False)
        self.service: Any = (AsyncScriptedTransport if is_async else ScriptedTransport)(*lines, repeat=repeat)
        make = aio.ServiceClient if is_async else ServiceClient
        self.client: Any = make(endpoint, transport=self.service, **arguments)

    def send(self, method: str, url: str, **options: Any) -> Any:
        """Send a request through the client and return the response; ``content`` and ``headers`` are the request's."""
        from clientsmith.core.rest import HttpRequest

        parts = {name: options.pop(name) for name in ("content", "headers", "json") if name in options}
        answer = self.client.send_request(HttpRequest(method, url, **parts), **options)
        return asyncio.run(answer) if self.is_async else answer

    @property
    def requests(self) -> list[Any]:
        """What was sent, in order."""
        return list(self.service.requests)


@pytest.fixture(params=["sync", "async"])
def scripted(request: pytest.FixtureRequest) -> Callable[..., Scripted]:
    """Makes clients over scripts: `Scripted(*lines, credential=…, authentication=…)`, in both colours."""
    return partial(Scripted, request.param == "async")


@pytest.fixture(params=["sync", "async"])
def colour(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Either colour, see `colours.py`."""
    colours = load(Path(__file__).parent / "colours.py")
    with asyncio.Runner() as runner:
        yield colours.Colour(colours.ASYNC if request.param == "async" else colours.SYNC, runner)
