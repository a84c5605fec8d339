"""The fixtures, in runs of pytest of their own."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytest_plugins = ["pytester"]

MODULE = "clientsmith.core.testing.pytest_plugin"

HEAD = """
import pytest
from clientsmith.core import HttpRequest, ServiceClient, aio
from clientsmith.core.testing import Answer, ScriptedTransport

def get(transport, url="/"):
    return ServiceClient("https://example.test", transport=transport).send_request(HttpRequest("GET", url))
"""


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a test module with our plugin and no other."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")

    def run(source: str, *arguments: str, ini: str = "") -> pytest.RunResult:
        pytester.makeini(f"[pytest]\n{ini}\n")
        pytester.makepyfile(test_pets=HEAD + source)
        return pytester.runpytest("-p", MODULE, "-p", "no:cacheprovider", *arguments)

    return run


def test_a_scripted_transport_has_to_be_used_up(run: Any) -> None:
    """Of either colour; lines that are left are an error of the test that made them."""
    result = run(
        """
def test_used(scripted_transport):
    assert get(scripted_transport(Answer(json=1))).json() == 1

def test_left(scripted_transport):
    get(scripted_transport(Answer(), Answer()))

def test_left_async(async_scripted_transport):
    async_scripted_transport(Answer())
"""
    )
    result.assert_outcomes(passed=3, errors=2)
    result.stdout.fnmatch_lines(["*the script has lines that nobody asked for: line 2 of 2*"])


CASSETTE = """
@pytest.mark.parametrize("page", ["1/a", "2"])
def test_pets(cassette, page):
    assert get(cassette.transport(ScriptedTransport(Answer(json=page))), f"/pets?page={page}").json() == page
"""


def test_a_cassette_belongs_to_its_test(run: Any, pytester: pytest.Pytester) -> None:
    """Named after it and its parameters, beside its file; without ``--record`` it plays."""
    run(CASSETTE).assert_outcomes(errors=2)
    run(CASSETTE, "--record=once").assert_outcomes(passed=2)
    names = sorted(path.name for path in (pytester.path / "cassettes").iterdir())
    assert names == ["test_pets.test_pets-1-a-.json", "test_pets.test_pets-2-.json"]
    run(CASSETTE).assert_outcomes(passed=2)


def test_recording_everything_anew(run: Any, pytester: pytest.Pytester) -> None:
    run(CASSETTE, "--record=once")
    before = {path: path.read_text() for path in (pytester.path / "cassettes").iterdir()}
    newer = CASSETTE.replace("Answer(json=page)", "Answer(json=page, headers={'ETag': 'new'})")
    run(newer, "--record=once").assert_outcomes(passed=2)
    assert {path: path.read_text() for path in before} == before
    run(newer, "--record=all").assert_outcomes(passed=2)
    assert all("new" in path.read_text() for path in before)


def test_a_test_that_fails_records_nothing(run: Any, pytester: pytest.Pytester) -> None:
    run(
        """
def test_pets(cassette):
    get(cassette.transport(ScriptedTransport(Answer())))
    assert False
""",
        "--record=all",
    ).assert_outcomes(failed=1)
    assert not (pytester.path / "cassettes").exists()


def test_a_project_says_what_is_secret(run: Any, pytester: pytest.Pytester) -> None:
    """By overriding a fixture."""
    run(
        """
from clientsmith.core.testing import Redaction

@pytest.fixture
def cassette_redaction():
    return Redaction(secrets=["Rex"])

def test_pets(cassette):
    get(cassette.transport(ScriptedTransport(Answer(json="Rex"))))
""",
        "--record=all",
    ).assert_outcomes(passed=1)
    (path,) = (pytester.path / "cassettes").iterdir()
    assert json.loads(path.read_text())["exchanges"][0]["response"]["json"] == "***"


def test_a_clock_for_any_code(run: Any) -> None:
    run(
        """
def test_time(virtual_clock):
    virtual_clock.sleep(5)
    assert virtual_clock.waits == [5]
"""
    ).assert_outcomes(passed=1)


NETWORK = """
import asyncio, socket

def test_connect(no_network):
    with pytest.raises(AssertionError, match="192.0.2.1:80 was to be reached, and this test has no network"):
        socket.create_connection(("192.0.2.1", 80), timeout=0.01)

def test_name(no_network):
    with pytest.raises(AssertionError, match="example.test:443 was to be reached"):
        socket.getaddrinfo("example.test", 443)

def test_datagram(no_network):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock, pytest.raises(AssertionError):
        sock.sendto(b"x", ("192.0.2.1", 53))

def test_client(no_network):
    with pytest.raises(AssertionError, match="example.test:443"), ServiceClient("https://example.test") as client:
        client.send_request(HttpRequest("GET", "/"))

def test_async_client(no_network):
    async def main():
        async with aio.ServiceClient("https://example.test") as client:
            await client.send_request(HttpRequest("GET", "/"))
    with pytest.raises(AssertionError, match="example.test:443"):
        asyncio.run(main())

def test_loopback(no_network):
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(("localhost", server.getsockname()[1])).close()
    with socket.socketpair()[0]:
        pass
"""


def test_nothing_leaves_this_machine(run: Any) -> None:
    """Whatever library tries; loopback and local sockets stay open."""
    run(NETWORK).assert_outcomes(passed=6)


def test_a_configuration_may_say_so_for_all_tests(run: Any) -> None:
    """The guard is gone with the test that had it."""
    source = NETWORK.replace("(no_network)", "()")
    run(source, "-k", "not loopback", ini="no_network = true").assert_outcomes(passed=5, deselected=1)
    run("import socket\ndef test_free():\n    socket.inet_aton('127.0.0.1')\n").assert_outcomes(passed=1)
