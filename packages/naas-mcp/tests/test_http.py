"""Over HTTP: the process as people start it, many callers, each with a key of their own."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import ElicitResult, TextResourceContents
from naas.testing import ScriptedDriver

from .conftest import Service, text_of

PROGRAM = str(Path(sys.executable).with_name("naas-mcp"))


@pytest.fixture(scope="module")
def process(service: Service) -> Iterator[subprocess.Popen[str]]:
    started = start(service)
    yield started
    started.send_signal(signal.SIGTERM)
    stdout, stderr = started.communicate(timeout=15)
    assert (started.returncode, stdout) == (0, "")
    assert "marker" not in stderr
    # The SDK's own: a message that arrives while its session ends. Everything else would be ours.
    if "ClosedResourceError" not in stderr:
        assert "Traceback" not in stderr


@pytest.fixture(scope="module")
def endpoint(process: subprocess.Popen[str]) -> str:
    return listening_on(process)


def start(service: Service) -> subprocess.Popen[str]:
    command = [PROGRAM, "--transport", "streamable-http", "--port", "0", "--public-host", "mcp.example.net"]
    command += ["--log-level", "INFO"]
    environment = {**os.environ, "NAAS_MCP_API_URL": service.url, "NAAS_MCP_ALLOW_CONFIG": "1"}
    environment["NAAS_MCP_ALLOW_ANY_COMMAND"] = "1"
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def listening_on(process: subprocess.Popen[str]) -> str:
    said: queue.Queue[str] = queue.Queue()
    stderr = process.stderr
    assert stderr is not None
    threading.Thread(target=lambda: said.put(stderr.readline()), daemon=True).start()
    line = said.get(timeout=30)
    assert "naas-mcp: listening on http://127.0.0.1:" in line, line
    return line.split()[-1]


@asynccontextmanager
async def connected(endpoint: str, key: str, mode: str = "auto", **options: Any) -> AsyncIterator[Client]:
    headers = {"Authorization": f"Bearer {key}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=30) as http,
        Client(streamable_http_client(endpoint, http_client=http), mode=mode, **options) as client,
    ):
        yield client


async def read(client: Client, uri: str) -> Any:
    (content,) = (await client.read_resource(uri)).contents
    assert isinstance(content, TextResourceContents)
    return json.loads(content.text)


async def test_tools_and_resources_act_for_their_caller_and_for_nobody_else(
    endpoint: str, service: Service, era: str, driver: ScriptedDriver
) -> None:
    """Two callers at once, turn and turn about; NAAS shows each only the jobs of their own."""
    mine: dict[str, set[str]] = {}
    seen: dict[str, list[set[str]]] = {}

    async def work(name: str) -> None:
        async with connected(endpoint, service.keys[name], era) as client:
            mine[name], seen[name] = set(), []
            for number in range(4):
                order = {"commands": [f"show {name} {number}"], "device": "sw1"}
                result = await client.call_tool("send_command", order)
                assert not result.is_error, text_of(result)
                mine[name].add(result.structured_content["job_id"])
                listed = await client.call_tool("list_jobs", {"limit": 4})
                seen[name].append({job["job_id"] for job in listed.structured_content["result"]})
                jobs = await read(client, "naas://jobs")
                seen[name].append({job["job_id"] for job in jobs[: number + 1]})

    async with anyio.create_task_group() as group:
        group.start_soon(work, "ann")
        group.start_soon(work, "bob")
    for name, other in (("ann", "bob"), ("bob", "ann")):
        assert not set.union(*seen[name]) & mine[other]
        assert seen[name][-1] == mine[name]
    assert len(driver.conversations) == 8


async def test_a_job_of_somebody_else_cannot_be_read(endpoint: str, service: Service, era: str) -> None:
    async with connected(endpoint, service.keys["ann"], era) as ann:
        made = await ann.call_tool("send_command", {"commands": ["show version"], "device": "sw1"})
        job_id = made.structured_content["job_id"]
        assert "Version 15.2" in str(await read(ann, f"naas://jobs/{job_id}"))
    async with connected(endpoint, service.keys["bob"], era) as bob:
        result = await bob.call_tool("get_job_result", {"job_id": job_id})
        assert "somebody else's job" in text_of(result)
        with pytest.raises(Exception, match="somebody else's job"):
            await bob.read_resource(f"naas://jobs/{job_id}")


async def test_a_call_that_is_cancelled_cancels_its_job(
    endpoint: str, service: Service, era: str, driver: ScriptedDriver
) -> None:
    driver.held.clear()
    driver._released.clear()
    with service.client("ann") as ann, anyio.fail_after(20):
        ahead = ann.begin_send_command(commands=["hold"], device="sw1")
        driver.held.wait(10)
        # What waits behind it is cancelled at once, so that there is nothing to race with.
        async with connected(endpoint, service.keys["ann"], era) as client, anyio.create_task_group() as group:
            group.start_soon(client.call_tool, "send_command", {"commands": ["show clock"], "device": "sw1"})
            while not (waiting := list(ann.list_jobs(status="queued"))):
                await anyio.sleep(0.02)
            group.cancel_scope.cancel()
        while ann.get_job(waiting[0].job_id).status != "canceled":
            await anyio.sleep(0.02)
        driver.release()
        ahead.result(timeout=10)
    assert "show clock" not in driver.sent


async def test_the_person_is_asked_over_http(endpoint: str, service: Service, era: str, driver: ScriptedDriver) -> None:
    questions: list[str] = []

    async def answer(_: Any, params: Any) -> ElicitResult:
        questions.append(params.message)
        return ElicitResult(action="accept", content={"confirm": True})

    async with connected(endpoint, service.keys["ann"], era, elicitation_callback=answer) as client:
        result = await client.call_tool("send_config", {"config": ["hostname core"], "device": "sw2"})
    assert not result.is_error, text_of(result)
    assert len(questions) == 1
    assert [each.lines for each in driver.conversations] == [("hostname core",)]


INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}
ACCEPT = {"Accept": "application/json, text/event-stream"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Basic YW5uOnNlY3JldA=="}, 401),
        ({"Authorization": "Bearer"}, 401),
        ({"Authorization": "Bearer k"}, 200),
        ({"Authorization": "Bearer k", "Host": "evil.example.com"}, 421),
        ({"Authorization": "Bearer k", "Host": "127.0.0.1.evil.example.com:80"}, 421),
        ({"Authorization": "Bearer k", "Origin": "https://evil.example.com"}, 403),
        ({"Authorization": "Bearer k", "Origin": "http://localhost.evil.example.com"}, 403),
        ({"Authorization": "Bearer k", "Origin": "null"}, 403),
        ({"Authorization": "Bearer k", "Origin": "http://localhost:3000"}, 200),
        ({"Authorization": "Bearer k", "Host": "mcp.example.net", "Origin": "https://mcp.example.net"}, 200),
        ({"Authorization": "Bearer k", "Content-Type": "text/plain"}, 400),
    ],
)
async def test_who_may_speak_to_the_server(endpoint: str, headers: dict[str, str], status: int) -> None:
    async with httpx2.AsyncClient() as http:
        body = json.dumps(INITIALIZE).encode()
        sent = {"Content-Type": "application/json", **ACCEPT, **headers}
        answer = await http.post(endpoint, content=body, headers=sent)
    assert answer.status_code == status, answer.text
    if status == 401:
        assert answer.headers["www-authenticate"] == "Bearer"
        assert "Authorization: Bearer KEY" in answer.text


async def test_a_session_belongs_to_its_key_and_ends(endpoint: str) -> None:
    async with httpx2.AsyncClient(headers={"Content-Type": "application/json", **ACCEPT}) as http:

        def carrying(key: str, session: str = "") -> dict[str, str]:
            return {"Authorization": f"Bearer {key}", **({"Mcp-Session-Id": session} if session else {})}

        opened = await http.post(endpoint, json=INITIALIZE, headers=carrying("ann"))
        session = opened.headers["mcp-session-id"]
        ping = {"jsonrpc": "2.0", "id": 2, "method": "ping"}
        assert (await http.post(endpoint, json=ping, headers=carrying("ann", session))).status_code == 200
        assert (await http.post(endpoint, json=ping, headers=carrying("bob", session))).status_code == 404
        assert (await http.delete(endpoint, headers=carrying("bob", session))).status_code == 404
        assert (await http.delete(endpoint, headers=carrying("ann", session))).status_code == 200
        assert (await http.post(endpoint, json=ping, headers=carrying("ann", session))).status_code == 404


async def test_health_needs_no_key(endpoint: str) -> None:
    async with httpx2.AsyncClient() as http:
        answer = await http.get(endpoint.removesuffix("/mcp") + "/health")
    assert answer.json()["status"] == "ok"


async def test_a_key_is_in_no_answer_and_in_no_log(endpoint: str, era: str) -> None:
    """The log is looked at when the process has ended, by the fixture `process`."""
    async with connected(endpoint, "naas_marker-key-0001", era) as client:
        said = text_of(await client.call_tool("list_jobs", {}))
    assert "look at the API key" in said
    assert "marker" not in said
