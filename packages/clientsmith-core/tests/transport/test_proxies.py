"""Proxies: which one is taken, what is said to it, and what becomes of a refusal."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from clientsmith.core.client import ServiceClient
from clientsmith.core.errors import ServiceRequestError, UsageError
from clientsmith.core.rest import HttpRequest
from clientsmith.core.serialization._unset import UNSET
from clientsmith.core.transport import AioHttpTransport, RequestsTransport
from clientsmith.core.transport._environment import Environment

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

AIOHTTP_AND_REQUESTS = pytest.mark.parametrize(
    "kind", [RequestsTransport, AioHttpTransport], ids=["requests", "aiohttp"]
)


@pytest.fixture(params=[RequestsTransport, AioHttpTransport], ids=["requests", "aiohttp"])
def make(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """The transports that are built on a library; what the standard library's do is tested beside them."""
    kind: Callable[..., Any] = request.param
    return kind


# --- which proxy -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("no_proxy", "host", "port", "is_direct"),
    [
        pytest.param("example.com", "example.com", 443, True, id="the name"),
        pytest.param("example.com", "api.example.com", 443, True, id="a name below it"),
        pytest.param("example.com", "notexample.com", 443, False, id="a name that only ends like it"),
        pytest.param(".example.com", "api.example.com", 443, True, id="a suffix with a dot"),
        pytest.param("*.example.com", "api.example.com", 443, True, id="a suffix with a star"),
        pytest.param("EXAMPLE.com", "example.com", 443, True, id="in capitals"),
        pytest.param("other.test, example.com", "example.com", 443, True, id="the second of two"),
        pytest.param("other.test example.com", "example.com", 443, True, id="separated by a space"),
        pytest.param("*", "example.com", 443, True, id="a star alone"),
        pytest.param("example.com:8443", "example.com", 8443, True, id="with its port"),
        pytest.param("example.com:8443", "example.com", 443, False, id="with another port"),
        pytest.param("10.0.0.0/8", "10.1.2.3", 443, True, id="an address in a network"),
        pytest.param("10.0.0.0/8", "11.1.2.3", 443, False, id="an address outside"),
        pytest.param("10.1.2.3", "10.1.2.3", 443, True, id="an address"),
        pytest.param("10.1.2.3:80", "10.1.2.3", 443, False, id="an address with another port"),
        pytest.param("::1", "::1", 443, True, id="IPv6"),
        pytest.param("[::1]", "::1", 443, True, id="IPv6 in brackets"),
        pytest.param("[::1]:8443", "::1", 8443, True, id="IPv6 with its port"),
        pytest.param("[::1]:8443", "::1", 443, False, id="IPv6 with another port"),
        pytest.param("fd00::/8", "fd12::1", 443, True, id="an IPv6 network"),
        pytest.param("10.0.0.0/8", "ten.example.com", 443, False, id="a network says nothing of names"),
        pytest.param(",, .", "example.com", 443, False, id="nothing but separators"),
    ],
)
def test_exceptions_of_the_environment(no_proxy: str, host: str, port: int, is_direct: bool) -> None:
    """There is no standard for NO_PROXY; these are the forms that curl and requests understand."""
    environment = Environment({"https": "http://proxy.test:3128", "no": no_proxy}, None)
    assert (environment.proxy_for("https", host, port) is None) == is_direct


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(UNSET, "http://environment.test:1", id="not given: the environment's"),
        pytest.param("http://mine.test:2", "http://mine.test:2", id="given: it wins"),
        pytest.param(None, None, id="None: none"),
        pytest.param("", None, id="empty: none"),
    ],
)
def test_proxy_that_is_given_wins(given: Any, expected: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over proxies of the environment and over its exceptions, which were written for another proxy."""
    monkeypatch.setenv("HTTPS_PROXY", "http://environment.test:1")
    monkeypatch.setenv("NO_PROXY", "elsewhere.test" if given is UNSET else "*")
    assert Environment.read(given).proxy_for("https", "service.test", 443) == expected


BAD_PROXIES = [
    "ftp://me:secret@proxy.test",
    "http://:3128",
    "http://me:secret@proxy.test:port",
    "http://",
    "socks6://proxy.test",
]


@pytest.mark.parametrize("proxy", BAD_PROXIES)
def test_proxy_that_makes_no_sense_is_told_at_once(make: Callable[..., Any], proxy: str) -> None:
    """By the constructor, and without the password."""
    with pytest.raises(UsageError, match=r"the proxy that `proxy` names cannot be used; it should look like") as caught:
        make(proxy=proxy)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("proxy", BAD_PROXIES[:3])
def test_proxy_of_the_environment_that_makes_no_sense(
    wires: Callable[..., Any], clean_environment: pytest.MonkeyPatch, proxy: str
) -> None:
    """By the first request that would go there; the variable is named and not shown."""
    clean_environment.setenv("HTTP_PROXY", proxy)
    with pytest.raises(UsageError, match=r"HTTP_PROXY or ALL_PROXY names cannot be used") as caught:
        wires().get("http://service.test/x")
    assert "secret" not in str(caught.value)


def test_client_hands_the_setting_to_its_transport(serve: Callable[..., Any], clean_environment: Any) -> None:
    """`proxy` is a setting of every constructor."""
    proxy = serve([OK])
    with ServiceClient("http://service.test", settings={"proxy": f"http://localhost:{proxy.port}"}) as client:
        assert client.send_request(HttpRequest("GET", "/x")).content == b"ok"
    assert proxy.requests[0].target == "http://service.test/x"


# --- what is said to it ----------------------------------------------------------------------------------------------


def test_name_and_password_go_to_the_proxy_only(
    wires: Callable[..., Any], serve: Callable[..., Any], authority: Any
) -> None:
    """With the request if it is forwarded, with CONNECT if not."""
    plain = serve([OK])
    wires(proxy=f"http://me:s%3Acret@localhost:{plain.port}").get("http://service.test/x")
    assert plain.requests[0].headers["proxy-authorization"] == "Basic bWU6czpjcmV0"
    assert plain.requests[0].headers["host"] == "service.test"


@pytest.mark.parametrize("answer", [b"407 Who are you", b"403 Forbidden", b"503 Full"])
def test_refusal_of_a_tunnel_names_the_proxy(
    wires: Callable[..., Any], serve: Callable[..., Any], answer: bytes
) -> None:
    """Nothing was sent to the service, and the status is told, for it says what to do."""
    proxy = serve([b"HTTP/1.1 " + answer + b"\r\nContent-Length: 0\r\n\r\n"])
    with pytest.raises(ServiceRequestError, match=r"through the proxy .*" + answer.decode()[:3]) as caught:
        wires(proxy=f"http://me:secret@localhost:{proxy.port}").get("https://service.test/x")
    assert caught.value.is_unsent
    assert "secret" not in str(caught.value)


# --- SOCKS -----------------------------------------------------------------------------------------------------------


class SocksProxy:
    """Speaks as much SOCKS 5 as a test needs (RFC 1928): no authentication, CONNECT by name or address."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.asked_for: list[str] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        try:
            client, _ = self._listener.accept()
        except OSError:
            return
        with client, client.makefile("rb") as stream:
            stream.read(stream.read(2)[1])
            client.sendall(b"\x05\x00")
            kind = stream.read(4)[3]
            host = stream.read(stream.read(1)[0]).decode() if kind == 3 else socket.inet_ntoa(stream.read(4))
            port = int.from_bytes(stream.read(2))
            self.asked_for.append(f"{host}:{port}")
            with socket.create_connection(("127.0.0.1", port)) as server:
                client.sendall(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x00")
                request = b""
                while b"\r\n\r\n" not in request:
                    request += client.recv(65536)
                server.sendall(request)
                while data := server.recv(65536):
                    client.sendall(data)


@pytest.fixture
def socks() -> Iterator[SocksProxy]:
    """A SOCKS proxy on loopback."""
    started = SocksProxy()
    yield started
    started.close()


def test_socks_proxy_is_spoken_to(socks: SocksProxy, serve: Callable[..., Any], clean_environment: Any) -> None:
    """With PySocks; the name is resolved by the proxy, and the query is a part of what is asked for."""
    pytest.importorskip("socks")
    server = serve([[OK, "close"]])
    transport = RequestsTransport(proxy=f"socks5h://localhost:{socks.port}")
    assert transport.send(HttpRequest("GET", f"http://service.test:{server.port}/x?y=1")).content == b"ok"
    transport.close()
    assert socks.asked_for == [f"service.test:{server.port}"]
    assert server.requests[0].target == "/x?y=1"
    assert server.requests[0].headers["host"] == f"service.test:{server.port}"


def test_socks_without_pysocks_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not what the import system makes of it."""
    for name in ("socks", "urllib3.contrib.socks"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setattr("requests.adapters.SOCKSProxyManager", _no_socks)
    with pytest.raises(UsageError, match=r"needs PySocks: install `requests\[socks\]`, or name an http proxy"):
        RequestsTransport(proxy="socks5://localhost:1").send(HttpRequest("GET", "http://service.test"))


def _no_socks(*_arguments: object, **_keywords: object) -> None:
    from requests.exceptions import InvalidSchema

    raise InvalidSchema("Missing dependencies for SOCKS support.")


def test_async_clients_refuse_socks(wires: Callable[..., Any], clean_environment: pytest.MonkeyPatch) -> None:
    """aiohttp cannot; the message says what can."""
    with pytest.raises(UsageError, match="aiohttp speaks to no SOCKS proxy; name an http proxy"):
        AioHttpTransport(proxy="socks5://localhost:1")
