"""The real server, as a process: it starts, refuses to start, survives a kill, and stops politely."""

from __future__ import annotations

import concurrent.futures
import datetime
import ipaddress
import json
import os
import resource
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from naas import __version__

StartServer = Callable[..., Any]

AUTH = ("ann", "secret")


def connect(server: Any) -> httpx.Client:
    return httpx.Client(base_url=server.url, auth=AUTH, timeout=20)


def submit(client: httpx.Client, *commands: str, host: str = "192.0.2.1", path: str = "send-command") -> str:
    response = client.post(f"/v2/{path}", json={"host": host, "commands": list(commands)})
    assert response.status_code == 202, response.text
    job_id: str = response.json()["job_id"]
    return job_id


def read(client: httpx.Client, job_id: str, wait: float = 10) -> dict[str, Any]:
    body: dict[str, Any] = client.get(f"/v2/send-command/{job_id}?wait={wait}").json()
    return body


def wait_until_started(client: httpx.Client, *job_ids: str) -> None:
    for job_id in job_ids:
        while read(client, job_id, wait=0)["status"] == "queued":
            time.sleep(0.01)


def test_a_job_goes_all_the_way_over_http(server: Any) -> None:
    with connect(server) as client:
        body = read(client, submit(client, "show version"))
    assert (body["status"], body["results"]) == ("finished", {"show version": "192.0.2.1> show version"})


def test_a_refused_login_arrives_as_a_typed_failure(server: Any) -> None:
    with connect(server) as client:
        client.auth = httpx.BasicAuth("ann", "wrong")
        body = read(client, submit(client, "show version"))
    assert (body["status"], body["error_code"]) == ("finished", "AUTH_FAILURE")
    assert "wrong" not in str(body)


def test_the_server_serves_the_document_that_the_command_prints(server: Any) -> None:
    printed = naas_server("openapi")
    assert printed.returncode == 0
    assert httpx.get(f"{server.url}/apidoc/openapi.json").json() == json.loads(printed.stdout)


def test_many_waiting_polls_are_served_at_once(server: Any) -> None:
    """More than the 128 that granian would serve by default."""
    with connect(server) as client, concurrent.futures.ThreadPoolExecutor(200) as threads:
        client.delete("/v2/jobs/5f1c1c0e-6b1f-4a3e-9d57-0c1f2f2f8a11")
        job_id = submit(client, "show gated", host="192.0.2.77")
        limits = httpx.Limits(max_connections=200)
        with httpx.Client(base_url=server.url, auth=AUTH, timeout=20, limits=limits) as many:
            polls = [threads.submit(read, many, job_id, 15) for _ in range(150)]
            time.sleep(0.5)
            assert client.get("/v2/healthcheck").json()["components"]["workers"]["active_jobs"] == 1
            server.open_gate()
            statuses = {poll.result(10)["status"] for poll in polls}
    assert statuses == {"finished"}


def test_a_killed_server_loses_nothing_and_repeats_nothing_dangerous(start_server: StartServer, tmp_path: Path) -> None:
    """`kill -9` with jobs running and waiting; the next start settles every one of them."""
    with start_server(tmp_path) as server, connect(server) as client:
        reading = submit(client, "show gated", host="192.0.2.1")
        changing = submit(client, "reload gated", host="192.0.2.2")
        configuring = submit(client, "hostname gated", host="192.0.2.3", path="send-config")
        waiting = [submit(client, f"show {number}", host=f"192.0.2.{number % 3 + 1}") for number in range(30)]
        wait_until_started(client, reading, changing, configuring)
        server.kill()
    with start_server(tmp_path) as server, connect(server) as client:
        unsafe = [read(client, job_id) for job_id in (changing, configuring)]
        server.open_gate()
        safe = [read(client, job_id) for job_id in (reading, *waiting)]
    assert {job["status"] for job in safe} == {"finished"}
    assert [(job["status"], job["error_code"], job["needs_review"]) for job in unsafe] == [
        ("failed", "UNKNOWN", True)
    ] * 2
    assert all("look at the device" in job["error"] for job in unsafe)


@pytest.mark.slow
def test_every_accepted_job_survives_a_kill_in_the_middle_of_a_flood(start_server: StartServer, tmp_path: Path) -> None:
    """202 means on disk: what was answered before the kill is there after it."""
    accepted: list[str] = []

    def flood(client: httpx.Client) -> None:
        for number in range(200):
            try:
                accepted.append(submit(client, "show gated", host=f"192.0.2.{number}"))
            except httpx.TransportError:
                return

    with (
        start_server(tmp_path) as server,
        connect(server) as client,
        concurrent.futures.ThreadPoolExecutor(8) as threads,
    ):
        floods = [threads.submit(flood, client) for _ in range(8)]
        while len(accepted) < 100:
            time.sleep(0.005)
        server.kill()
        for running in floods:
            running.result(20)
    with start_server(tmp_path) as server, connect(server) as client:
        assert {read(client, job_id, wait=0)["status"] for job_id in accepted} <= {"queued", "started"}
        assert len(accepted) >= 100


def test_a_stopped_server_lets_running_jobs_end(start_server: StartServer, tmp_path: Path) -> None:
    """SIGTERM: waiting polls are answered, running jobs end, waiting jobs stay for the next start."""
    with start_server(tmp_path, "--worker-threads", "1") as server, connect(server) as client:
        running = submit(client, "reload gated")
        waiting = submit(client, "show version")
        wait_until_started(client, running)
        with concurrent.futures.ThreadPoolExecutor() as threads:
            poll = threads.submit(read, client, running, 20)
            time.sleep(0.2)
            server.process.send_signal(signal.SIGTERM)
            assert poll.result(5)["status"] == "started"
            server.open_gate()
        assert server.process.wait(10) == 0
    with start_server(tmp_path) as server, connect(server) as client:
        assert [read(client, job_id)["status"] for job_id in (running, waiting)] == ["finished", "finished"]
    assert "Traceback" not in (tmp_path / "stderr.log").read_text()


def test_a_stuck_device_does_not_keep_the_server_from_stopping(start_server: StartServer, tmp_path: Path) -> None:
    with start_server(tmp_path, "--drain-seconds", "0.2") as server, connect(server) as client:
        wait_until_started(client, submit(client, "reload gated"))
        began = time.monotonic()
        assert server.terminate() == 0
        assert time.monotonic() - began < 15


def naas_server(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "naas", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=30, env={**os.environ, **environment}, check=False
    )


def refused(*arguments: str, **environment: str) -> str:
    """Run a command that must be refused with one line; return it."""
    result = naas_server("serve", *arguments, **environment)
    assert result.returncode == 1, result
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1, result.stderr
    return result.stderr


def test_a_port_in_use_is_told_with_what_to_do(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        message = refused("--port", str(port), "--database", str(tmp_path / "naas.db"))
    assert message == (
        f"error: cannot listen on 127.0.0.1 port {port}: another program uses it; stop that one, or give --port 0 for a free port\n"
    )


def test_a_port_used_by_another_naas_server_is_in_use_too(server: Any, tmp_path: Path) -> None:
    """Granian shares ports by default; two services on one port would each get half of the polls."""
    port = server.url.rpartition(":")[2]
    assert "another program uses it" in refused("--port", port, "--database", str(tmp_path / "naas.db"))


def test_a_database_in_use_is_told_with_what_to_do(server: Any) -> None:
    message = refused("--port", "0", "--database", str(server.database))
    assert f"the database {server.database} is in use by another naas-server" in message


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_off_loopback_it_refuses_to_start_without_tls(host: str, tmp_path: Path) -> None:
    message = refused("--host", host, "--database", str(tmp_path / "naas.db"))
    assert f"refusing to listen on {host} without TLS" in message
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "environment", "message"),
    [
        pytest.param(["--tls-cert", "x.pem"], {}, "--tls-key is missing", id="half a TLS pair"),
        pytest.param(["--tls-cert", "x.pem", "--tls-key", "x.pem"], {}, "x.pem, which is not a file", id="no file"),
        pytest.param(["--tls-cert", __file__, "--tls-key", __file__], {}, "both must be PEM files", id="no PEM"),
        pytest.param([], {"NAAS_BASIC_PASSTHROUGH": "maybe"}, "'maybe'; write true or false", id="switch"),
        pytest.param([], {"NAAS_ENCRYPTION_KEY": "c2hvcnQ="}, "holds 5 bytes", id="short key"),
    ],
)
def test_unusable_settings_are_told(
    arguments: list[str], environment: dict[str, str], message: str, tmp_path: Path
) -> None:
    database = str(tmp_path / "naas.db")
    assert message in refused("--port", "0", "--database", database, *arguments, **environment)


def test_wrong_usage_is_exit_code_2() -> None:
    result = naas_server("serve", "--port", "99999")
    assert result.returncode == 2
    assert "99999 is not in the range" in result.stderr


def test_the_version_is_printed() -> None:
    assert naas_server("--version").stdout == f"naas-server, version {__version__}\n"


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "naas test")])
    now = datetime.datetime.now(datetime.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate, private = tmp_path / "cert.pem", tmp_path / "key.pem"
    certificate.write_bytes(built.public_bytes(serialization.Encoding.PEM))
    pem = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    private.write_bytes(key.private_bytes(*pem))
    return certificate, private


def test_with_tls_it_speaks_https(start_server: StartServer, tmp_path: Path, certificate: tuple[Path, Path]) -> None:
    cert, key = certificate
    with start_server(tmp_path, "--host", "127.0.0.1", "--tls-cert", str(cert), "--tls-key", str(key)) as server:
        trust = ssl.create_default_context(cafile=str(cert))
        assert server.url.startswith("https://127.0.0.1:")
        assert httpx.get(f"{server.url}/v2/healthcheck", verify=trust).status_code == 200


def test_the_document_can_be_piped_into_something_that_stops_reading() -> None:
    """`naas-server openapi | head -1` ends without a traceback."""
    command = [sys.executable, "-m", "naas", "openapi"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.read(1)
        process.stdout.close()
        _, stderr = process.communicate(timeout=30)
    assert stderr == b""


@pytest.mark.parametrize("command", [[], ["serve"], ["simulate"], ["openapi"]], ids=" ".join)
def test_help_begins_with_a_sentence_and_ends_with_an_example(command: list[str]) -> None:
    result = naas_server(*command, "--help")
    usage, sentence, *_ = (part for part in result.stdout.split("\n\n") if part.strip())
    assert result.returncode == 0
    assert usage.startswith("Usage: naas-server")
    assert sentence.strip().endswith(".") or sentence.strip().endswith(".\n")
    assert "Example: naas-server " in result.stdout


def test_a_full_disk_is_503_and_the_service_lives_on(start_server: StartServer, tmp_path: Path) -> None:
    """The limit on file sizes stands for a full disk; what was accepted before is still there."""
    with start_server(tmp_path) as server, connect(server) as client:
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (600_000, resource.RLIM_INFINITY))
        accepted: list[str] = []
        long = [os.urandom(7_500).hex()] * 4  # what could be compressed would take no room
        while True:
            body = {"host": "192.0.2.1", "commands": ["show gated", *long, f"show {len(accepted)}"]}
            response = client.post("/v2/send-command", json=body)
            if response.status_code != 202:
                break
            accepted.append(response.json()["job_id"])
        assert (response.status_code, response.headers.get("retry-after")) == (503, "10"), response.text
        assert response.json()["error"] == "Queue backend unavailable"
        assert client.get("/v2/healthcheck").json()["status"] == "degraded"
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        accepted.append(submit(client, "show version"))
        server.open_gate()
        assert {read(client, job_id)["status"] for job_id in accepted} == {"finished"}
        assert client.get("/v2/healthcheck").json()["status"] == "healthy"
    assert "the database cannot be written" in (tmp_path / "stderr.log").read_text()


def test_secrets_reach_no_log_and_no_file(start_server: StartServer, tmp_path: Path) -> None:
    """The login of a waiting job is on disk, but encrypted."""
    with start_server(tmp_path) as server:
        auth = ("ann", "hunter2-login")
        body = {"host": "192.0.2.1", "commands": ["show gated"], "enable": "hunter2-enable"}
        assert httpx.post(f"{server.url}/v2/send-command", json=body, auth=auth).status_code == 202
        assert (
            httpx.post(f"{server.url}/v2/send-command", json={**body, "enable": ["hunter2"]}, auth=auth).status_code
            == 422
        )
        server.kill()
    contents = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert not [name for name, content in contents.items() if b"hunter2" in content]
