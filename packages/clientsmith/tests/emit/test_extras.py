"""What a package has on request: a command line and an MCP server that work against the service, a second distribution."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from clientsmith.configuration import Configuration
from clientsmith.core.errors import ArgumentError
from clientsmith.emit.package import render_package, write_package
from clientsmith.mock import MockServer
from clientsmith.model.pipeline import build_api

SPECS = Path(__file__).parents[1] / "specs"
MUSEUM = SPECS / "redocly-museum.yaml"
ASKED = Configuration(
    cli=True,
    mcp=True,
    aio_distribution=True,
    connection_string=True,
    package="museum_client",
    distribution="museum-client",
)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("museum")
    api, _ = build_api(str(MUSEUM), configuration=ASKED)
    write_package(api, target, source="museum")
    return target


@pytest.fixture(scope="module")
def service() -> Iterator[MockServer]:
    with MockServer(str(MUSEUM)) as server:
        yield server


def environment(package: Path, service: MockServer) -> dict[str, str]:
    credential = {"MUSEUM_USERNAME": "ann", "MUSEUM_PASSWORD": "secret"}
    return os.environ | {"PYTHONPATH": str(package / "src"), "MUSEUM_ENDPOINT": service.url} | credential


def run(package: Path, service: MockServer, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "museum_client.cli", *arguments]
    return subprocess.run(
        command, env=environment(package, service), capture_output=True, text=True, timeout=60, check=False
    )


def test_the_command_line_calls_the_service(package: Path, service: MockServer) -> None:
    done = run(package, service, "list-museum-hours", "--max-items", "2")
    assert done.returncode == 0, done.stderr
    assert [sorted(item) for item in json.loads(done.stdout)] == [["date", "timeClose", "timeOpen"]] * 2


def test_the_command_line_sends_bodies(package: Path, service: MockServer) -> None:
    fields = ["--name", "Tea", "--location", "Hall", "--event-description", "Tea.", "--price", "3"]
    done = run(package, service, "create-special-event", *fields, "--dates", "2026-01-31")
    assert done.returncode == 0, done.stderr
    assert "eventId" in json.loads(done.stdout)


def test_a_refusal_is_told(package: Path, service: MockServer) -> None:
    done = run(package, service, "create-special-event", "--name", "Tea")
    assert done.returncode == 1
    assert done.stderr.startswith("error: POST ")
    assert "Traceback" not in done.stderr


async def test_the_mcp_server_is_found_by_the_protocols_own_client(package: Path, service: MockServer) -> None:
    mcp = pytest.importorskip("mcp")
    command = mcp.StdioServerParameters(
        command=sys.executable,
        args=["-m", "museum_client.mcp", "--read-only"],
        env=environment(package, service),
    )
    from mcp.client.stdio import stdio_client

    async with stdio_client(command) as (incoming, outgoing), mcp.ClientSession(incoming, outgoing) as session:
        await session.initialize()
        tools = {tool.name for tool in (await session.list_tools()).tools}
        result = await session.call_tool("list_museum_hours", {"max_items": 1})
    assert tools == {"list_museum_hours", "list_special_events", "get_special_event", "get_ticket_code"}
    said = json.loads(result.content[0].text)
    assert (len(said["items"]), said["has_more"]) == (1, True)


@pytest.mark.parametrize("module", ["museum_client", "museum_client.aio"])
def test_a_connection_string_makes_a_client(
    package: Path, import_from: Callable[[Path, str], ModuleType], module: str
) -> None:
    make = import_from(package, module).RedoclyMuseumClient.from_connection_string
    client = make("Endpoint=https://museum.test/v1;Username=ann;Password=secret", max_retries=0)
    assert "https://museum.test/v1" in repr(client)
    with pytest.raises(ArgumentError, match="but the service takes Username and Password"):
        make("Endpoint=https://museum.test;AccessKey=secret")


def test_what_was_asked_for_is_typed(package: Path) -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "museum_client"],
        cwd=package / "src",
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout


def test_the_project_installs_what_was_asked_for(package: Path) -> None:
    project = tomllib.loads((package / "pyproject.toml").read_text())["project"]
    assert project["scripts"] == {"museum": "museum_client.cli:main", "museum-mcp": "museum_client.mcp:main"}
    assert {"aio", "cli", "mcp"} == set(project["optional-dependencies"])
    second = tomllib.loads((package / "aio-distribution" / "pyproject.toml").read_text())["project"]
    assert (second["name"], second["dependencies"]) == ("museum-client-aio", ["museum-client[aio]"])


def test_nothing_of_it_is_there_unless_asked_for() -> None:
    api, _ = build_api(str(MUSEUM))
    names = [Path(path).name for path in render_package(api)]
    assert not {"cli.py", "mcp.py", "_surface.json"} & set(names)
    assert names.count("pyproject.toml") == 1
