"""A scripted server on loopback, a CA, and one face over the transports of both colours.

The server plays, connection by connection, what a test wrote down: bytes are sent, a number is a pause in seconds,
`CLOSE` ends the connection in order, `RESET` ends it with a TCP reset. A connection whose script is over is closed.
"""

from __future__ import annotations

import asyncio
import datetime
import inspect
import ipaddress
import os
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from clientsmith.core.rest import Call, HttpRequest, HttpResponse
from clientsmith.core.transport import (
    AioHttpTransport,
    AsyncStdlibTransport,
    RequestsTransport,
    StdlibTransport,
)

CLOSE, RESET = "close", "reset"
Step = bytes | float | str
Exchange = bytes | Sequence[Step]


@dataclass
class Received:
    """A request as the server saw it; header names in their case, in their order."""

    method: str
    target: str
    fields: list[tuple[str, str]]
    body: bytes
    connection: int

    @property
    def headers(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.fields}


def read_request(stream: Any, connection: int) -> Received | None:
    """Read one request, None at the end of the connection."""
    line = stream.readline().decode("latin-1").split()
    if len(line) != 3:
        return None
    fields = []
    while (raw := stream.readline().decode("latin-1").rstrip("\r\n")) != "":
        name, _, value = raw.partition(":")
        fields.append((name, value.strip()))
    received = Received(line[0], line[1], fields, b"", connection)
    if "chunked" in received.headers.get("transfer-encoding", ""):
        while (size := int(stream.readline().strip() or b"0", 16)) > 0:
            received.body += stream.read(size)
            stream.readline()
        stream.readline()
    else:
        received.body = stream.read(int(received.headers.get("content-length", 0)))
    return received


@dataclass
class Server:
    """Listens on loopback and plays one script a connection; the last script is for all further connections."""

    scripts: Sequence[Sequence[Exchange]]
    tls: ssl.SSLContext | None = None
    host: str = "127.0.0.1"
    requests: list[Received] = field(default_factory=list)
    connections: int = 0

    def __post_init__(self) -> None:
        self._listener = socket.create_server((self.host, 0))
        self.port: int = self._listener.getsockname()[1]
        self._over = threading.Event()
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://localhost:{self.port}"

    def close(self) -> None:
        self._over.set()
        for sock in [self._listener, *self._open]:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        while not self._over.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            script = self.scripts[min(self.connections, len(self.scripts) - 1)]
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(sock, script, self.connections), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket, script: Sequence[Exchange], number: int) -> None:
        self._open.append(sock)
        with suppress(OSError):
            if self.tls is not None:
                sock = self.tls.wrap_socket(sock, server_side=True)
                self._open.append(sock)
            with sock.makefile("rb") as stream:
                for exchange in script:
                    received = read_request(stream, number)
                    if received is None:
                        break
                    self.requests.append(received)
                    if not self._play(sock, [exchange] if isinstance(exchange, bytes) else exchange):
                        break
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        sock.close()

    def _play(self, sock: socket.socket, steps: Sequence[Step]) -> bool:
        for step in steps:
            if isinstance(step, bytes):
                sock.sendall(step)
            elif isinstance(step, str):
                if step == RESET:
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    os.close(sock.detach())
                return False
            elif self._over.wait(step):
                return False
        return True


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """A CA of our own, and a server certificate for localhost that it signed."""
    return Authority(tmp_path_factory.mktemp("ca"))


def _usage(*, is_ca: bool) -> list[bool]:
    """What a key is for, in the order of `x509.KeyUsage`: signatures, or certificates and lists of revoked ones."""
    return [not is_ca, False, False, False, False, is_ca, is_ca, False, False]


class Authority:
    """Files: ``ca`` to trust, ``server`` and ``elsewhere`` with certificate and key of localhost and of another name."""

    def __init__(self, folder: Path) -> None:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
        from cryptography.x509.oid import NameOID

        now = datetime.datetime.now(datetime.UTC)
        ca_key = ec.generate_private_key(ec.SECP256R1())
        ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "clientsmith tests")])

        def certificate(name: x509.Name, key: Any, *names: str) -> x509.Certificate:
            builder = (
                x509.CertificateBuilder()
                .subject_name(name)
                .issuer_name(ca_name)
                .public_key(key.public_key())
                .serial_number(x509.random_serial_number())
                .not_valid_before(now - datetime.timedelta(days=1))
                .not_valid_after(now + datetime.timedelta(days=1))
                .add_extension(x509.BasicConstraints(ca=not names, path_length=None), critical=True)
                .add_extension(x509.KeyUsage(*_usage(is_ca=not names)), critical=True)  # Python 3.13 insists on it
                .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
                .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
            )
            if names:
                entries = [x509.DNSName(n) for n in names] + [x509.IPAddress(ipaddress.ip_address("127.0.0.1"))] * (
                    "localhost" in names
                )
                builder = builder.add_extension(x509.SubjectAlternativeName(entries), critical=False)
            return builder.sign(ca_key, hashes.SHA256())

        self.ca = folder / "ca.pem"
        self.ca.write_bytes(certificate(ca_name, ca_key).public_bytes(Encoding.PEM))
        for file, host in (("server", "localhost"), ("elsewhere", "elsewhere.test")):
            key = ec.generate_private_key(ec.SECP256R1())
            name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
            path = folder / f"{file}.pem"
            path.write_bytes(
                key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
                + certificate(name, key, host).public_bytes(Encoding.PEM)
            )
            setattr(self, file, path)

    server: Path
    elsewhere: Path

    def context(self, file: Path) -> ssl.SSLContext:
        """Return what a server with this certificate needs."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


# --- one face over both colours --------------------------------------------------------------------------------------


class Wire:
    """A transport of either colour, used from plain functions.

    Attributes:
        make: Makes another transport of this colour.
        transport: The transport itself.
    """

    def __init__(self, make: Callable[..., Any], **arguments: Any) -> None:
        self.make = make
        self.transport = make(**arguments)
        self._runner = asyncio.Runner() if inspect.iscoroutinefunction(self.transport.send) else None

    @property
    def is_async(self) -> bool:
        return self._runner is not None

    def run(self, value: Any) -> Any:
        """Return the value, awaited if it is to be."""
        if self._runner is None:
            return value

        async def wait() -> Any:
            return await value

        return self._runner.run(wait())

    def send(
        self,
        method: str,
        url: str,
        *,
        timeout: float | None = None,
        stream: bool = False,
        headers: dict[str, str] | None = None,
        content: Any = None,
        **settings: Any,
    ) -> HttpResponse:
        """Send one request as a call of its own; ``timeout`` is its deadline in seconds."""
        request = HttpRequest(method, url, headers=headers, content=content)
        deadline = None if timeout is None else self.transport.monotonic() + timeout
        request.call = Call({"timeout": timeout, **settings}, deadline=deadline, stream=stream)
        request.call.attempts = 1
        return self.run(self.transport.send(request))

    def get(self, url: str, **options: Any) -> HttpResponse:
        """Send a GET."""
        return self.send("GET", url, **options)

    def read(self, response: Any) -> bytes:
        """Read a streamed response to its end."""
        return self.run(response.read())

    def chunks(self, response: Any, size: int = 65536, most: int = 1_000_000) -> list[bytes]:
        """Return up to ``most`` pieces of a streamed body."""
        if self._runner is None:
            return [chunk for _, chunk in zip(range(most), response.iter_bytes(size), strict=False)]

        async def collect() -> list[bytes]:
            found: list[bytes] = []
            async for chunk in response.iter_bytes(size):
                found.append(chunk)
                if len(found) == most:
                    break
            return found

        return self._runner.run(collect())

    def pause(self, seconds: float = 0.03) -> None:
        """Let what is under way arrive."""
        self.run(self.transport.sleep(seconds))

    def close(self) -> None:
        """Close the transport."""
        self.run(self.transport.close())

    def end(self) -> None:
        """Close the transport and the event loop."""
        self.close()
        if self._runner is not None:
            self._runner.close()


TRANSPORTS = {
    "requests": RequestsTransport,
    "aiohttp": AioHttpTransport,
    "stdlib": StdlibTransport,
    "stdlib-async": AsyncStdlibTransport,
}
SYNC = {name: kind for name, kind in TRANSPORTS.items() if not inspect.iscoroutinefunction(kind.send)}
ASYNC = {name: kind for name, kind in TRANSPORTS.items() if name not in SYNC}


@pytest.fixture(params=TRANSPORTS)
def make(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """The transports that have to keep the contract."""
    return TRANSPORTS[request.param]


@pytest.fixture(params=SYNC)
def sync_kind(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """The sync transports."""
    return SYNC[request.param]


@pytest.fixture(params=ASYNC)
def async_kind(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """The async transports."""
    return ASYNC[request.param]


@pytest.fixture
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """No proxies and no CA bundle from the machine that the tests run on."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
            monkeypatch.delenv(name)
    return monkeypatch


@pytest.fixture
def wires(make: Callable[..., Any], clean_environment: pytest.MonkeyPatch) -> Iterator[Callable[..., Wire]]:
    """Opens wires with arguments of their own."""
    opened: list[Wire] = []

    def open_wire(**arguments: Any) -> Wire:
        opened.append(Wire(make, **arguments))
        return opened[-1]

    yield open_wire
    for wire in opened:
        wire.end()


@pytest.fixture
def wire(wires: Callable[..., Wire]) -> Wire:
    """A wire with the arguments by default."""
    return wires()


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """Starts servers, each with one script a connection."""
    started: list[Server] = []

    def start(*scripts: Sequence[Exchange], tls: ssl.SSLContext | None = None) -> Server:
        started.append(Server(scripts, tls))
        return started[-1]

    yield start
    for server in started:
        server.close()


# --- the contract runs over plain connections and over TLS ------------------------------------------------------------


@dataclass
class Road:
    """A wire and the servers at its other end, both plain or both TLS."""

    wire: Wire
    start: Callable[..., Server]

    def to(self, *scripts: Sequence[Exchange]) -> Server:
        """Start a server with one script a connection."""
        return self.start(*scripts)


@pytest.fixture(params=["plain", "tls"])
def road(
    request: pytest.FixtureRequest,
    wires: Callable[..., Wire],
    serve: Callable[..., Server],
    authority: Authority,
) -> Road:
    """A transport and its servers, plain and over TLS."""
    if request.param == "plain":
        return Road(wires(), serve)
    context = authority.context(authority.server)
    return Road(wires(verify=str(authority.ca)), lambda *scripts: serve(*scripts, tls=context))
