"""The commands as a user types them: messages, exit codes, help."""

from __future__ import annotations

import asyncio
import json
import socket
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from naas.cli import COMMANDS, main
from naas.commands.serve import all_in_one
from naas.config import TABLE, load
from naas.observability.probe_server import probe_server
from naas.observability.readiness import Check, Probes


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(main, arguments, prog_name="naas-server", env={"NAAS_CONFIG_FILE": None, **environment})


def test_the_configuration_is_shown_with_its_sources(tmp_path: Path) -> None:
    file = tmp_path / "naas.toml"
    file.write_text("worker_threads = 5\n")
    environment = {"NAAS_ADMIN_SECRET": "hunter2-hunter2-hunter2", "NAAS_PROT": "1"}
    result = run("config", "show", "--changed", "--config", str(file), **environment)
    assert result.stdout == (
        f"SETTING         VALUE  SOURCE\nworker_threads  5      {file}:1\nadmin_secret    ***    NAAS_ADMIN_SECRET\n"
    )
    assert result.stderr == "notice: NAAS_PROT is no setting and is not used; did you mean NAAS_PORT?\n"
    assert result.exit_code == 0


def test_the_configuration_is_shown_to_programs() -> None:
    shown = json.loads(run("config", "show", "--format", "json", NAAS_PORT="1").stdout)
    assert [row["name"] for row in shown] == list(TABLE)
    assert {"name": "port", "value": "1", "source": "NAAS_PORT"} in shown


def test_a_good_configuration_is_exit_code_0() -> None:
    result = run("config", "check", NAAS_PORT="1")
    assert (result.exit_code, result.stdout) == (
        0,
        f"{len(TABLE)} settings can be used, 1 of them not at their default\n",
    )


def test_a_bad_configuration_is_told_line_by_line_with_exit_code_1() -> None:
    result = run("config", "check", NAAS_PORT="x", NAAS_HOST="0.0.0.0")
    assert result.exit_code == 1
    first, second = result.stderr.splitlines()
    assert first == "NAAS_PORT is 'x'; write a whole number"
    assert second.startswith("refusing to listen on 0.0.0.0 without TLS")


def test_the_schema_is_json() -> None:
    assert json.loads(run("config", "schema").stdout)["additionalProperties"] is False


@pytest.mark.parametrize("command", ["serve", "api", "worker"])
def test_a_mistake_on_the_command_line_is_exit_code_2(command: str) -> None:
    result = run(command, "--worker-threads", "0", NAAS_ENCRYPTION_KEY="x")
    assert (result.exit_code, result.stderr) == (
        2,
        "error: --worker-threads cannot be used: 0 is not in the range 1 to 1000\n",
    )


@pytest.mark.parametrize("command", ["api", "worker"])
def test_what_is_split_needs_an_engine_that_both_can_reach(command: str) -> None:
    result = run(command, NAAS_ENCRYPTION_KEY="x")
    assert result.exit_code == 1
    assert result.stderr == (
        f"error: naas-server {command} needs an engine that other processes can reach; give --engine nats://HOST:4222, "
        "or run everything in one process with naas-server serve\n"
    )


def test_a_new_master_key_can_be_used_at_once(tmp_path: Path) -> None:
    from naas.vault import load_keys

    printed = run("keys", "new-master").stdout.strip()
    assert len(load_keys(printed, tmp_path / "unused")[0]) == 32
    assert printed != run("keys", "new-master").stdout.strip()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_can_complete_us(shell: str) -> None:
    script = run("completion", shell).stdout
    assert "_NAAS_SERVER_COMPLETE" in script
    assert "naas-server" in script


@pytest.mark.parametrize(
    ("typed", "offered"),
    [("config ", "show"), ("serve --worker-thr", "--worker-threads"), ("serve --log-level de", "debug")],
)
def test_commands_options_and_choices_are_completed(typed: str, offered: str) -> None:
    words = len(typed.split()) - (not typed.endswith(" "))
    result = run(_NAAS_SERVER_COMPLETE="bash_complete", COMP_WORDS=f"naas-server {typed}", COMP_CWORD=str(words + 1))
    assert f"plain,{offered}" in result.stdout.splitlines()


def _paths(command: click.Command, *path: str) -> list[tuple[str, ...]]:
    if not isinstance(command, click.Group):
        return [path]
    context = click.Context(command)
    children = [(name, command.get_command(context, name)) for name in command.list_commands(context)]
    return [path, *(found for name, child in children if child for found in _paths(child, *path, name))]


@pytest.mark.parametrize("path", _paths(main), ids=" ".join)
def test_help_begins_with_a_sentence_and_ends_with_an_example(path: tuple[str, ...]) -> None:
    result = run(*path, "--help")
    assert result.exit_code == 0
    usage, sentence = result.stdout.split("\n\n")[:2]
    assert usage.startswith("Usage: naas-server")
    assert sentence.strip().endswith((".", ":"))
    assert "Example: " in result.stdout
    assert "naas-server" in result.stdout.partition("Example: ")[2]


def test_the_help_of_serve_shows_settings_by_section_and_no_secret() -> None:
    text = run("serve", "--help").stdout
    for title in ("Server:", "Jobs:", "Devices:", "Access:", "Observability:"):
        assert f"\n{title}\n" in text
    assert "--worker-threads NUMBER" in text
    assert "--admin-secret" not in text
    assert "--worker-heartbeat-file" not in text


def test_every_command_can_be_had() -> None:
    context = click.Context(main)
    assert all(main.get_command(context, name) for name in COMMANDS)


async def _probed(*arguments: str, ready: bool = True) -> Result:
    async def ask() -> None:
        if not ready:
            raise ConnectionError

    async with probe_server(Probes([Check("store", ask)]), "127.0.0.1", 0) as port:
        environment = {
            "NAAS_PORT": str(port),
            "NAAS_WORKER_METRICS_PORT": str(port),
            "NAAS_WORKER_METRICS_HOST": "0.0.0.0",
        }
        return await asyncio.to_thread(lambda: run("probe", *arguments, **environment))


async def test_a_process_that_is_ready_is_exit_code_0() -> None:
    for arguments in ([], ["--worker"]):
        result = await _probed(*arguments)
        assert (result.exit_code, result.stdout) == (0, "[+] store ok\nready\n")


async def test_a_process_that_is_not_ready_is_exit_code_1_but_alive() -> None:
    result = await _probed(ready=False)
    assert (result.exit_code, result.stdout) == (1, "[-] store failed\nnot ready\n")
    assert (await _probed("--alive", ready=False)).exit_code == 0


def test_where_nobody_answers_is_exit_code_1() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    result = run("probe", NAAS_PORT=str(port))
    assert result.exit_code == 1
    assert result.stderr.startswith(f"nobody answers at 127.0.0.1 port {port}: ")


@pytest.mark.parametrize(
    ("environment", "served"),
    [
        ({}, ("default",)),
        ({"NAAS_CONTEXTS": "lab,core"}, ("lab", "core")),
        ({"NAAS_CONTEXTS": "lab,core", "WORKER_CONTEXTS": "core"}, ("core",)),
    ],
)
def test_one_process_runs_the_jobs_of_all_contexts_unless_told_otherwise(
    environment: dict[str, str], served: tuple[str, ...]
) -> None:
    assert all_in_one(load(environment=environment)).worker_contexts == served
