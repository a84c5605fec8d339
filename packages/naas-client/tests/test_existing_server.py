"""The client against a server that behaves as the existing NAAS 2.x does (`existing_server`), both colours in one suite."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from clientsmith.core import (
    BasicCredential,
    ClientAuthenticationError,
    HttpResponseError,
    KeyCredential,
    OperationFailedError,
    PollTimeoutError,
    RateLimitedError,
    ResourceExistsError,
    ResourceNotFoundError,
)
from clientsmith.core.errors import UsageError
from existing_server import API_KEY, ExistingServer, Said
from naas_client import (
    Batch,
    DeviceAuthenticationError,
    DeviceTimeoutError,
    DeviceUnavailableError,
    NaasClient,
    ServerVersionError,
)
from naas_client.aio import Batch as AsyncBatch
from naas_client.aio import NaasClient as AsyncNaasClient
from naas_client.errors import reason_of

SECONDS = 10.0


class Caller:
    """One of the two colours, called alike: `call` gives the method's result, a poller's or a list's too."""

    def __init__(self, colour: str) -> None:
        self.colour = colour
        self._loop = asyncio.new_event_loop() if colour == "aio" else None
        self._clients: list[Any] = []

    def client(self, server: ExistingServer, credential: Any = None, **options: Any) -> Any:
        kind = NaasClient if self._loop is None else AsyncNaasClient
        options = {"polling_interval": 0.05, **options}
        client = kind(server.url, credential or BasicCredential("netops", "pw"), **options)
        self._clients.append(client)
        return client

    def run(self, value: Any) -> Any:
        """Return what something awaitable or iterable in either colour ends with."""
        if self._loop is not None:
            return self._loop.run_until_complete(_settled(value))
        return list(value) if hasattr(value, "by_page") else value

    def result(self, begin: Any, timeout: float = SECONDS) -> Any:
        poller = self.run(begin)
        return self.run(poller.result(timeout))

    def batch(self, client: Any, devices: Any, **options: Any) -> tuple[Any, list[Any]]:
        if self._loop is None:
            batch: Any = Batch.begin(client, devices, **options)
            return batch, list(batch.results(SECONDS))
        batch = self._loop.run_until_complete(AsyncBatch.begin(client, devices, **options))

        async def gathered() -> list[Any]:
            return [item async for item in batch.results(SECONDS)]

        return batch, self._loop.run_until_complete(gathered())

    def close(self) -> None:
        for client in self._clients:
            self.run(client.close())
        if self._loop is not None:
            self._loop.close()


async def _settled(value: Any) -> Any:
    if hasattr(value, "__aiter__"):
        return [item async for item in value]
    return await value if hasattr(value, "__await__") else value


@pytest.fixture(params=["sync", "aio"])
def caller(request: pytest.FixtureRequest) -> Iterator[Caller]:
    caller = Caller(request.param)
    yield caller
    caller.close()


@pytest.fixture
def start() -> Iterator[Callable[..., ExistingServer]]:
    running: list[ExistingServer] = []

    def begin(**options: Any) -> ExistingServer:
        running.append(ExistingServer(**options).__enter__())
        return running[-1]

    yield begin
    for server in running:
        server.__exit__(None, None, None)


Start = Callable[..., ExistingServer]


# --- jobs ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "work", "results"),
    [
        ("begin_send_command", {"commands": ["show version"]}, {"show version": "show version of new"}),
        ("begin_send_command_structured", {"commands": ["show version"]}, {"show version": "show version of new"}),
        ("begin_send_config", {"config": ["hostname a", "end"]}, {"config_set_output": "hostname a\nend"}),
    ],
)
def test_a_job_is_followed_by_its_events(
    caller: Caller, start: Start, method: str, work: dict[str, Any], results: dict[str, str]
) -> None:
    """No Operation-Location, no Retry-After: one submission, one stream, one look for the result."""
    server = start()
    result = caller.result(getattr(caller.client(server), method)(host="sw1", **work))
    assert result.results == results
    kind = method.removeprefix("begin_").replace("_", "-")
    assert server.asked == [
        f"POST /v2/{kind}", f"GET /v2/jobs/{result.job_id}/stream", f"GET /v2/{kind}/{result.job_id}",
    ]  # fmt: skip


def test_without_a_stream_jobs_are_polled(caller: Caller, start: Start) -> None:
    """As when a hundred streams are open: it is asked for once or a few times more, and looks go on meanwhile."""
    server = start(streams=False, looks=1)
    assert caller.result(caller.client(server).begin_send_command(host="sw1", commands=["a"]))
    looks = [asked for asked in server.asked if asked.startswith("GET /v2/send-command/")]
    assert len(looks) == 2


@pytest.mark.parametrize(
    ("host", "kind", "is_retryable"),
    [
        ("timeout1", DeviceTimeoutError, True),
        ("wrongpass1", DeviceAuthenticationError, False),
        ("open1", DeviceUnavailableError, True),
    ],
)
def test_finished_with_an_error_is_a_typed_error(
    caller: Caller, start: Start, host: str, kind: type[Exception], is_retryable: bool
) -> None:
    """The wire says `finished`; there are no partial results, for this server knows none."""
    with pytest.raises(kind) as caught:
        caller.result(caller.client(start()).begin_send_command(host=host, commands=["show version"]))
    assert caught.value.is_retryable is is_retryable  # type: ignore[attr-defined]
    assert caught.value.partial_results == {}  # type: ignore[attr-defined]


def test_a_failed_job_is_an_error_with_its_reason(caller: Caller, start: Start) -> None:
    """The reason is a whole traceback there."""
    with pytest.raises(OperationFailedError, match="ReadTimeout: no prompt") as caught:
        caller.result(caller.client(start()).begin_send_command(host="crash1", commands=["show version"]))
    assert caught.value.status == "failed"
    assert caught.value.error.error_code == "UNKNOWN"


def test_a_canceled_job_ends_the_waiting(caller: Caller, start: Start) -> None:
    """It comes as a `status` event, and is an end all the same; cancelling it twice is the server's 500."""
    server = start()
    client = caller.client(server, max_retries=0)
    poller = caller.run(client.begin_send_command(host="slow1", commands=["show version"]))
    with pytest.raises(PollTimeoutError):
        caller.run(poller.result(0.1))
    caller.run(poller.cancel())
    with pytest.raises(OperationFailedError, match="canceled"):
        caller.run(poller.result(SECONDS))
    with pytest.raises(HttpResponseError, match="500"):
        caller.run(client.cancel_job(uuid.UUID(next(iter(server.jobs)))))


def test_keys_that_are_missing_are_none_of_our_troubles(caller: Caller, start: Start) -> None:
    """A result of a few keys is a result."""
    server = start()
    client = caller.client(server)
    poller = caller.run(client.begin_send_command(host="sw1", commands=["a"]))
    job = next(iter(server.jobs))
    server.next_answers = [Said(200, {"job_id": job, "status": "finished", "results": {"a": "b"}})] * 2
    assert caller.run(poller.result(SECONDS)).results == {"a": "b"}


def test_an_api_key_goes_where_the_server_reads_it(caller: Caller, start: Start) -> None:
    """In Authorization; its device login in the body. The result it may not read, which is the server's defect 1."""
    server = start()
    client = caller.client(server, KeyCredential(API_KEY))
    poller = caller.run(client.begin_send_command(host="sw1", commands=["a"], username="u", password="p"))
    assert server.requests[0][2]["Authorization"] == f"Bearer {API_KEY}"
    assert (server.requests[0][3]["username"], server.requests[0][3]["password"]) == ("u", "p")
    with pytest.raises(HttpResponseError, match="403") as caught:
        caller.run(poller.result(SECONDS))
    assert "not currently allowed" in str(caught.value.error.error)


def test_the_servers_version_is_checked(caller: Caller, start: Start) -> None:
    """naas-client 1.x requires NAAS ≥ 2.0; an old one has its health at the old address."""
    assert caller.run(caller.client(start(version="2.0.0")).get_health()).status == "healthy"
    old = caller.client(start(version="1.4.0"))
    for call in (old.get_health, lambda: _begun(caller, old)):
        with pytest.raises(ServerVersionError, match=r"is version 1\.4\.0, and this client needs 2\.0 or newer"):
            caller.run(call())


def _begun(caller: Caller, client: Any) -> Any:
    return caller.result(client.begin_send_command(host="sw1", commands=["a"]))


# --- lists and the rest ----------------------------------------------------------------------------------------------


def test_jobs_are_listed_by_pages_without_links(caller: Caller, start: Start) -> None:
    """Page numbers, as there is no Link."""
    server = start()
    client = caller.client(server)
    for number in range(5):
        caller.run(client.begin_send_command(host=f"sw{number}", commands=["a"]))
    server.requests.clear()
    jobs = caller.run(client.list_jobs(results_per_page=2))
    assert len({job.job_id for job in jobs}) == 5
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("said", "kind", "reason"),
    [
        (
            Said(422, [{"type": "x", "loc": ["host"], "msg": "Field required", "input": {"password": "hunter2"}}]),
            HttpResponseError,
            "host: Field required",
        ),
        (
            Said(403, {"message": "Forbidden", "status": 403, "error": "You are not currently allowed", "app": "naas"}),
            HttpResponseError,
            "Forbidden",
        ),
        (Said(409, {"message": "Job is already finished"}), ResourceExistsError, "Job is already finished"),
        (
            Said(429, {"error": "Rate limit exceeded", "retry_after": 60}, {"Retry-After": "60", "X-RateLimit-Limit": "20", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1790000000"}),
            RateLimitedError,
            "Rate limit exceeded",
        ),
        (Said(404, {"job_id": "j1", "status": "not_found"}), ResourceNotFoundError, "there is no job j1"),
        (Said(409, {"job_id": "j1", "status": "not_failed"}), ResourceExistsError, "job j1 has not failed, so there is nothing to repeat"),
        (Said(404, {"error": "Key 'k-1' not found"}), ResourceNotFoundError, "Key 'k-1' not found"),
        (Said(401, {"message": "Unauthorized", "error": "You must authenticate"}), ClientAuthenticationError, "Unauthorized"),
        (Said(500, {"message": "Internal Server Error"}), HttpResponseError, "Internal Server Error"),
        (Said(503, None), HttpResponseError, "503 Service Unavailable"),
    ],
    ids=["list", "three keys", "message", "rate limit", "not found", "not failed", "error", "401", "500", "nothing"],
)  # fmt: skip
def test_five_shapes_of_errors_are_one(
    caller: Caller, start: Start, said: Said, kind: type[HttpResponseError], reason: str
) -> None:
    """One class for a status, one line for why; what a field held is not in it."""
    server = start()
    server.next_answers = [said]
    client = caller.client(server, max_retries=0)
    with pytest.raises(kind) as caught:
        caller.run(client.begin_send_command(host="sw1", commands=["a"]))
    assert reason_of(caught.value) == reason
    assert caught.value.status_code == said.status
    assert "hunter2" not in f"{caught.value} {caught.value!r}"
    if isinstance(caught.value, RateLimitedError):
        assert (caught.value.retry_after, caught.value.remaining) == (60.0, 0)


def test_retry_after_is_honoured(caller: Caller, start: Start) -> None:
    """429 is not the end where the server says when to come back."""
    server = start()
    server.next_answers = [Said(429, {"error": "Rate limit exceeded"}, {"Retry-After": "0"})]
    client = caller.client(server)
    assert caller.result(client.begin_send_command(host="sw1", commands=["a"], idempotency_key="k")).results
    assert server.asked[:2] == ["POST /v2/send-command"] * 2


def test_an_unknown_job_is_forbidden_where_it_is_read(caller: Caller, start: Start) -> None:
    """403 for unknown and for others' jobs alike; 404 where it is cancelled."""
    client = caller.client(start())
    with pytest.raises(HttpResponseError) as caught:
        caller.run(client.get_send_command(uuid.uuid4()))
    assert caught.value.status_code == 403
    with pytest.raises(ResourceNotFoundError):
        caller.run(client.cancel_job(uuid.uuid4()))


def test_keys_are_made_rotated_and_deleted(caller: Caller, start: Start) -> None:
    """With the admin secret as the password."""
    client = caller.client(start(), BasicCredential("anybody", "admin-secret"))
    made = caller.run(client.create_api_key(api_key={"role": "operator"}))
    assert made.token
    rotated = caller.run(client.rotate_api_key(made.key_id))
    assert [key.role for key in caller.run(client.list_api_keys())] == ["operator", "admin"]
    caller.run(client.delete_api_key(rotated.key_id))
    assert [context.name for context in caller.run(client.list_contexts())] == ["default"]


# --- batches ---------------------------------------------------------------------------------------------------------

DEVICES = ["sw1", {"host": "old2", "platform": "arista_eos"}, "wrongpass3", "crash4"]


@pytest.mark.parametrize("has_batches", [True, False], ids=["batches", "jobs only"])
def test_a_batch_tells_every_device(caller: Caller, start: Start, has_batches: bool) -> None:
    """Results come job by job, as the batch tells only states; without batches, which 2.3 brought, as single jobs."""
    told: list[tuple[int, int]] = []
    server = start(has_batches=has_batches)
    batch, items = caller.batch(
        caller.client(server),
        DEVICES,
        commands=["show version"],
        on_progress=lambda progress: told.append((progress.ended, progress.failed)),
    )
    by_host = {item.host: item for item in items}
    assert by_host["old2"].get().results == {"show version": "show version of old"}
    with pytest.raises(DeviceAuthenticationError):
        by_host["wrongpass3"].get()
    with pytest.raises(OperationFailedError, match="ReadTimeout: no prompt"):
        by_host["crash4"].get()
    assert told[-1] == (4, 2)
    assert (batch.progress.pending, batch.done(), len(batch.batch_ids)) == (0, True, int(has_batches))
    assert [job is not None for job in batch.job_ids] == [True] * 4


def test_more_devices_than_a_batch_may_have_become_several(caller: Caller, start: Start) -> None:
    """100 at a time, after the server refused them all at once."""
    server = start(looks=0)
    batch, items = caller.batch(caller.client(server), [f"sw{n}" for n in range(230)], commands=["a"])
    assert len(batch.batch_ids) == 3
    assert sorted(item.index for item in items) == list(range(230))
    assert server.asked.count("POST /v2/send-command/batch") == 4


def test_waves_are_refused_where_the_server_would_read_over_them(caller: Caller, start: Start) -> None:
    """Nothing is submitted: this server would begin at all devices at once."""
    server = start()
    with pytest.raises(UsageError, match="does not know waves, and would begin at all devices at once"):
        caller.batch(caller.client(server), DEVICES, config=["hostname x"], stop_on_failure=True)
    assert not server.jobs


def test_one_refused_device_does_not_stop_the_others(caller: Caller, start: Start) -> None:
    """Where they are submitted one by one."""
    server = start(has_batches=False)
    _, items = caller.batch(caller.client(server, max_retries=0), ["sw1", "limited2"], commands=["a"])
    assert [item.is_success for item in sorted(items, key=lambda item: item.index)] == [True, False]


def test_no_result_is_lost_to_an_error(start: Start) -> None:
    """What came before it is told, by `more` as by `results`; then the error; then the rest."""
    server = start(looks=0)
    with NaasClient(server.url, BasicCredential("netops", "pw"), max_retries=0, polling_interval=0.01) as client:
        batch = Batch.begin(client, ["sw1", "sw2"], commands=["a"])
        listed = [
            {"job_id": batch.job_ids[0], "host": "sw1", "status": "finished", "results": {"a": "b"}, "error": None},
            {"job_id": batch.job_ids[1], "host": "sw2", "status": "finished"},
        ]
        server.next_answers = [
            Said(200, {"jobs": listed}),
            Said(400, {"message": "first"}),
            Said(400, {"message": "again"}),
        ]
        assert [item.host for item in batch.more(SECONDS)] == ["sw1"]
        with pytest.raises(HttpResponseError, match="again") as caught:
            batch.more(SECONDS)
        assert [item.host for item in batch.more(SECONDS)] == ["sw2"]
        assert batch.more(SECONDS) == []
        assert [item.host for item in Batch.resume(client, str(caught.value.continuation_token)).result(SECONDS)] == [
            "sw2"
        ]


def test_a_part_that_was_submitted_can_be_taken_up(start: Start) -> None:
    """The error says how."""
    server = start(has_batches=True, looks=0)
    with NaasClient(server.url, BasicCredential("netops", "pw"), max_retries=0, polling_interval=0.01) as client:
        devices = [f"sw{number}" for number in range(150)]
        real = server.answer
        calls: list[str] = []

        def answer(method: str, path: str, headers: Any, body: bytes) -> Said:
            calls.append(path)
            return Said(503, {"message": "full"}) if len(calls) == 3 else real(method, path, headers, body)

        server.answer = answer  # type: ignore[method-assign]
        with pytest.raises(HttpResponseError, match="full") as caught:
            Batch.begin(client, devices, commands=["a"])
        resumed = Batch.resume(client, str(caught.value.continuation_token))
        assert len(resumed.result(SECONDS)) == 100


def test_every_request_of_a_batch_has_its_own_key(start: Start) -> None:
    """One key for all would make the second job the first one again."""
    server = start(has_batches=False)
    with NaasClient(server.url, BasicCredential("netops", "pw")) as client:
        Batch.begin(client, ["sw1", "sw2"], commands=["a"], idempotency_key="k")
    keys = [headers.get("Idempotency-Key") for method, _, headers, _ in server.requests if method == "POST"]
    assert keys == ["k", "k", "k-1"]


def test_a_batch_is_cancelled_job_by_job(start: Start) -> None:
    """This server has no way to cancel a batch; what is canceled is told as such."""
    server = start()
    with NaasClient(server.url, BasicCredential("netops", "pw")) as client:
        batch = Batch.begin(client, ["slow1", "slow2"], commands=["a"])
        with pytest.raises(PollTimeoutError):
            batch.result(0.1)
        batch.cancel()
        assert [item.error.status for item in batch.result(SECONDS)] == ["canceled"] * 2  # type: ignore[union-attr]


def test_a_batch_goes_on_in_another_process(start: Start) -> None:
    """With a token that holds no credential; or by its id."""
    server = start()
    with NaasClient(server.url, BasicCredential("netops", "pw-secret")) as client:
        token = Batch.begin(client, ["sw1", "old2"], commands=["a"]).continuation_token()
    assert "pw-secret" not in token
    with NaasClient(server.url, BasicCredential("netops", "pw-secret")) as other:
        resumed = Batch.resume(other, token)
        assert [item.host for item in resumed.result(SECONDS)] == ["sw1", "old2"]
        opened = Batch.open(other, next(iter(server.batches)))
        assert [item.is_success for item in opened.result(SECONDS)] == [True, True]
        with pytest.raises(UsageError, match="continuation_token is not that of a batch"):
            Batch.resume(other, '{"v": 1}')


@pytest.mark.parametrize(
    ("devices", "options", "message"),
    [
        ([], {"commands": ["a"]}, "at least one"),
        ("sw1", {"commands": ["a"]}, "a list of devices"),
        ([{"port": 22}], {"commands": ["a"]}, "device 0 of the batch has no host"),
        (["sw1"], {}, "either of commands or of config"),
        (["sw1"], {"commands": ["a"], "config": ["b"]}, "either of commands or of config"),
        (["sw1"], {"commands": "show version"}, r"commands is a text, and has to be a list of them; write \['show"),
    ],
)
def test_mistakes_are_told_before_anything_is_sent(
    start: Start, devices: Any, options: dict[str, Any], message: str
) -> None:
    server = start()
    with NaasClient(server.url, BasicCredential("u", "p")) as client, pytest.raises(UsageError, match=message):
        Batch.begin(client, devices, **options)
    assert server.asked == []


# --- bound children ----------------------------------------------------------------------------------------------------


def test_a_device_client_says_the_device_and_its_login_each_time(caller: Caller, start: Start) -> None:
    """What is given in a call wins."""
    server = start()
    device = caller.client(server).get_device_client("sw1", platform="arista_eos", port=2022)
    assert caller.result(device.begin_send_command(commands=["a"])).results == {"a": "a of new"}
    assert caller.result(device.begin_send_config(config=["b"], port=22)).results
    bodies = [body for method, _, _, body in server.requests if method == "POST"]
    assert bodies == [
        {"host": "sw1", "platform": "arista_eos", "port": 2022, "commands": ["a"]},
        {"host": "sw1", "platform": "arista_eos", "port": 22, "config": ["b"]},
    ]


def test_a_context_client_runs_its_jobs_there(caller: Caller, start: Start) -> None:
    server = start()
    context = caller.client(server).get_context_client("nowhere")
    assert context.name == "nowhere"
    with pytest.raises(HttpResponseError, match="Bad Request"):
        caller.run(context.begin_send_command(host="sw1", commands=["a"]))


class _Hurried(ExistingServer):
    """A server that says `Retry-After: 0`, and a revision, and holds nothing."""

    def answer(self, method: str, path: str, headers: Any, body: bytes) -> Said:
        said = super().answer(method, path, headers, body)
        if method == "GET" and path.startswith("/v2/batches/"):
            return Said(said.status, {**said.body, "revision": "1-1"}, {"Retry-After": "0"})
        return said


def test_a_server_that_promises_to_hold_and_does_not_is_not_overrun() -> None:
    """It would be asked as fast as it answers."""
    with _Hurried() as server, NaasClient(server.url, BasicCredential("u", "p"), polling_interval=0.1) as client:
        batch = Batch.begin(client, ["slow1", "slow2"], commands=["a"])
        with pytest.raises(PollTimeoutError, match="2 of 2 waiting"):
            batch.result(0.5)
        assert len([asked for asked in server.asked if asked.startswith("GET /v2/batches/")]) < 8


@pytest.mark.parametrize(
    "safeguard", [{"dry_run": True}, {"pre_checks": [{"command": "show version", "includes": ["x"]}]}]
)
def test_safeguards_are_refused_where_the_server_would_read_over_them(
    caller: Caller, start: Start, safeguard: dict[str, Any]
) -> None:
    """Nothing is submitted: this server would make the change itself instead of its dry run."""
    server = start()
    name = next(iter(safeguard))
    with pytest.raises(UsageError, match=f"does not know {name}, and would change the device at once"):
        caller.run(caller.client(server).begin_send_config(host="sw1", config=["hostname x"], **safeguard))
    with pytest.raises(UsageError, match="nothing was submitted"):
        caller.batch(caller.client(server), DEVICES, config=["hostname x"], **safeguard)
    assert not server.jobs
