"""What NAAS 2.3 has beyond the server of before, through the running service: batches, keys, inventory, backups."""

from __future__ import annotations

import time
import uuid
from typing import Any

import pytest
from clientsmith.core import BasicCredential, HttpResponseError, KeyCredential, OperationFailedError
from naas.simulator import SimulatedDevice
from naas_client import Batch, BatchProgress, ConfigurationRejectedError, DeviceAuthenticationError, NaasClient
from naas_client.aio import Batch as AsyncBatch
from naas_client.aio import NaasClient as AsyncNaasClient

Devices = tuple[SimulatedDevice, ...]
SECONDS = 30.0


def place(device: SimulatedDevice) -> dict[str, Any]:
    return {"host": device.host, "port": device.port, "platform": device.platform}


def test_waiting_costs_no_polling_delay(endpoint: str, login: BasicCredential, devices: Devices) -> None:
    """The server holds its answer until the job has ended: a pause between looks would be a minute here."""
    with NaasClient(endpoint, login, polling_interval=60.0) as client:
        started = time.monotonic()
        for _ in range(5):
            client.begin_send_command(**place(devices[0]), commands=["show clock"]).result(SECONDS)
        assert time.monotonic() - started < 10


def test_partial_results_come_with_the_error(client: NaasClient, devices: Devices) -> None:
    """What the device had answered before it failed."""
    poller = client.begin_send_command(
        **place(devices[0]),
        commands=["show clock", "show slow 5"],
        command_timeout=1.0,
    )
    with pytest.raises(Exception, match="show slow 5") as caught:
        poller.result(SECONDS)
    assert list(caught.value.partial_results) == ["show clock"]  # type: ignore[attr-defined]


def test_a_batch_comes_in_the_order_of_its_ends(client: NaasClient, devices: Devices) -> None:
    """With its results in the state of the batch: a handful of requests, and progress for each device."""
    told: list[BatchProgress] = []
    slow, *fast = devices
    requests: list[str] = []
    batch = Batch.begin(
        client,
        [place(device) for device in (slow, *fast)],
        commands=["show slow 1"],
        on_progress=told.append,
        response_hook=lambda response, _: requests.append(response.request.method),
    )
    items = list(batch.results(SECONDS))
    assert all(item.get().results for item in items)
    assert [progress.ended for progress in told] == [1, 2, 3]
    assert len(requests) <= 8


async def test_the_async_batch_does_the_same(endpoint: str, login: BasicCredential, devices: Devices) -> None:
    async with AsyncNaasClient(endpoint, login) as client:
        batch = await AsyncBatch.begin(client, [place(device) for device in devices], commands=["show clock"])
        assert [item.is_success async for item in batch.results(SECONDS)] == [True] * len(devices)
        assert batch.done()
        opened = await AsyncBatch.open(client, batch.batch_ids[0])
        assert [item.host for item in await opened.result(SECONDS)] == [device.host for device in devices]


def test_a_batch_stops_when_too_much_fails(client: NaasClient, devices: Devices) -> None:
    """The first wave is refused by its device; what had not begun is canceled by the server."""
    batch = Batch.begin(
        client,
        [place(device) for device in devices],
        config=["frobnicate now"],
        waves=[1],
        stop_on_failure=True,
    )
    first, *others = batch.result(SECONDS)
    with pytest.raises(ConfigurationRejectedError, match="frobnicate"):
        first.get()
    assert [getattr(item.error, "status", None) for item in others] == ["canceled"] * 2


def test_what_failed_is_tried_again(endpoint: str, login: BasicCredential, devices: Devices) -> None:
    """Only that, with the login of now."""
    with NaasClient(endpoint, login) as client:
        wrong = {**place(devices[1]), "username": login.username, "password": "wrong"}
        batch = Batch.begin(client, [place(devices[0]), wrong], commands=["show clock"])
        by_index = batch.result(SECONDS)
        with pytest.raises(DeviceAuthenticationError):
            by_index[1].get()
        again = client.begin_retry_batch(batch.batch_ids[0], request={}).result(SECONDS)
        assert [(job.port, job.error_code) for job in again.jobs] == [(devices[1].port, None)]


def test_a_batch_is_cancelled(client: NaasClient, devices: Devices) -> None:
    """At once what waits, before its next command what runs."""
    batch = Batch.begin(client, [place(device) for device in devices], commands=["show slow 2", "show clock"])
    batch.cancel()
    items = batch.result(SECONDS)
    assert all(isinstance(item.error, OperationFailedError) for item in items)


def test_an_api_key_goes_the_whole_way(endpoint: str, api_key: str, login: BasicCredential, devices: Devices) -> None:
    """Submit, wait, read, list, cancel: what the existing server refuses its own keys."""
    with NaasClient(endpoint, KeyCredential(api_key)) as client:
        with pytest.raises(HttpResponseError, match="username"):
            client.begin_send_command(**place(devices[0]), commands=["show clock"])
        device = client.get_device_client(
            devices[0].host,
            port=devices[0].port,
            platform=devices[0].platform,
            username=login.username,
            password=login.password,
        )
        result = device.begin_send_command(commands=["show clock"]).result(SECONDS)
        assert result.job_id in [job.job_id for job in device.list_jobs()]
        assert client.get_job(result.job_id).status == "finished"


def test_stored_devices_need_no_login(endpoint: str, api_key: str, login: BasicCredential, devices: Devices) -> None:
    """A credential by reference: no password in any request."""
    name = f"t{uuid.uuid4().hex[:8]}"
    with NaasClient(endpoint, KeyCredential(api_key)) as client:
        client.create_credential({"name": name, "username": login.username, "password": login.password})
        client.create_device({"name": name, "credential": name, **place(devices[2])})
        result = client.begin_send_command(device=name, commands=["show clock"]).result(SECONDS)
        assert list(result.results or {}) == ["show clock"]
        client.begin_back_up(device=name).result(SECONDS)
        (backup,) = client.list_backups(device=name)
        assert "hostname" in client.get_backup(backup.backup_id).text
        client.delete_device(name)
        client.delete_credential(name)


def test_events_of_a_job_can_be_read(client: NaasClient, devices: Devices) -> None:
    """For who wants to see it go on."""
    poller = client.begin_send_command(**place(devices[0]), commands=["show clock"])
    first = poller.last_response
    assert first is not None
    names: list[str] = []
    with client.stream_job(uuid.UUID(first.json()["job_id"])) as events:
        for event in events:
            names.append(event.event)
            if event.event == "result":  # the last one
                break
    assert names[-1] == "result"
