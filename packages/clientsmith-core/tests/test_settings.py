"""Settings: every one at construction and for a call, and on every request that a method makes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import pytest
from clientsmith.core import aio
from clientsmith.core._origin import Home
from clientsmith.core.client import CLIENT_SETTINGS, POLICY_SETTINGS, ServiceClient, default_policies
from clientsmith.core.credentials import Signature
from clientsmith.core.errors import SettingError, UnknownSettingError, UsageError
from clientsmith.core.operations import ListOperation, LongRunningOperation, Operation
from clientsmith.core.paging import NextLink
from clientsmith.core.pipeline import Flow, HookPolicy, HTTPPolicy, Policy, settings_of
from clientsmith.core.polling import Polling
from clientsmith.core.rest import HttpRequest, HttpResponse
from clientsmith.core.settings import Setting
from clientsmith.core.testing import Answer, AsyncScriptedTransport, ScriptedTransport
from clientsmith.core.transport.base import TRANSPORT_SETTINGS
from clientsmith.core.versioning import Negotiator
from clientsmith.core.versioning.schemes import microversion

PING: Operation[Any] = Operation("GET", "/ping", responses={200: None})
LIST: ListOperation[int] = ListOperation(
    "GET", "/items", responses={200: None}, paging=NextLink(items=("value",), next=("next",))
)
BEGIN: LongRunningOperation[Any] = LongRunningOperation(
    "PUT", "/thing", responses={201: None}, polling=Polling(final="original-uri")
)
HERE = "https://example.test"


def service(answered: type[Any]) -> Any:
    """A service with two pages, the second behind a redirect, and an operation that is looked at twice."""

    def answer(request: HttpRequest) -> Answer:
        path = request.url.removeprefix(HERE).partition("?")[0]
        match request.method, path:
            case "GET", "/items":
                return Answer(json={"value": [1], "next": f"{HERE}/moved"})
            case "GET", "/moved":
                return Answer(307, headers={"Location": "/page2"})
            case "GET", "/page2":
                return Answer(json={"value": [2]})
            case "PUT", "/thing":
                return Answer(201, json={}, headers={"Operation-Location": f"{HERE}/look1"})
            case "GET", "/look1":
                return Answer(json={"status": "Running"}, headers={"Operation-Location": f"{HERE}/look2"})
            case "GET", "/look2":
                return Answer(json={"status": "Succeeded"})
            case _:
                return Answer(json={"value": 7})

    return answered(answer, repeat=True)


class Spy(HookPolicy):
    """Notes the settings that each request is sent with, and has one of its own."""

    settings: ClassVar[tuple[Setting, ...]] = (Setting("flavour", "plain", "a custom policy's own"),)

    def __init__(self) -> None:
        self.seen: list[dict[str, Any]] = []
        self.paths: list[str] = []

    def on_request(self, request: HttpRequest, /) -> None:
        self.seen.append(dict(request.call.settings))
        self.paths.append(request.url.removeprefix(HERE))


def hook(*arguments: object) -> None:
    """A function for the settings that take one."""


# A value for every setting that is not its default. A new setting without a row here fails the test below.
VALUES: dict[str, Any] = {
    "timeout": 33.0,
    "response_hook": hook,
    "polling_interval": 0.25,
    "connect_timeout": 3.0,
    "read_timeout": 4.0,
    "client_request_id": "mine",
    "headers": {"X-Mine": "1"},
    "user_agent": "app/1",
    "idempotency_key": "k",
    "max_redirects": 3,
    "max_retries": 1,
    "backoff_base": 0.1,
    "backoff_cap": 9.0,
    "retry_methods": frozenset({"GET"}),
    "retry_statuses": frozenset({503}),
    "raw_request_hook": hook,
    "raw_response_hook": hook,
    "lifecycle_hook": hook,
    "logging_enabled": False,
    "logging_allowed_headers": ("X-Mine",),
    "logging_allowed_query": ("mine",),
    "tracing_enabled": True,
    "flavour": "hot",
}


def declared() -> set[Setting]:
    """Return every setting that a call takes: the client's, the transport's, the policies', the custom one's."""
    policies = default_policies(
        "p/1", Home(HERE), negotiator=Negotiator(microversion("depot", "1.2")), per_retry=[Spy()]
    )
    named = {*CLIENT_SETTINGS, *TRANSPORT_SETTINGS, *settings_of(policies)}
    return {setting for setting in named if setting.per_call}


@pytest.mark.parametrize("name", sorted(setting.name for setting in declared()))
@pytest.mark.parametrize("given", ["at construction", "for the call"])
@pytest.mark.parametrize("colour", ["sync", "async"])
def test_every_setting_reaches_every_request_of_a_method(name: str, given: str, colour: str) -> None:
    """The first one, redirects, pages, looks at an operation, and the final GET."""
    if name == "tracing_enabled":
        pytest.importorskip("opentelemetry.trace")
    spy = Spy()
    settings = {"polling_interval": 0.0, "per_retry_policies": [spy]}
    options = {name: VALUES[name]}
    (settings if given == "at construction" else options)[name] = VALUES[name]
    options = options if given == "for the call" else {}

    if colour == "sync":
        client = ServiceClient(HERE, transport=service(ScriptedTransport), settings=settings)
        assert list(client._list(LIST, {}, options=options)) == [1, 2]
        client._begin(BEGIN, {}, options=options).result()
    else:

        async def main() -> None:
            twin = aio.ServiceClient(HERE, transport=service(AsyncScriptedTransport), settings=settings)
            assert [item async for item in twin._list(LIST, {}, options=options)] == [1, 2]
            await (await twin._begin(BEGIN, {}, options=options)).result()

        asyncio.run(main())
    assert [path.partition("?")[0] for path in spy.paths] == [
        "/items", "/moved", "/page2", "/thing", "/look1", "/look2", "/thing",
    ]  # fmt: skip
    assert [seen[name] for seen in spy.seen] == [VALUES[name]] * 7


def test_each_of_the_values_is_another_than_the_default() -> None:
    """Or the test above would prove nothing."""
    assert {setting.name: VALUES[setting.name] == setting.default for setting in declared()} == dict.fromkeys(
        VALUES, False
    )


@pytest.mark.parametrize("name", sorted({*VALUES, *(s.name for s in POLICY_SETTINGS), "request_id_header"}))
def test_a_misspelt_setting_names_the_nearest(name: str) -> None:
    """A letter too few, at construction and for a call."""
    misspelt = name[:-1]
    settings: dict[str, Any] = {"per_retry_policies": [Spy()]}
    message = re.escape(f"unknown setting {misspelt!r}; did you mean ")
    with pytest.raises(UnknownSettingError, match=message) as caught:
        ServiceClient(HERE, transport=ScriptedTransport(), settings={**settings, misspelt: 1})
    assert caught.value.nearest == name
    if name in VALUES:
        client = ServiceClient(HERE, transport=ScriptedTransport(), settings=settings)
        with pytest.raises(UnknownSettingError, match=message):
            client._call(PING, {}, options={misspelt: 1})


def test_a_setting_of_the_client_is_not_one_of_a_call() -> None:
    """It is known, so the message does not guess at a misspelling."""
    client = ServiceClient(HERE, transport=ScriptedTransport())
    message = "unknown setting 'request_id_header'; it is for the constructor of the client, not for a call"
    with pytest.raises(UnknownSettingError, match=message):
        client._call(PING, {}, options={"request_id_header": "X"})


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"per_call_policies": Spy()}, "per_call_policies is a Spy; it takes a list of policies"),
        ({"per_call_policies": [Spy]}, "per_call_policies is a list; it takes a list of policies"),
        ({"per_retry_policies": ["x"]}, "it takes a list of policies"),
        ({"backoff_base": -1}, "backoff_base is -1; it takes a number of seconds, 0 or more"),
        ({"backoff_cap": float("inf")}, "backoff_cap is inf; it takes a number of seconds, 0 or more"),
        ({"retry_statuses": [200]}, "it takes a collection of error statuses, 400 to 599"),
        ({"retry_methods": "POST"}, "retry_methods is a str; it takes a collection of names"),
        ({"retry_statuses": 503}, "retry_statuses is 503; it takes a collection of error statuses"),
        ({"logging_allowed_headers": "X-Mine"}, "logging_allowed_headers is a str; it takes a collection of names"),
        ({"logging_allowed_headers": ["X", "Cookie"]}, "names of header fields that hold no secrets, and cookie does"),
        ({"logging_allowed_query": [1]}, "it takes names as strings"),
        ({"logging_enabled": "no"}, "logging_enabled is a str; it takes True or False"),
        ({"tracing_enabled": 1}, "tracing_enabled is 1; it takes True or False"),
        ({"request_id_header": ""}, "it takes the name of a header field"),
    ],
    ids=lambda value: f"{next(iter(value))}" if isinstance(value, dict) else "",
)
def test_a_value_that_cannot_be_used_is_told(settings: dict[str, Any], message: str) -> None:
    """When the client is made."""
    with pytest.raises(SettingError, match=re.escape(message)):
        ServiceClient(HERE, transport=ScriptedTransport(), settings=settings)


async def a_hook(*arguments: object) -> None:
    """What would never be awaited."""


@pytest.mark.parametrize("name", ["response_hook", "raw_request_hook", "raw_response_hook"])
def test_a_hook_that_would_never_be_awaited_is_refused(name: str) -> None:
    """Hooks are plain functions in both colours."""
    client = ServiceClient(HERE, transport=ScriptedTransport())
    with pytest.raises(SettingError, match=f"{name} is a function; it takes a function, and not an async one"):
        client._call(PING, {}, options={name: a_hook})


# --- one's own policies ----------------------------------------------------------------------------------------------


class Marking:
    """A flow that notes each request that passes."""

    settings: ClassVar[tuple[Setting, ...]] = ()

    def __init__(self, name: str, log: list[str]) -> None:
        self.name, self.log = name, log

    def send(self, request: HttpRequest, /) -> Flow:
        self.log.append(self.name)
        return (yield request)


class Classic(HTTPPolicy):
    def __init__(self, name: str, log: list[str]) -> None:
        self.name, self.log = name, log

    def send(self, request: HttpRequest, /) -> HttpResponse:
        self.log.append(self.name)
        return self.next.send(request)


@pytest.mark.parametrize("kind", [Marking, Classic], ids=["generator", "classic"])
def test_policies_of_ones_own_stand_around_the_call_and_around_each_attempt(kind: Callable[..., Policy]) -> None:
    """Without a word about the built-in ones, which stay as they are."""
    log: list[str] = []
    settings = {"per_call_policies": [kind("call", log)], "per_retry_policies": [kind("attempt", log)]}
    transport = ScriptedTransport(Answer(503), Answer(307, headers={"Location": "/there"}), Answer(200))
    client = ServiceClient(HERE, transport=transport, settings=settings)
    client._call(PING, {}, options={})
    assert log == ["call", "attempt", "attempt", "attempt"]
    assert "User-Agent" in transport.requests[0].headers


def names_of(policies: Sequence[Policy]) -> list[str]:
    return [type(policy).__name__ for policy in policies]


def test_the_order_of_the_policies() -> None:
    """What is equal over attempts first, one's own where their names say, credentials after all that changes, then the log."""
    credential, call, attempt = Spy(), Marking("", []), Classic("", [])
    policies = default_policies(
        "p/1",
        Home(HERE),
        negotiator=Negotiator(microversion("depot", "1.2")),
        authentication=[credential],
        per_call=[call],
        per_retry=[attempt],
    )
    assert names_of(policies) == [
        "RequestIdPolicy", "HeadersPolicy", "UserAgentPolicy", "IdempotencyKeyPolicy", "ApiVersionPolicy",
        "TracingPolicy", "Marking", "RedirectPolicy", "RetryPolicy", "Classic",
        "CustomHookPolicy", "Spy", "LoggingPolicy",
    ]  # fmt: skip


def test_a_signature_covers_what_ones_own_policies_and_hooks_change() -> None:
    """The signer comes after them, for each attempt."""

    class Signing:
        def sign(self, request: HttpRequest, /) -> None:
            request.headers["X-Signature"] = ",".join(
                sorted(name for name in request.headers if name.startswith("X-Own"))
            )

    class Changing(HookPolicy):
        def on_request(self, request: HttpRequest, /) -> None:
            request.headers["X-Own-Policy"] = "1"

    def change(request: HttpRequest) -> None:
        request.headers["X-Own-Hook"] = "1"

    transport = ScriptedTransport(Answer(503), Answer(200))
    settings = {"per_retry_policies": [Changing()], "raw_request_hook": change}
    client = ServiceClient(HERE, Signing(), authentication=[Signature()], transport=transport, settings=settings)
    client._call(PING, {}, options={})
    assert [sent.headers["X-Signature"] for sent in transport.requests] == ["X-Own-Hook,X-Own-Policy"] * 2


def test_policies_that_replace_all_take_no_others() -> None:
    """`policies=` is the whole list, so there is no place for more."""
    with pytest.raises(UnknownSettingError, match="unknown setting 'per_call_policies'"):
        ServiceClient(
            HERE, transport=ScriptedTransport(), policies=[Spy()], settings={"per_call_policies": [Marking("", [])]}
        )


def test_two_policies_that_declare_one_name_differently_are_told() -> None:
    """One of the two would hear what is meant for the other."""

    class Other(HookPolicy):
        settings: ClassVar[tuple[Setting, ...]] = (Setting("flavour", "sour", "something else"),)

    with pytest.raises(UsageError, match="'flavour' is declared twice, and differently"):
        ServiceClient(HERE, transport=ScriptedTransport(), policies=[Spy(), Other()])


def test_the_header_of_the_request_id_is_the_services_to_choose() -> None:
    """It is sent under that name, kept over retries, and read from the error's answer."""
    transport = ScriptedTransport(Answer(404, headers={"X-Trace": "theirs"}))
    client = ServiceClient(HERE, transport=transport, settings={"request_id_header": "X-Trace"})
    with pytest.raises(Exception, match="request id theirs"):
        client._call(PING, {}, options={"client_request_id": "mine"})
    assert transport.requests[0].headers["X-Trace"] == "mine"
    assert "X-Request-ID" not in transport.requests[0].headers
