"""A client of the live service that was written by hand, by the guide and nothing else (docs/guide/write-a-client.md).

Its author had the guide and the reference before him, not the source. It is here so that what the guide promises stays
true: models, paging, a poller, typed errors, both colours, resuming in another process.
"""

from __future__ import annotations

import asyncio
import uuid
from typing import Any, Unpack

import pytest
from clientsmith.core import (
    UNSET,
    Basic,
    BasicCredential,
    ItemPaged,
    ListOperation,
    LongRunningOperation,
    LROPoller,
    Model,
    Operation,
    ResourceNotFoundError,
    ServiceClient,
    aio,
    field,
)
from clientsmith.core.operations import json_body, path, query
from clientsmith.core.paging import PageNumber
from clientsmith.core.polling import Polling
from clientsmith.core.serialization import UUID
from clientsmith.core.settings import CallOptions, ListOptions, PollOptions
from naas.simulator import SimulatedDevice

# --- the client ------------------------------------------------------------------------------------------------------


class Commands(Model):
    """Commands for one device."""

    host: str = field("host")
    port: int = field("port")
    commands: list[str] = field("commands")


class Job(Model):
    """A job and what came of it."""

    job_id: uuid.UUID = field("job_id", UUID)
    status: str = field("status")
    results: dict[str, str] | None = field("results", default=UNSET)


class Refusal(Model):
    """What the service says when it does not know a job."""

    status: str = field("status")


SEND: LongRunningOperation[Job] = LongRunningOperation(
    "POST",
    "/v2/send-command",
    body=json_body(Commands),
    polling=Polling(
        status=("status",),
        succeeded=("finished",),
        failed=("failed", "canceled"),
        codec=Job,
        cancel="DELETE /v2/jobs/{job_id}",
    ),
)
LIST_JOBS: ListOperation[Job] = ListOperation(
    "GET",
    "/v2/jobs",
    parameters={"status": query("status")},
    paging=PageNumber(items=("jobs",), item=Job, parameter="page", pages=("pagination", "pages"), size="per_page"),
)
CANCEL_JOB: Operation[None] = Operation(
    "DELETE",
    "/v2/jobs/{job_id}",
    parameters={"job_id": path("job_id", UUID)},
    responses={204: None},
    errors={404: Refusal},
)


class HandClient(ServiceClient):
    """A client of NAAS."""

    def __init__(self, endpoint: str, credential: BasicCredential, **options: Any) -> None:
        super().__init__(endpoint, credential, authentication=[Basic()], settings=options)

    def begin_send(self, host: str, port: int, *commands: str, **options: Unpack[PollOptions]) -> LROPoller[Job]:
        """Run commands on a device."""
        return self._begin(SEND, {}, body=Commands(host=host, port=port, commands=list(commands)), options=options)

    def list_jobs(self, *, status: str | None = None, **options: Unpack[ListOptions]) -> ItemPaged[Job]:
        """List the caller's jobs."""
        return self._list(LIST_JOBS, {"status": status}, options=options)

    def cancel_job(self, job_id: uuid.UUID, **options: Unpack[CallOptions]) -> None:
        """Cancel a job."""
        return self._call(CANCEL_JOB, {"job_id": job_id}, options=options)


class AsyncHandClient(aio.ServiceClient):
    """An async client of NAAS."""

    def __init__(self, endpoint: str, credential: BasicCredential, **options: Any) -> None:
        super().__init__(endpoint, credential, authentication=[Basic()], settings=options)

    async def begin_send(
        self, host: str, port: int, *commands: str, **options: Unpack[PollOptions]
    ) -> aio.LROPoller[Job]:
        """Run commands on a device."""
        body = Commands(host=host, port=port, commands=list(commands))
        return await self._begin(SEND, {}, body=body, options=options)


# --- what it does against the live service ---------------------------------------------------------------------------

Devices = tuple[SimulatedDevice, ...]


@pytest.fixture
def cisco(devices: Devices) -> SimulatedDevice:
    return next(device for device in devices if device.platform == "cisco_ios")


def test_a_command_runs_and_the_job_is_listed(endpoint: str, login: BasicCredential, cisco: SimulatedDevice) -> None:
    """From the submission over polls to the typed result; then page by page."""
    with HandClient(endpoint, login, timeout=30.0) as client:
        job = client.begin_send(cisco.host, cisco.port, "show version").result(timeout=30.0)
        assert job.status == "finished"
        assert "Cisco" in (job.results or {})["show version"]
        assert job.job_id in [listed.job_id for listed in client.list_jobs(status="finished", results_per_page=1)]


def test_a_job_that_is_not_there_has_a_typed_error(endpoint: str, login: BasicCredential) -> None:
    """The status decides the class, the documented model is on it."""
    with HandClient(endpoint, login) as client, pytest.raises(ResourceNotFoundError) as caught:
        client.cancel_job(uuid.uuid4())
    assert isinstance(caught.value.error, Refusal)


def test_a_poller_is_resumed_by_another_client(endpoint: str, login: BasicCredential, cisco: SimulatedDevice) -> None:
    """Its token is all that goes from one to the other, and holds no password."""
    with HandClient(endpoint, login) as first:
        token = first.begin_send(cisco.host, cisco.port, "show version").continuation_token()
    assert login.password not in token
    with HandClient(endpoint, login) as second:
        poller = LROPoller.from_continuation_token(token, second, SEND)
        assert poller.result(timeout=30.0).status == "finished"


async def test_the_async_twin_runs_many_at_once(endpoint: str, login: BasicCredential, devices: Devices) -> None:
    """Twelve jobs on three devices, one client."""
    async with AsyncHandClient(endpoint, login) as client:

        async def one(device: SimulatedDevice) -> str:
            poller = await client.begin_send(device.host, device.port, "show version")
            return (await poller.result(timeout=60.0)).status

        assert await asyncio.gather(*(one(device) for device in devices * 4)) == ["finished"] * 12
