"""Alive, ready, metrics: the answers, over the worker's little server and over the API, and the heartbeat file."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from litestar import Litestar, Request, Response
from litestar.datastructures import State
from naas.api.operations import ROUTES
from naas.config import Settings
from naas.errors import NotAllowed, NotAuthenticated, StartError
from naas.observability.heartbeat import heartbeat
from naas.observability.metrics import Metrics
from naas.observability.probe_server import probe_server
from naas.observability.readiness import Check, Probes
from naas.principals import AuthMethod, Principal, Role
from naas.security.authorization import require


class Part:
    """A part of a service that is well or not, and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.error: Exception | None = None

    async def ask(self) -> None:
        self.asked += 1
        if self.error is not None:
            raise self.error


@pytest.fixture
def part() -> Part:
    return Part()


@pytest.fixture
def probes(part: Part, monkeypatch: pytest.MonkeyPatch) -> Probes:
    monkeypatch.setattr("naas.observability.readiness._FRESH_SECONDS", 0.0)
    return Probes([Check("store", part.ask), Check("engine", Part().ask)], Metrics())


async def test_ready_means_that_every_part_is_well(probes: Probes, part: Part) -> None:
    answer = await probes.readyz()
    assert (answer.status, answer.body) == (
        200,
        b'{"status": "ready", "checks": {"store": {"status": "ok"}, "engine": {"status": "ok"}}}',
    )
    part.error = ConnectionError("cannot reach db.example.net as user naas")
    answer = await probes.readyz("text/plain")
    assert (answer.status, answer.body) == (503, b"[-] store failed\n[+] engine ok\nnot ready\n")


async def test_why_a_part_is_not_well_is_logged_once_and_told_to_nobody(
    probes: Probes, part: Part, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "naas.readiness")
    part.error = ConnectionError("no route")
    for _ in range(3):
        assert b"no route" not in (await probes.readyz()).body
    part.error = None
    await probes.readyz()
    assert [record.getMessage() for record in caplog.records] == [
        "a part of the service is not well name=store error='no route'",
        "a part of the service is well again name=store",
    ]


async def test_a_part_that_does_not_answer_is_not_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("naas.observability.readiness._PATIENCE_SECONDS", 0.01)
    assert not (await Probes([Check("engine", asyncio.Event().wait)]).readiness()).is_ready


async def test_who_asks_often_does_not_ask_the_store_often(part: Part) -> None:
    probes = Probes([Check("store", part.ask)])
    await asyncio.gather(*(probes.readyz() for _ in range(50)))
    assert part.asked == 1


async def test_alive_asks_nobody(probes: Probes, part: Part) -> None:
    part.error = ConnectionError()
    assert (probes.livez().status, part.asked) == (200, 0)
    assert probes.livez("text/plain").body == b"alive\n"


# The worker's server


async def test_a_worker_answers_probes_and_nothing_else(probes: Probes, part: Part) -> None:
    part.error = ConnectionError()
    async with probe_server(probes, "127.0.0.1", 0) as port, httpx.AsyncClient() as client:
        url = f"http://127.0.0.1:{port}"
        paths = ("/livez", "/readyz?x=1", "/metrics", "/", "/nowhere")
        assert [(await client.get(url + path)).status_code for path in paths] == [200, 503, 200, 404, 404]
        assert (await client.post(f"{url}/livez", content=b"x")).status_code == 405
        head = await client.head(f"{url}/metrics")
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-type"].startswith("text/plain; version=0.0.4")
        assert "naas_build_info" in (await client.get(f"{url}/metrics")).text
        assert (await client.get(f"{url}/readyz", headers={"Accept": "text/plain"})).text.startswith("[-] store failed")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", b"HTTP/1.1 400 Bad Request"),
        (b"GET /livez HTTP/2.0\r\n\r\n", b"HTTP/1.1 400 Bad Request"),
        (b"GET /" + b"x" * 100_000, b""),
        (b"\x16\x03\x01\x00\r\n\r\n", b"HTTP/1.1 400 Bad Request"),
        (b"", b""),
    ],
    ids=["nonsense", "another version", "too long", "TLS", "nothing"],
)
async def test_whatever_is_sent_to_a_worker_it_stays(sent: bytes, status: bytes, probes: Probes) -> None:
    async with probe_server(probes, "127.0.0.1", 0) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        if sent.endswith(b"\r\n\r\n") or not sent:
            writer.write_eof()
        try:
            answered = await asyncio.wait_for(reader.read(), 5)
        except ConnectionError:
            answered = b""
        assert answered.partition(b"\r\n")[0] == status
        writer.close()
        async with httpx.AsyncClient() as client:
            assert (await client.get(f"http://127.0.0.1:{port}/livez")).status_code == 200


async def test_a_port_in_use_is_told(probes: Probes) -> None:
    async with probe_server(probes, "127.0.0.1", 0) as port:
        with pytest.raises(StartError, match=f"port {port}: .*give another --worker-metrics-port, or 0 to serve none"):
            async with probe_server(probes, "127.0.0.1", port):
                pass


# The API's routes


class Authenticator:
    """Knows one key, and lets any device login through, as the service does."""

    async def authenticate(self, headers: Any, client: str) -> Principal:
        if headers.get("x-api-key") == "good":
            return Principal("k1", "prometheus", Role.VIEWER, AuthMethod.API_KEY)
        if headers.get("authorization", "").startswith("Basic "):
            return Principal("b1", "ann", Role.OPERATOR, AuthMethod.BASIC)
        raise NotAuthenticated("no key")


def _refuse(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    return Response(b"", status_code={NotAllowed: 403, NotAuthenticated: 401}[type(error)])  # type: ignore[index]


@pytest.fixture
def serve(probes: Probes) -> Any:
    """Opens a client of the API's routes, from an address."""

    def serve(*, client: str = "127.0.0.1", metrics: bool = True, **settings: Any) -> httpx.AsyncClient:
        shown = probes if metrics else Probes([])
        security = SimpleNamespace(
            authenticator=Authenticator(), authorizer=SimpleNamespace(require=lambda who, role, _: require(who, role))
        )
        runtime = SimpleNamespace(settings=Settings(**settings), probes=shown, security=security)
        handlers: Any = {NotAllowed: _refuse, NotAuthenticated: _refuse}
        app = Litestar(ROUTES, state=State({"runtime": runtime}), openapi_config=None, exception_handlers=handlers)
        transport = httpx.ASGITransport(app=app, client=(client, 1))  # type: ignore[arg-type]
        return httpx.AsyncClient(transport=transport, base_url="http://naas")

    return serve


async def test_the_api_answers_probes_to_everybody(serve: Any, part: Part) -> None:
    async with serve(client="192.0.2.1") as client:
        assert (await client.get("/livez")).json() == {"status": "alive"}
        assert (await client.get("/readyz")).status_code == 200
        part.error = ConnectionError()
        answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "not_ready")
    assert answer.headers["cache-control"] == "no-store"


BASIC = {"Authorization": "Basic YW5uOnNlY3JldA=="}


@pytest.mark.parametrize(
    ("given", "headers", "status"),
    [
        pytest.param({}, {}, 200, id="from this machine"),
        pytest.param({}, {"X-Forwarded-For": "192.0.2.1"}, 401, id="through a proxy on this machine"),
        pytest.param({"client": "192.0.2.1"}, {}, 401, id="from outside"),
        pytest.param({"client": "192.0.2.1"}, BASIC, 403, id="from outside with a login nobody verified"),
        pytest.param({"client": "192.0.2.1"}, {"X-API-Key": "good"}, 200, id="from outside with a key"),
        pytest.param({"client": "192.0.2.1", "metrics_public": True}, {}, 200, id="from outside, public"),
        pytest.param({"metrics": False}, {}, 404, id="switched off"),
    ],
)
async def test_who_may_read_the_metrics(
    given: dict[str, Any], headers: dict[str, str], status: int, serve: Any
) -> None:
    async with serve(**given) as client:
        answer = await client.get("/metrics", headers=headers)
    assert answer.status_code == status
    assert (b"naas_build_info" in answer.content) is (status == 200)


# The heartbeat file


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "heartbeat"


async def _until(condition: Any) -> None:
    for _ in range(500):
        if condition():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it did not come to pass")


async def test_the_file_is_renewed_as_long_as_the_worker_takes_jobs(file: Path) -> None:
    alive = True
    async with heartbeat(file, lambda: alive, every=0.005):
        await _until(file.exists)
        os.utime(file, (1, 1))
        await _until(lambda: file.stat().st_mtime > 1)
        alive = False
        await asyncio.sleep(0.02)
        os.utime(file, (1, 1))
        await asyncio.sleep(0.03)
        assert file.stat().st_mtime == 1
    assert not file.exists()


async def test_a_file_that_cannot_be_written_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    async with heartbeat(Path("/nowhere/heartbeat"), lambda: True, every=0.001):
        await _until(lambda: caplog.records)
        await asyncio.sleep(0.02)
    (record,) = caplog.records
    assert record.getMessage() == (
        "the heartbeat file cannot be written file=/nowhere/heartbeat error='No such file or directory'"
    )


async def test_without_a_file_nothing_is_written() -> None:
    async with heartbeat(None, lambda: True):
        pass
