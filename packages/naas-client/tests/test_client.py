"""What the demo shows, as tests: jobs on simulated devices through the running service, sync and async."""

from __future__ import annotations

import asyncio
import itertools
import uuid

import pytest
from clientsmith.core import (
    BasicCredential,
    HttpRequest,
    HttpResponse,
    HttpResponseError,
    LROPoller,
    OperationFailedError,
    PollTimeoutError,
    ResourceExistsError,
    ResourceNotFoundError,
)
from naas.api.app import app_description
from naas.simulator import SimulatedDevice
from naas_client import (
    ConfigurationRejectedError,
    DeviceAuthenticationError,
    DeviceError,
    DeviceTimeoutError,
    NaasClient,
)
from naas_client.aio import NaasClient as AsyncNaasClient
from naas_client.models import JobResult, JobStatus, SendCommandRequest

Devices = tuple[SimulatedDevice, ...]
SECONDS = 30.0


def address(device: SimulatedDevice) -> dict[str, object]:
    return {"host": device.host, "port": device.port, "platform": device.platform}


def test_commands_run_on_devices_of_every_platform(client: NaasClient, devices: Devices) -> None:
    """All at the same time; each result has the output by command."""
    pollers = [client.begin_send_command(**address(device), commands=["show version"]) for device in devices]
    for device, poller in zip(devices, pollers, strict=True):
        result = poller.result(timeout=SECONDS)
        assert result.status is JobStatus.FINISHED
        assert ("Cisco" if device.platform == "cisco_ios" else "Arista") in (result.results or {})["show version"]


def test_configuration_reaches_the_device(login: BasicCredential, client: NaasClient, devices: Devices) -> None:
    """And is read back with a command."""
    for number, device in enumerate(devices):
        lines = ["interface Loopback7", f"description made by test {number}"]
        done = client.begin_send_config(**address(device), config=lines, enable=login.password).result(timeout=SECONDS)
        assert "config_set_output" in (done.results or {})
        shown = client.begin_send_command(**address(device), commands=["show running-config"], enable=login.password)
        assert lines[1] in (shown.result(timeout=SECONDS).results or {})["show running-config"]


async def test_the_async_client_does_the_same(login: BasicCredential, endpoint: str, devices: Devices) -> None:
    """The same names, awaited."""
    async with AsyncNaasClient(endpoint, login) as client:

        async def one(device: SimulatedDevice) -> JobResult:
            poller = await client.begin_send_command(**address(device), commands=["show clock"])
            return await poller.result(timeout=SECONDS)

        results = await asyncio.gather(*(one(device) for device in devices))
        assert [list(result.results or {}) for result in results] == [["show clock"]] * len(devices)
        job = await client.get_send_command(results[0].job_id)
        assert job.status is JobStatus.FINISHED
        assert (await client.get_health()).status == "healthy"
        assert [job async for job in client.list_jobs(results_per_page=1)]


def test_a_model_a_mapping_and_fields_by_name_are_the_same_job(client: NaasClient, devices: Devices) -> None:
    """A mapping is taken wherever a model is, and what is given by name wins (client-splat-args, client-flatten-args)."""
    device = devices[0]
    model = SendCommandRequest(host=device.host, port=device.port, commands=["show clock"])
    for request in (model, model.as_dict()):
        result = client.begin_send_command(request, commands=["show version"]).result(timeout=SECONDS)
        assert list(result.results or {}) == ["show version"]


def test_jobs_are_listed_page_by_page(endpoint: str, devices: Devices) -> None:
    """Only the caller's own, newest first."""
    with NaasClient(endpoint, BasicCredential("lister", "x")) as client:
        ids = [
            str(
                client.begin_send_command(**address(devices[0]), commands=["show clock"])
                ._watch.state.url.split("/")[-1]
                .split("?")[0]
            )
            for _ in range(5)
        ]
        assert [str(job.job_id) for job in client.list_jobs(results_per_page=2)] == ids[::-1]
        pages = client.list_jobs(results_per_page=2).by_page()
        first = next(pages)
        token = pages.continuation_token
        rest = itertools.chain.from_iterable(client.list_jobs(results_per_page=2).by_page(token))
        assert [str(job.job_id) for job in (*first, *rest)] == ids[::-1]


# --- failures --------------------------------------------------------------------------------------------------------


def test_a_refused_login_is_a_typed_error(login: BasicCredential, endpoint: str, devices: Devices) -> None:
    """The wire says `finished`; the client does not."""
    with NaasClient(endpoint, BasicCredential(login.username, "wrong")) as client:
        poller = client.begin_send_command(**address(devices[0]), commands=["show version"])
        with pytest.raises(DeviceAuthenticationError, match=r"refused user 'netops'.*AUTH_FAILURE, job ") as caught:
            poller.result(timeout=SECONDS)
    assert caught.value.error_code == "AUTH_FAILURE"
    assert not caught.value.is_retryable
    assert "wrong" not in str(caught.value)


def test_a_refused_line_is_a_typed_error(login: BasicCredential, client: NaasClient, devices: Devices) -> None:
    """With the device's own words."""
    poller = client.begin_send_config(**address(devices[0]), config=["frobnicate now"], enable=login.password)
    with pytest.raises(ConfigurationRejectedError, match="frobnicate"):
        poller.result(timeout=SECONDS)


def test_a_device_that_does_not_answer_is_a_typed_error(client: NaasClient) -> None:
    """Nobody listens on port 9 of loopback; it may work later, and the error says so."""
    poller = client.begin_send_command(host="127.0.0.1", port=9, commands=["show version"], connection_timeout=2.0)
    with pytest.raises(DeviceError, match=r"127\.0\.0\.1:9.*may work if submitted again") as caught:
        poller.result(timeout=SECONDS)
    assert isinstance(caught.value, DeviceTimeoutError | DeviceError)
    assert caught.value.is_retryable


def test_a_slow_command_is_a_typed_error(client: NaasClient, devices: Devices) -> None:
    """It names the command and the seconds."""
    poller = client.begin_send_command(**address(devices[2]), commands=["show slow 5"], command_timeout=1.0)
    with pytest.raises(DeviceTimeoutError, match="show slow 5"):
        poller.result(timeout=SECONDS)


def test_an_unknown_platform_is_refused_before_anything_runs(client: NaasClient) -> None:
    """With the nearest names, and the documented model of the error."""
    with pytest.raises(HttpResponseError, match="422") as caught:
        client.begin_send_command(host="192.0.2.1", platform="cisco_oss", commands=["show version"])
    assert any("cisco_ios" in item.msg for item in caught.value.error)


def test_every_broken_field_is_listed_at_once(client: NaasClient) -> None:
    """The service checks its own parameters (params-service-validation); the client shows what it said."""
    with pytest.raises(HttpResponseError) as caught:
        client.begin_send_command({"host": "sw1", "port": 0, "commands": []})
    assert {item.loc[-1] for item in caught.value.error} == {"port", "commands"}


# --- going on later ----------------------------------------------------------------------------------------------------


def test_waiting_can_end_and_go_on_in_another_client(
    login: BasicCredential, endpoint: str, client: NaasClient, devices: Devices
) -> None:
    """The token is JSON and all that is needed."""
    poller = client.begin_send_command(**address(devices[1]), commands=["show slow 1"], command_timeout=10.0)
    with pytest.raises(PollTimeoutError, match="resume later with continuation_token") as caught:
        poller.result(timeout=0.05)
    with NaasClient(endpoint, login) as other:
        resumed = other.begin_send_command(continuation_token=caught.value.continuation_token)
        assert "slow done" in (resumed.result(timeout=SECONDS).results or {})["show slow 1"]


def test_a_waiting_job_can_be_cancelled(login: BasicCredential, endpoint: str, devices: Devices) -> None:
    """Its poller then fails, with the service's word for it."""
    job = uuid.uuid4()
    with NaasClient(endpoint, login) as client:
        slow = client.begin_send_command(**address(devices[2]), commands=["show slow 2"], command_timeout=10.0)
        poller = client.begin_send_command(**address(devices[2]), commands=["show clock"], client_request_id=str(job))
        client.cancel_job(job)
        with pytest.raises(OperationFailedError, match="canceled") as caught:
            poller.result(timeout=SECONDS)
        assert caught.value.error.status is JobStatus.CANCELED
        slow.result(timeout=SECONDS)


def test_a_finished_job_cannot_be_cancelled(client: NaasClient, devices: Devices) -> None:
    """409, and an unknown one is 404: cancel_job is no delete_ and tells both."""
    result = client.begin_send_command(**address(devices[0]), commands=["show clock"]).result(timeout=SECONDS)
    with pytest.raises(ResourceExistsError):
        client.cancel_job(result.job_id)
    with pytest.raises(ResourceNotFoundError):
        client.cancel_job(uuid.uuid4())


def test_the_same_idempotency_key_makes_one_job(client: NaasClient, devices: Devices) -> None:
    """So that a lost answer can be asked for again."""
    key = str(uuid.uuid4())
    first, second = (
        client.begin_send_command(**address(devices[0]), commands=["show clock"], idempotency_key=key).result(SECONDS)
        for _ in range(2)
    )
    assert first.job_id == second.job_id


def test_every_request_of_a_method_goes_below_v2(client: NaasClient, devices: Devices) -> None:
    """naas-client 1.x speaks /v2/ only, polls and pages included."""
    seen: list[str] = []

    def hook(response: HttpResponse, headers: object) -> None:
        seen.append(response.request.url.partition("://")[2].partition("/")[2])

    poller: LROPoller[JobResult] = client.begin_send_command(
        **address(devices[0]), commands=["show clock"], response_hook=hook
    )
    poller.result(timeout=SECONDS)
    list(client.list_jobs(results_per_page=100, response_hook=hook))
    client.get_health(response_hook=hook)
    assert len(seen) >= 4
    assert all(path.startswith("v2/") for path in seen)


def test_the_service_answers_its_document(client: NaasClient) -> None:
    """The source of this client, at the place that the README names."""
    document = client.send_request(HttpRequest("GET", "/apidoc/openapi.json")).json()
    assert document == app_description()
