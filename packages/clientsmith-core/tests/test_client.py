"""ServiceClient: settings of client and call, addresses, hooks, freezing, and the twin."""

from __future__ import annotations

from typing import Any

import pytest
from clientsmith.core import aio
from clientsmith.core.client import ServiceClient
from clientsmith.core.errors import FrozenClientError, UnknownSettingError
from clientsmith.core.operations import ListOperation, Operation
from clientsmith.core.paging import NextLink
from clientsmith.core.policies import ApiVersion
from clientsmith.core.rest import Headers, HttpRequest, HttpResponse
from clientsmith.core.testing import Answer, AsyncScriptedTransport, ScriptedTransport

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
    client, service = a_client(package="petstore-client/1.2", api_version=ApiVersion("2026-01-01"))
    first, second = sent(client, service), sent(client, service)
    assert first.headers["User-Agent"].startswith("petstore-client/1.2 Python/3.")
    assert first.headers["API-Version"] == "2026-01-01"
    assert first.headers["X-Request-ID"] != second.headers["X-Request-ID"]
    assert first.headers["X-Request-ID"][14] == "4"


def test_a_version_in_the_query_is_appended_once() -> None:
    """A next link has it already."""
    client, service = a_client(api_version=ApiVersion("v 2", "api-version", "query"))
    client.send_request(HttpRequest("GET", "/a?b=1"))
    client.send_request(HttpRequest("GET", "/a?Api-Version=v1"))
    assert [r.url for r in service.requests] == [
        "https://example.test/api/a?b=1&api-version=v%202",
        "https://example.test/api/a?Api-Version=v1",
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
