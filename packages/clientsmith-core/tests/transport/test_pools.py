"""How many connections there are, how long they are kept, and what is said when there is none."""

from __future__ import annotations

import asyncio
import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from clientsmith.core.errors import DeadlineExceededError, ServiceRequestError, ServiceResponseError, UsageError
from clientsmith.core.rest import Call, HttpRequest
from clientsmith.core.transport import AioHttpTransport, RequestsTransport
from clientsmith.core.transport.aiohttp import connection as async_connection

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def test_more_threads_than_connections_are_served_and_the_surplus_is_closed(serve: Any, clean_environment: Any) -> None:
    """`max_connections` of a sync transport is how many are kept, not how many may be."""
    server = serve(*[[[0.05, OK], OK, OK]] * 6)
    transport = RequestsTransport(max_connections=2)
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda _: transport.send(HttpRequest("GET", server.url)).content, range(6)))
    assert answers == [b"ok"] * 6
    assert len(server.connections) == 6
    for _ in range(2):
        transport.send(HttpRequest("GET", server.url))
    transport.close()
    assert len(server.connections) == 6, "those that were kept are used"


def test_task_that_waits_for_a_connection_keeps_to_its_deadline(serve: Any, clean_environment: Any) -> None:
    """And is told that it was connections that there were too few of."""
    server = serve([[1.0, OK]])

    async def main() -> None:
        transport = AioHttpTransport(max_connections=1)
        first = asyncio.create_task(transport.send(HttpRequest("GET", server.url)))
        await asyncio.sleep(0.05)
        second = HttpRequest("GET", server.url)
        second.call = Call({"timeout": 0.1}, deadline=time.monotonic() + 0.1)
        with pytest.raises(DeadlineExceededError, match=r"0\.1 s ran out before one of the 1 connections .*max_conn"):
            await transport.send(second)
        assert (await first).content == b"ok"
        await transport.close()

    asyncio.run(main())
    assert len(server.connections) == 1


def test_idle_connection_of_a_task_is_not_used_after_a_minute(
    serve: Any, clean_environment: pytest.MonkeyPatch
) -> None:
    """As for threads: beyond that it is likelier dead than alive."""
    server = serve([OK, OK], [OK])
    clean_environment.setattr(async_connection, "KEEP_ALIVE_SECONDS", 0.01)

    async def main() -> None:
        transport = AioHttpTransport()
        await transport.send(HttpRequest("GET", server.url))
        await asyncio.sleep(0.05)
        await transport.send(HttpRequest("GET", server.url))
        await transport.close()

    asyncio.run(main())
    assert len(server.connections) == 2


def test_answer_that_nobody_asked_for_is_nobodys(wire: Any, serve: Any) -> None:
    """It came on an idle connection, and must not become the next request's."""
    server = serve([[OK, 0.02, b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"], OK], [OK])
    assert wire.get(server.url).content == b"ok"
    wire.pause(0.1)
    assert wire.get(server.url).content == b"ok"
    assert len(server.connections) == 2


def test_head_without_a_length_leaves_the_connection_usable(road: Any) -> None:
    """There is no body, so nothing has to end with the connection; nginx answers so where it would compress."""
    server = road.to([b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", OK])
    assert road.wire.send("HEAD", server.url).content == b""
    assert road.wire.get(server.url).content == b"ok"
    assert len(server.connections) == 1


# --- certificates ----------------------------------------------------------------------------------------------------


def test_ca_bundle_for_openssl_is_taken(wires: Any, serve: Any, authority: Any, clean_environment: Any) -> None:
    """SSL_CERT_FILE is what every other tool on the machine goes by."""
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        clean_environment.delenv(name, raising=False)
    clean_environment.setenv("SSL_CERT_FILE", str(authority.ca))
    assert wires().get(serve([OK], tls=authority.context()).url).content == b"ok"


def test_folder_of_hashed_certificates_is_trusted(wires: Any, serve: Any, authority: Any, tmp_path: Path) -> None:
    """As `openssl rehash` makes it."""
    import subprocess

    (tmp_path / "ca.pem").write_bytes(authority.ca.read_bytes())
    subprocess.run(["openssl", "rehash", str(tmp_path)], check=True, capture_output=True)
    assert wires(verify=str(tmp_path)).get(serve([OK], tls=authority.context()).url).content == b"ok"


def certificate_problem(kind: str, authority: Any, folder: Path) -> Any:
    """Return a client certificate that cannot be used."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import (
        BestAvailableEncryption,
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    key = ec.generate_private_key(ec.SECP256R1())
    protection = BestAvailableEncryption(b"secret") if kind == "encrypted" else NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection))
    (folder / "text.pem").write_text("not a certificate")
    return {
        "another's key": (str(authority.file("elsewhere.test")), str(folder / "key.pem")),
        "encrypted": (str(authority.file("elsewhere.test")), str(folder / "key.pem")),
        "no certificate": str(folder / "text.pem"),
        "no key": str(authority.ca),
        "missing": str(folder / "missing.pem"),
    }[kind]


@pytest.mark.parametrize("kind", ["another's key", "encrypted", "no certificate", "no key", "missing"])
def test_client_certificate_that_cannot_be_used(wires: Any, authority: Any, tmp_path: Path, kind: str) -> None:
    """Nobody is asked for a password at a terminal that may not be there."""
    certificate = certificate_problem(kind, authority, tmp_path)
    with pytest.raises(UsageError, match=r"the client certificate '.*\.pem'.* cannot be used: .*`certificate` takes"):
        wires(certificate=certificate).get("https://localhost:1")


def test_service_that_wants_a_certificate_and_gets_none(wires: Any, serve: Any, authority: Any) -> None:
    """TLS 1.3 tells only after the handshake, so it may look like a connection that was closed."""
    context = authority.context()
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(authority.ca)
    server = serve([OK], tls=context)
    with pytest.raises((ServiceRequestError, ServiceResponseError)):
        wires(verify=str(authority.ca)).get(server.url)
    assert server.requests == []
