"""Getting a connection: what fails says why, is certainly unsent, and tells what to do next."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from clientsmith.core.errors import (
    DeadlineExceededError,
    ServiceRequestError,
    ServiceRequestTimeoutError,
    ServiceResponseError,
    UsageError,
)

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture
def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture
def full_port() -> Iterator[int]:
    """A port that takes no more connections: its queue is full and nobody accepts."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        fillers = []
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
            fillers.append(filler)
        time.sleep(0.05)
        yield int(listener.getsockname()[1])
        for filler in fillers:
            filler.close()


def test_refused(wire: Any, closed_port: int) -> None:
    """Nobody listens there."""
    with pytest.raises(
        ServiceRequestError, match=rf"could not connect to localhost:{closed_port} \(.+\); check"
    ) as caught:
        wire.get(f"http://localhost:{closed_port}/x")
    assert caught.value.is_unsent
    assert str(caught.value).startswith(f"GET http://localhost:{closed_port}/x")


def test_unknown_name(wire: Any) -> None:
    """RFC 6761 keeps .invalid free."""
    with pytest.raises(
        ServiceRequestError, match=r"name of nowhere\.invalid:443 could not be resolved.*spelt"
    ) as caught:
        wire.get("https://nowhere.invalid/x", timeout=20.0)
    assert caught.value.is_unsent


def test_connect_timeout(wire: Any, full_port: int) -> None:
    """No answer to the handshake of TCP."""
    begin = time.monotonic()
    with pytest.raises(
        ServiceRequestTimeoutError, match=r"no connection to 127.*within 0\.2 s.*`connect_timeout`"
    ) as caught:
        wire.get(f"http://127.0.0.1:{full_port}", connect_timeout=0.2, timeout=30.0)
    assert caught.value.is_unsent
    assert isinstance(caught.value, TimeoutError)
    assert time.monotonic() - begin < 1.0


def test_deadline_while_connecting(wire: Any, full_port: int) -> None:
    """The deadline counts for connecting as well."""
    begin = time.monotonic()
    with pytest.raises(DeadlineExceededError):
        wire.get(f"http://127.0.0.1:{full_port}", connect_timeout=10.0, timeout=0.2)
    assert time.monotonic() - begin < 1.0


# --- TLS -------------------------------------------------------------------------------------------------------------


def test_own_ca_is_trusted_when_named(wires: Any, serve: Any, authority: Any) -> None:
    """`verify` takes the path of a bundle."""
    server = serve([OK], tls=authority.context())
    assert wires(verify=str(authority.ca)).get(server.url).content == b"ok"


def test_ca_bundle_of_the_environment(
    wires: Any, serve: Any, authority: Any, clean_environment: pytest.MonkeyPatch
) -> None:
    """REQUESTS_CA_BUNDLE serves every transport, and is read when it opens."""
    server = serve([OK, OK], tls=authority.context())
    clean_environment.setenv("REQUESTS_CA_BUNDLE", str(authority.ca))
    wire = wires()
    assert wire.get(server.url).content == b"ok"
    clean_environment.setenv("REQUESTS_CA_BUNDLE", "/gone")
    assert wire.get(server.url).content == b"ok"


@pytest.mark.parametrize(
    ("certificate", "trust", "message"),
    [
        pytest.param("localhost", False, r'could not be verified .*verify="path/to/ca\.pem"', id="unknown CA"),
        pytest.param(
            "elsewhere.test", True, "could not be verified .*name that is in its certificate", id="another host's"
        ),
    ],
)
def test_certificate_that_cannot_be_trusted(
    wires: Any, serve: Any, authority: Any, certificate: str, trust: bool, message: str
) -> None:
    """The message tells how to trust a CA, and never to switch the check off."""
    server = serve([OK], tls=authority.context(certificate))
    with pytest.raises(ServiceRequestError, match=message) as caught:
        wires(**({"verify": str(authority.ca)} if trust else {})).get(server.url)
    assert caught.value.is_unsent
    assert "False" not in str(caught.value)
    assert server.requests == []


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_verify_false_checks_nothing(wires: Any, serve: Any, authority: Any) -> None:
    """Whoever asks for it gets it."""
    server = serve([OK], tls=authority.context("elsewhere.test"))
    assert wires(verify=False).get(server.url).content == b"ok"


def test_tls_handshake_that_never_ends(wire: Any, full_port: int, closed_port: int) -> None:
    """A listener that accepts and says nothing is a connection that does not come about."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(ServiceRequestTimeoutError, match=r"within 0\.2 s"):
            wire.get(f"https://127.0.0.1:{port}", connect_timeout=0.2)
        with pytest.raises(DeadlineExceededError):
            wire.get(f"https://127.0.0.1:{port}", connect_timeout=5.0, timeout=0.2)


def test_client_certificate_is_shown(wires: Any, serve: Any, authority: Any) -> None:
    """A service may ask who we are."""
    import ssl

    context = authority.context()
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(authority.ca)
    server = serve([OK], tls=context)
    wire = wires(verify=str(authority.ca), certificate=str(authority.file("elsewhere.test")))
    assert wire.get(server.url).content == b"ok"
    with pytest.raises((ServiceRequestError, ServiceResponseError)):
        wires(verify=str(authority.ca)).get(server.url)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param({"verify": "/no/such/ca.pem"}, "CA bundle '/no/such/ca.pem' cannot be used", id="CA bundle"),
        pytest.param(
            {"certificate": ("/no/such.pem", "/no/key.pem")}, "client certificate '/no/such.pem'", id="certificate"
        ),
    ],
)
def test_missing_file_is_a_usage_error(wires: Any, arguments: dict[str, Any], message: str) -> None:
    """Said by the first https request, with the path."""
    with pytest.raises(UsageError, match=message):
        wires(**arguments).get("https://localhost:1")


# --- proxies ---------------------------------------------------------------------------------------------------------


class Proxy:
    """Forwards what it is asked for in full, and opens tunnels. Remembers first lines and what it was told of itself."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.lines: list[str] = []
        self.authorizations: list[str] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(65536)
        first, *fields = head.decode().split("\r\n")
        self.lines.append(first)
        self.authorizations += [f for f in fields if f.lower().startswith("proxy-authorization")]
        method, target, _ = first.split()
        host, _, port = (target if method == "CONNECT" else target.split("/")[2]).rpartition(":")
        server = socket.create_connection((host, int(port)))
        if method == "CONNECT":
            client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
        else:
            server.sendall(head)
        threading.Thread(target=self._pump, args=(client, server), daemon=True).start()
        self._pump(server, client)

    @staticmethod
    def _pump(source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            return


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    """A proxy on loopback."""
    started = Proxy()
    yield started
    started.close()


def test_plain_requests_are_forwarded(
    wires: Any, serve: Any, proxy: Proxy, clean_environment: pytest.MonkeyPatch
) -> None:
    """The proxy is asked for the whole URL; the server sees its own host."""
    server = serve([OK, OK])
    clean_environment.setenv("HTTP_PROXY", f"http://name:pa%20ss@127.0.0.1:{proxy.port}")
    wire = wires()
    assert wire.get(server.url + "/x?y=1").content == b"ok"
    assert proxy.lines == [f"GET {server.url}/x?y=1 HTTP/1.1"]
    assert proxy.authorizations == ["Proxy-Authorization: Basic bmFtZTpwYSBzcw=="] or [
        line.lower() for line in proxy.authorizations
    ] == ["proxy-authorization: basic bmftztpwysbzcw=="]
    assert server.requests[0].headers["host"] == f"localhost:{server.port}"


def test_line_break_in_a_host_does_not_reach_the_proxy(
    wires: Any, serve: Any, proxy: Proxy, clean_environment: pytest.MonkeyPatch
) -> None:
    """`urlsplit` overlooks it, so the URL as it was spelt must not become a part of the request line."""
    server = serve([OK])
    clean_environment.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
    with suppress(UsageError):
        wires().get(f"http://local\r\nhost:{server.port}/x", timeout=5.0)
    assert proxy.lines in ([], [f"GET {server.url}/x HTTP/1.1"])


def test_tls_goes_through_a_tunnel(
    wires: Any, serve: Any, proxy: Proxy, authority: Any, clean_environment: pytest.MonkeyPatch
) -> None:
    """The proxy sees host and port only, and the connection is kept."""
    server = serve([OK, OK], tls=authority.context())
    clean_environment.setenv("https_proxy", f"127.0.0.1:{proxy.port}")
    wire = wires(verify=str(authority.ca))
    assert wire.get(server.url + "/x", timeout=5.0).content == b"ok"
    assert wire.get(server.url + "/y", timeout=5.0).content == b"ok"
    assert proxy.lines == [f"CONNECT localhost:{server.port} HTTP/1.{'1' if '1.1' in proxy.lines[0] else '0'}"]
    assert [received.target for received in server.requests] == ["/x", "/y"]


@pytest.mark.parametrize("entry", ["localhost", ".example.test, localhost", "*", "localhost:{port}", "LOCALHOST"])
def test_no_proxy_goes_directly(
    wires: Any, serve: Any, proxy: Proxy, clean_environment: pytest.MonkeyPatch, entry: str
) -> None:
    """A host of NO_PROXY is reached without the proxy."""
    server = serve([OK])
    clean_environment.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
    clean_environment.setenv("NO_PROXY", entry.format(port=server.port))
    assert wires().get(server.url).content == b"ok"
    assert proxy.lines == []


def test_environment_is_read_when_the_transport_opens(
    wires: Any, serve: Any, proxy: Proxy, clean_environment: pytest.MonkeyPatch
) -> None:
    """Not on every call; closing and sending again reads it anew."""
    server = serve([OK], [OK], [OK])
    wire = wires()
    wire.get(server.url)
    clean_environment.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
    wire.get(server.url.replace("localhost", "127.0.0.1"))
    assert proxy.lines == []
    wire.close()
    wire.get(server.url)
    assert len(proxy.lines) == 1


def test_proxy_that_is_not_there(wires: Any, closed_port: int, clean_environment: pytest.MonkeyPatch) -> None:
    """The message names the variables, and not the password in them."""
    clean_environment.setenv("HTTPS_PROXY", f"http://me:secret@127.0.0.1:{closed_port}")
    with pytest.raises(ServiceRequestError, match=r"through the proxy .*HTTPS_PROXY and NO_PROXY") as caught:
        wires().get("https://service.test/x")
    assert caught.value.is_unsent
    assert "secret" not in f"{caught.value}"
