"""The clients that the benchmarks compare: each function returns one call.

Ours is what a generated client does, through the whole default pipeline with a key, a deadline and retries. azure-core
gets the policies that generated Azure clients have.
"""

from __future__ import annotations

import json
from typing import Any

from harness import BODY, DOWNLOAD, AsyncCall, Call, Target

CHUNK = 64 * 1024


# --- ours ------------------------------------------------------------------------------------------------------------


def operation() -> Any:
    """Return the operation as a generator would write it."""
    from clientsmith.core.operations import Operation, path
    from clientsmith.core.serialization import as_codec

    return Operation(
        "GET", "/devices/{device_id}", parameters={"device_id": path("device_id")}, responses={200: as_codec(None)}
    )


def client_arguments() -> dict[str, Any]:
    """Return what a generated client hands to its base: a key, a version, a name."""
    from clientsmith.core.credentials import KeyCredential, KeyInHeader
    from clientsmith.core.versioning.schemes import fixed_header

    return {
        "credential": KeyCredential("secret"),
        "authentication": (KeyInHeader("api-key"),),
        "api_version": fixed_header("API-Version", "1.0.0"),
        "package": "bench-client/1.0.0",
    }


def client(target: Target, transport: Any = None) -> Any:
    """Return a sync client."""
    from clientsmith.core.client import ServiceClient

    settings = {"verify": target.ca} if target.ca and transport is None else {}
    return ServiceClient(target.url, transport=transport, settings=settings, **client_arguments())


def async_client(target: Target, transport: Any = None) -> Any:
    """Return an async client."""
    from clientsmith.core.aio import ServiceClient

    settings = {"verify": target.ca} if target.ca and transport is None else {}
    return ServiceClient(target.url, transport=transport, settings=settings, **client_arguments())


def ours(target: Target) -> Call:
    made, get = client(target), operation()
    return lambda: made._call(get, {"device_id": "17"}, options={})


def ours_stdlib(target: Target) -> Call:
    from clientsmith.core.transport import StdlibTransport

    made, get = client(target, StdlibTransport(verify=target.ca or True)), operation()
    return lambda: made._call(get, {"device_id": "17"}, options={})


def ours_httpx(target: Target) -> Call:
    from clientsmith.core.transport import HttpxTransport

    made, get = client(target, HttpxTransport(verify=target.ca or True)), operation()
    return lambda: made._call(get, {"device_id": "17"}, options={})


async def ours_async(target: Target) -> AsyncCall:
    made, get = async_client(target), operation()
    return lambda: made._call(get, {"device_id": "17"}, options={})


async def ours_stdlib_async(target: Target) -> AsyncCall:
    from clientsmith.core.transport import AsyncStdlibTransport

    made, get = async_client(target, AsyncStdlibTransport(verify=target.ca or True)), operation()
    return lambda: made._call(get, {"device_id": "17"}, options={})


async def ours_httpx_async(target: Target) -> AsyncCall:
    from clientsmith.core.transport import AsyncHttpxTransport

    made, get = async_client(target, AsyncHttpxTransport(verify=target.ca or True)), operation()
    return lambda: made._call(get, {"device_id": "17"}, options={})


def ours_scripted(target: Target) -> Call:
    """The pipeline with a transport that has its answer ready."""
    from clientsmith.core.rest import HttpRequest, HttpResponse
    from clientsmith.core.testing import ScriptedTransport

    fields = {"Content-Type": "application/json"}

    class Ready(ScriptedTransport):
        def send(self, request: HttpRequest, /) -> HttpResponse:
            return HttpResponse(request, 200, fields, BODY)

    made, get = client(target, Ready()), operation()
    return lambda: made._call(get, {"device_id": "17"}, options={})


def parsing_alone(_target: Target) -> Call:
    return lambda: json.loads(BODY)


# --- peers -----------------------------------------------------------------------------------------------------------


def urllib3_pool(target: Target) -> Call:
    import urllib3

    pool, url = urllib3.PoolManager(ca_certs=target.ca or None, maxsize=10), f"{target.url}/devices/17"

    def call() -> object:
        response = pool.request("GET", url)
        assert response.status == 200
        return json.loads(response.data)

    return call


def requests_session(target: Target) -> Call:
    import requests

    session, url = requests.Session(), f"{target.url}/devices/17"
    # With each request: a CA bundle of the environment would win over the session's.
    options: dict[str, Any] = {"verify": target.ca} if target.ca else {}

    def call() -> object:
        response = session.get(url, **options)
        response.raise_for_status()
        return response.json()

    return call


def httpx_client(target: Target) -> Call:
    import httpx

    made, url = httpx.Client(verify=target.context() or True), f"{target.url}/devices/17"

    def call() -> object:
        return made.get(url).raise_for_status().json()

    return call


async def httpx_client_async(target: Target) -> AsyncCall:
    import httpx

    made, url = httpx.AsyncClient(verify=target.context() or True), f"{target.url}/devices/17"

    async def call() -> object:
        return (await made.get(url)).raise_for_status().json()

    return call


def azure_configuration(*, is_async: bool) -> Any:
    """The policies that generated Azure clients have."""
    from azure.core.configuration import Configuration
    from azure.core.credentials import AzureKeyCredential
    from azure.core.pipeline import policies

    chosen = Configuration()
    chosen.user_agent_policy = policies.UserAgentPolicy(sdk_moniker="bench/1.0.0")
    chosen.headers_policy = policies.HeadersPolicy()
    chosen.proxy_policy = policies.ProxyPolicy()
    chosen.logging_policy = policies.NetworkTraceLoggingPolicy()
    chosen.http_logging_policy = policies.HttpLoggingPolicy()
    chosen.custom_hook_policy = policies.CustomHookPolicy()
    chosen.redirect_policy = policies.AsyncRedirectPolicy() if is_async else policies.RedirectPolicy()
    chosen.retry_policy = policies.AsyncRetryPolicy() if is_async else policies.RetryPolicy()
    chosen.authentication_policy = policies.AzureKeyCredentialPolicy(AzureKeyCredential("secret"), "api-key")
    return chosen


def azure_client(target: Target) -> Any:
    from azure.core import PipelineClient
    from azure.core.pipeline.transport import RequestsTransport

    transport = RequestsTransport(connection_verify=target.ca or True)
    return PipelineClient(target.url, config=azure_configuration(is_async=False), transport=transport)


def azure_core(target: Target) -> Call:
    from azure.core.rest import HttpRequest

    made, url = azure_client(target), f"{target.url}/devices/17"

    def call() -> object:
        response = made.send_request(HttpRequest("GET", url, headers={"Accept": "application/json"}))
        response.raise_for_status()
        return response.json()

    return call


async def aiohttp_session(target: Target) -> AsyncCall:
    import aiohttp

    connector = aiohttp.TCPConnector(ssl=target.context() or True)
    session, url = aiohttp.ClientSession(connector=connector), f"{target.url}/devices/17"

    async def call() -> object:
        async with session.get(url) as response:
            assert response.status == 200
            return json.loads(await response.read())

    return call


async def azure_core_async(target: Target) -> AsyncCall:
    from azure.core import AsyncPipelineClient
    from azure.core.pipeline.transport import AioHttpTransport
    from azure.core.rest import HttpRequest

    transport = AioHttpTransport(connection_verify=target.ca or True)
    made: Any = AsyncPipelineClient(target.url, config=azure_configuration(is_async=True), transport=transport)
    url = f"{target.url}/devices/17"

    async def call() -> object:
        response = await made.send_request(HttpRequest("GET", url, headers={"Accept": "application/json"}))
        response.raise_for_status()
        return response.json()

    return call


# --- downloads -------------------------------------------------------------------------------------------------------


def _whole(size: int) -> None:
    assert size == DOWNLOAD, size


def ours_download(target: Target, transport: Any = None) -> Call:
    from clientsmith.core.rest import HttpRequest

    made = client(target, transport)

    def call() -> None:
        with made.send_request(HttpRequest("GET", "/backup"), stream=True) as response:
            _whole(sum(map(len, response.iter_bytes())))

    return call


def ours_stdlib_download(target: Target) -> Call:
    from clientsmith.core.transport import StdlibTransport

    return ours_download(target, StdlibTransport(verify=target.ca or True))


async def ours_download_async(target: Target, transport: Any = None) -> AsyncCall:
    from clientsmith.core.rest import HttpRequest

    made = async_client(target, transport)

    async def call() -> None:
        size = 0
        async with await made.send_request(HttpRequest("GET", "/backup"), stream=True) as response:
            async for chunk in response.iter_bytes():
                size += len(chunk)
        _whole(size)

    return call


async def ours_stdlib_download_async(target: Target) -> AsyncCall:
    from clientsmith.core.transport import AsyncStdlibTransport

    return await ours_download_async(target, AsyncStdlibTransport(verify=target.ca or True))


def urllib3_download(target: Target) -> Call:
    import urllib3

    pool, url = urllib3.PoolManager(ca_certs=target.ca or None), f"{target.url}/backup"

    def call() -> None:
        response = pool.request("GET", url, preload_content=False)
        _whole(sum(map(len, response.stream(CHUNK))))
        response.release_conn()

    return call


def requests_download(target: Target) -> Call:
    import requests

    session, url = requests.Session(), f"{target.url}/backup"
    options: dict[str, Any] = {"verify": target.ca} if target.ca else {}

    def call() -> None:
        with session.get(url, stream=True, **options) as response:
            _whole(sum(map(len, response.iter_content(CHUNK))))

    return call


def httpx_download(target: Target) -> Call:
    import httpx

    made, url = httpx.Client(verify=target.context() or True), f"{target.url}/backup"

    def call() -> None:
        with made.stream("GET", url) as response:
            _whole(sum(map(len, response.iter_bytes())))

    return call


def azure_core_download(target: Target) -> Call:
    from azure.core.rest import HttpRequest

    made, url = azure_client(target), f"{target.url}/backup"

    def call() -> None:
        with made.send_request(HttpRequest("GET", url), stream=True) as response:
            _whole(sum(map(len, response.iter_bytes())))

    return call


async def aiohttp_download(target: Target) -> AsyncCall:
    import aiohttp

    connector = aiohttp.TCPConnector(ssl=target.context() or True)
    session, url = aiohttp.ClientSession(connector=connector), f"{target.url}/backup"

    async def call() -> None:
        size = 0
        async with session.get(url) as response:
            async for chunk in response.content.iter_chunked(CHUNK):
                size += len(chunk)
        _whole(size)

    return call
