"""What the tests of the wire share: a client that compares every answer with the document."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager
from functools import cache
from typing import Any

import httpx
import pytest
import pytest_asyncio
from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]  # stubs are a package apart
from naas.api.app import app_description
from naas.config import Settings
from naas.runtime import Runtime
from naas.testing import ScriptedDriver
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

DOCUMENT = app_description()
REGISTRY: Any = Registry().with_resource(
    "urn:naas", Resource.from_contents(DOCUMENT, default_specification=DRAFT202012)
)
# Headers that a documented answer may go without: there is no next page, the job has ended, nobody limits the caller.
OPTIONAL_HEADERS = {"retry-after", "link", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"}


def documented_path(path: str) -> str | None:
    """Return the path template of the document that a path means: the one with most letters of its own."""
    fitting = [
        template
        for template in DOCUMENT["paths"]
        if re.fullmatch(re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(template)), path)
    ]
    return min(fitting, key=lambda template: template.count("{"), default=None)


def _absolute(node: Any) -> Any:
    """Return a schema whose references name the document."""
    if isinstance(node, list):
        return [_absolute(each) for each in node]
    if isinstance(node, dict):
        return {name: f"urn:naas{value}" if name == "$ref" else _absolute(value) for name, value in node.items()}
    return node


@cache
def validator(path: str, method: str, status: str, media_type: str) -> Any:
    schema = DOCUMENT["paths"][path][method]["responses"][status]["content"][media_type]["schema"]
    return Draft202012Validator(_absolute(schema), registry=REGISTRY, format_checker=FormatChecker())


def check_answer(response: httpx.Response) -> None:
    """The shared assertion: an answer of a documented operation is one that the document promises."""
    request = response.request
    method = "get" if request.method == "HEAD" else request.method.lower()
    path = documented_path(request.url.path)
    if path is None or method not in DOCUMENT["paths"][path]:
        assert response.status_code < 500, response.text
        return
    told = f"{method} {path} answers {response.status_code}"
    promised = DOCUMENT["paths"][path][method]["responses"].get(str(response.status_code))
    assert promised is not None, f"{told}, which is not documented: {response.text}"
    missing = {name.lower() for name in promised["headers"]} - OPTIONAL_HEADERS - set(response.headers)
    assert not missing, f"{told} without the headers {missing}"
    if "content" not in promised:
        assert response.content == b"", told
        return
    media_type = response.headers["content-type"].partition(";")[0]
    assert media_type in promised["content"], f"{told} as {media_type}, which is not documented"
    if media_type.endswith("json") and request.method != "HEAD":
        validator(path, method, str(response.status_code), media_type).validate(response.json())


async def check_on_arrival(response: httpx.Response) -> None:
    await response.aread()
    check_answer(response)


OpenService = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]
AppOver = Callable[..., AbstractContextManager[Any]]


@pytest.fixture
def open_service(driver: ScriptedDriver, app_over: AppOver) -> OpenService:
    """Runs the whole service in this process, its devices scripted, and speaks to it as user ann; every answer is
    compared with the document."""

    @asynccontextmanager
    async def open_service(settings: Settings) -> AsyncGenerator[httpx.AsyncClient]:
        async with speaking_to(settings, driver, app_over) as client:
            yield client

    return open_service


@asynccontextmanager
async def speaking_to(
    settings: Settings, driver: ScriptedDriver, app_over: AppOver
) -> AsyncGenerator[httpx.AsyncClient]:
    async with Runtime(settings, lambda: driver) as runtime:
        with app_over(runtime) as app:
            transport = httpx.ASGITransport(app=app)
            hooks: Any = {"response": [check_on_arrival]}
            async with httpx.AsyncClient(transport=transport, base_url="http://naas", event_hooks=hooks) as client:
                client.auth = ("ann", "secret")
                yield client
                driver.release()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory, app_over: AppOver) -> AsyncIterator[httpx.AsyncClient]:
    """One service for the many questions of a module that leave nothing behind; nobody is limited there."""
    settings = Settings(
        database=tmp_path_factory.mktemp("shared") / "naas.db",
        worker_threads=2,
        rate_limit_enabled=False,
        batch_max_devices=100,
        batch_max_commands=50,
    )
    async with speaking_to(settings, ScriptedDriver(), app_over) as client:
        yield client
