"""What users write with policies, settings and conditions, as the type checkers see it. Checked, never run."""

from __future__ import annotations

from typing import ClassVar, assert_type

from clientsmith.core import FlowPolicy, HookPolicy, HTTPPolicy, MatchConditions, ServiceClient, Sleep, aio
from clientsmith.core.pipeline import Flow
from clientsmith.core.rest import Headers, HttpRequest, HttpResponse
from clientsmith.core.settings import ClientOptions, Setting
from clientsmith.core.streaming import AsyncStreamedResponse, StreamedResponse


class Hook(HookPolicy):
    settings: ClassVar[tuple[Setting, ...]] = (Setting("flavour", "plain", "what it tastes of"),)

    def on_request(self, request: HttpRequest, /) -> None:
        request.headers["X-Flavour"] = "plain"

    def on_error(self, request: HttpRequest, error: Exception, /) -> None:
        assert_type(request.sent_at, float)


class Tenant(HookPolicy):
    settings = (Setting("tenant", "main", "whose it is"),)  # without a word about its type


class Again:
    def send(self, request: HttpRequest, /) -> Flow:
        response = yield request
        assert_type(response, HttpResponse)
        yield Sleep(1.0, request.call)
        return response


class Classic(HTTPPolicy):
    def send(self, request: HttpRequest, /) -> HttpResponse:
        response = self.next.send(request)
        assert_type(response, HttpResponse)
        return response


class AsyncClassic(aio.HTTPPolicy):
    async def send(self, request: HttpRequest, /) -> HttpResponse:
        response = await self.next.send(request)
        assert_type(response, HttpResponse)
        return response


class Forgetful(aio.HTTPPolicy):
    async def send(self, request: HttpRequest, /) -> HttpResponse:
        return self.next.send(request)  # type: ignore[return-value]  # pyright: ignore[reportReturnType]


flow: FlowPolicy = Again()
options: ClientOptions = {
    "per_call_policies": [Hook(), Again(), Classic()],
    "per_retry_policies": [AsyncClassic()],
    "backoff_base": 0.1,
    "retry_statuses": {503},
    "request_id_header": "X-Trace",
    "tracing_enabled": True,
}
wrong: ClientOptions = {"per_call_policies": [7]}  # type: ignore[list-item]  # pyright: ignore[reportAssignmentType]


def hook(response: HttpResponse, headers: Headers) -> None: ...


def requests(client: ServiceClient, request: HttpRequest, late: bool) -> None:
    assert_type(client.send_request(request), HttpResponse)
    assert_type(client.send_request(request, stream=False, timeout=3.0), HttpResponse)
    assert_type(client.send_request(request, stream=late), HttpResponse | StreamedResponse)
    with client.send_request(request, stream=True, response_hook=hook) as response:
        assert_type(response, StreamedResponse)
        for chunk in response.iter_bytes():
            assert_type(chunk, bytes)
    client.send_request(request, cache_enabled=False, read_timeout=None)
    client.send_request(request, timeut=3)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]


async def async_requests(client: aio.ServiceClient, request: HttpRequest) -> None:
    assert_type(await client.send_request(request), HttpResponse)
    async with await client.send_request(request, stream=True, max_retries=0) as response:
        assert_type(response, AsyncStreamedResponse)
        async for chunk in response.iter_bytes():
            assert_type(chunk, bytes)


def conditions(condition: MatchConditions) -> str:
    match condition:
        case MatchConditions.Unconditionally:
            return ""
        case MatchConditions.IfPresent | MatchConditions.IfMissing:
            return "*"
        case MatchConditions.IfModified | MatchConditions.IfNotModified:
            return "etag"
