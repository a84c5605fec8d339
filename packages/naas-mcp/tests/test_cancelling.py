"""What becomes of a job when nobody waits for it any more."""

from __future__ import annotations

import logging
import time
from typing import Any

import anyio
import pytest
from naas_client import NaasClient
from naas_mcp.working import submitted

from .conftest import Connect, Service, text_of


@pytest.fixture
def held(service: Service) -> Any:
    """The devices hold every `hold` until they are released."""
    service.driver.held.clear()
    service.driver._released.clear()
    yield service.driver
    service.driver.release()


def newest(admin: NaasClient) -> Any:
    return next(iter(admin.list_jobs()))


@pytest.mark.parametrize("tool", ["send_command", "send_command_to_many"])
@pytest.mark.parametrize(("allowed", "ending"), [(True, "canceled"), (False, "finished")])
async def test_a_cancelled_call_cancels_its_job_where_changes_are_allowed(
    connect: Connect,
    era: str,
    service: Service,
    held: Any,
    caplog: pytest.LogCaptureFixture,
    tool: str,
    allowed: bool,
    ending: str,
) -> None:
    place: dict[str, Any] = {"device": "sw1"} if tool == "send_command" else {"devices": ["sw1"]}
    caplog.set_level(logging.WARNING, "naas_mcp")
    async with (
        connect(era, allow_config=allowed, allow_any_command=True) as client,
        anyio.create_task_group() as group,
    ):
        group.start_soon(client.call_tool, tool, {"commands": ["hold", "show clock"], **place})
        with anyio.fail_after(10):
            await anyio.to_thread.run_sync(held.held.wait, 10)
        group.cancel_scope.cancel()
    said = await until_said(caplog, "and so is" if allowed else "goes on at NAAS")
    assert "the call was cancelled" in said
    held.release()
    with service.client("ann") as ann:
        job = ended(ann)
    assert (job.status, job.job_id is not None) == (ending, True)


async def until_said(caplog: pytest.LogCaptureFixture, text: str) -> str:
    """Wait for a line of the log: the server hears of the cancellation a moment later than we send it."""
    with anyio.fail_after(5):
        while True:
            for message in caplog.messages:
                if text in message:
                    return message
            await anyio.sleep(0.01)


def ended(client: NaasClient) -> Any:
    until = time.monotonic() + 5
    while (job := newest(client)).status not in ("finished", "failed", "canceled"):
        assert time.monotonic() < until, job.status
    return job


async def test_a_cancellation_waits_until_the_job_has_an_id() -> None:
    jobs: list[str] = []
    with anyio.CancelScope() as scope:

        async def submit() -> str:
            scope.cancel()
            await anyio.sleep(0)
            return "job"

        jobs.append(await submitted(submit()))
        await anyio.sleep(0)
        pytest.fail("the cancellation is forgotten")
    assert jobs == ["job"]


async def test_a_job_that_takes_too_long_goes_on(connect: Connect, service: Service, held: Any) -> None:
    async with connect(job_timeout=0.5, allow_any_command=True) as client:
        late = await client.call_tool("send_command", {"commands": ["hold"], "device": "sw1"})
        many = await client.call_tool("send_command_to_many", {"commands": ["hold"], "devices": ["sw1", "sw2"]})
        held.release()
    assert late.is_error
    assert "goes on: ask for it with `get_job_result`" in text_of(late)
    assert many.structured_content["pending"] == ["sw1", "sw2"]
    assert many.structured_content["batch_ids"]
    with service.client("ann") as ann:
        assert ended(ann).status == "finished"


async def test_a_job_can_be_cancelled(connect: Connect, held: Any) -> None:
    async with connect(job_timeout=0.3, allow_any_command=True, allow_config=True) as client:
        await client.call_tool("send_command", {"commands": ["hold", "show clock"], "device": "sw2"})
        job = (await client.call_tool("list_jobs", {"limit": 1})).structured_content["result"][0]
        result = await client.call_tool("cancel_job", {"job_id": job["job_id"]})
        held.release()
    assert not result.is_error, text_of(result)
    assert job["job_id"] in text_of(result)
