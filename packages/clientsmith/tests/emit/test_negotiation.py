"""Generated clients agree on a version with the service, in both colours, for every scheme.

The service is the mock of the same document, or of one that speaks other versions.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from clientsmith.configuration import Configuration, read_settings
from clientsmith.core.versioning import (
    ApiVersionRefusedError,
    FeatureNotSupportedError,
    MalformedVersionError,
    UnsupportedApiVersionError,
)
from clientsmith.emit.package import write_package
from clientsmith.mock import MockServer
from clientsmith.model.pipeline import build_api

_SPEC = importlib.util.spec_from_file_location(
    "clientsmith_negotiation_driving", Path(__file__).parents[1] / "driving.py"
)
assert _SPEC is not None
assert _SPEC.loader is not None
driving = importlib.util.module_from_spec(_SPEC)
sys.modules[_SPEC.name] = driving
_SPEC.loader.exec_module(driving)

COLOURS = pytest.mark.parametrize("colour", driving.COLOURS)
TEXT = {"type": "string"}


def get(operation_id: str, *parameters: dict[str, Any], **more: Any) -> dict[str, Any]:
    content = {more.pop("media_type", "application/json"): {"schema": {"type": "object"}}}
    answer = {"description": "", "content": content, "headers": more.pop("headers", {})}
    return {"get": {"operationId": operation_id, "parameters": list(parameters), "responses": {"200": answer}, **more}}


def document(paths: dict[str, Any], **root: Any) -> dict[str, Any]:
    info = {"title": "Depot", "version": "1.0"}
    return {"openapi": "3.1.0", "info": info, "servers": [{"url": "https://example.com"}], "paths": paths} | root


def microversions(newest: str, oldest: str) -> dict[str, Any]:
    version = {"name": "OpenStack-API-Version", "in": "header", "schema": {**TEXT, "default": f"compute {newest}"}}
    since, until = {"x-openstack": {"min-ver": "2.72"}}, {"x-openstack": {"max-ver": "2.35"}}
    paths = {
        "/servers": get("getServers", version),
        "/new": get("getNew", version, **since),
        "/old": get("getOld", version, **until),
    }
    return document(paths, **{"x-openstack": {"min-ver": oldest}})


@dataclass
class Depot:
    """The client of a document, and a server that the mock of a document is."""

    generated: Any
    server: MockServer

    def client(self, colour: str, **settings: Any) -> Any:
        return self.generated.client(colour, self.server.url, **settings)

    @property
    def sent(self) -> list[str]:
        return [one.target for one in self.server.exchanges]


@pytest.fixture(scope="module")
def depots(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Make a depot of the client's document and, where it is another one, the service's; each once."""
    made: dict[str, Any] = {}
    servers: list[MockServer] = []

    def depot(client: dict[str, Any], service: dict[str, Any] | None = None, **settings: Any) -> Depot:
        key = json.dumps([client, settings], sort_keys=True)
        if key not in made:
            folder = tmp_path_factory.mktemp("depot")
            path = folder / "depot.json"
            path.write_text(json.dumps(client))
            made[key] = driving.Generated(path, folder, f"depot_{len(made)}", configured(settings))
        servers.append(MockServer(service or client, configuration=configured(settings)).start())
        return Depot(made[key], servers[-1])

    yield depot
    for server in servers:
        server.close()
    for one in made.values():
        one.forget()


def configured(settings: dict[str, Any]) -> Configuration:
    configuration, mistakes = read_settings(settings)
    assert mistakes == []
    return configuration


# --- microversions ---------------------------------------------------------------------------------------------------


@COLOURS
@pytest.mark.parametrize(
    ("newest", "oldest", "spoken"),
    [
        pytest.param("2.90", "2.1", "2.90", id="the same"),
        pytest.param("2.104", "2.1", "2.90", id="a newer service: what the client knows"),
        pytest.param("2.80", "2.1", "2.80", id="an older service: what it knows"),
    ],
)
async def test_the_newest_microversion_that_both_have_is_spoken(
    depots: Any, colour: str, newest: str, oldest: str, spoken: str
) -> None:
    """The service is asked once, before the first call."""
    depot = depots(microversions("2.90", "2.1"), microversions(newest, oldest))
    heard: list[str] = []
    async with depot.client(colour) as client:
        for _ in range(2):
            await client.call("getServers", response_hook=lambda r, _: heard.append(r.headers["OpenStack-API-Version"]))
    assert heard == [f"compute {spoken}"] * 2
    assert depot.sent == ["/", "/servers", "/servers"]


@COLOURS
async def test_an_operation_that_the_service_is_too_old_for_is_not_sent(depots: Any, colour: str) -> None:
    depot = depots(microversions("2.90", "2.1"), microversions("2.60", "2.1"))
    async with depot.client(colour) as client:
        with pytest.raises(FeatureNotSupportedError) as raised:
            await client.call("getNew")
    assert (raised.value.operation, raised.value.needs, raised.value.have) == ("GET /new", "2.72 or later", "2.60")
    assert depot.sent == ["/"]


@COLOURS
async def test_an_operation_that_is_over_needs_an_older_version(depots: Any, colour: str) -> None:
    depot = depots(microversions("2.90", "2.1"))
    async with depot.client(colour) as client:
        with pytest.raises(FeatureNotSupportedError, match=r"needs API version 2\.35 or earlier.* speaks 2\.90"):
            await client.call("getOld")
    async with depot.client(colour, api_version="2.35") as pinned:
        await pinned.call("getOld")
        with pytest.raises(FeatureNotSupportedError, match="it was pinned with api_version"):
            await pinned.call("getNew")
    assert depot.sent == ["/", "/", "/old"]


@COLOURS
async def test_a_service_of_other_times_is_an_error_of_both_ranges(depots: Any, colour: str) -> None:
    depot = depots(microversions("2.90", "2.1"), microversions("2.200", "2.100"))
    async with depot.client(colour) as client:
        with pytest.raises(UnsupportedApiVersionError, match=r"2\.100 to 2\.200.*2\.1 to 2\.90; upgrade the client"):
            await client.call("getServers")
    assert depot.sent == ["/"]


def test_a_version_that_is_none_is_refused_by_the_constructor(depots: Any) -> None:
    depot = depots(microversions("2.90", "2.1"))
    with pytest.raises(MalformedVersionError, match="'newest' is no version of this API"):
        depot.client("sync", api_version="newest")


# --- the other schemes -----------------------------------------------------------------------------------------------


def dates(*known: str) -> dict[str, Any]:
    return document({"/it": get("getIt", {"name": "api-version", "in": "query", "schema": {"enum": list(known)}})})


@COLOURS
async def test_a_date_is_sent_as_given_and_a_refusal_names_the_list(depots: Any, colour: str) -> None:
    depot = depots(dates("2025-06-01", "2026-01-31"), dates("2025-06-01", "2026-01-31"))
    async with depot.client(colour) as client, depot.client(colour, api_version="2025-06-01") as older:
        await client.call("getIt")
        await older.call("getIt")
    async with depot.client(colour, api_version="2027-01-01") as newer:
        with pytest.raises(ApiVersionRefusedError) as raised:
            await newer.call("getIt")
    assert depot.sent == [f"/it?api-version={date}" for date in ("2026-01-31", "2025-06-01", "2027-01-01")]
    assert (raised.value.found, raised.value.supported) == ("2027-01-01", "2025-06-01, 2026-01-31")


PATHS = document({"/v2/it": get("getIt", headers={"X-API-Version": {"schema": {"const": "v2"}}})})
SERVER = document({"/it": get("getIt")}, servers=[{"url": "https://example.com/api/v2"}])
VARIABLE = document(
    {"/it": get("getIt")},
    servers=[
        {"url": "https://example.com/{version}", "variables": {"version": {"default": "v2", "enum": ["v1", "v2"]}}}
    ],
)


@COLOURS
@pytest.mark.parametrize(
    ("root", "known", "other"),
    [
        pytest.param(PATHS, "/v2/it", "/v3/it", id="paths"),
        pytest.param(SERVER, "/api/v2/it", "/api/v3/it", id="server"),
    ],
)
async def test_another_version_takes_its_place_in_the_path(
    depots: Any, colour: str, root: dict[str, Any], known: str, other: str
) -> None:
    depot = depots(root)
    async with depot.client(colour) as client, depot.client(colour, api_version="v2") as same:
        await client.call("getIt")
        await same.call("getIt")
    async with depot.client(colour, api_version="v3") as newer:
        with pytest.raises(ApiVersionRefusedError, match="does not take API version v3, it speaks v2"):
            await newer.call("getIt")
    assert depot.sent == [known, known, other]


@COLOURS
async def test_a_variable_of_the_address_is_the_version(depots: Any, colour: str) -> None:
    depot = depots(VARIABLE)
    origin = depot.server.origin
    for version, target in ((None, "/v2/it"), ("v2", "/v2/it"), ("v7", "/v7/it")):
        settings = {} if version is None else {"api_version": version}
        async with depot.generated.client(colour, f"{origin}/{{version}}", **settings) as client:
            if version == "v7":
                with pytest.raises(Exception, match="404"):
                    await client.call("getIt")
            else:
                await client.call("getIt")
        assert depot.sent[-1] == target


@COLOURS
@pytest.mark.parametrize(
    ("client", "service"),
    [
        pytest.param({"schema": TEXT}, {"schema": {"const": "3.12.0"}}, id="of which nobody knows what it says"),
        pytest.param({"schema": {"const": "3.12.0"}}, {"schema": {"const": "4.0.0"}}, id="that says another one"),
    ],
)
@pytest.mark.parametrize("path", ["/v2/it", "/it"])
async def test_no_call_fails_by_a_header_that_may_mean_something_else(
    depots: Any, colour: str, path: str, client: Any, service: Any
) -> None:
    """The version of the path is in none of the answers; a service's build may be."""
    info = {"title": "Depot", "version": "2026-01-31"}
    described, spoken = (
        document({path: get("getIt", headers={"X-API-Version": header})}, info=info) for header in (client, service)
    )
    depot, heard = depots(described, spoken), []
    async with depot.client(colour) as caller:
        await caller.call("getIt", response_hook=lambda r, _: heard.append(r.headers["X-API-Version"]))
    assert heard == [service["schema"]["const"]]


@COLOURS
async def test_a_media_type_says_the_version(depots: Any, colour: str) -> None:
    kind = "application/vnd.acme.v3+json"
    depot = depots(document({"/it": get("getIt", media_type=kind)}))
    seen: list[str] = []
    async with depot.client(colour) as client:
        await client.call("getIt", response_hook=lambda response, _: seen.append(response.request.headers["Accept"]))
    async with depot.client(colour, api_version="v4") as newer:
        with pytest.raises(Exception, match="406"):
            await newer.call("getIt", response_hook=lambda response, _: seen.append(response.request.headers["Accept"]))
    assert seen[0] == kind


@COLOURS
async def test_a_list_of_versions_decides_what_can_be_called(depots: Any, colour: str) -> None:
    root = document({"/it": get("getIt"), "/new": get("getNew", **{"x-clientsmith-since": "v1.9"})})
    version = {"scheme": "capabilities", "document": "/versions", "newest": "v1.10", "oldest": "v1.1"}
    depot = depots(root, api_version=version)
    async with depot.client(colour) as client:
        await client.call("getNew")
    assert depot.sent == ["/versions", "/new"]


@COLOURS
async def test_an_operation_newer_than_a_version_that_is_only_sent_is_not_called(depots: Any, colour: str) -> None:
    """Numbers are compared as numbers: 1.10 is newer than 1.9."""
    root = document(
        {"/new": get("getNew", **{"x-clientsmith-since": "1.9"})}, info={"title": "Depot", "version": "1.10"}
    )
    depot = depots(root)
    async with depot.client(colour) as client:
        await client.call("getNew")
    async with depot.client(colour, api_version="1.8") as older:
        with pytest.raises(FeatureNotSupportedError):
            await older.call("getNew")
    assert depot.sent == ["/new"]


@COLOURS
async def test_a_document_without_a_version_sends_none(depots: Any, colour: str) -> None:
    """Unless the caller knows one."""
    root = document(
        {"/it": get("getIt", {"name": "api-version", "in": "query", "schema": TEXT})}, info={"title": "Depot"}
    )
    depot = depots(root)
    async with depot.client(colour) as client, depot.client(colour, api_version="7") as pinned:
        await client.call("getIt")
        await pinned.call("getIt")
    assert depot.sent == ["/it", "/it?api-version=7"]


@pytest.mark.slow
def test_the_tests_of_a_package_know_its_versions(tmp_path: Path) -> None:
    """What is over, what is newer than the newest, what the service refuses: all are tested, and pass."""
    contradiction = get("getLater", **{"x-clientsmith-since": "2.200"})
    compute = microversions("2.90", "2.1")
    compute["paths"]["/later"] = contradiction
    listed = document({"/it": get("getIt", **{"x-clientsmith-until": "v1.2"})})
    capabilities = {"scheme": "capabilities", "document": "/versions", "newest": "v1.10", "oldest": "v1.1"}
    newer = document({"/new": get("getNew", **{"x-clientsmith-since": "1.9"})}, info={"title": "D", "version": "1.10"})
    documents = [compute, dates("2025-06-01", "2026-01-31"), PATHS, SERVER, VARIABLE, newer]
    all_of_them = [*((root, {}) for root in documents), (listed, {"api_version": capabilities})]
    folders = [tmp_path / f"p{number}" for number in range(len(all_of_them))]
    for folder, (root, settings) in zip(folders, all_of_them, strict=True):
        path = tmp_path / f"{folder.name}.json"
        path.write_text(json.dumps(root))
        api, _ = build_api(str(path), configuration=configured(settings))
        write_package(replace(api, package=f"depot_of_{folder.name}"), folder, source=path.name)
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --import-mode=importlib -p no:cacheprovider\n")
    sources = os.pathsep.join(str(folder / "src") for folder in folders)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *(str(folder / "tests") for folder in folders)],
        env={**os.environ, "PYTHONPATH": sources}, cwd=tmp_path, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]
    assert "another_version_is_not_sent" in (folders[0] / "tests" / "test_operations.py").read_text()


def test_docs_say_since_when_an_operation_exists(tmp_path: Path) -> None:
    path = tmp_path / "depot.json"
    path.write_text(json.dumps(microversions("2.90", "2.1")))
    api, _ = build_api(str(path), configuration=configured({"cli": True}))
    write_package(api, tmp_path / "out", source=path.name)
    source = (tmp_path / "out" / "src" / api.package / "_client.py").read_text()
    assert "Since API version 2.72." in source
    assert "Until API version 2.35." in source
    assert 'api_version: str = DefaultVersion("2.90")' in source
    assert "Since API version 2.72." in (tmp_path / "out" / "api.md").read_text()
    assert "Since API version 2.72." in (tmp_path / "out" / "src" / api.package / "_surface.json").read_text()
    operations = (tmp_path / "out" / "src" / api.package / "_operations.py").read_text()
    assert 'API_VERSION: Scheme = microversion("compute", "2.90", "2.1")' in operations
    assert 'since="2.72"' in operations
    readme = (tmp_path / "out" / "README.md").read_text()
    assert "This client speaks API versions `2.1` to `2.90`" in readme.partition("## Versions")[2]
    assert "a script begins with the answer to that" in " ".join(readme.partition("## Testing")[2].split())
