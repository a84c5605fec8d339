"""A subprocess for a package: started when it is needed, bounded, and started again after it was lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from clientsmith.guidelines.running.session import Bounds, Session, SessionLost

DYING = """
import os


class Client:
    def die(self):
        os._exit(7)

    def live(self):
        return "well"
"""


def call(method: str) -> dict[str, object]:
    return {"do": "call", "module": "dying", "client": "Client", "method": method, "script": [{"status": 200}]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write a package that can end its own process."""
    (tmp_path / "dying.py").write_text(DYING, encoding="utf-8")
    return tmp_path


def test_a_package_that_ends_its_process_is_told_and_started_again(folder: Path) -> None:
    """The next call finds a new process."""
    with Session(None, [folder], ["dying"]) as session:
        with pytest.raises(SessionLost, match=r"the subprocess was lost: it ended by itself"):
            session.ask(call("die"))
        assert session.ask(call("live"))["result"]["plain"] == "well"


def test_a_package_that_cannot_be_imported_says_why(folder: Path) -> None:
    """With the words of Python."""
    (folder / "needy.py").write_text("import nothing_like_that\n", encoding="utf-8")
    with Session(None, [folder], ["needy"]) as session, pytest.raises(SessionLost) as caught:
        session.ask(call("live"))
    assert str(caught.value) == "`import needy` fails: ModuleNotFoundError: No module named 'nothing_like_that'"


def test_an_interpreter_that_is_not_there_is_named(folder: Path) -> None:
    """With its path, and what the system said."""
    with Session(Path("/nowhere/python"), [folder], ["dying"]) as session, pytest.raises(SessionLost) as caught:
        session.ask(call("live"))
    assert str(caught.value) == "cannot run /nowhere/python: No such file or directory"


def test_all_calls_together_have_a_bound(folder: Path) -> None:
    """When the time of the whole is used up, nothing more is waited for."""
    bounds = Bounds(whole=0.0)
    with Session(None, [folder], ["dying"], bounds) as session, pytest.raises(SessionLost, match="it did not answer"):
        session.ask(call("live"))


def test_nothing_is_left_behind(folder: Path, tmp_path: Path) -> None:
    """The folder of the session goes away with it, and beside the package nothing was written."""
    with Session(None, [folder], ["dying"]) as session:
        session.ask(call("live"))
        assert session._folder is not None
        home = Path(session._folder.name)
        assert home.is_dir()
    assert not home.exists()
    assert sorted(path.name for path in folder.iterdir()) == ["dying.py"]


def test_a_program_that_is_no_python_is_told(folder: Path) -> None:
    """It is named; whether it ends before it is asked, or after it has said something, is a matter of luck."""
    with Session(Path("/bin/echo"), [folder], ["dying"]) as session, pytest.raises(SessionLost) as caught:
        session.ask(call("live"))
    assert str(caught.value).startswith("importing it with /bin/echo does not come to an end: the subprocess was lost")
