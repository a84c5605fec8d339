"""The service: what it does when a caller hangs up at the wrong moment."""

from __future__ import annotations

import asyncio
import uuid

import pytest
from naas.config import Settings
from naas.jobs import CommandWork, Device, JobState
from naas.runtime import Runtime
from naas.service import Order
from naas.testing import ScriptedDriver


def order(**fields: str) -> Order:
    device = Device("192.0.2.1", 22, "cisco_ios")
    return Order(device, CommandWork(("show version",)), 30.0, 10.0, "default", {}, **fields)


async def test_a_caller_who_hangs_up_leaves_no_undelivered_job(settings: Settings, driver: ScriptedDriver) -> None:
    """Without the shield the job would be on disk and wait there until the next start of the service."""
    async with Runtime(settings, lambda: driver) as runtime:
        ann = runtime.service.caller("ann", "secret")
        job_id = str(uuid.uuid4())
        submitting = asyncio.create_task(runtime.service.submit(ann, order(request_id=job_id)))
        await asyncio.sleep(0)
        submitting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await submitting
        async with asyncio.timeout(5):
            while not driver.conversations:
                await asyncio.sleep(0.01)
        job = await runtime.service.read(ann, job_id, wait=5)
    assert job.state is JobState.FINISHED


async def test_secrets_stay_out_of_the_repr_of_orders_and_callers(settings: Settings, driver: ScriptedDriver) -> None:
    async with Runtime(settings, lambda: driver) as runtime:
        caller = runtime.service.caller("ann", "hunter2")
    assert "hunter2" not in repr(caller) + repr(order(enable="hunter2"))
