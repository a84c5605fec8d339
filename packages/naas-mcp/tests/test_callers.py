"""Whose key a request uses."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import anyio
import pytest
from mcp.server.mcpserver.exceptions import ToolError
from naas_mcp import McpSettings, Transport
from naas_mcp.callers import Callers, bearer_of, remember_caller

from .conftest import Service


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ("Bearer k", "k"),
        ("bearer  k ", "k"),
        ("Bearer", None),
        ("Bearer ", None),
        ("Basic YTpi", None),
        ("k", None),
        ("", None),
        (None, None),
    ],
)
def test_a_key_is_a_bearer(header: str | None, key: str | None) -> None:
    assert bearer_of(header) == key


async def test_requests_at_the_same_time_keep_their_own_keys(service: Service) -> None:
    """All have come in, and none has used its key yet: the last one must not have lent its key to the others."""
    jobs: dict[str, str] = {}
    for name in ("ann", "bob"):
        with service.client(name) as client:
            poller = client.begin_send_command(commands=[f"show {name}"], device="sw1")
            jobs[name] = str(poller.result(timeout=10).job_id)
    callers = Callers(McpSettings(api_url=service.url, transport=Transport.HTTP))
    arrived, newest = anyio.Event(), dict[int, str]()
    names = ["ann", "bob", "ann", "bob"]

    async def work(number: int) -> None:
        async def handler(_: Any) -> None:
            if number == len(names) - 1:
                arrived.set()
            await arrived.wait()
            async with callers.client() as client, anyio.create_task_group() as group:

                async def look() -> None:  # a task of its own, as progress is
                    async for job in client.list_jobs():
                        newest[number] = str(job.job_id)
                        return

                group.start_soon(look)

        headers = {"authorization": f"Bearer {service.keys[names[number]]}"}
        context: Any = SimpleNamespace(request=SimpleNamespace(headers=headers))
        await remember_caller(context, handler)

    async with anyio.create_task_group() as group:
        for number in range(len(names)):
            group.start_soon(work, number)
    await callers.close()
    assert [newest[number] for number in range(len(names))] == [jobs[name] for name in names]


async def test_a_request_without_a_key_has_none_of_another() -> None:
    callers = Callers(McpSettings(transport=Transport.HTTP))

    async def handler(_: Any) -> None:
        async with callers.client():
            pytest.fail("it has a client")

    earlier: Any = SimpleNamespace(request=SimpleNamespace(headers={"authorization": "Bearer k"}))

    async def nothing(_: Any) -> None:
        return None

    await remember_caller(earlier, nothing)
    for request in (None, SimpleNamespace(headers={})):
        context: Any = SimpleNamespace(request=request)
        with pytest.raises(ToolError, match="Authorization: Bearer KEY"):
            await remember_caller(context, handler)


async def test_the_key_of_the_settings_is_not_used_over_http() -> None:
    """`McpSettings.check` refuses to start so; should it, the key is not lent all the same."""
    callers = Callers(McpSettings(api_key="k", transport=Transport.HTTP))
    with pytest.raises(ToolError, match="Authorization: Bearer KEY"):
        async with callers.client():
            pytest.fail("it has a client")
