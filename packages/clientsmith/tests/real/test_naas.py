"""Our own service, live, and simulated devices: a client from the document that the running service serves.

`naas-client` is generated from the same document and then finished by hand; here is what the generator makes alone.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from clientsmith.core import BasicCredential
from clientsmith.core.errors import (
    ClientAuthenticationError,
    HttpResponseError,
    OperationFailedError,
    PollTimeoutError,
)

from tools.serving import running

from .conftest import Colour, Generate, Package

LOGIN = BasicCredential("netops", "test-password")
PLATFORMS = ("cisco_ios", "arista_eos")
pytestmark = pytest.mark.xdist_group("naas")  # one server for all of them
SERVER = str(Path(sys.executable).with_name("naas-server"))
SECONDS = 30.0


@pytest.fixture(scope="session")
def devices(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[dict[str, Any]]]:
    """Two devices of two platforms, as `naas-server simulate` runs them."""
    platforms = [argument for platform in PLATFORMS for argument in ("--platform", platform)]
    logins = ["--username", LOGIN.username, "--password", LOGIN.password, "--enable", LOGIN.password]
    command = [SERVER, "simulate", "--devices", "2", *platforms, *logins, "--format", "json"]
    with running(command, tmp_path_factory.mktemp("farm") / "farm.log", ready="ready") as said:
        yield [{key: one[key] for key in ("host", "port", "platform")} for one in json.loads("\n".join(said[:-1]))]


@pytest.fixture(scope="session")
def naas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The service as its users start it."""
    folder = tmp_path_factory.mktemp("naas")
    # Two devices are asked more often here than anybody may ask them by default.
    command = [SERVER, "serve", "--port", "0", "--database", str(folder / "naas.db"), "--no-rate-limit-enabled"]
    with running(command, folder / "naas.log") as said:
        yield said[-1].split()[-1]


@pytest.fixture(scope="session")
def package(generate: Generate, naas: str) -> Package:
    return generate(f"{naas}/apidoc/openapi.json", "live_naas_client", "NaasClient")


@pytest.fixture
async def client(colour: Colour, package: Package, naas: str) -> AsyncIterator[Any]:
    async with colour.client(package, naas, LOGIN) as client:
        yield client


async def run(colour: Colour, poller: Any) -> Any:
    """Wait for the end of a job that was submitted."""
    return await colour.done((await colour.done(poller)).result(timeout=SECONDS))


async def test_commands_run_on_devices_of_both_platforms_at_once(
    colour: Colour, client: Any, devices: list[dict[str, Any]]
) -> None:
    pollers = [
        await colour.done(client.jobs.begin_send_command({**device, "commands": ["show version"]}))
        for device in devices
    ]
    for vendor, poller in zip(("Cisco", "Arista"), pollers, strict=True):
        result = await colour.done(poller.result(timeout=SECONDS))
        assert (result.status, vendor in result.results["show version"]) == ("finished", True)


async def test_configuration_reaches_the_device(colour: Colour, client: Any, devices: list[dict[str, Any]]) -> None:
    """And is read back; the secret stands in no result."""
    for device in devices:
        lines = ["interface Loopback7", f"description {uuid4()}"]
        done = await run(colour, client.jobs.begin_send_config({**device, "config": lines, "enable": LOGIN.password}))
        assert done.status == "finished"
        shown = await run(
            colour,
            client.jobs.begin_send_command({**device, "commands": ["show running-config"], "enable": LOGIN.password}),
        )
        assert lines[1] in shown.results["show running-config"]
        assert LOGIN.password not in f"{done!r}{done.as_dict()}"


async def test_a_model_says_the_same_as_a_mapping(
    colour: Colour, client: Any, package: Package, devices: list[dict[str, Any]]
) -> None:
    model = package.models.SendCommandRequest(**devices[0], commands=["show version"])
    for request in (model, model.as_dict()):
        result = await run(colour, client.jobs.begin_send_command(request))
        assert list(result.results) == ["show version"]


@pytest.mark.takes_long
async def test_a_job_goes_on_in_another_process(
    colour: Colour, package: Package, client: Any, naas: str, devices: list[dict[str, Any]]
) -> None:
    """Its token is all that is needed."""
    poller = await colour.done(
        client.jobs.begin_send_command({**devices[0], "commands": ["show slow 1"], "command_timeout": 20.0})
    )
    token = poller.continuation_token()
    with pytest.raises(PollTimeoutError) as caught:
        await colour.done(poller.result(timeout=0.1))
    assert caught.value.continuation_token
    async with colour.client(package, naas, LOGIN) as other:
        resumed = await colour.done(other.jobs.begin_send_command({}, continuation_token=token))
        result = await colour.done(resumed.result(timeout=SECONDS))
    assert list(result.results) == ["show slow 1"]


async def test_jobs_are_listed_page_by_page(
    colour: Colour, package: Package, naas: str, devices: list[dict[str, Any]]
) -> None:
    """The caller's own, newest first; a list goes on from the token of a page."""
    async with colour.client(package, naas, BasicCredential(f"lister-{uuid4()}", "x")) as client:
        for number in range(5):
            await colour.done(client.jobs.begin_send_command({**devices[0], "commands": [f"show clock {number}"]}))
        whole = await colour.all(client.jobs.list_jobs(results_per_page=2))
        assert len({str(job.job_id) for job in whole}) == 5
        pages = client.jobs.list_jobs(results_per_page=2).by_page()
        first = list(await anext(pages) if colour.is_async else next(pages))
        rest = client.jobs.list_jobs(results_per_page=2).by_page(pages.continuation_token)
        later = [job for page in await colour.all(rest) for job in page]
        assert [str(job.job_id) for job in (*first, *later)] == [str(job.job_id) for job in whole]


@pytest.mark.takes_long
async def test_a_job_that_waits_is_cancelled(colour: Colour, client: Any, devices: list[dict[str, Any]]) -> None:
    """The second of a device, while the first one is busy."""
    busy = await colour.done(
        client.jobs.begin_send_command({**devices[1], "commands": ["show slow 1"], "command_timeout": 20.0})
    )
    job_id = str(uuid4())
    waiting = await colour.done(
        client.jobs.begin_send_command({**devices[1], "commands": ["show clock"]}, client_request_id=job_id)
    )
    await colour.done(client.jobs.cancel_job(job_id))
    with pytest.raises(OperationFailedError, match="'canceled'"):
        await colour.done(waiting.result(timeout=SECONDS))
    await colour.done(busy.result(timeout=SECONDS))


async def test_the_same_key_makes_one_job(colour: Colour, client: Any, devices: list[dict[str, Any]]) -> None:
    """And another request under it is refused."""
    key = str(uuid4())
    one, same = [
        await run(
            colour, client.jobs.begin_send_command({**devices[0], "commands": ["show clock"]}, idempotency_key=key)
        )
        for _ in range(2)
    ]
    assert one.job_id == same.job_id
    with pytest.raises(HttpResponseError) as caught:
        await colour.done(
            client.jobs.begin_send_command({**devices[0], "commands": ["show version"]}, idempotency_key=key)
        )
    assert caught.value.status_code in (409, 422)


async def test_what_the_service_refuses_comes_with_its_shape(
    colour: Colour, client: Any, package: Package, naas: str
) -> None:
    """Each broken field; a job that nobody has; nobody's name."""
    with pytest.raises(HttpResponseError) as caught:
        await colour.done(
            client.jobs.begin_send_command(
                {"host": "192.0.2.1", "port": 99999, "platform": "cisco_oss", "commands": []}
            )
        )
    assert caught.value.status_code == 422
    assert {".".join(map(str, item.loc)) for item in caught.value.error} >= {"port", "commands"}
    with pytest.raises(HttpResponseError, match="You are not currently allowed to access this resource"):
        await colour.done(client.jobs.get_send_command(str(uuid4())))
    async with colour.client(package, naas, None) as nobody:
        assert (await colour.done(nobody.get_health())).status == "healthy"  # needs no credential
        with pytest.raises(ClientAuthenticationError):
            await colour.all(nobody.jobs.list_jobs())


async def test_many_jobs_at_a_time(colour: Colour, client: Any, devices: list[dict[str, Any]]) -> None:
    """Twenty of one client, in tasks or in threads."""

    async def one(number: int) -> str:
        result = await run(
            colour, client.jobs.begin_send_command({**devices[number % 2], "commands": [f"show clock {number}"]})
        )
        return next(iter(result.results))

    numbers = range(20)
    if colour.is_async:
        outputs = await asyncio.gather(*map(one, numbers))
    else:
        outputs = await asyncio.gather(*(asyncio.to_thread(lambda n=n: asyncio.run(one(n))) for n in numbers))
    assert sorted(outputs) == sorted(f"show clock {number}" for number in numbers)
