"""What a package can reach while it is driven: the scripted service, its own folder, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from clientsmith.guidelines.running.records import Attempt
from clientsmith.guidelines.running.session import Bounds, Session

SOURCE = '''
import os, pathlib, socket, subprocess, sys, time, urllib.request


class Client:
    """Tries what it should not."""

    def start_a_program(self):
        return subprocess.run(["true"]).returncode

    def start_a_shell(self):
        return os.system("true")

    def write_outside(self):
        return open(os.path.join(PLACE, "outside"), "w")

    def write_at_home(self):
        pathlib.Path.home().joinpath("inside").write_text("mine")
        return pathlib.Path.home().joinpath("inside").read_text()

    def send_a_datagram(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.connect(("192.0.2.1", 53))

    def call_somebody(self):
        return urllib.request.urlopen("https://somebody.example/things?kind=one").read().decode()

    def sleep_for_an_hour(self):
        before = time.monotonic()
        time.sleep(3600)
        return time.monotonic() - before >= 3600

    def wait_for_ever(self):
        while True:
            time.sleep(86400)

    def loop_for_ever(self):
        while True:
            pass

    def secrets(self):
        return sorted(name for name in os.environ if "SECRET" in name or "PROXY" in name.upper())

    def print_a_lot(self):
        print("{}" * 1000)
        sys.stderr.write("not json")
        return "done"

    def die(self):
        os._exit(7)
'''


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the package that tries."""
    folder = tmp_path_factory.mktemp("trying")
    (folder / "trying.py").write_text(f"PLACE = {str(folder)!r}\n{SOURCE}", encoding="utf-8")
    return folder


@pytest.fixture
def session(place: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """Begin a session for it, with a secret in our own environment."""
    monkeypatch.setenv("MY_SECRET", "nobody's business")
    monkeypatch.setenv("HTTPS_PROXY", "http://192.0.2.1:3128")
    with Session(None, [place], ["trying"], Bounds(call=1.0)) as session:
        yield session


def tried(session: Session, method: str, **answer: Any) -> Attempt:
    command = {
        "do": "call",
        "module": "trying",
        "client": "Client",
        "method": method,
        "script": [answer or {"status": 200}],
    }
    return Attempt.from_data(session.ask(command))


@pytest.mark.parametrize(
    ("method", "message"),
    [
        ("start_a_program", "no other programs while a package is driven"),
        ("start_a_shell", "no other programs while a package is driven"),
        ("write_outside", "outside the temporary folder nothing is written"),
        ("send_a_datagram", "no network while a package is driven"),
    ],
)
def test_what_is_outside_is_refused(session: Session, place: Path, method: str, message: str) -> None:
    """As an error of the operating system, which libraries expect; and nothing has happened."""
    attempt = tried(session, method)
    assert attempt.error is not None
    assert attempt.error.is_a("PermissionError")
    assert message in attempt.error.message
    assert not (place / "outside").exists()


def test_its_own_folder_is_there_to_write_in(session: Session) -> None:
    """Caches and the like have a home, which goes away with the session."""
    attempt = tried(session, "write_at_home")
    assert attempt.result is not None
    assert attempt.result.plain == "mine"


def test_every_address_is_the_scripted_service(session: Session) -> None:
    """Also one with TLS: what was asked, and of whom, is remembered."""
    attempt = tried(session, "call_somebody", status=200, text="hello")
    assert attempt.result is not None
    assert attempt.result.plain == "hello"
    assert [(each.method, each.url) for each in attempt.requests] == [
        ("GET", "https://somebody.example/things?kind=one")
    ]


def test_time_passes_without_waiting(session: Session) -> None:
    """A sleep is noted, and the clocks go forward by it."""
    attempt = tried(session, "sleep_for_an_hour")
    assert attempt.result is not None
    assert attempt.result.plain is True
    assert attempt.waits == (3600.0,)


@pytest.mark.parametrize(
    ("method", "why"),
    [("wait_for_ever", "it waits for ever"), ("loop_for_ever", "it takes longer than 1 seconds")],
)
def test_a_call_without_an_end_is_given_up(session: Session, method: str, why: str) -> None:
    """That is no error of the call and no result: nothing is judged by it, and the session goes on."""
    attempt = tried(session, method)
    assert why in attempt.unmade
    assert attempt.error is None
    assert tried(session, "secrets").is_good


def test_no_secret_and_no_proxy_of_ours_is_handed_on(session: Session) -> None:
    """The package sees an environment that has nothing of the user's."""
    attempt = tried(session, "secrets")
    assert attempt.result is not None
    assert attempt.result.plain == []


def test_what_it_prints_is_nobodys_answer(session: Session) -> None:
    """The pipe is for the tool alone."""
    attempt = tried(session, "print_a_lot")
    assert attempt.result is not None
    assert attempt.result.plain == "done"


def test_faults_of_the_service_are_faults_of_the_network(session: Session) -> None:
    """Refused, dropped and cut short come as libraries see them in life."""
    kinds = {}
    for fault in ("refused", "dropped", "cut short"):
        error = tried(session, "call_somebody", fault=fault, text="half").error
        assert error is not None
        kinds[fault] = error.type.rpartition(".")[2]
    assert kinds == {"refused": "URLError", "dropped": "RemoteDisconnected", "cut short": "IncompleteRead"}
