"""Finding out what a service speaks: where its document may be, who asks, and what is not believed."""

from __future__ import annotations

import asyncio
import logging
import re
import threading
import warnings
from typing import Any

import pytest
from clientsmith.core import ServiceClient, aio
from clientsmith.core.credentials import KeyCredential, KeyInHeader
from clientsmith.core.errors import DeadlineExceededError, ServiceRequestError
from clientsmith.core.rest import HttpRequest
from clientsmith.core.testing import Answer, ScriptedTransport
from clientsmith.core.versioning import (
    ApiLifecycleNotice,
    ApiLifecycleWarning,
    ApiVersionRefusedError,
    UnsupportedApiVersionError,
    VersionFormat,
    negotiation_of,
)
from clientsmith.core.versioning.schemes import capability_list, date_header, date_query, fixed_header, microversion

DEPOT = microversion("depot", "1.30", "1.1")


def offers(oldest: str = "1.1", newest: str = "1.30", **more: Any) -> Answer:
    entry = {"id": "v1", "status": "CURRENT", "min_version": oldest, "max_version": newest, **more}
    return Answer(json={"versions": [entry]})


def done(version: str = "1.30") -> Answer:
    return Answer(json={}, headers={"OpenStack-API-Version": f"depot {version}"})


def said(service: Any) -> list[tuple[str, str | None]]:
    """Return path and version of every request."""
    return [(sent.path, sent.headers.get("OpenStack-API-Version")) for sent in service.service.sent]


# --- where -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("endpoint", "paths"),
    [
        ("https://api.test", ["/"]),
        ("https://api.test/", ["/"]),
        ("https://api.test/depot", ["/depot/", "/"]),
        ("https://api.test/v1", ["/v1/", "/"]),
        ("https://api.test/depot/v1.0", ["/depot/v1.0/", "/depot/", "/"]),
        ("https://api.test/depot/v1/9f0c", ["/depot/v1/9f0c/", "/depot/", "/"]),
        ("https://api.test/dev2/v1", ["/dev2/v1/", "/dev2/", "/"]),
    ],
)
def test_where_it_may_be(endpoint: str, paths: list[str], scripted: Any) -> None:
    """At the endpoint, at the endpoint without its version, at the root: asked in this order until one has it."""
    for place in range(len(paths)):
        service = scripted(*[Answer(404)] * place, offers(), done(), endpoint=endpoint, api_version=DEPOT)
        assert service.send("GET", "/a").status_code == 200
        base = endpoint.removeprefix("https://api.test").rstrip("/")
        assert said(service) == [*[(path, None) for path in paths[: place + 1]], (f"{base}/a", "depot 1.30")]


@pytest.mark.parametrize(
    "absent",
    [
        Answer(404),
        Answer(401, json={"error": "who are you?"}),
        Answer(403),
        Answer(501),
        Answer(200, content=b"<html>Welcome</html>", headers={"Content-Type": "text/html"}),
        Answer(200, content=b"[" * 100_000),
        Answer(200, json=["v1"]),
        Answer(200, json={"name": "depot"}),
        Answer(200),
        Answer(204),
        Answer(302, headers={"Location": "/login"}),
    ],
    ids=["404", "401", "403", "501", "HTML", "nested", "a list", "another document", "empty", "204", "a redirect"],
)
def test_where_it_is_not(absent: Answer, scripted: Any) -> None:
    """What cannot be asked is tried: the newest version, and a refusal would teach."""
    service = scripted(
        absent, absent, done(), endpoint="https://api.test/depot", api_version=DEPOT, settings={"max_redirects": 0}
    )
    assert service.send("GET", "/a").status_code == 200
    assert said(service)[-1] == ("/depot/a", "depot 1.30")


def test_several_choices_are_an_answer(scripted: Any) -> None:
    """300: keystone, cinder and others give the list with it."""
    document = {
        "versions": {"values": [{"id": "v1.0", "status": "stable", "min_version": "1.1", "max_version": "1.12"}]}
    }
    service = scripted(Answer(300, json=document), done("1.12"), api_version=DEPOT)
    service.send("GET", "/a")
    assert said(service) == [("/", None), ("/a", "depot 1.12")]


def test_a_path_of_its_own(scripted: Any) -> None:
    """Below the endpoint."""
    scheme = capability_list("/_matrix/client/versions", "v1.15", "v1.1")
    service = scripted(Answer(json={"versions": ["v1.2"]}), Answer(), endpoint="https://api.test/m", api_version=scheme)
    service.send("GET", "/a")
    assert [sent.path for sent in service.service.sent] == ["/m/_matrix/client/versions", "/m/a"]


# --- what is not believed ----------------------------------------------------------------------------------------------


def test_another_origin_is_not_believed(scripted: Any) -> None:
    """Who answers there says nothing about our service, and does not see who is asking."""
    service = scripted(
        Answer(302, headers={"Location": "https://elsewhere.test/versions"}),
        offers("1.1", "1.2"),
        done(),
        api_version=DEPOT,
        credential=KeyCredential("SECRET"),
        authentication=(KeyInHeader("X-Key"),),
        settings={"headers": {"X-Tenant": "t1"}},
    )
    service.send("GET", "/a")
    seen = [(sent.url, sent.headers.get("X-Key"), sent.headers.get("X-Tenant")) for sent in service.service.sent]
    assert seen == [
        ("https://api.test/", "SECRET", "t1"),
        ("https://elsewhere.test/versions", None, None),
        ("https://api.test/a", "SECRET", "t1"),
    ]
    assert said(service)[-1] == ("/a", "depot 1.30")


def test_plain_http_is_not_followed(scripted: Any) -> None:
    """Anybody could write the document then."""
    downgrade = Answer(302, headers={"Location": "http://api.test/versions"})
    service = scripted(downgrade, done(), api_version=DEPOT)
    service.send("GET", "/a")
    assert [sent.url for sent in service.service.sent] == ["https://api.test/", "https://api.test/a"]


def test_a_redirect_at_home_is_followed(scripted: Any) -> None:
    """It is the same service."""
    service = scripted(
        Answer(302, headers={"Location": "/versions"}), offers("1.1", "1.4"), done("1.4"), api_version=DEPOT
    )
    service.send("GET", "/a")
    assert said(service) == [("/", None), ("/versions", None), ("/a", "depot 1.4")]


def test_links_of_the_document_are_not_followed(scripted: Any) -> None:
    """A service behind a proxy writes addresses that nobody can reach, a hostile one those of others."""
    links = [{"rel": "self", "href": "https://elsewhere.test/v1/"}]
    service = scripted(offers(links=links), done(), api_version=DEPOT)
    service.send("GET", "/a")
    assert [sent.url for sent in service.service.sent] == ["https://api.test/", "https://api.test/a"]


# --- when ------------------------------------------------------------------------------------------------------------


def test_it_is_asked_once_for_its_lifetime(scripted: Any) -> None:
    """An hour: a service that is upgraded meanwhile is seen then."""
    service = scripted(
        offers("1.1", "1.4"), done("1.4"), done("1.4"), offers("1.1", "1.5"), done("1.5"), api_version=DEPOT
    )
    for wait in (0, 3599, 2):
        service.service.clock.advance(wait)
        service.send("GET", "/a")
    assert said(service) == [
        ("/", None), ("/a", "depot 1.4"), ("/a", "depot 1.4"), ("/", None), ("/a", "depot 1.5"),
    ]  # fmt: skip


def test_what_a_refusal_taught_is_believed_as_long(scripted: Any) -> None:
    """A service that was rolled back and comes forward again is spoken to in its newest version, and in no restart."""
    refusal = Answer(400, headers={"api-supported-versions": "2025-01-01"})
    scheme = date_query("api-version", "2026-06-01", versions=("2025-01-01", "2026-06-01"))
    service = scripted(refusal, done(), done(), done(), done(), api_version=scheme)
    for wait in (0, 3599, 2, 7200):
        service.service.clock.advance(wait)
        service.send("GET", "/a")
    asked = [sent.url.partition("=")[2] for sent in service.service.sent]
    assert asked == ["2026-06-01", "2025-01-01", "2025-01-01", "2026-06-01", "2026-06-01"]


def test_a_service_that_does_not_tell_is_asked_again_in_a_minute(scripted: Any) -> None:
    """It may have been down; asked in each call it would be a load."""
    down = Answer(503)
    service = scripted(
        down, done(), done(), offers("1.1", "1.5"), done("1.5"), api_version=DEPOT, settings={"max_retries": 0}
    )
    for wait in (0, 59, 2):
        service.service.clock.advance(wait)
        service.send("GET", "/a")
    assert [path for path, _ in said(service)] == ["/", "/a", "/a", "/", "/a"]


def test_nothing_in_common_is_asked_again(scripted: Any) -> None:
    """It is an error each time, until one side was upgraded."""
    service = scripted(offers("1.40", "1.50"), offers("1.40", "1.50"), offers("1.1", "1.50"), done(), api_version=DEPOT)
    for _ in range(2):
        with pytest.raises(
            UnsupportedApiVersionError,
            match=r"1\.40 to 1\.50, and this client speaks 1\.1 to 1\.30; upgrade the client",
        ):
            service.send("GET", "/a")
    assert service.send("GET", "/a").status_code == 200


def test_a_refusal_of_what_was_offered_is_asked_about(scripted: Any) -> None:
    """Somebody replaced the service by an older one: the next call asks again."""
    service = scripted(offers(), Answer(406), offers("1.1", "1.4"), done("1.4"), api_version=DEPOT)
    with pytest.raises(ApiVersionRefusedError):
        service.send("GET", "/a")
    service.send("GET", "/a")
    assert said(service)[2:] == [("/", None), ("/a", "depot 1.4")]


def test_an_unreachable_service_is_told_as_such(scripted: Any) -> None:
    """The call itself would not get through either."""
    service = scripted(
        ServiceRequestError("no route", request=HttpRequest("GET", "https://api.test/")), offers(), done(),
        api_version=DEPOT, settings={"max_retries": 0},
    )  # fmt: skip
    with pytest.raises(ServiceRequestError, match="no route"):
        service.send("GET", "/a")
    assert service.send("GET", "/a").status_code == 200


def test_a_slow_service_is_cut_at_the_calls_deadline(scripted: Any) -> None:
    """The document is part of the call."""
    service = scripted(offers(), done(), api_version=DEPOT, settings={"timeout": 5.0})
    service.service._lines[0].delay = 7.0
    with pytest.raises(DeadlineExceededError):
        service.send("GET", "/a")


def test_a_document_that_failed_is_tried_again_like_any_request(scripted: Any) -> None:
    """It goes through the same client."""
    service = scripted(Answer(503), offers("1.1", "1.4"), done("1.4"), api_version=DEPOT)
    service.send("GET", "/a")
    assert said(service) == [("/", None), ("/", None), ("/a", "depot 1.4")]


def test_a_stream_may_be_the_first_call(colour: Any) -> None:
    """The document is read whole, whatever the caller does with his answer."""
    client = colour.client(offers("1.1", "1.4"), Answer(content=b"abc", headers={"OpenStack-API-Version": "depot 1.4"}))
    client = colour.over(client.transport, api_version=DEPOT)
    response = colour.run(client.send_request(HttpRequest("GET", "/a"), stream=True))
    assert b"".join(colour.items(response.iter_bytes())) == b"abc"
    assert [sent.headers.get("OpenStack-API-Version") for sent in client.transport.sent] == [None, "depot 1.4"]
    client.transport.assert_finished()


def test_what_the_question_carries(scripted: Any) -> None:
    """The client's own header fields, not those of the call's request: no condition, no body's type, no range."""
    service = scripted(
        offers(), done(), api_version=DEPOT, package="depot-client/1.0",
        settings={"headers": {"X-Tenant": "t1", "Accept": "text/csv", "Range": "bytes=0-1"}},
    )  # fmt: skip
    service.send("POST", "/a", json={"a": 1}, headers={"If-Match": '"x"', "X-Own": "1"})
    question, request = service.service.sent
    assert (question.method, question.content) == ("GET", b"")
    assert question.headers["Accept"] == "application/json"
    assert question.headers["X-Tenant"] == "t1"
    assert question.headers["User-Agent"] == request.headers["User-Agent"]
    assert not {"If-Match", "X-Own", "Range", "Content-Type", "OpenStack-API-Version"} & set(question.headers)


def test_nobody_is_asked_for_a_request_that_goes_elsewhere(scripted: Any) -> None:
    """A file at another origin has nothing to do with the service's versions."""
    service = scripted(Answer(), offers(), done(), api_version=DEPOT)
    service.send("GET", "https://files.test/f")
    service.send("GET", "/a")
    assert [sent.url for sent in service.service.sent] == [
        "https://files.test/f", "https://api.test/", "https://api.test/a",
    ]  # fmt: skip


# --- who -------------------------------------------------------------------------------------------------------------


class Gate(ScriptedTransport):
    """Gives its document when it is let to."""

    def __init__(self, *lines: Answer) -> None:
        super().__init__(*lines)
        self.is_asked, self.may_answer = threading.Event(), threading.Event()

    def send(self, request: HttpRequest, /) -> Any:
        if not request.url.endswith("/a"):
            self.is_asked.set()
            assert self.may_answer.wait(5)
        return super().send(request)


def test_threads_ask_once() -> None:
    """One asks, the others wait for what he finds out."""
    service = Gate(offers("1.1", "1.4"), *[done("1.4")] * 8)
    client = ServiceClient("https://api.test", transport=service, api_version=DEPOT)
    statuses: list[int] = []
    threads = [
        threading.Thread(target=lambda: statuses.append(client.send_request(HttpRequest("GET", "/a")).status_code))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    assert service.is_asked.wait(5)
    service.may_answer.set()
    for thread in threads:
        thread.join(5)
    assert statuses == [200] * 8
    assert [sent.path for sent in service.sent] == ["/", *["/a"] * 8]


@pytest.mark.parametrize("together", [2, 12])
def test_tasks_ask_once(together: int) -> None:
    """As many at the same moment as there are."""
    from clientsmith.core.testing import AsyncScriptedTransport

    class Service(AsyncScriptedTransport):
        async def send(self, request: HttpRequest, /) -> Any:
            await asyncio.sleep(0.001)
            return await super().send(request)

    service = Service(offers("1.1", "1.4"), *[done("1.4")] * together)
    client = aio.ServiceClient("https://api.test", transport=service, api_version=DEPOT)

    async def calls() -> list[int]:
        answers = await asyncio.gather(*[client.send_request(HttpRequest("GET", "/a")) for _ in range(together)])
        return [answer.status_code for answer in answers]

    assert asyncio.run(calls()) == [200] * together
    assert [sent.path for sent in service.sent] == ["/", *["/a"] * together]


def test_who_waits_asks_one_after_the_other_when_the_one_who_asked_ran_out_of_time() -> None:
    """His deadline is not theirs; and all of them together would be a load."""
    from clientsmith.core.testing import AsyncScriptedTransport

    class Service(AsyncScriptedTransport):
        async def send(self, request: HttpRequest, /) -> Any:
            await asyncio.sleep(0.005)
            if request.url.endswith("/") and request.call.remaining() < 60.0:
                raise DeadlineExceededError("too late")
            return await super().send(request)

    service = Service(offers("1.1", "1.4"), *[done("1.4")] * 20)
    client = aio.ServiceClient("https://api.test", transport=service, api_version=DEPOT)

    async def calls() -> list[Any]:
        timeouts = [1.0, *[100.0] * 20]
        sent = [client.send_request(HttpRequest("GET", "/a"), timeout=timeout) for timeout in timeouts]
        return await asyncio.gather(*sent, return_exceptions=True)

    first, *others = asyncio.run(calls())
    assert isinstance(first, DeadlineExceededError)
    assert [answer.status_code for answer in others] == [200] * 20
    assert [sent.path for sent in service.sent] == ["/", *["/a"] * 20]


def test_who_waits_goes_on_when_the_one_who_asked_is_cancelled() -> None:
    """He asks himself then."""
    from clientsmith.core.testing import AsyncScriptedTransport

    class Service(AsyncScriptedTransport):
        async def send(self, request: HttpRequest, /) -> Any:
            await asyncio.sleep(0.02)
            return await super().send(request)

    service = Service(offers("1.1", "1.4"), done("1.4"))
    client = aio.ServiceClient("https://api.test", transport=service, api_version=DEPOT)

    async def calls() -> int:
        first, second = (asyncio.create_task(client.send_request(HttpRequest("GET", "/a"))) for _ in range(2))
        await asyncio.sleep(0.005)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        return (await second).status_code

    assert asyncio.run(calls()) == 200


def test_later_on_nobody_waits() -> None:
    """What was known serves while one call asks again."""
    service = ScriptedTransport(offers("1.1", "1.4"), done("1.4"), done("1.4"))
    client = ServiceClient("https://api.test", transport=service, api_version=DEPOT)
    client.send_request(HttpRequest("GET", "/a"))
    service.clock.advance(4000)
    negotiator = negotiation_of(client)
    assert negotiator is not None
    assert negotiator.board() is not None  # somebody asks right now
    client.send_request(HttpRequest("GET", "/a"))
    assert [sent.path for sent in service.sent] == ["/", "/a", "/a"]


def test_features_that_are_missing_can_be_seen(scripted: Any) -> None:
    """Also where the version is the one that was expected before anybody asked."""
    scheme = capability_list("/versions", "v1.11", "v1.1", features={"spaces": "v1.2", "threads": "v1.4"})
    document = Answer(json={"versions": ["v1.11"], "unstable_features": {"spaces": True, "threads": False}})
    service = scripted(document, Answer(), api_version=scheme)
    service.send("GET", "/a")
    negotiator = negotiation_of(service.client)
    assert negotiator is not None
    assert (str(negotiator.version), negotiator.decision.missing) == ("v1.11", {"threads"})


# --- what is told ----------------------------------------------------------------------------------------------------


def test_the_end_of_versions_is_told_by_the_document(scripted: Any) -> None:
    """As a warning and to the hook, once, though it is asked every hour."""
    heard: list[ApiLifecycleNotice] = []
    document = offers(status="DEPRECATED", next_min_version="1.10", not_before="2027-01-01")
    service = scripted(document, done(), document, done(), api_version=DEPOT, settings={"lifecycle_hook": heard.append})
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        for _ in range(2):
            service.send("GET", "/a")
            service.service.clock.advance(4000)
    assert {warning.category for warning in told} == {ApiLifecycleWarning}
    assert [notice.kind for notice in heard] == ["deprecated", "min_version_rising"]
    assert [str(warning.message) for warning in told] == [
        "API version v1 is deprecated (the version document)",
        "API version 1.10 will be the oldest version that the service takes from 2027-01-01 (the version document)",
    ]


def test_a_service_before_versions_may_be_deprecated(scripted: Any) -> None:
    """nova's v2.0: it has no microversions, and says that it goes."""
    document = {"version": {"id": "v2.0", "status": "DEPRECATED", "version": "", "min_version": ""}}
    service = scripted(
        Answer(json=document), Answer(), endpoint="https://api.test/v2", api_version=microversion("compute", "2.95")
    )
    with pytest.warns(ApiLifecycleWarning, match=r"^API version v2\.0 is deprecated \(the version document\)$"):
        service.send("GET", "/a")
    assert said(service)[-1] == ("/v2/a", None)


def test_what_is_spoken_can_be_seen(scripted: Any, caplog: pytest.LogCaptureFixture) -> None:
    """By a program, by a person, and in the log at INFO, once."""
    caplog.set_level(logging.INFO, "clientsmith.core.versioning")
    service = scripted(offers("1.1", "1.4"), done("1.4"), done("1.4"), api_version=DEPOT)
    negotiator = negotiation_of(service.client)
    assert negotiator is not None
    assert str(negotiator.version) == "1.30"
    assert repr(negotiator) == (
        "<Negotiator of OpenStack microversions of depot: 1.30 is spoken; the service was not asked yet; "
        "this client understands 1.1 to 1.30>"
    )
    service.send("GET", "/a")
    service.send("GET", "/a")
    assert str(negotiator.version) == "1.4"
    agreed = (
        "<Negotiator of OpenStack microversions of depot: 1.4 is spoken; the service offers 1.1 to 1.4; "
        "this client understands 1.1 to 1.30>"
    )
    assert repr(negotiator) == agreed
    logged = [record for record in caplog.records if record.name == "clientsmith.core.versioning"]
    assert [record.getMessage() for record in logged] == [agreed]


def test_the_negotiation_of_other_clients() -> None:
    """None where there is none; what is no client is told."""
    plain = ServiceClient("https://api.test", transport=ScriptedTransport())
    assert negotiation_of(plain) is None
    pinned = ServiceClient(
        "https://api.test", transport=ScriptedTransport(), api_version=fixed_header("V", "7").at("6")
    )
    assert (
        repr(negotiation_of(pinned)) == "<Negotiator of versions in V: 6 (pinned) is spoken; this client understands 7>"
    )
    with pytest.raises(TypeError, match="str is no client: it has to be made of a ServiceClient"):
        negotiation_of("client")


def test_a_scheme_without_a_choice_costs_no_steps() -> None:
    """Only what may change has a policy that leads calls."""
    listed = date_header("V", "2026-06-01", versions=("2025-01-01",))
    for scheme, may_change in (
        (fixed_header("V", "1"), False), (date_header("V", "2026-06-01"), False), (listed, True),
        (listed.at("2025-01-01"), False), (DEPOT, True), (DEPOT.at("1.2"), True),
    ):  # fmt: skip
        client = ServiceClient("https://api.test", transport=ScriptedTransport(), api_version=scheme)
        negotiator = negotiation_of(client)
        assert negotiator is not None
        assert negotiator.may_change is may_change


def test_latest_is_no_version() -> None:
    """R6: what it means changes under the client."""
    with pytest.raises(
        ValueError, match=re.escape("'latest' is no version of this API; it has to be a microversion, such as 2.95")
    ):
        DEPOT.at("latest")
    assert DEPOT.known.format is VersionFormat.MICROVERSION


@pytest.mark.parametrize("given", [None, 1.2, b"1.2"], ids=["None", "a number", "bytes"])
def test_what_is_no_text_is_said_before_anything_is_parsed(given: Any) -> None:
    with pytest.raises(
        TypeError, match=r"^api_version is .*; it is a text, such as '1\.30': leave it out to negotiate$"
    ):
        DEPOT.at(given)
