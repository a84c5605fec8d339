"""What a client hears in the answers of its service: who is told, once, where his own line is; and what is not ours."""

from __future__ import annotations

import asyncio
import threading
import warnings
from pathlib import Path
from typing import Any

import pytest
from clientsmith.core import ServiceClient, aio
from clientsmith.core.client import default_policies
from clientsmith.core.credentials import KeyCredential, KeyInHeader
from clientsmith.core.errors import HttpResponseError
from clientsmith.core.operations import ListOperation, LongRunningOperation, Operation, path
from clientsmith.core.paging import NextLink
from clientsmith.core.policies import ApiVersionPolicy
from clientsmith.core.polling import Polling
from clientsmith.core.rest import HttpRequest
from clientsmith.core.testing import Answer, AsyncScriptedTransport, ScriptedTransport
from clientsmith.core.versioning import (
    ApiLifecycleNotice,
    ApiLifecycleWarning,
    ApiRetiredError,
    ApiVersionRefusedError,
    FeatureNotSupportedError,
    Negotiator,
    NewerApiVersionWarning,
    UnsupportedApiVersionError,
    VersionFormat,
    VersionMismatchError,
    negotiation_of,
)
from clientsmith.core.versioning.schemes import (
    date_header,
    fixed_header,
    fixed_query,
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


# --- lists and long-running operations -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scheme", "link", "asked"),
    [
        (fixed_query("v", "2"), "/jobs?v=1&page=2", "https://example.test/jobs?v=2&page=2"),
        (fixed_query("v", "2"), "https://example.test/jobs?page=2", "https://example.test/jobs?page=2&v=2"),
        (path_prefix("v2"), "https://example.test/v2/jobs?page=2", "https://example.test/v2/jobs?page=2"),
        (path_prefix("v2"), "https://example.test/v1/jobs?page=2", "https://example.test/v2/jobs?page=2"),
        (fixed_query("v", "2"), "https://files.test/jobs?v=1", "https://files.test/jobs?v=1"),
    ],
)
def test_the_next_page_is_asked_for_in_our_version(scheme: Any, link: str, asked: str, colour: Any) -> None:
    """Whatever the service wrote into its link, if it is its own."""
    transport = colour.client(Answer(json={"value": [1], "nextLink": link}), Answer(json={"value": [2]})).transport
    client = colour.over(transport, api_version=scheme)
    assert colour.items(client._list(LIST, {}, options={})) == [1, 2]
    assert transport.sent[1].url == asked


def test_the_version_may_change_between_pages_and_nobody_asks_twice(colour: Any) -> None:
    """Discovery belongs to the first page."""
    first = Answer(json={"value": [1], "nextLink": "/jobs?page=2"}, headers={"OpenStack-API-Version": "depot 1.4"})
    second = Answer(json={"value": [2]}, headers={"OpenStack-API-Version": "depot 1.4"})
    transport = colour.client(offers("1.4"), first, second).transport
    client = colour.over(transport, api_version=DEPOT)
    assert colour.items(client._list(LIST, {}, options={})) == [1, 2]
    assert [sent.headers.get("OpenStack-API-Version") for sent in transport.sent] == [None, "depot 1.4", "depot 1.4"]


BEGIN: LongRunningOperation[Any] = LongRunningOperation(
    "POST", "/jobs", responses={202: None}, polling=Polling(), since="1.5"
)
NEW: Operation[Any] = Operation("GET", "/racks", responses={200: None}, since="1.5", until="1.20")
NEW_LIST: ListOperation[Any] = ListOperation(
    "GET", "/racks", responses={200: None}, paging=NextLink(items=("value",)), since="1.5"
)


def test_polls_say_the_version(colour: Any) -> None:
    """And an operation that the service has is begun."""
    version = {"OpenStack-API-Version": "depot 1.30"}
    transport = colour.client(
        offers(), Answer(202, json={"status": "Running"}, headers={"Operation-Location": "/operations/1", **version}),
        Answer(json={"status": "Succeeded"}, headers=version), repeat=False,
    ).transport  # fmt: skip
    client = colour.over(transport, api_version=DEPOT)
    poller = colour.run(client._begin(BEGIN, {}, options={}))
    colour.run(poller.result())
    assert {sent.headers.get("OpenStack-API-Version") for sent in transport.sent[1:]} == {"depot 1.30"}


# --- since and until -------------------------------------------------------------------------------------------------

NEEDS = (
    r"^{} needs API version {}, and this client speaks {} with the service \(the service offers 1\.1 to {}, "
    r"this client understands 1\.1 to 1\.30\); nothing was sent$"
)


@pytest.mark.parametrize(
    ("method", "operation", "newest", "words"),
    [
        ("_call", NEW, "1.4", NEEDS.format("GET /racks", r"1\.5 to 1\.20", r"1\.4", r"1\.4")),
        ("_call", NEW, "1.30", NEEDS.format("GET /racks", r"1\.5 to 1\.20", r"1\.30", r"1\.30")),
        ("_list", NEW_LIST, "1.4", NEEDS.format("GET /racks", r"1\.5 or later", r"1\.4", r"1\.4")),
        ("_begin", BEGIN, "1.4", NEEDS.format("POST /jobs", r"1\.5 or later", r"1\.4", r"1\.4")),
    ],
    ids=["too new", "too old", "a list", "a long-running one"],
)
def test_an_operation_that_the_version_does_not_have(
    method: str, operation: Any, newest: str, words: str, colour: Any
) -> None:
    """No request but the one for the document (R10)."""
    transport = colour.client(offers(newest)).transport
    client = colour.over(transport, api_version=DEPOT)
    calls = {
        "_list": lambda: colour.items(client._list(operation, {}, options={})),
        "_begin": lambda: colour.run(client._begin(operation, {}, options={})),
        "_call": lambda: colour.run(client._call(operation, {}, options={})),
    }
    with pytest.raises(FeatureNotSupportedError, match=words) as caught:
        calls[method]()
    assert [sent.path for sent in transport.sent] == ["/"]
    assert caught.value.operation == f"{operation.method} {operation.path}"


def test_a_pinned_version_has_an_operation_or_not(colour: Any) -> None:
    """Nothing at all is sent where nothing has to be asked."""
    scheme = fixed_header("V", "1.30", format=VersionFormat.MAJOR_MINOR)
    old, new = (colour.over(colour.client(Answer()).transport, api_version=scheme.at(text)) for text in ("1.4", "1.5"))
    with pytest.raises(
        FeatureNotSupportedError, match=r"speaks 1\.4 with the service \(it was pinned with api_version\); nothing"
    ):
        colour.run(old._call(NEW, {}, options={}))
    assert old.transport.requests == []
    colour.run(new._call(NEW, {}, options={}))


def test_one_operation_serves_clients_of_several_formats(colour: Any) -> None:
    """What its ends mean is each client's; where versions are only equal or not, nothing speaks against it."""
    for format, text in (
        (VersionFormat.MAJOR_MINOR, "1.5"),
        (VersionFormat.NAMED, "v1.9"),
        (VersionFormat.OPAQUE, "1.10"),
    ):
        scheme = fixed_header("V", text, format=format)
        client = colour.over(colour.client(Answer()).transport, api_version=scheme)
        colour.run(client._call(NEW, {}, options={}))
        assert len(client.transport.requests) == 1


def test_a_service_without_versions_has_no_newer_operation(colour: Any) -> None:
    """It says none, so it has none of the operations that came with one."""
    document = Answer(json={"versions": [{"id": "v1", "status": "CURRENT"}]})
    client = colour.over(colour.client(document).transport, api_version=DEPOT)
    with pytest.raises(
        FeatureNotSupportedError, match=r"needs API version 1\.5 to 1\.20, and this client speaks no version with"
    ):
        colour.run(client._call(NEW, {}, options={}))


def test_a_client_without_a_scheme_calls_what_it_has(colour: Any) -> None:
    """It knows of no version, so nothing speaks against it."""
    client = colour.client(Answer())
    colour.run(client._call(NEW, {}, options={}))
    assert len(client.transport.requests) == 1


def test_a_refusal_that_leads_to_a_version_without_the_operation(colour: Any) -> None:
    """It is checked again before it is sent again."""
    refusal = Answer(406, json={"min_version": "1.1", "max_version": "1.4"})
    transport = colour.client(offers("1.10"), refusal).transport
    client = colour.over(transport, api_version=DEPOT)
    with pytest.raises(FeatureNotSupportedError, match=r"speaks 1\.4"):
        colour.run(client._call(NEW, {}, options={}))


# --- clients put together otherwise --------------------------------------------------------------------------------------


def test_a_child_speaks_with_its_parent() -> None:
    """One negotiation for both: the document is asked for once."""
    service = ScriptedTransport(offers("1.4"), *[Answer(headers={"OpenStack-API-Version": "depot 1.4"})] * 2)
    parent = Generated("https://api.test", transport=service, api_version=DEPOT)
    child = parent._child(Generated, project="p1")
    child.get_job("1")
    parent.get_job("2")
    assert negotiation_of(child) is negotiation_of(parent)
    assert [sent.path for sent in service.sent] == ["/", "/jobs/1", "/jobs/2"]


def test_policies_of_ones_own(scripted: Any) -> None:
    """The policy among them speaks, and can be asked."""
    negotiator = Negotiator(fixed_header("X-Version", "7"), "https://api.test")
    service = scripted(Answer(), policies=default_policies("mine/1.0", "https://api.test", negotiator=negotiator))
    service.send("GET", "/a")
    assert service.requests[0].headers["X-Version"] == "7"
    assert negotiation_of(service.client) is negotiator


def test_policies_without_one_say_and_hear_nothing(scripted: Any, told: Any) -> None:
    """Who takes them apart has his reasons."""
    service = scripted(Answer(headers=ENDED), policies=[])
    service.send("GET", "/a")
    assert words(told) == []
    assert negotiation_of(service.client) is None
