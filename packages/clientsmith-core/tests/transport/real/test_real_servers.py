"""Our transports against servers that nobody here wrote."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from clientsmith.core.errors import ServiceRequestError, ServiceResponseError, TransportError
from clientsmith.core.transport import RequestsTransport

pytestmark = pytest.mark.real


def url_of(program: Any, path: str) -> str:
    return f"http://localhost:{program.port}{path}"


def test_nginx_compresses_and_we_read(wire: Any, nginx: Callable[..., Any]) -> None:
    """JSON, compressed by nginx because we said that we can read it."""
    response = wire.get(url_of(nginx(), "/json"))
    assert response.headers["Content-Encoding"] == "gzip"
    assert response.json() == {"name": "Rex"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("HEAD", "/json", 200), ("GET", "/nothing", 204), ("GET", "/gone", 301), ("GET", "/missing", 404)],
)
def test_nginx_answers_without_a_body_leave_the_connection_usable(
    wire: Any, nginx: Callable[..., Any], method: str, path: str, status: int
) -> None:
    """Three times over one connection."""
    server = nginx()
    for _ in range(3):
        assert wire.send(method, url_of(server, path)).status_code == status
    assert wire.get(url_of(server, "/json")).json() == {"name": "Rex"}
    server.process.terminate()
    server.process.wait(5)
    assert len(set((server.folder / "connections.log").read_text().split())) == 1


def test_nginx_serves_parts_of_a_file_under_conditions(wire: Any, nginx: Callable[..., Any], tmp_path: Path) -> None:
    """An entity tag, a 304, a range, and a range whose condition no longer holds."""
    server = nginx()
    (tmp_path / "root" / "backup.bin").write_bytes(bytes(range(256)) * 100)
    # Compressed on the way it would have a weak tag, which no range may be asked for with (RFC 9110, 13.1.5).
    plain = {"Accept-Encoding": "identity"}
    url = url_of(server, "/backup.bin")
    whole = wire.get(url, headers=plain)
    etag = whole.headers["ETag"]
    assert wire.get(url, headers={**plain, "If-None-Match": etag}).status_code == 304
    part = wire.get(url, headers={**plain, "Range": "bytes=100-199", "If-Range": etag})
    assert (part.status_code, part.content) == (206, whole.content[100:200])
    assert part.headers["Content-Range"] == "bytes 100-199/25600"
    changed = wire.get(url, headers={**plain, "Range": "bytes=100-199", "If-Range": '"old"'})
    assert (changed.status_code, len(changed.content)) == (200, 25600)


def test_nginx_refuses_a_body_before_it_has_read_it(wire: Any, nginx: Callable[..., Any]) -> None:
    """413 while eight megabytes are under way: its answer, or an error that says that the connection broke."""
    with suppress(TransportError):
        assert wire.send("POST", url_of(nginx(), "/json"), content=b"x" * 8_000_000, timeout=5.0).status_code == 413


def test_nginx_closing_without_an_answer_is_an_error(wire: Any, nginx: Callable[..., Any]) -> None:
    """nginx's 444."""
    with pytest.raises(ServiceResponseError, match="closed the connection without an answer"):
        wire.get(url_of(nginx(), "/closed"))


def test_nginx_answers_431_or_400_to_huge_headers(wire: Any, nginx: Callable[..., Any]) -> None:
    """Its answer reaches the caller."""
    answer = wire.get(url_of(nginx(), "/json"), headers={"X-Huge": "x" * 20_000})
    assert answer.status_code in (400, 414, 431)


def test_a_big_download_from_nginx_is_streamed(wire: Any, nginx: Callable[..., Any], tmp_path: Path) -> None:
    """Thirty-two megabytes in pieces, through its own way of sending files."""
    server = nginx()
    (tmp_path / "root" / "big.bin").write_bytes(b"0123456789abcdef" * (2 * 1024 * 1024))
    response = wire.get(url_of(server, "/big.bin"), stream=True)
    assert sum(map(len, wire.chunks(response))) == 32 * 1024 * 1024


def test_a_precompressed_file_of_nginx(wire: Any, nginx: Callable[..., Any], tmp_path: Path) -> None:
    """``gzip_static``: the length of the header is that of the compressed file."""
    server = nginx(server="gzip_static on; default_type text/plain;")
    (tmp_path / "root" / "notes.txt.gz").write_bytes(gzip.compress(b"hello " * 10_000))
    (tmp_path / "root" / "notes.txt").write_bytes(b"hello " * 10_000)
    assert wire.get(url_of(server, "/notes.txt")).content == b"hello " * 10_000


def test_nginx_over_tls_wants_our_certificate(
    wires: Callable[..., Any], nginx: Callable[..., Any], authority: Any
) -> None:
    """Mutual TLS: with our certificate it answers, without it says 400."""
    server = nginx(
        server=f"ssl_certificate {authority.file('localhost')}; ssl_certificate_key {authority.file('localhost')}; "
        f"ssl_client_certificate {authority.ca}; ssl_verify_client on;",
        is_tls=True,
    )
    url = f"https://localhost:{server.port}/json"
    ours = wires(verify=str(authority.ca), certificate=str(authority.file("elsewhere.test")))
    assert ours.get(url).json() == {"name": "Rex"}
    assert wires(verify=str(authority.ca)).get(url).status_code == 400
    with pytest.raises(ServiceRequestError, match="could not be verified"):
        wires().get(url)


def test_idle_connections_that_nginx_closes_are_not_used_again(wire: Any, nginx: Callable[..., Any]) -> None:
    """One second of keep-alive, and a caller who comes back later."""
    server = nginx(server="keepalive_timeout 1s;")
    assert wire.get(url_of(server, "/json")).status_code == 200
    wire.pause(1.3)
    assert wire.get(url_of(server, "/json")).status_code == 200


# --- Node.js ---------------------------------------------------------------------------------------------------------


def test_node_sees_the_request_as_it_was_written(wire: Any, node: Callable[..., Any]) -> None:
    """Method, target, header fields and body, over one connection."""
    server = node()
    answer = wire.send(
        "PATCH", url_of(server, "/a%2Fb?c=d%20e&c="), headers={"X-Name": "Rex"}, content=b"x" * 100
    ).json()
    assert (answer["method"], answer["url"], answer["length"]) == ("PATCH", "/a%2Fb?c=d%20e&c=", 100)
    assert answer["headers"]["x-name"] == "Rex"
    assert answer["headers"]["content-length"] == "100"


def test_node_reads_a_body_in_chunks(wire: Any, node: Callable[..., Any]) -> None:
    """An iterable has no length, so it goes out chunked."""
    answer = wire.send("POST", url_of(node(), "/"), content=(b"x" * 1000 for _ in range(100))).json()
    assert answer["length"] == 100_000
    assert answer["headers"]["transfer-encoding"] == "chunked"


def test_early_hints_of_node_are_not_the_answer(wire: Any, node: Callable[..., Any]) -> None:
    """103 comes first, 200 is the answer."""
    answer = wire.get(url_of(node(), "/hints"))
    assert (answer.status_code, answer.json()["url"]) == (200, "/hints")


def test_trailers_of_node_leave_the_connection_usable(wire: Any, node: Callable[..., Any]) -> None:
    """Fields after the last chunk are read past."""
    server = node()
    for _ in range(3):
        assert wire.get(url_of(server, "/trailers")).content.count(b"line") == 10
    ports = {wire.get(url_of(server, "/")).headers["X-Port"] for _ in range(3)}
    assert len(ports) == 1


def test_an_answer_that_node_breaks_off_is_an_error(wire: Any, node: Callable[..., Any]) -> None:
    """Four bytes of a hundred."""
    with pytest.raises(ServiceResponseError, match="broke off"):
        wire.get(url_of(node(), "/half"))


# --- proxies ---------------------------------------------------------------------------------------------------------


def test_a_plain_request_goes_through_tinyproxy(
    wires: Callable[..., Any],
    node: Callable[..., Any],
    tinyproxy: Callable[..., Any],
    clean_environment: pytest.MonkeyPatch,
) -> None:
    """tinyproxy signs what it forwards with ``Via``; localhost is only sent to it because nothing exempts it."""
    clean_environment.setenv("HTTP_PROXY", f"http://127.0.0.1:{tinyproxy().port}")
    answer = wires().get(url_of(node(), "/").replace("localhost", "127.0.0.1")).json()
    assert "tinyproxy" in answer["headers"]["via"]


def test_tls_goes_through_a_tunnel_of_tinyproxy(
    wires: Callable[..., Any],
    nginx: Callable[..., Any],
    tinyproxy: Callable[..., Any],
    authority: Any,
    clean_environment: pytest.MonkeyPatch,
) -> None:
    """CONNECT with a password, then TLS to nginx; with the wrong password a clear error that shows neither."""
    server = nginx(
        server=f"ssl_certificate {authority.file('localhost')}; ssl_certificate_key {authority.file('localhost')};",
        is_tls=True,
    )
    proxy = tinyproxy("BasicAuth me SECRET")
    url = f"https://localhost:{server.port}/json"
    clean_environment.setenv("HTTPS_PROXY", f"http://me:SECRET@127.0.0.1:{proxy.port}")
    assert wires(verify=str(authority.ca)).get(url).json() == {"name": "Rex"}
    clean_environment.setenv("HTTPS_PROXY", f"http://me:WRONG@127.0.0.1:{proxy.port}")
    with pytest.raises(ServiceRequestError, match="through the proxy") as caught:
        wires(verify=str(authority.ca)).get(url)
    assert "WRONG" not in f"{caught.value!r}{caught.value}{caught.value.__cause__!r}"


def test_a_request_goes_through_a_socks_proxy(
    make: Callable[..., Any],
    wires: Callable[..., Any],
    node: Callable[..., Any],
    microsocks: Callable[..., Any],
    clean_environment: pytest.MonkeyPatch,
) -> None:
    """Where the library below can; PySocks is what requests needs for it."""
    if make is not RequestsTransport:
        pytest.skip("only requests speaks SOCKS")
    pytest.importorskip("socks")
    clean_environment.setenv("ALL_PROXY", f"socks5h://127.0.0.1:{microsocks().port}")
    assert wires().get(url_of(node(), "/")).status_code == 200
