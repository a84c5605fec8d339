"""Webhooks against real receivers on loopback: what they get, how often, and where nothing is sent."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from naas.jobs import JobState
from naas.security.addresses import DestinationRules
from naas.security.outbound import Outbound, OutboundError
from naas.security.signing import signature, signature_with_time
from naas.security.webhooks import WebhookRules, Webhooks, public_url, wait_after
from naas.store.sql import SqlStore
from naas.vault import Vault

from .conftest import Clock, Heard, ended

LOOPBACK = DestinationRules(allow_http=True, allow_private=True)


@dataclass
class Receiver:
    """A web server that writes down what it gets and answers from a script."""

    answers: list[bytes] = field(default_factory=list[bytes])
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list[tuple[str, dict[str, str], bytes]])
    url: str = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")[:-2]
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.requests.append((first, headers, body))
        writer.write(self.answers.pop(0) if self.answers else b"HTTP/1.1 204 No Content\r\n\r\n")
        await writer.drain()
        # Not closed: the sender has to know by itself when it has heard enough.


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    async with listening(receiver.serve) as port:
        receiver.url = f"http://127.0.0.1:{port}/hook?token=hunter2"
        yield receiver


@asynccontextmanager
async def listening(serve: Callable[..., Any]) -> AsyncIterator[int]:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def answer(status: int, *headers: str, body: str = "") -> bytes:
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *headers, "", body]
    return "\r\n".join(lines).encode()


@pytest.fixture
def webhooks(store: SqlStore, vault: Vault, audit: Heard, clock: Clock) -> Webhooks:
    rules = WebhookRules(LOOPBACK, attempts=4, timeout=2.0)
    return Webhooks(store, vault, rules, audit, now=clock.now)


def finished(make_job: Any, vault: Vault, url: str, secret: str | None = "shared", **fields: Any) -> Any:
    job = make_job(webhook_url=url)
    sealed = None if secret is None else vault.seal_text(job.id, secret)
    return replace(ended(job), sealed_webhook_secret=sealed, ended_at=job.created_at + timedelta(seconds=3), **fields)


async def test_the_receiver_can_check_the_bytes_that_it_got(
    webhooks: Webhooks, receiver: Receiver, make_job: Any, vault: Vault, clock: Clock
) -> None:
    """The existing service signed other bytes than it sent."""
    job = finished(make_job, vault, receiver.url)
    await webhooks.ended(job)
    assert await webhooks.send_due() == 1
    ((first, headers, body),) = receiver.requests
    assert first == "POST /hook?token=hunter2 HTTP/1.1"
    assert json.loads(body) == {
        "job_id": job.id,
        "status": "finished",
        "enqueued_at": job.created_at.isoformat(),
        "completed_at": job.ended_at.isoformat(),
    }
    assert body == json.dumps(json.loads(body), sort_keys=True, separators=(",", ":")).encode()
    assert headers["x-naas-delivery"] == job.id
    assert headers["x-naas-signature"] == "sha256=" + hmac.new(b"shared", body, hashlib.sha256).hexdigest()
    stamp = headers["x-naas-timestamp"]
    assert int(stamp) == int(clock())
    signed = hmac.new(b"shared", stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    assert headers["x-naas-signature-v2"] == f"t={stamp},sha256={signed}"
    assert headers["content-type"] == "application/json"


def test_a_signature_covers_the_time() -> None:
    assert signature_with_time("s", b"{}", 1) != signature_with_time("s", b"{}", 2)
    assert signature("s", b"{}") == signature("s", b"{}") != signature("t", b"{}")


async def test_without_a_secret_nothing_is_signed(
    webhooks: Webhooks, receiver: Receiver, make_job: Any, vault: Vault
) -> None:
    await webhooks.ended(finished(make_job, vault, receiver.url, secret=None))
    await webhooks.send_due()
    assert not {name for name in receiver.requests[0][1] if "signature" in name}


@pytest.mark.parametrize(
    ("state", "sent"),
    [(JobState.FINISHED, 1), (JobState.FAILED, 1), (JobState.CANCELED, 0)],
    ids=["finished", "failed", "canceled"],
)
async def test_which_ends_are_told(
    state: JobState, sent: int, webhooks: Webhooks, receiver: Receiver, make_job: Any, vault: Vault
) -> None:
    await webhooks.ended(finished(make_job, vault, receiver.url, state=state))
    await webhooks.ended(ended(make_job()))
    assert await webhooks.send_due() == sent
    assert [json.loads(body)["status"] for _, _, body in receiver.requests] == [state.value] * sent


async def test_a_failed_attempt_is_repeated_later_and_later(
    webhooks: Webhooks, receiver: Receiver, make_job: Any, vault: Vault, clock: Clock, audit: Heard
) -> None:
    receiver.answers = [answer(500)] * 4
    job = finished(make_job, vault, receiver.url)
    await webhooks.ended(job)
    told: list[str] = []
    webhooks.on_attempt = told.append
    waits: list[float] = []
    for _ in range(3):
        assert await webhooks.send_due() == 1
        (delivery,) = await webhooks.deliveries(job.id)
        assert delivery.next_at is not None
        waits.append((delivery.next_at - clock.now()).total_seconds())
        assert await webhooks.send_due() == 0
        clock.forward(waits[-1])
    assert await webhooks.send_due() == 1
    assert waits == [5.0, 30.0, 300.0]
    assert told == ["failed", "failed", "failed", "given_up"]
    (delivery,) = await webhooks.deliveries(job.id)
    assert (delivery.attempts, delivery.next_at, delivery.sealed_secret) == (4, None, None)
    assert delivery.last_error == "the receiver answered with the status 500"
    assert audit.events == [
        (
            "webhook.failed",
            {
                "job_id": job.id,
                "webhook_url": receiver.url.removesuffix("?token=hunter2"),
                "attempts": 4,
                "last_error": "the receiver answered with the status 500",
            },
        )
    ]


async def test_a_later_attempt_may_succeed_with_the_same_body_and_a_new_time(
    webhooks: Webhooks, receiver: Receiver, make_job: Any, vault: Vault, clock: Clock, audit: Heard
) -> None:
    receiver.answers = [answer(503)]
    job = finished(make_job, vault, receiver.url)
    await webhooks.ended(job)
    await webhooks.send_due()
    clock.forward(5)
    await webhooks.send_due()
    (_, first, one), (_, second, two) = receiver.requests
    assert one == two
    assert first["x-naas-signature"] == second["x-naas-signature"]
    assert first["x-naas-signature-v2"] != second["x-naas-signature-v2"]
    (delivery,) = await webhooks.deliveries(job.id)
    assert delivery.delivered_at == clock.now()
    assert audit.events == []


@pytest.mark.parametrize(("attempts", "wait"), [(1, 5.0), (2, 30.0), (3, 300.0), (4, 1800.0), (5, 1800.0), (6, None)])
def test_how_long_the_waits_are(attempts: int, wait: float | None) -> None:
    assert wait_after(attempts, WebhookRules(attempts=6)) == wait


async def test_redirects_are_not_followed(webhooks: Webhooks, receiver: Receiver, make_job: Any, vault: Vault) -> None:
    """They would lead where nobody has judged."""
    receiver.answers = [answer(302, f"Location: {receiver.url}")]
    job = finished(make_job, vault, receiver.url)
    await webhooks.ended(job)
    await webhooks.send_due()
    assert len(receiver.requests) == 1
    (delivery,) = await webhooks.deliveries(job.id)
    assert delivery.last_error == "the receiver answered with the status 302"


async def test_an_end_that_is_told_twice_is_sent_once(
    webhooks: Webhooks, receiver: Receiver, make_job: Any, vault: Vault
) -> None:
    job = finished(make_job, vault, receiver.url)
    await webhooks.ended(job)
    await webhooks.ended(job)
    assert await webhooks.send_due() == 1
    await webhooks.ended(job)
    assert await webhooks.send_due() == 0


async def test_two_processes_send_once(
    webhooks: Webhooks, receiver: Receiver, make_job: Any, vault: Vault, store: SqlStore, audit: Heard, clock: Clock
) -> None:
    other = Webhooks(store, vault, WebhookRules(LOOPBACK), audit, now=clock.now)
    for _ in range(10):
        await webhooks.ended(finished(make_job, vault, receiver.url))
    assert sum(await asyncio.gather(webhooks.send_due(), other.send_due())) == 10
    assert len(receiver.requests) == 10


async def test_what_a_crash_kept_out_of_the_outbox_is_put_there_at_the_next_start(
    webhooks: Webhooks, receiver: Receiver, make_job: Any, vault: Vault, store: SqlStore
) -> None:
    from naas.store.base import Move

    job = make_job(webhook_url=receiver.url)
    job = replace(job, sealed_webhook_secret=vault.seal_text(job.id, "shared"))
    await store.jobs.add(job)
    await store.jobs.move(Move(job.id, JobState.STARTED, job.created_at))
    await store.jobs.move(Move(job.id, JobState.FINISHED, job.created_at, outcome=ended(job).outcome))
    await webhooks.recover()
    assert await webhooks.send_due() == 1
    ((_, headers, body),) = receiver.requests
    assert headers["x-naas-signature"] == signature("shared", body)
    await webhooks.recover()
    assert await webhooks.send_due() == 0


async def test_the_running_outbox_sends_at_once(
    webhooks: Webhooks, receiver: Receiver, make_job: Any, vault: Vault
) -> None:
    task = asyncio.create_task(webhooks.run())
    job = finished(make_job, vault, receiver.url)
    await webhooks.ended(job)
    async with asyncio.timeout(2):
        while not receiver.requests:
            await asyncio.sleep(0.005)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_secret_that_cannot_be_opened_stops_the_delivery_with_a_reason(
    webhooks: Webhooks, receiver: Receiver, make_job: Any
) -> None:
    """Unsigned is worse than late."""
    job = finished(make_job, Vault(bytes(32)), receiver.url)
    await webhooks.ended(job)
    await webhooks.send_due()
    assert receiver.requests == []
    (delivery,) = await webhooks.deliveries(job.id)
    assert delivery.last_error is not None
    assert delivery.last_error.startswith(f"the webhook secret of job {job.id} cannot be decrypted")


@pytest.mark.parametrize(
    ("url", "secret", "message"),
    [
        (None, None, None),
        ("https://hooks.example.com/x", "s", None),
        ("http://hooks.example.com/x", None, "must begin with https://"),
        ("https://127.0.0.1/x", None, "leads to the loopback of this machine"),
        ("https://hooks.example.com/x", "", "1 to 1024 characters"),
    ],
)
def test_what_a_request_may_ask_for(
    url: str | None, secret: str | None, message: str | None, store: SqlStore, vault: Vault, audit: Heard
) -> None:
    problem = Webhooks(store, vault, WebhookRules(), audit).problem_with(url, secret)
    assert (problem and problem.message) == message
    assert problem is None or problem.shown is None


def test_a_url_is_shown_without_what_may_be_a_token() -> None:
    assert public_url("https://u:p@h.example:8443/a/b?token=x#y") == "https://h.example:8443/a/b"


# The road


async def test_a_name_that_leads_inside_is_refused_when_it_is_resolved(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also if only one of its addresses does."""

    async def resolve(*_: Any, **__: Any) -> list[Any]:
        return [(0, 0, 0, "", ("93.184.215.14", 443)), (0, 0, 0, "", ("10.0.0.1", 443))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)
    with pytest.raises(OutboundError, match=r"rebind\.example is not a place to send to: a private address"):
        await Outbound(DestinationRules()).post("https://rebind.example/", {}, b"")


async def test_the_connection_goes_to_the_address_that_was_judged(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that changes its mind after the judgement gains nothing: it is not asked again."""
    port = int(receiver.url.split(":")[2].split("/")[0])
    asked: list[str] = []

    async def resolve(host: str, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host if host[0].isdigit() else "127.0.0.1", port))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)
    await Outbound(LOOPBACK).post(f"http://hooks.example:{port}/x", {}, b"")
    assert [name for name in asked if not name[0].isdigit()] == ["hooks.example"]
    assert receiver.requests[0][1]["host"] == f"hooks.example:{port}"


async def test_a_machine_without_a_way_to_one_address_takes_the_next(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(receiver.url.split(":")[2].split("/")[0])

    async def resolve(host: str, *_: Any, **__: Any) -> list[Any]:
        # Nobody listens on the second address of the loopback.
        found = [host] if host[0].isdigit() else ["127.0.0.2", "127.0.0.1"]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)
    assert (await Outbound(LOOPBACK).post(f"http://hooks.example:{port}/x", {}, b"")).status == 204


async def test_a_certificate_must_be_for_the_name(tmp_path: Path) -> None:
    """The connection goes to an address; TLS still asks for the name, and for an authority that is trusted."""
    certificate, context = self_signed(tmp_path, "hooks.example")
    server = await asyncio.start_server(Receiver().serve, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    trusting = ssl.create_default_context(cafile=certificate)
    with pytest.raises(OutboundError, match=r"TLS with 127\.0\.0\.1 failed: CERTIFICATE_VERIFY_FAILED"):
        await Outbound(LOOPBACK, tls=trusting).post(f"https://127.0.0.1:{port}/", {}, b"")
    with pytest.raises(OutboundError, match="CERTIFICATE_VERIFY_FAILED"):
        await Outbound(LOOPBACK).post(f"https://127.0.0.1:{port}/", {}, b"")

    async def resolve(host: str, *_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    loop = asyncio.get_running_loop()
    original, loop.getaddrinfo = loop.getaddrinfo, resolve  # type: ignore[method-assign]
    try:
        answered = await Outbound(LOOPBACK, tls=trusting).post(f"https://hooks.example:{port}/", {}, b"")
    finally:
        loop.getaddrinfo = original  # type: ignore[method-assign]
    assert answered.status == 204
    server.close()


def self_signed(folder: Path, name: str) -> tuple[Path, ssl.SSLContext]:
    """A certificate for a name, and a server's side that shows it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(
            subject, subject, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1)
        )
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    file = folder / "certificate.pem"
    file.write_bytes(certificate.public_bytes(Encoding.PEM))
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "both.pem").write_bytes(private + certificate.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")
    return file, context


async def test_a_mistake_with_one_delivery_does_not_stop_the_others(
    webhooks: Webhooks,
    receiver: Receiver,
    make_job: Any,
    vault: Vault,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    first = iter([True])
    send = webhooks.send_due

    async def stumble() -> int:
        if next(first, False):
            raise ValueError("a mistake of ours")
        return await send()

    monkeypatch.setattr(webhooks, "send_due", stumble)
    task = asyncio.create_task(webhooks.run())
    await webhooks.ended(finished(make_job, vault, receiver.url))
    async with asyncio.timeout(3):
        while not receiver.requests:
            await webhooks.ended(finished(make_job, vault, receiver.url))
            await asyncio.sleep(0.005)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert "a mistake of ours" in caplog.text


async def test_a_receiver_that_never_answers_costs_its_time_and_no_more() -> None:
    async def hang(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read(-1)

    async with listening(hang) as port:
        with pytest.raises(OutboundError, match=r"127\.0\.0\.1 did not answer within 0\.1 s"):
            await Outbound(LOOPBACK, timeout=0.1).post(f"http://127.0.0.1:{port}/", {}, b"{}")


async def test_a_receiver_that_drips_is_cut_off_as_a_whole() -> None:
    """A timeout for each read would wait for ever."""

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"H")
            await asyncio.sleep(0.01)

    async with listening(drip) as port:
        with pytest.raises(OutboundError, match="did not answer within"):
            await Outbound(LOOPBACK, timeout=0.2).get(f"http://127.0.0.1:{port}/")


async def test_an_endless_answer_is_cut_off() -> None:
    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 100_000)

    async with listening(flood) as port:
        with pytest.raises(OutboundError, match="answered more than 1000 bytes"):
            await Outbound(LOOPBACK, largest_answer=1000).get(f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize(
    ("raw", "status", "body"),
    [
        (answer(200, body="hello"), 200, b"hello"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 200, b"hello"),
        (b"HTTP/1.0 200 OK\r\n\r\nhello", 200, b"hello"),
    ],
    ids=["with a length", "chunked", "until the end"],
)
async def test_answers_are_understood(raw: bytes, status: int, body: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(raw)
        await writer.drain()
        writer.close()

    async with listening(serve) as port:
        got = await Outbound(LOOPBACK).get(f"http://127.0.0.1:{port}/")
    assert (got.status, got.body) == (status, body)


@pytest.mark.parametrize(
    "raw",
    [b"", b"SSH-2.0-x\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"],
    ids=["nothing", "no HTTP", "cut"],
)
async def test_what_is_no_whole_answer_is_an_error(raw: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(raw)
        await writer.drain()
        writer.close()

    async with listening(serve) as port:
        with pytest.raises(OutboundError, match="did not answer in whole HTTP"):
            await Outbound(LOOPBACK).get(f"http://127.0.0.1:{port}/")


async def test_nobody_there_is_an_error_without_the_path() -> None:
    async with listening(lambda *_: None) as port:
        pass
    with pytest.raises(OutboundError, match=r"no connection to 127\.0\.0\.1") as caught:
        await Outbound(LOOPBACK).post(f"http://127.0.0.1:{port}/secret-path", {}, b"")
    assert "secret-path" not in str(caught.value)
