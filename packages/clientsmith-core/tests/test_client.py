"""ServiceClient: settings of client and call, addresses, hooks, freezing, and the twin."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import clientsmith.core
import pytest
from clientsmith.core import aio
from clientsmith.core._origin import Home
from clientsmith.core.client import CLIENT_SETTINGS, POLICY_SETTINGS, ServiceClient, default_policies
from clientsmith.core.credentials import KeyCredential, KeyInHeader
from clientsmith.core.errors import FrozenClientError, HttpResponseError, SettingError, UnknownSettingError, UsageError
from clientsmith.core.operations import ListOperation, Operation
from clientsmith.core.paging import NextLink
from clientsmith.core.pipeline import HookPolicy, settings_of
from clientsmith.core.policies import SecretPolicy
from clientsmith.core.policies.caching import CachingPolicy
from clientsmith.core.policies.circuit_breaker import CircuitBreakerPolicy
from clientsmith.core.policies.concurrency import ConcurrencyLimitPolicy
from clientsmith.core.policies.hedging import HedgingPolicy
from clientsmith.core.policies.rate_limit import RateLimitPolicy
from clientsmith.core.rest import Headers, HttpRequest, HttpResponse
from clientsmith.core.settings import _HINTS, CallOptions, ClientOptions, PollOptions
from clientsmith.core.streaming import AsyncStreamedResponse, StreamedResponse
from clientsmith.core.testing import Answer, AsyncScriptedTransport, ScriptedTransport
from clientsmith.core.transport.aiohttp import AioHttpTransport
from clientsmith.core.transport.base import CONSTRUCTION_SETTINGS, TRANSPORT_SETTINGS
from clientsmith.core.transport.requests import RequestsTransport
from clientsmith.core.transport.stdlib import StdlibTransport
from clientsmith.core.versioning import Scheme
from clientsmith.core.versioning.schemes import fixed_header, fixed_query

PING: Operation[Any] = Operation("GET", "/ping", responses={200: None})


def a_client(*answers: Answer, **keywords: Any) -> tuple[ServiceClient, ScriptedTransport]:
    service = ScriptedTransport(*(answers or (Answer(200),)), repeat=True)
    return ServiceClient("https://example.test/api/", transport=service, **keywords), service


def sent(client: ServiceClient, service: ScriptedTransport, **options: Any) -> HttpRequest:
    client._call(PING, {}, options=options)
    return service.requests[-1]


@pytest.mark.parametrize(
    ("url", "absolute"),
    [
        ("/ping", "https://example.test/api/ping"),
        ("ping", "https://example.test/api/ping"),
        ("https://other.test/x", "https://other.test/x"),
    ],
    ids=["path", "relative", "absolute"],
)
def test_urls_are_below_the_endpoint(url: str, absolute: str) -> None:
    """A path is appended to the endpoint, its own path included."""
    client, service = a_client()
    client.send_request(HttpRequest("GET", url))
    assert service.requests[0].url == absolute


def test_an_endpoint_that_is_no_url_is_told_at_once() -> None:
    """Not by the first call."""
    with pytest.raises(ValueError, match="it needs a scheme and a host, as in https://"):
        ServiceClient("example.test", transport=ScriptedTransport())


def test_the_default_policies_say_who_is_calling() -> None:
    """A request id of its own for each request, the user agent, the version."""
    client, service = a_client(package="petstore-client/1.2", api_version=fixed_header("API-Version", "2026-01-01"))
    first, second = sent(client, service), sent(client, service)
    assert first.headers["User-Agent"].startswith("petstore-client/1.2 Python/3.")
    assert first.headers["API-Version"] == "2026-01-01"
    assert first.headers["X-Request-ID"] != second.headers["X-Request-ID"]
    assert first.headers["X-Request-ID"][14] == "4"


def test_a_version_in_the_query_is_appended_once() -> None:
    """A next link has it already."""
    client, service = a_client(api_version=fixed_query("api-version", "v 2"))
    client.send_request(HttpRequest("GET", "/a?b=1"))
    client.send_request(HttpRequest("GET", "/a?Api-Version=v1"))
    assert [r.url for r in service.requests] == [
        "https://example.test/api/a?b=1&api-version=v%202",
        "https://example.test/api/a?Api-Version=v1",
    ]


def test_the_next_page_is_asked_for_in_the_clients_version() -> None:
    """Azure's services write another into their links at times; the items are read as this client's version has them."""
    link = "https://example.test/api/pets?Api-Version=other&token=2"
    client, service = a_client(
        Answer(json={"value": [1], "nextLink": link}),
        Answer(json={"value": [2], "nextLink": "https://elsewhere.test/pets?api-version=theirs"}),
        Answer(json={"value": [3]}),
        api_version=fixed_query("api-version", "v2"),
    )
    pets: Any = ListOperation("GET", "/pets", responses={200: None}, paging=NextLink(items=("value",)))
    assert list(client._list(pets, {}, options={})) == [1, 2, 3]
    assert [request.url for request in service.requests] == [
        "https://example.test/api/pets?api-version=v2",
        "https://example.test/api/pets?api-version=v2&token=2",
        "https://elsewhere.test/pets?api-version=theirs",
    ]


def test_a_call_may_have_its_own_settings() -> None:
    """The same names as in the constructor; headers are added, not exchanged."""
    client, service = a_client(settings={"headers": {"X-A": "1", "X-B": "1"}, "user_agent": "app"})
    request = sent(client, service, headers={"X-B": "2"}, client_request_id="mine", user_agent="tool")
    assert (request.headers["X-A"], request.headers["X-B"]) == ("1", "2")
    assert request.headers["X-Request-ID"] == "mine"
    assert request.headers["User-Agent"].startswith("tool clientsmith-core")
    assert sent(client, service).headers["X-B"] == "1"


def test_the_clients_headers_stay_with_its_own_origin() -> None:
    """One of them may well be somebody's key."""
    client, service = a_client(settings={"headers": {"X-Key": "SECRET"}})
    client.send_request(HttpRequest("GET", "https://other.test/x"))
    assert "X-Key" not in service.requests[0].headers


@pytest.mark.parametrize(
    ("name", "hint"),
    [("timeut", "did you mean 'timeout'"), ("retries_max", "did you mean"), ("zzz", "known settings:")],
    ids=["a letter missing", "words exchanged", "nothing like it"],
)  # fmt: skip
def test_a_misspelt_setting_names_the_nearest(name: str, hint: str) -> None:
    """In the constructor and in every call."""
    client, service = a_client()
    with pytest.raises(UnknownSettingError, match=f"unknown setting '{name}'; {hint}"):
        sent(client, service, **{name: 1})
    with pytest.raises(UnknownSettingError, match=hint):
        a_client(settings={name: 1})
    assert service.requests == []


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"timeout": "SECRET"}, "timeout is a str; it takes a number of seconds above 0, or None for no limit"),
        ({"timeout": 0}, "timeout is 0; it takes a number of seconds above 0, or None"),
        ({"timeout": -5}, "timeout is -5; it takes a number of seconds above 0, or None"),
        ({"polling_interval": -1}, "polling_interval is -1; it takes a number of seconds, 0 or more"),
        ({"polling_interval": None}, "polling_interval is None; it takes a number of seconds, 0 or more"),
        ({"retry_statuses": [503, 1000]}, "it takes a collection of error statuses, 400 to 599, and 1000 is none"),
        ({"retry_statuses": 503}, "retry_statuses is 503; it takes a collection of error statuses, 400 to 599"),
        ({"timeout": float("nan")}, "timeout is nan; it takes a number of seconds"),
        ({"max_retries": -1}, "max_retries is -1; it takes a whole number, 0 or more"),
        ({"max_retries": True}, "max_retries is True; it takes a whole number"),
        ({"headers": "X-A: 1"}, "headers is a str; it takes a mapping of names and values"),
        ({"response_hook": "print"}, "response_hook is a str; it takes a function"),
        ({"user_agent": 3}, "user_agent is 3; it takes a string"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_setting_of_the_wrong_kind_is_told(option: dict[str, Any], message: str) -> None:
    """Before anything is sent; text is not shown, since it may be a secret."""
    client, service = a_client()
    with pytest.raises(SettingError, match=re.escape(message)):
        sent(client, service, **option)
    assert service.requests == []


class TenantPolicy(HookPolicy):
    """A policy of one's own."""


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([TenantPolicy], "a list of policies, and TenantPolicy is a class; did you mean TenantPolicy()?"),
        ([TenantPolicy(), "x"], "a list of policies, and a str is none"),
        (TenantPolicy(), "per_call_policies is a TenantPolicy; it takes a list of policies"),
    ],
    ids=["a class", "something else", "no list"],
)
def test_what_is_no_list_of_policies_is_named(given: object, message: str) -> None:
    """Which one it is, and what was probably meant."""
    with pytest.raises(SettingError, match=re.escape(message)):
        a_client(settings={"per_call_policies": given})


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("cache_enabled", "it is a setting of CachingPolicy, which this client does not have"),
        ("verify", "it is for the transport, and this client was given one: tell it in the transport's constructor"),
    ],
)
def test_a_setting_of_something_that_the_client_has_not_says_of_what(name: str, hint: str) -> None:
    """The name is right, so no other one is proposed."""
    with pytest.raises(UnknownSettingError, match=re.escape(f"unknown setting '{name}'; {hint}")) as caught:
        a_client(settings={name: True})
    assert caught.value.nearest is None


def test_the_settings_known_elsewhere_are_all_there() -> None:
    """Those of the policies that a client does not have by itself, and those of transports."""
    kinds = (CachingPolicy, CircuitBreakerPolicy, ConcurrencyLimitPolicy, HedgingPolicy, RateLimitPolicy)
    theirs = {setting.name: kind.__name__ for kind in kinds for setting in kind.settings}
    ours = {setting.name: "transport" for setting in CONSTRUCTION_SETTINGS}
    assert {name for name, of in (theirs | ours).items() if of not in _HINTS.get(name, "")} == set()


class Wrapped(ScriptedTransport):
    """Somebody's own, derived from ours."""


class Delegating:
    """Written once for both colours: what it returns is what the inner one returns."""

    settings = ()

    def __init__(self, inner: Any) -> None:
        self.send, self.sleep, self.monotonic, self.close = inner.send, inner.sleep, inner.monotonic, inner.close


class Theirs:
    """An async transport of somebody else."""

    async def send(self, request: HttpRequest) -> HttpResponse:
        raise NotImplementedError


@pytest.mark.parametrize(
    ("kind", "other", "message"),
    [
        (aio.ServiceClient, ScriptedTransport, "ScriptedTransport is a sync transport, and this is an async client"),
        (aio.ServiceClient, StdlibTransport, "give it its twin, AsyncStdlibTransport"),
        (aio.ServiceClient, RequestsTransport, "give it its twin, AioHttpTransport"),
        (
            aio.ServiceClient,
            Wrapped,
            "Wrapped is a sync transport, and this is an async client; give it its twin, Async",
        ),
        (
            ServiceClient,
            AsyncScriptedTransport,
            "is an async transport, and this is a sync client; give it its twin, S",
        ),
        (ServiceClient, AioHttpTransport, "give it its twin, RequestsTransport"),
        (ServiceClient, Theirs, "Theirs is an async transport, and this is a sync client$"),
    ],
    ids=["scripted", "stdlib", "requests", "derived", "async scripted", "aiohttp", "somebody's"],
)
def test_a_transport_of_the_other_colour_is_refused_at_once(kind: Any, other: Any, message: str) -> None:
    """Not by the first call, as an object that cannot be awaited."""
    with pytest.raises(UsageError, match=message):
        kind("https://example.test", transport=other())


async def test_a_transport_whose_colour_cannot_be_told_may_pass() -> None:
    """A plain function may return an awaitable."""
    client = aio.ServiceClient("https://example.test", transport=Delegating(AsyncScriptedTransport(Answer(200))))
    assert (await client.send_request(HttpRequest("GET", "/"))).status_code == 200


@pytest.mark.parametrize(
    ("endpoint", "message"),
    [
        (
            "https://me:SECRET@example.test",
            "holds user info or a backslash; pass name and password as a BasicCredential",
        ),
        ("https://good.test\\@evil.test", "holds user info or a backslash"),
        ("https://example.test/?a=b", "has a query or a fragment"),
        ("ftp://example.test", "the endpoint's scheme is 'ftp'; clients speak https and http"),
        ("https://me:SECRET@example.test:x", "the URL's host or port cannot be read"),
    ],
    ids=["user info", "backslash", "query", "scheme", "port"],
)
def test_an_endpoint_that_would_mislead_is_refused(endpoint: str, message: str) -> None:
    """Parsers disagree about such URLs, and one of them might send the credential elsewhere."""
    with pytest.raises(ValueError, match=re.escape(message)) as caught:
        ServiceClient(endpoint, transport=ScriptedTransport())
    assert "SECRET" not in str(caught.value)


def test_a_hook_that_raises_leaves_no_body_open() -> None:
    """Nobody would ever read it."""
    abandoned: list[str] = []

    class Open:
        def abandon(self) -> None:
            abandoned.append("body")

    class Streaming(ScriptedTransport):
        def send(self, request: HttpRequest, /) -> HttpResponse:
            return HttpResponse(request, 200, content=None, body=Open())

    def hook(response: HttpResponse, headers: Headers) -> None:
        raise LookupError("no")

    client = ServiceClient("https://example.test", transport=Streaming())
    with pytest.raises(LookupError):
        client.send_request(HttpRequest("GET", "/"), stream=True, response_hook=hook)
    assert abandoned == ["body"]


@pytest.mark.parametrize("status", [200, 404], ids=["a success", "an error, read already"])
async def test_a_streamed_response_reads_like_one_whatever_its_status(status: int) -> None:
    """The `with` block and the reading are the same; of an error the content is there at once."""
    answer = Answer(status, content=b"some words", headers={"Content-Type": "text/plain"})
    client = ServiceClient("https://example.test", transport=ScriptedTransport(answer))
    with client.send_request(HttpRequest("GET", "/"), stream=True) as response:
        assert isinstance(response, StreamedResponse)
        if status == 404:
            assert HttpResponseError.from_response(response).body == b"some words"
        assert b"".join(response.iter_bytes(4)) == b"some words"
    twin = aio.ServiceClient("https://example.test", transport=AsyncScriptedTransport(answer))
    async with await twin.send_request(HttpRequest("GET", "/"), stream=True) as later:
        assert isinstance(later, AsyncStreamedResponse)
        assert [chunk async for chunk in later.iter_bytes(4)] == [b"some", b" wor", b"ds"]
        assert (later.status_code, later.headers["Content-Type"]) == (status, "text/plain")


def test_every_setting_is_in_the_types_that_methods_take() -> None:
    """`Unpack[CallOptions]` and the declared settings are two lists of the same names."""
    declared = {*CLIENT_SETTINGS, *POLICY_SETTINGS, *TRANSPORT_SETTINGS, *CONSTRUCTION_SETTINGS, *SecretPolicy.settings}
    declared |= set(settings_of(default_policies("p/1", Home("https://e.test"))))
    declared |= set(settings_of([CachingPolicy(), RateLimitPolicy(), CircuitBreakerPolicy(), HedgingPolicy(after=1.0)]))
    per_call = {setting.name for setting in declared if setting.per_call}
    assert per_call == (set(CallOptions.__annotations__) | set(PollOptions.__annotations__)) - {"continuation_token"}
    for_one_call_only = {"client_request_id", "idempotency_key"}
    assert {setting.name for setting in declared} - for_one_call_only == set(ClientOptions.__annotations__)


@pytest.mark.parametrize("doorway", ["clientsmith.core", "clientsmith.core.aio"])
def test_the_doorway_leads_to_documented_names(doorway: str) -> None:
    """What is listed exists and says what it is."""
    module = importlib.import_module(doorway)
    for name in module.__all__:
        value = getattr(module, name)
        assert name == "UNSET" or value.__doc__, name


def test_type_checkers_see_the_names_that_the_doorway_lists() -> None:
    """The table that is read at run time and the imports that checkers read."""
    source = Path(clientsmith.core.__file__).read_text(encoding="utf-8")
    assert (
        sorted(re.findall(r"^    from \.[\w.]* import (\w+) as \1$", source, re.MULTILINE)) == clientsmith.core.__all__
    )


def test_what_only_the_constructor_takes_is_refused_in_a_call() -> None:
    """A certificate cannot change between two requests."""
    service = ScriptedTransport(Answer(200))
    client = ServiceClient("https://example.test", transport=service, settings={})
    with pytest.raises(UnknownSettingError, match="verify"):
        client._call(PING, {}, options={"verify": False})


def test_the_hook_sees_every_response_of_a_call() -> None:
    """Pages as well: settings reach every request that a method makes."""
    operation: ListOperation[int] = ListOperation(
        "GET", "/x", responses={200: None}, paging=NextLink(items=("v",), next=("n",))
    )
    client, _ = a_client(Answer(json={"v": [1], "n": "https://example.test/api/x?p=2"}), Answer(json={"v": [2]}))
    seen: list[tuple[int, str]] = []

    def hook(response: HttpResponse, headers: Headers) -> None:
        seen.append((response.status_code, headers["Content-Type"]))

    assert list(client._list(operation, {}, options={"response_hook": hook})) == [1, 2]
    assert seen == [(200, "application/json")] * 2


def test_a_client_is_frozen() -> None:
    """Threads share it; the message says what to do instead."""
    client, _ = a_client()
    with pytest.raises(FrozenClientError, match="'timeout' cannot be assigned; pass the setting to the call"):
        client.timeout = 3  # type: ignore[attr-defined]  # that is the mistake
    with pytest.raises(FrozenClientError, match="cannot be deleted"):
        del client._core


def test_a_client_shows_its_endpoint() -> None:
    """And nothing else, least of all the credential."""
    client, _ = a_client()
    assert repr(client) == "ServiceClient('https://example.test/api')"


def test_a_given_transport_stays_its_givers_to_close() -> None:
    """Several clients may share one."""
    client, service = a_client()
    with client:
        pass
    client.close()
    assert not service.is_closed
    assert sent(client, service)


async def test_the_async_twin_sends_the_same() -> None:
    """The same names, the same requests."""
    service = AsyncScriptedTransport(Answer(200), repeat=True)
    async with aio.ServiceClient(
        "https://example.test/api", transport=service, settings={"headers": {"X-A": "1"}}
    ) as client:
        await client._call(PING, {}, options={"client_request_id": "mine"})
    request = service.requests[0]
    assert (request.url, request.headers["X-A"], request.headers["X-Request-ID"]) == (
        "https://example.test/api/ping",
        "1",
        "mine",
    )


def test_both_colours_have_the_same_surface() -> None:
    """Names and parameters, so that one can be read for the other."""
    import inspect

    def surface(kind: type) -> dict[str, list[str]]:
        special = {"__enter__": "enter", "__aenter__": "enter", "__exit__": "exit", "__aexit__": "exit"}
        functions = inspect.getmembers(kind, inspect.isfunction)
        return {special.get(name, name): list(inspect.signature(f).parameters) for name, f in functions}

    assert surface(ServiceClient) == surface(aio.ServiceClient)


@pytest.mark.parametrize("value", ["a\r\nX: 1", "a\nb", "a\0b"])
def test_a_header_cannot_be_injected(value: str) -> None:
    """RFC 9110, section 5.5; the value is not shown."""
    with pytest.raises(ValueError, match="the value of header 'X-A' contains a line break or NUL"):
        HttpRequest("GET", "/", headers={"X-A": value})


@pytest.mark.parametrize("colour", ["sync", "async"])
async def test_a_request_is_the_callers_and_may_be_sent_again(colour: str) -> None:
    """A copy is sent: no id, no header field of one call or one client is found in the next."""
    request = HttpRequest("GET", "/a", headers={"X-Own": "1"})
    options = {"headers": {"X-Key": "SECRET"}}
    sent: list[HttpRequest] = []
    for host in ("one.test", "two.test"):
        if colour == "sync":
            service = ScriptedTransport(Answer())
            ServiceClient(f"https://{host}", transport=service).send_request(request, **options)  # type: ignore[call-overload]
            sent += service.requests
        else:
            quiet = AsyncScriptedTransport(Answer())
            await aio.ServiceClient(f"https://{host}", transport=quiet).send_request(request, **options)  # type: ignore[call-overload]
            sent += quiet.requests
        options = {}
    assert (request.url, request.headers) == ("/a", {"X-Own": "1"})
    assert [r.url for r in sent] == ["https://one.test/a", "https://two.test/a"]
    assert "X-Key" not in sent[1].headers
    assert sent[0].headers["X-Request-ID"] != sent[1].headers["X-Request-ID"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"credential": KeyCredential("SECRET"), "authentication": [KeyInHeader("X-Key")]},
            "credential was given beside",
        ),
        (
            {"api_version": fixed_header("API-Version", "1")},
            r"api_version was given beside policies, .* put an ApiVersionPolicy among them",
        ),
    ],
    ids=["credential", "version"],
)
def test_what_no_policy_would_send_is_refused(given: dict[str, Any], message: str) -> None:
    """Rather than calling without a credential that the caller gave."""
    with pytest.raises(UsageError, match=message):
        ServiceClient("https://example.test", transport=ScriptedTransport(), policies=[], **given)


@pytest.mark.parametrize("scheme", [fixed_header("v", "1"), fixed_query("v", "1")], ids=["header", "query"])
def test_an_address_of_another_origin_gets_no_version(scheme: Scheme) -> None:
    """It is as its maker wrote it, and signed perhaps."""
    client, service = a_client(api_version=scheme)
    client.send_request(HttpRequest("GET", "https://files.test/a?sig=1"))
    assert service.requests[0].url == "https://files.test/a?sig=1"
    assert "v" not in service.requests[0].headers


def test_a_client_without_a_credential_knows_what_one_with_it_knows() -> None:
    """A program whose credential is optional passes `allow_http` in any case."""
    ServiceClient("http://far.test", transport=ScriptedTransport(), settings={"allow_http": True})


@pytest.mark.parametrize("value", ["false", 1, None])
def test_secrets_travel_unencrypted_for_true_alone(value: object) -> None:
    """An environment variable that says "false" must not count as yes."""
    with pytest.raises(SettingError, match=r"allow_http is .*; it takes True or False"):
        ServiceClient(
            "http://far.test",
            KeyCredential("SECRET"),
            authentication=[KeyInHeader("X-Key")],
            transport=ScriptedTransport(),
            settings={"allow_http": value},
        )
