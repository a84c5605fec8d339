"""What a client hears in the answers of its service: who is told, once, where his own line is; and what is not ours."""

from __future__ import annotations

import asyncio
import threading
import warnings
from pathlib import Path
from typing import Any

import pytest
from clientsmith.core import ServiceClient, aio
from clientsmith.core.credentials import KeyCredential, KeyInHeader
from clientsmith.core.errors import HttpResponseError
from clientsmith.core.operations import ListOperation, Operation, path
from clientsmith.core.paging import NextLink
from clientsmith.core.policies import ApiVersionPolicy
from clientsmith.core.rest import HttpRequest
from clientsmith.core.testing import Answer, AsyncScriptedTransport, ScriptedTransport
from clientsmith.core.versioning import (
    ApiLifecycleNotice,
    ApiLifecycleWarning,
    ApiRetiredError,
    ApiVersionRefusedError,
    NewerApiVersionWarning,
    UnsupportedApiVersionError,
    VersionFormat,
    VersionMismatchError,
    negotiation_of,
)
from clientsmith.core.versioning.schemes import (
    date_header,
    fixed_header,
    microversion,
    path_prefix,
    simple_api,
)
from clientsmith.core.versioning.sources import ResponseHeader

ENDED = {"Deprecation": "@1688169600", "Link": '</docs/old>; rel="deprecation"'}
WORDS = "is deprecated as of 2023-07-01; see https://api.test/docs/old (Deprecation header)"
GET: Operation[Any] = Operation("GET", "/jobs/{id}", parameters={"id": path("id")}, responses={200: None})
NUMBERED = simple_api().replaced(answers=(ResponseHeader("X-Version", VersionFormat.MAJOR_MINOR),))
DEPOT = microversion("depot", "1.30", "1.1")


def offers(newest: str = "1.30") -> Answer:
    return Answer(json={"versions": [{"id": "v1", "status": "CURRENT", "min_version": "1.1", "max_version": newest}]})


@pytest.fixture
def told() -> Any:
    """The warnings of a test."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield caught


def words(told: list[warnings.WarningMessage]) -> list[str]:
    return [str(warning.message) for warning in told]


# --- notices ---------------------------------------------------------------------------------------------------------


def test_a_client_without_versions_hears_too(scripted: Any, told: Any) -> None:
    """Every client: what ends has nothing to do with whether it says versions."""
    service = scripted(Answer(headers=ENDED), Answer(headers=ENDED))
    for _ in range(2):
        service.send("GET", "/jobs?state=open")
    assert words(told) == [f"GET https://api.test/jobs {WORDS}"]
    assert told[0].category is ApiLifecycleWarning


def test_each_operation_is_told_once(colour: Any, told: Any) -> None:
    """By its template: a thousand jobs are one operation."""
    client = colour.client(Answer(headers=ENDED), repeat=True)
    for number in range(30):
        colour.run(client._call(GET, {"id": str(number)}, options={}))
    assert words(told) == [f"GET /jobs/{{id}} {WORDS}".replace("api.test", "example.test")]


def test_addresses_that_differ_in_their_numbers_are_told_once(scripted: Any, told: Any) -> None:
    """A loop of requests that were put together by hand; the first address stands in the words."""
    service = scripted(Answer(headers=ENDED), repeat=True)
    for number in range(30):
        service.send("GET", f"/jobs/{number}/log-{number}.txt")
    for address in ("/jobs/7", "/jobs/8", "/v1/jobs", "/v2/jobs"):
        service.send("GET", address)
    places = ("jobs/0/log-0.txt", "jobs/7", "v1/jobs", "v2/jobs")
    assert words(told) == [f"GET https://api.test/{place} {WORDS}" for place in places]


def test_the_hook_of_the_client_and_of_a_call(scripted: Any, told: Any) -> None:
    """A call's own stands in for the client's; None switches it off, the warning is told all the same."""
    client_heard: list[ApiLifecycleNotice] = []
    call_heard: list[ApiLifecycleNotice] = []
    service = scripted(Answer(headers=ENDED), repeat=True, settings={"lifecycle_hook": client_heard.append})
    service.send("GET", "/a")
    service.send("GET", "/b", lifecycle_hook=call_heard.append)
    service.send("GET", "/c", lifecycle_hook=None)
    service.send("GET", "/a", lifecycle_hook=call_heard.append)
    assert [notice.subject for notice in client_heard] == ["GET https://api.test/a"]
    assert [notice.subject for notice in call_heard] == ["GET https://api.test/b"]
    assert len(told) == 3
    assert client_heard[0].link == "https://api.test/docs/old"


def test_a_hook_that_raises(colour: Any, told: Any) -> None:
    """Its error is the caller's; no connection is left behind, and the next call is as any other."""

    def refuse(notice: ApiLifecycleNotice) -> None:
        raise RuntimeError(f"no more {notice.kind} calls")

    client = colour.client(Answer(headers=ENDED, chunks=[b"a", b"b"]), Answer(headers=ENDED))
    with pytest.raises(RuntimeError, match="no more deprecated calls"):
        colour.run(client.send_request(HttpRequest("GET", "/a"), stream=True, lifecycle_hook=refuse))
    assert client.transport.open_bodies == 0
    assert colour.run(client.send_request(HttpRequest("GET", "/a"), lifecycle_hook=refuse)).status_code == 200


def test_warnings_may_be_errors(scripted: Any) -> None:
    """A program that wants to know: `-W error::…`, or its filters."""
    service = scripted(Answer(headers=ENDED), Answer(headers=ENDED))
    with warnings.catch_warnings():
        warnings.simplefilter("error", ApiLifecycleWarning)
        with pytest.raises(ApiLifecycleWarning, match="is deprecated"):
            service.send("GET", "/a")


@pytest.mark.parametrize(
    ("headers", "is_retired"),
    [
        ({"Sunset": "Wed, 11 Nov 2020 00:00:00 GMT"}, True),
        ({"Alert": '{"code": "hard-eol"}'}, True),
        ({"Sunset": "Fri, 31 Dec 2999 00:00:00 GMT"}, False),
        ({"Deprecation": "true"}, False),
        ({"Warning": '299 - "old"'}, False),
        ({}, False),
    ],
)
def test_when_a_410_is_the_end(headers: dict[str, str], is_retired: bool, scripted: Any, told: Any) -> None:
    """A job that is gone is no operation that is gone (R15): it has to say so. It is not tried again."""
    service = scripted(
        Answer(410, headers=headers), settings={"retry_statuses": (410,)} if is_retired else {"max_retries": 0}
    )
    if is_retired:
        with pytest.raises(ApiRetiredError, match=r"answered 410 Gone: this is retired") as caught:
            service.send("GET", "/a")
        assert isinstance(caught.value, HttpResponseError)
        assert caught.value.status_code == 410
    else:
        assert service.send("GET", "/a").status_code == 410


def test_the_memory_is_bounded(scripted: Any, told: Any) -> None:
    """A service that makes up names of header fields, addresses and texts without end fills nothing."""
    answers = [Answer(headers={f"X-{n}": "1", "Warning": f'299 - "{n}"', "X-Version": f"1.{n}"}) for n in range(1500)]
    service = scripted(*answers, api_version=NUMBERED)
    for number in range(1500):
        service.send("GET", f"/{number}")
    negotiator = negotiation_of(service.client)
    assert negotiator is not None
    assert len(negotiator.teller._told) == 1000
    assert len(told) == 1000
    policy = next(
        hook.__self__ for hook in service.client._core.chain._after if isinstance(hook.__self__, ApiVersionPolicy)
    )
    assert len(policy._harmless) <= 256
    assert len(policy._heard) <= 256


# --- where a warning points --------------------------------------------------------------------------------------------


class Generated(ServiceClient):
    """As the generator makes them."""

    def get_job(self, id: str, **options: Any) -> Any:
        return self._call(GET, {"id": id}, options=options)

    def twice(self, id: str) -> Any:
        return self.get_job(id)

    def list_jobs(self) -> Any:
        return self._list(LIST, {}, options={})


class AsyncGenerated(aio.ServiceClient):
    """As the generator makes them."""

    async def get_job(self, id: str, **options: Any) -> Any:
        return await self._call(GET, {"id": id}, options=options)

    def list_jobs(self) -> Any:
        return self._list(LIST, {}, options={})


LIST: ListOperation[Any] = ListOperation("GET", "/jobs", responses={200: None}, paging=NextLink(items=("value",)))
HERE = Path(__file__).read_text(encoding="utf-8").splitlines()


def line_of(told: list[warnings.WarningMessage]) -> str:
    """Return the line of this file that the only warning points to."""
    (warning,) = told
    assert warning.filename == __file__
    return HERE[warning.lineno - 1].strip()


def test_a_warning_points_to_whoever_called(told: Any) -> None:
    """Not to the client library in between."""
    client = Generated("https://api.test", transport=ScriptedTransport(Answer(headers=ENDED)))
    client.get_job("1")  # here
    assert line_of(told) == 'client.get_job("1")  # here'


def test_through_several_methods_of_the_client(told: Any) -> None:
    """The outermost was called."""
    client = Generated("https://api.test", transport=ScriptedTransport(Answer(headers=ENDED)))
    client.twice("1")  # here
    assert line_of(told) == 'client.twice("1")  # here'


def test_from_a_list(told: Any) -> None:
    """Where it is read on."""
    client = Generated("https://api.test", transport=ScriptedTransport(Answer(json={"value": [1]}, headers=ENDED)))
    jobs = client.list_jobs()
    assert list(jobs) == [1]  # here
    assert line_of(told) == "assert list(jobs) == [1]  # here"


def test_from_a_coroutine(told: Any) -> None:
    """The line that awaits."""
    client = AsyncGenerated("https://api.test", transport=AsyncScriptedTransport(Answer(headers=ENDED)))

    async def job() -> None:
        await client.get_job("1")  # here

    asyncio.run(job())
    assert line_of(told) == 'await client.get_job("1")  # here'


def test_from_an_async_list(told: Any) -> None:
    """The line that reads on."""
    service = AsyncScriptedTransport(Answer(json={"value": [1]}, headers=ENDED))
    client = AsyncGenerated("https://api.test", transport=service)

    async def jobs() -> list[Any]:
        return [job async for job in client.list_jobs()]  # here

    assert asyncio.run(jobs()) == [1]
    assert line_of(told).endswith("# here")


def test_from_a_task_of_its_own(told: Any) -> None:
    """Nobody is there any more who called: the client's own line has to do."""
    client = AsyncGenerated("https://api.test", transport=AsyncScriptedTransport(Answer(headers=ENDED)))
    asyncio.run(client.get_job("1"))
    assert line_of(told) == 'return await self._call(GET, {"id": id}, options=options)'


def test_from_discovery_and_from_a_page(told: Any) -> None:
    """Wherever in the machinery it is noticed."""
    document = {"versions": [{"id": "v1", "status": "DEPRECATED", "min_version": "1.1", "max_version": "1.30"}]}
    client = Generated(
        "https://api.test", transport=ScriptedTransport(Answer(json=document), Answer()), api_version=DEPOT
    )
    client.get_job("1")  # here
    assert line_of(told) == 'client.get_job("1")  # here'


def test_a_library_around_a_client_is_named_by_its_package(told: Any) -> None:
    """A library whose own classes are no clients: the name of its distribution says what is skipped."""
    library: dict[str, Any] = {"__name__": "acme_index.pages"}
    exec(
        compile(
            "def project(client, request):\n    return client.send_request(request)\n", "acme_index/pages.py", "exec"
        ),
        library,
    )
    client = ServiceClient(
        "https://api.test", transport=ScriptedTransport(Answer(headers=ENDED)), package="acme-index/1.0"
    )
    library["project"](client, HttpRequest("GET", "/a"))  # here
    assert line_of(told).endswith("# here")


# --- newer minors, by an answer's header field -------------------------------------------------------------------------


def test_a_newer_minor_is_told_once_for_each_version(scripted: Any, told: Any) -> None:
    """Not for each address."""
    service = scripted(
        *[Answer(headers={"X-Version": version}) for version in ("1.5", "1.5", "1.6", "1.5")], api_version=NUMBERED
    )
    for number in range(4):
        service.send("GET", f"/{number}")
    assert [(warning.category, warning.message.found) for warning in told] == [
        (NewerApiVersionWarning, "1.5"), (NewerApiVersionWarning, "1.6"),
    ]  # fmt: skip


def test_a_newer_major_is_an_error_each_time(scripted: Any) -> None:
    """Nothing of it is remembered as fine."""
    service = scripted(Answer(headers={"X-Version": "2.0"}), repeat=True, api_version=NUMBERED)
    for _ in range(3):
        with pytest.raises(
            UnsupportedApiVersionError, match=r"X-Version header of https://api\.test/a\?token=\*\*\* says version 2\.0"
        ):
            service.send("GET", "/a?token=SECRET")


def test_what_an_error_said_is_not_fine_for_an_answer(scripted: Any) -> None:
    """A 404 is not read by a version; the answer that comes with the same header field is."""
    service = scripted(*[Answer(status, headers={"X-Version": "2.0"}) for status in (404, 200)], api_version=NUMBERED)
    assert service.send("GET", "/a").status_code == 404
    with pytest.raises(UnsupportedApiVersionError):
        service.send("GET", "/a")


def test_threads_share_one_negotiation(told: Any) -> None:
    """Many at once hear one warning, or two that came at the same moment."""
    service = ScriptedTransport(Answer(headers={"X-Version": "1.9", **ENDED}), repeat=True)
    client = ServiceClient("https://api.test", transport=service, api_version=NUMBERED)
    errors: list[BaseException] = []

    def calls() -> None:
        try:
            for _ in range(20):
                client.send_request(HttpRequest("GET", "/a"))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=calls) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert errors == []
    assert len(service.requests) == 160
    assert 2 <= len(told) <= 16


# --- what is not ours ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "scheme", [date_header("X-Version", "2026-06-01"), NUMBERED, path_prefix("v2", header="X-Version")]
)
def test_the_answer_of_another_origin_is_not_judged(scheme: Any, scripted: Any, told: Any) -> None:
    """It is no answer of our service: a file somewhere else."""
    other = Answer(headers={"X-Version": "9.0", **ENDED})
    service = scripted(other, Answer(302, headers={"Location": "https://elsewhere.test/f"}), other, api_version=scheme)
    assert service.send("GET", "https://files.test/a").status_code == 200
    assert service.send("GET", "/a").status_code == 200
    assert "X-Version" not in service.requests[0].headers
    assert "X-Version" not in service.requests[2].headers
    assert words(told) == []


def test_what_the_request_says_itself_is_not_replaced(scripted: Any) -> None:
    """Also not by what a refusal teaches: whoever wrote it meant it (R7)."""
    scheme = date_header("X-Version", "2026-06-01", versions=("2025-01-01", "2024-01-01"))
    service = scripted(Answer(400, headers={"api-supported-versions": "2024-01-01"}), api_version=scheme)
    with pytest.raises(ApiVersionRefusedError, match="does not take API version 2025-01-01, it speaks 2024-01-01"):
        service.send("GET", "/a", headers={"X-Version": "2025-01-01"})
    assert len(service.requests) == 1


def test_a_body_that_cannot_be_sent_again_is_not(scripted: Any) -> None:
    """The refusal is the error; the next call has learnt nothing wrong."""
    scheme = date_header("X-Version", "2026-06-01", versions=("2025-01-01",))
    service = scripted(Answer(400, headers={"api-supported-versions": "2025-01-01"}), api_version=scheme)
    with pytest.raises(ApiVersionRefusedError, match="it speaks 2025-01-01"):
        service.send("POST", "/a", content=iter([b"once"]))


def test_what_a_refusal_taught_is_remembered(scripted: Any) -> None:
    """The next call begins with it."""
    scheme = date_header("X-Version", "2026-06-01", versions=("2025-01-01",))
    service = scripted(
        Answer(400, headers={"api-supported-versions": "2025-01-01"}), Answer(), Answer(), api_version=scheme
    )
    service.send("POST", "/a", content=b"twice")
    service.send("GET", "/b")
    assert [sent.headers["X-Version"] for sent in service.requests] == ["2026-06-01", "2025-01-01", "2025-01-01"]
    assert [sent.content for sent in service.service.sent] == [b"twice", b"twice", b""]


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "DELETE"])
def test_answers_without_a_body_are_judged_as_well(method: str, scripted: Any) -> None:
    """By their header fields."""
    service = scripted(
        Answer(204, headers={"X-Version": "2025-01-01"}), api_version=date_header("X-Version", "2026-06-01")
    )
    with pytest.raises(VersionMismatchError, match=f"^{method} .* version 2025-01-01 was executed"):
        service.send(method, "/a")


def test_a_stream_of_another_version_is_not_begun(colour: Any) -> None:
    """Judged before the first byte of the body is read, and given up."""
    answer = Answer(headers={"X-Version": "2025-01-01"}, chunks=[b"a", b"b"])
    client = colour.over(colour.client(answer).transport, api_version=date_header("X-Version", "2026-06-01"))
    with pytest.raises(VersionMismatchError):
        colour.run(client.send_request(HttpRequest("GET", "/a"), stream=True))
    assert client.transport.open_bodies == 0


def test_a_refusal_of_a_stream(colour: Any) -> None:
    """Refusals are read whole."""
    scheme = date_header("X-Version", "2026-06-01", versions=("2025-01-01",))
    refusal = Answer(400, json={"error": {"code": "UnsupportedApiVersion", "message": "use 2025-01-01"}})
    client = colour.over(colour.client(refusal, Answer(content=b"abc")).transport, api_version=scheme)
    response = colour.run(client.send_request(HttpRequest("GET", "/a"), stream=True))
    assert b"".join(colour.items(response.iter_bytes())) == b"abc"


def test_redirects_go_on_in_the_same_version(scripted: Any) -> None:
    """At home; it is said once for all hops."""
    service = scripted(
        Answer(307, headers={"Location": "/b"}),
        Answer(headers={"X-Version": "1"}),
        api_version=fixed_header("X-Version", "1"),
    )
    service.send("GET", "/a")
    assert [sent.headers["X-Version"] for sent in service.requests] == ["1", "1"]


def test_retries_say_the_same(scripted: Any) -> None:
    """A service that is down for a moment."""
    service = scripted(
        offers("1.4"), Answer(503), Answer(headers={"OpenStack-API-Version": "depot 1.4"}), api_version=DEPOT
    )
    service.send("GET", "/a")
    assert [sent.headers.get("OpenStack-API-Version") for sent in service.requests] == [None, "depot 1.4", "depot 1.4"]


def test_the_credential_goes_along(scripted: Any) -> None:
    """Asked again after a refusal, the request is as whole as before."""
    scheme = date_header("X-Version", "2026-06-01", versions=("2025-01-01",))
    service = scripted(
        Answer(400, headers={"api-supported-versions": "2025-01-01"}), Answer(), api_version=scheme,
        credential=KeyCredential("k"), authentication=(KeyInHeader("X-Key"),),
    )  # fmt: skip
    service.send("GET", "/a")
    assert [sent.headers["X-Key"] for sent in service.requests] == ["k", "k"]


REFUSED_PATH = {"code": "UnsupportedApiVersion", "detail": "this service does not speak API version 'v2'; it speaks v3"}


@pytest.mark.parametrize(
    ("scheme", "endpoint", "template"),
    [
        (path_prefix("v2"), "https://api.test", "/a"),
        (path_prefix("v2", in_paths=True), "https://api.test", "/v2/a"),
        (path_prefix("v2", in_paths=True), "https://api.test/v2", "/a"),
    ],
    ids=["put before the path", "in the paths", "at the endpoint's end"],
)
def test_a_version_in_the_path_that_is_gone_is_no_resource_that_is_gone(
    scheme: Any, endpoint: str, template: str, scripted: Any
) -> None:
    """A 404 would be "done already" for what deletes: nothing was deleted, the service only moved on."""
    delete: Operation[None] = Operation("DELETE", template, responses={204: None}, missing_is_success=True)
    service = scripted(Answer(404, json=REFUSED_PATH), endpoint=endpoint, api_version=scheme)

    def call() -> None:
        called = service.client._call(delete, {}, options={})
        asyncio.run(called) if service.is_async else called

    with pytest.raises(ApiVersionRefusedError, match="does not take API version v2, it speaks v3"):
        call()


def test_words_that_quote_the_version_of_every_path_refuse_nothing(scripted: Any) -> None:
    """Where each address has the version in it, so has what is said about a resource."""
    answer = Answer(404, json={"message": "/v2/images/7: no such version of the image"})
    service = scripted(answer, api_version=path_prefix("v2", in_paths=True))
    assert service.send("GET", "/v2/images/7").status_code == 404
