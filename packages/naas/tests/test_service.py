"""The service: what it does when a caller hangs up, or the store fails, at the wrong moment."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable

import pytest
from naas.api.wire import SendConfigRequest
from naas.config import Settings
from naas.engine.base import Delivery
from naas.errors import StoreUnavailable
from naas.jobs import CommandWork, Device, Job, JobState
from naas.runtime import Runtime
from naas.service import Order
from naas.store.base import Move
from naas.testing import ScriptedDriver


def order(command: str = "show version", **fields: str) -> Order:
    device = Device("192.0.2.1", 22, "cisco_ios")
    return Order(device, CommandWork((command,)), 30.0, 10.0, "default", {}, **fields)


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


async def test_a_cancel_that_the_store_refuses_leaves_the_job_where_it_is(
    settings: Settings, driver: ScriptedDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken out of the queue but not off the disk, it would wait until the next start of the service."""

    def refuse(_: Move) -> asyncio.Future[None]:
        refused: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        refused.set_exception(StoreUnavailable("disk full"))
        return refused

    async with Runtime(settings, lambda: driver) as runtime:
        ann = runtime.service.caller("ann", "secret")
        held = await runtime.service.submit(ann, order("hold"))
        waiting = await runtime.service.submit(ann, order("show clock"))
        await asyncio.to_thread(driver.held.wait, 5)
        with monkeypatch.context() as patch:
            patch.setattr(runtime._store, "move", refuse)
            with pytest.raises(StoreUnavailable):
                await runtime.service.cancel(ann, waiting.job_id)
        driver.release()
        states = [(await runtime.service.read(ann, job.job_id, wait=5)).state for job in (held, waiting)]
    assert states == [JobState.FINISHED, JobState.FINISHED]


async def test_a_store_that_refused_the_last_write_makes_the_service_degraded(
    settings: Settings, driver: ScriptedDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk still reads well, so reading alone would say that all is fine."""
    async with Runtime(settings, lambda: driver) as runtime:
        await runtime.service.counts()
        monkeypatch.setattr(type(runtime._store), "is_well", False)
        with pytest.raises(StoreUnavailable):
            await runtime.service.counts()


def test_a_host_is_one_device_however_it_is_written() -> None:
    hosts = ["core-1", "CORE-1", "2001:db8::1", "2001:DB8:0::1"]
    addresses = [Device(host, 22, "cisco_ios").address for host in hosts]
    assert addresses == ["core-1:22", "core-1:22", "[2001:db8::1]:22", "[2001:db8::1]:22"]


async def test_secrets_stay_out_of_the_repr_of_orders_and_callers(settings: Settings, driver: ScriptedDriver) -> None:
    async with Runtime(settings, lambda: driver) as runtime:
        caller = runtime.service.caller("ann", "hunter2")
    assert "hunter2" not in repr(caller) + repr(order(enable="hunter2"))


def test_secrets_stay_out_of_the_repr_of_jobs_and_requests(make_job: Callable[..., Job]) -> None:
    """A job that ends in a log must not take its configuration there."""
    job = make_job("username bob secret hunter2", config=True)
    request = SendConfigRequest(host="r1", config=["username bob secret hunter2"], enable="hunter2")
    assert "hunter2" not in repr(job) + repr(Delivery(job, attempt=1)) + repr(request)
