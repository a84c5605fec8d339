"""The commands as they are typed, against a server that behaves as the existing NAAS does."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from existing_server import API_KEY, ExistingServer
from naas_client.cli.commands import naas


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[ExistingServer]:
    for name in [name for name in os.environ if name.startswith("NAAS_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    with ExistingServer(looks=0) as server:
        monkeypatch.setenv("NAAS_CONFIG", str(tmp_path / "config.toml"))
        monkeypatch.setenv("NAAS_URL", server.url)
        monkeypatch.setenv("NAAS_USERNAME", "netops")
        monkeypatch.setenv("NAAS_PASSWORD", "pw-secret")
        yield server


@pytest.fixture
def run(server: ExistingServer) -> Callable[..., Result]:
    def call(*words: str, stdin: str | None = None) -> Result:
        result = CliRunner().invoke(naas, list(words), input=stdin)
        assert "Traceback" not in result.stderr
        assert "pw-secret" not in result.output
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return call


Run = Callable[..., Result]


def test_one_command_on_one_device_prints_its_answer(run: Run) -> None:
    """And nothing else, so that it can be piped on."""
    result = run("send", "sw1", "show version")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "show version of new\n", "")


def test_many_devices_are_compared(run: Run) -> None:
    """What most say, and how the others differ."""
    result = run("send", "sw1", "sw2", "old3", "show version", "--diff")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "# show version: 2 devices agree, 1 differ", "-- 2 devices: sw1, sw2", "show version of new", "-- 1 device: old3",
        "--- sw1, sw2", "+++ old3", "@@ -1 +1 @@", "-show version of new", "+show version of old",
    ]  # fmt: skip
    assert result.stderr.startswith("3 devices: 3 done in ")


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("send", "wrongpass1", "show version"), 1, "wrongpass1: Authentication to device failed. (AUTH_FAILURE), job"),
        (("send", "crash1", "show version"), 1, "crash1: ReadTimeout: no prompt (UNKNOWN), job"),
        (("send", "sw1", "timeout2", "show version"), 1, "2 devices: 1 done, 1 failed"),
        (("send", "slow1", "show version", "-t", "0.2"), 4, "1 job did not end within 0.2 s"),
        (("send", "slow1", "slow2", "show version", "-t", "0.2"), 4, "naas batch watch BATCH_ID"),
        (("send", "sw1", "show version", "--context", "nowhere"), 2, "error: Bad Request"),
        (("send", "limited1", "show version"), 2, "error: Rate limit exceeded\n  hint: try again in 0 s"),
        (("send", "sw1"), 2, "no device is named"),
        (("send", "sw1", "show version", "sw2"), 2, "'sw2' stands behind a command"),
        (("send", "show version", "-c", "show clock"), 2, "'show version' is no device"),
        (("send", "sw1", "x", "--tag", "oops"), 2, "the tag 'oops' is no KEY:VALUE"),
        (("send", "sw1", "x", "--ignore", "("), 2, "'(' is no regular expression"),
        (("send", "-i", "nowhere.csv", "show version"), 2, "nowhere.csv cannot be read"),
        (("send", "sw1", "-F", "nowhere.txt"), 2, "nowhere.txt cannot be read"),
        (("--api-key", "wrong", "send", "sw1", "show version"), 3, "the server did not accept the credentials"),
        (("--url", "http://127.0.0.1:9", "send", "sw1", "show version"), 2, "is the server running, and is --url right?"),
        (("--url", "http://192.0.2.1", "send", "sw1", "show version"), 2, "is not encrypted, so the credential was not used\n  hint: use https; --allow-http"),
        (("jobs", "get", "oops"), 2, "'oops' is no id of a job"),
        (("jobs", "get", "5f1c1c0e-6b1f-4a3e-9d57-0c1f2f2f8a11"), 3, "it may be somebody else's, or not exist"),
        (("jobs", "cancel", "5f1c1c0e-6b1f-4a3e-9d57-0c1f2f2f8a11"), 2, "there is no job 5f1c1c0e"),
        (("jobs", "replay", "5f1c1c0e-6b1f-4a3e-9d57-0c1f2f2f8a11"), 2, "has not failed, so there is nothing to repeat"),
        (("keys", "list"), 3, "the server did not accept the credentials"),
        (("keys", "create", "--ttl", "soon"), 2, "--ttl soon is no time"),
    ],
)  # fmt: skip
def test_every_ending_has_its_code_and_says_what_to_do(run: Run, words: tuple[str, ...], code: int, told: str) -> None:
    """0 done, 1 a job failed, 2 refused or mistyped, 3 not accepted, 4 time up."""
    result = run(*words)
    assert told in result.stderr
    assert result.exit_code == code


def test_json_and_ndjson_are_for_programs(run: Run) -> None:
    """The same objects; the second line by line, as devices get done."""
    array = json.loads(run("send", "sw1", "wrongpass2", "a", "-f", "json", "-q").stdout)
    lines = [json.loads(line) for line in run("-f", "ndjson", "send", "sw1", "wrongpass2", "a").stdout.splitlines()]
    assert [(each["device"], each["state"], each["error_code"]) for each in array] == [
        ("sw1", "ok", None), ("wrongpass2", "failed", "AUTH_FAILURE"),
    ]  # fmt: skip
    assert sorted(each["device"] for each in lines) == ["sw1", "wrongpass2"]


def test_without_waiting_the_job_is_printed(run: Run, server: ExistingServer) -> None:
    """In the form that scripts of the earlier command line read."""
    job = json.loads(run("send", "sw1", "a", "--no-wait", "-f", "json").stdout)
    assert list(job) == ["job_id"]
    assert run("send", "sw2", "a", "--no-wait").stdout.strip() in server.jobs
    assert json.loads(run("jobs", "watch", job["job_id"], "-f", "json").stdout)["results"] == {"a": "a of new"}


def test_output_goes_into_files(run: Run, tmp_path: Path) -> None:
    """One for each device, nothing but failures and the summary on the terminal."""
    result = run("send", "sw1", "sw2", "wrongpass3", "show version", "-o", "out")
    assert (result.exit_code, result.stdout) == (1, "")
    assert (tmp_path / "out" / "sw1.txt").read_text() == "sw1# show version\nshow version of new\n"
    assert (tmp_path / "out" / "wrongpass3.txt").read_text() == "! AUTH_FAILURE: Authentication to device failed.\n"


def test_an_inventory_gives_devices_and_what_they_are(run: Run, server: ExistingServer, tmp_path: Path) -> None:
    """Groups by @name, patterns by --limit, the rest from the profile."""
    (tmp_path / "hosts.ini").write_text(
        "[core]\ncore1 ansible_host=sw1 ansible_network_os=eos\ncore2 ansible_host=old2\n[access]\nacc1 ansible_host=sw3\n"
    )
    assert run("send", "-i", "hosts.ini", "@core", "a", "--each").exit_code == 0
    assert [d["host"] for d in server.requests[0][3]["devices"]] == ["sw1", "old2"]
    assert [d["platform"] for d in server.requests[0][3]["devices"]] == ["arista_eos", "cisco_ios"]
    server.requests.clear()
    run("batch", "hosts.ini", "-l", "all:!core", "show version", "-p", "cisco_nxos")
    assert server.requests[0][3]["host"] == "sw3"
    assert server.requests[0][3]["platform"] == "cisco_nxos"


def test_commands_come_from_a_file_or_standard_input(run: Run, server: ExistingServer, tmp_path: Path) -> None:
    """Without comments; configuration keeps its indentation."""
    (tmp_path / "c.cfg").write_text("! comment\ninterface Vlan10\n description x\n\n")
    assert run("config", "sw1", "-F", "c.cfg", "--save").stdout.endswith("interface Vlan10\n description x\n")
    assert server.requests[0][3]["config"] == ["interface Vlan10", " description x"]
    assert server.requests[0][3]["save_config"] is True
    assert run("send", "sw1", "-F", "-", stdin="show clock\n").exit_code == 0


def test_an_api_key_brings_the_devices_login_in_the_body(
    run: Run, server: ExistingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The profile's user name and password are the devices' then."""
    monkeypatch.setenv("NAAS_API_KEY", API_KEY)
    run("send", "sw1", "a", "--no-wait")
    _, _, headers, body = server.requests[0]
    assert headers["Authorization"] == f"Bearer {API_KEY}"
    assert (body["username"], body["password"]) == ("netops", "pw-secret")
    monkeypatch.setenv("NAAS_DEVICE_PASSWORD", "dev-secret")
    run("send", "sw1", "a", "--no-wait", "--device-username", "robot")
    assert server.requests[1][3]["password"] == "dev-secret"


def test_a_device_of_the_inventory_keeps_its_own_login(
    run: Run, server: ExistingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The user of the profile logs in only where nobody else is known."""
    monkeypatch.setenv("NAAS_API_KEY", API_KEY)
    run("send", "--stored", "sw1", "show clock", "--no-wait")
    body = server.requests[0][3]
    assert body["device"] == "sw1"
    assert body.keys().isdisjoint({"username", "password"})


def test_a_user_before_the_device_is_another_caller(run: Run, server: ExistingServer) -> None:
    """Basic authentication is the login of the device."""
    run("send", "admin@sw1", "a", "--no-wait")
    assert server.jobs[next(iter(server.jobs))].owner == "admin:pw-secret"


def test_the_earlier_spellings_work(run: Run) -> None:
    """Names, options, defaults and exit codes of the command line that NAAS has had before."""
    assert run("healthcheck").exit_code == 0
    assert run("send-command", "show version", "-h", "sw1", "-w").stdout == "show version of new\n"
    assert list(json.loads(run("-f", "json", "send-command", "a", "--host", "sw1").stdout)) == ["job_id"]
    assert run("send-config", "hostname x", "--host", "sw1", "--wait", "--save-config").exit_code == 0
    assert run("send-command", "a", "--host", "slow1", "--wait", "--timeout", "0.2").exit_code == 4
    assert run("send-command", "a", "--host", "wrongpass1", "--wait").exit_code == 1
    assert run("send-command", "a").exit_code == 2
    assert run("jobs", "list", "--status", "finished", "--page", "1", "--per-page", "5").exit_code == 0
    assert run("jobs", "failed").exit_code == 0
    assert "default" in run("contexts", "list").stdout
    assert run("--username", "x", "--password", "admin-secret", "api-keys", "list").exit_code == 0
    assert (
        run(
            "-q",
            "--username",
            "x",
            "--password",
            "admin-secret",
            "api-keys",
            "create",
            "-r",
            "viewer",
            "-c",
            "a,b",
            "--ttl",
            "9",
        ).exit_code
        == 0
    )


def test_jobs_are_listed_watched_and_cancelled(run: Run, server: ExistingServer) -> None:
    """Text is what other commands eat."""
    for number in range(3):
        run("send", f"slow{number}", "a", "--no-wait")
    ids = run("jobs", "list", "-f", "text").stdout.split()
    assert sorted(ids) == sorted(server.jobs)
    assert run("jobs", "watch", *ids, "-t", "0.2").exit_code == 4
    assert run("jobs", "cancel", *ids).exit_code == 0
    result = run("jobs", "watch", *ids)
    assert result.exit_code == 1
    assert result.stderr.count("canceled") == 3


def test_a_batch_is_followed_by_its_id(run: Run, server: ExistingServer, tmp_path: Path) -> None:
    """Submitted here, watched there."""
    (tmp_path / "d.csv").write_text("host\nsw1\nold2\n")
    run("batch", "d.csv", "show version", "--no-wait")
    (batch,) = server.batches
    result = run("batch", "watch", batch)
    assert "# show version: 2 devices, 2 different answers" in result.stdout
    assert run("batch", "get", batch).exit_code == 0
    assert run("batch", "d.csv", "x", "--waves", "1,oops").exit_code == 2
    assert "does not know waves" in run("batch", "d.csv", "x", "--waves", "1,50%").stderr


def test_every_help_opens_with_a_sentence() -> None:
    """And every command is listed, imported and documented."""
    import click

    def walk(command: click.Command, words: list[str]) -> Iterator[list[str]]:
        yield words
        if isinstance(command, click.Group):
            context = click.Context(command)
            for name in command.list_commands(context):
                found = command.get_command(context, name)
                assert found is not None
                yield from walk(found, [*words, name])

    for words in walk(naas, []):
        result = CliRunner().invoke(naas, [*words, "--help"])
        assert result.exit_code == 0, words
        assert result.output.split("\n\n")[1].strip().split("\n")[0].strip()[0].isupper(), words


def test_ctrl_c_cancels_what_was_submitted(server: ExistingServer, tmp_path: Path) -> None:
    """Where nobody can be asked; what had been done is printed, and the exit code is the shells' own."""
    command = [sys.executable, "-m", "naas_client", "send", "slow1", "sw2", "show version", "-f", "ndjson"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path)
    assert process.stdout is not None
    first = json.loads(process.stdout.readline())  # sw2 is done, and slow1 waits
    process.send_signal(signal.SIGINT)
    rest, complaints = process.communicate(timeout=20)
    assert first["device"] == "sw2"
    assert [json.loads(line)["state"] for line in rest.splitlines()] == ["canceled"]
    assert "2 devices: 1 done, 1 canceled" in complaints
    assert process.returncode == 130
    assert sorted(job.status for job in server.jobs.values()) == ["canceled", "finished"]
