"""Over stdio: the process as assistants start it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from mcp import Client, StdioServerParameters
from mcp.types import ElicitResult
from naas.testing import ScriptedDriver
from naas_mcp.cli import main

from .conftest import Service, text_of

PROGRAM = str(Path(sys.executable).with_name("naas-mcp"))


EXISTING = {
    "NAAS_MCP_API_URL": "http://127.0.0.1:9",
    "NAAS_MCP_API_KEY": "k",
    "NAAS_MCP_TIMEOUT": "30",
    "NAAS_MCP_JOB_TIMEOUT": "300",
    "NAAS_MCP_JOB_POLL_INTERVAL": "2",
    "NAAS_MCP_TRANSPORT": "stdio",
    "NAAS_MCP_PORT": "8081",
    "NAAS_MCP_HOST": "0.0.0.0",
    "NAAS_MCP_LOG_LEVEL": "info",
}
"""Every variable that the existing server reads."""


async def test_it_works_as_a_process(service: Service, driver: ScriptedDriver) -> None:
    async def answer(context: Any, params: Any) -> ElicitResult:
        return ElicitResult(action="accept", content={"confirm": True})

    environment = {**EXISTING, "NAAS_MCP_API_URL": service.url, "NAAS_MCP_API_KEY": service.keys["ann"]}
    started = StdioServerParameters(command=PROGRAM, args=["--allow-config"], env=environment)
    async with Client(started, elicitation_callback=answer) as client:
        read = await client.call_tool("send_command", {"commands": ["show version"], "device": "sw1"})
        changed = await client.call_tool("send_config", {"config": ["hostname edge"], "device": "sw1"})
        health = await client.read_resource("naas://health")
    assert read.structured_content["results"] == {"show version": "Cisco IOS Software, Version 15.2"}
    assert not changed.is_error, text_of(changed)
    assert '"status": "healthy"' in str(health.contents[0])
    assert [each.lines for each in driver.conversations] == [("show version",), ("hostname edge",)]


def test_stdout_is_the_protocol_s_and_the_log_says_no_secret(service: Service) -> None:
    secrets = {
        "NAAS_MCP_API_KEY": "naas_marker-key-0002",
        "NAAS_MCP_PASSWORD": "marker-password",
        "NAAS_MCP_ENABLE": "marker-enable",
    }
    environment = {**os.environ, "NAAS_MCP_API_URL": service.url, "NAAS_MCP_USERNAME": "kim", **secrets}
    messages = [
        {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "initialize",
            "params": {
                "protocolVersion": "2025-11-25",
                "capabilities": {},
                "clientInfo": {"name": "test", "version": "1"},
            },
        },
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {
            "jsonrpc": "2.0",
            "id": 2,
            "method": "tools/call",
            "params": {"name": "send_command", "arguments": {"commands": ["show version"], "host": "192.0.2.1"}},
        },
    ]
    command = [PROGRAM, "--log-level", "DEBUG"]
    with subprocess.Popen(command, stdin=-1, stdout=-1, stderr=-1, text=True, env=environment) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        for message in messages:
            process.stdin.write(json.dumps(message) + "\n")
        process.stdin.flush()
        lines = [process.stdout.readline() for _ in range(2)]
        process.stdin.close()
        rest, log = process.stdout.read(), process.stderr.read()
        assert process.wait(10) == 0
    answers = [json.loads(line) for line in (*lines, *rest.splitlines())]
    assert [answer["id"] for answer in answers] == [1, 2]
    assert "look at the API key" in str(answers[1])
    assert log
    assert "marker" not in "".join(lines) + rest + log
    assert "Traceback" not in log


@pytest.mark.parametrize(
    ("arguments", "environment", "code", "message"),
    [
        ([], {}, 1, "NAAS_MCP_API_KEY, or the login"),
        ([], {"NAAS_MCP_USERNAME": "ann"}, 1, "one of them is missing"),
        ([], {"NAAS_MCP_API_KEY": ""}, 1, "NAAS_MCP_API_KEY, or the login"),
        (["--api-key", "marker"], {}, 2, "set NAAS_MCP_API_KEY instead"),
        (["--transport", "pigeon"], {}, 2, "'pigeon' is not one of"),
        (["--ca-file", "nowhere.pem"], {"NAAS_MCP_API_KEY": "marker"}, 2, "nowhere.pem"),
        ([], {"NAAS_MCP_API_KEY": "marker", "NAAS_MCP_API_URL": "http://naas.example.net"}, 1, "NAAS_MCP_API_URL: "),
        ([], {"NAAS_MCP_API_KEY": "marker", "NAAS_MCP_API_URL": "naas.example.net"}, 1, "NAAS_MCP_API_URL: "),
        (["--transport", "streamable-http"], {"NAAS_MCP_API_KEY": "marker"}, 1, "lent to whoever connects"),
        (
            ["--transport", "streamable-http"],
            {"NAAS_MCP_USERNAME": "ann", "NAAS_MCP_PASSWORD": "marker"},
            1,
            "lent to whoever connects",
        ),
        (["--transport", "streamable-http"], {"NAAS_MCP_HOST": "0.0.0.0"}, 1, "refusing to listen on 0.0.0.0"),
        (["--transport", "streamable-http"], {"NAAS_MCP_PORT": "http"}, 2, "'http' is not a valid integer"),
    ],
)
def test_it_does_not_start_like_this(
    arguments: list[str], environment: dict[str, str], code: int, message: str
) -> None:
    result = CliRunner().invoke(main, arguments, env=environment)
    assert (result.exit_code, message in result.stderr) == (code, True), result.stderr
    assert "marker" not in result.output.replace("nowhere", "")
    assert result.stdout == ""


def test_a_port_that_is_taken_is_said(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("naas_mcp.serving.log_to_stderr", str)
    port = service.url.rpartition(":")[2]
    result = CliRunner().invoke(main, ["--transport", "streamable-http", "--port", port])
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"cannot listen on 127.0.0.1, port {port}: " in result.stderr


def test_help_names_every_variable_and_ends_with_an_example() -> None:
    text = CliRunner().invoke(main, ["--help"]).output
    named = set(re.findall(r"NAAS_MCP_[A-Z_]+", text.replace("\n", " ")))
    assert set(EXISTING) - named == {"NAAS_MCP_JOB_POLL_INTERVAL"}
    assert text.rstrip().endswith("naas-mcp --api-url https://naas.example.net")


def test_help_does_not_wait_for_the_sdk() -> None:
    code = "import sys, naas_mcp.cli; assert 'mcp' not in sys.modules and 'naas_client' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)


def test_settings_show_no_secret() -> None:
    from naas_mcp import McpSettings

    out = StringIO()
    print(McpSettings(api_key="marker", username="ann", password="marker", enable="marker"), file=out)
    assert "marker" not in out.getvalue()
