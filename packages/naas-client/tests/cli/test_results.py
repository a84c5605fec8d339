"""What came of jobs: compared, printed, kept in files; nothing that a device says can do harm."""

from __future__ import annotations

import json
import os
import re
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from naas_client.cli.endings import UsageStop
from naas_client.cli.inventory import Target
from naas_client.cli.results import Outcome, State
from naas_client.cli.results.grouping import grouped, named
from naas_client.cli.results.saving import ResultFolder, file_name
from naas_client.cli.results.showing import show_outcomes, summary
from naas_client.models import JobResult


def outcome(device: str, text: str, command: str = "show version") -> Outcome:
    return Outcome(device, device, 22, "cisco_ios", "j", State.OK, results={command: text})


def failed(device: str) -> Outcome:
    return Outcome(
        device, device, 22, "cisco_ios", "j9", State.FAILED, error="no route", error_code="CONNECTION_TIMEOUT"
    )


FARM = [outcome("sw1", "IOS 15\nup"), outcome("sw2", "IOS 15  \nup"), outcome("sw3", "IOS 12\nup"), failed("sw4")]


def test_answers_that_are_the_same_are_one() -> None:
    """But for space at the ends of lines; the answer of most devices comes first."""
    (answers,) = grouped(FARM)
    assert answers.summary == "2 devices agree, 1 differ"
    assert [answer.devices for answer in answers.answers] == [("sw1", "sw2"), ("sw3",)]
    ((answer, difference),) = answers.differences()
    assert answer.devices == ("sw3",)
    assert difference.splitlines() == ["--- sw1, sw2", "+++ sw3", "@@ -1,2 +1,2 @@", "-IOS 15", "+IOS 12", " up"]


def test_a_devices_own_name_makes_no_difference() -> None:
    """Nor do lines that are to be ignored; a name within another word is another word."""
    farm = [
        outcome("sw1", "hostname sw1\nsw1 uptime is 3 days\nvlan 10"),
        outcome("sw2", "hostname sw2\nsw2 uptime is 9 weeks\nvlan 10"),
        outcome("sw10", "hostname sw1\nsw10 uptime is 1 day\nvlan 10"),
    ]
    (answers,) = grouped(farm, [re.compile("uptime")])
    assert [answer.devices for answer in answers.answers] == [("sw1", "sw2"), ("sw10",)]
    ((_, difference),) = answers.differences()
    assert difference.splitlines()[3:] == ["-hostname <device>", "+hostname sw1", " vlan 10"]


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (["a", "a", "a"], "3 devices agree"),
        (["a", "b", "c"], "3 devices, 3 different answers"),
        (["a", "a", "b", "c"], "2 devices agree, 2 differ in 2 ways"),
    ],
)
def test_how_far_devices_agree(texts: list[str], told: str) -> None:
    (answers,) = grouped([outcome(f"sw{n}", text) for n, text in enumerate(texts)])
    assert answers.summary == told


def test_many_names_are_cut() -> None:
    assert named([f"sw{n}" for n in range(500)]).endswith("sw7 and 492 more")


def test_text_of_many_devices(capsys: pytest.CaptureFixture[str]) -> None:
    """What most say, then what others say differently; failures on standard error."""
    show_outcomes(FARM, "text", is_diff=True, is_grouped=True)
    out, err = capsys.readouterr()
    assert out.splitlines()[:4] == [
        "# show version: 2 devices agree, 1 differ", "-- 2 devices: sw1, sw2", "IOS 15", "up",
    ]  # fmt: skip
    assert "-IOS 15\n+IOS 12" in out
    assert err == "sw4: no route (CONNECTION_TIMEOUT), job j9\n"


def test_of_configuration_people_want_to_see_what_changed(capsys: pytest.CaptureFixture[str]) -> None:
    """Not the conversation; the same change on many devices once, and of one device nothing around it."""
    farm = [
        replace(
            outcome(name, "configure terminal …", "config_set_output"),
            diff=f"--- before\n+++ after\n+hostname {name}\n",
        )
        for name in ("sw1", "sw2")
    ]
    farm.append(replace(outcome("sw3", "…", "config_set_output"), diff=""))
    show_outcomes(farm, "text", is_grouped=True)
    out = capsys.readouterr().out
    assert out.startswith(
        "# changes: 2 devices agree, 1 differ\n-- 2 devices: sw1, sw2\n--- before\n+++ after\n+hostname sw1\n"
    )
    assert "nothing changes" in out
    assert "configure terminal" not in out
    show_outcomes(farm[:1], "text")
    assert capsys.readouterr().out == "--- before\n+++ after\n+hostname sw1\n"
    show_outcomes(farm[:1], "json")
    assert json.loads(capsys.readouterr().out)[0]["results"] == {"config_set_output": "configure terminal …"}


def test_one_answer_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    """So that it can be piped on."""
    show_outcomes([outcome("sw1", "\nIOS 15\nup\n")], "text", is_diff=False, is_grouped=True)
    assert capsys.readouterr().out == "IOS 15\nup\n"


def test_json_has_every_key(capsys: pytest.CaptureFixture[str]) -> None:
    show_outcomes([failed("sw4")], "json", is_diff=False, is_grouped=True)
    (document,) = json.loads(capsys.readouterr().out)
    assert document["error_code"] == "CONNECTION_TIMEOUT"
    assert set(document) == {
        "device", "host", "port", "platform", "job_id", "state", "results", "partial_results", "diff", "error",
        "error_code", "error_retryable", "seconds",
    }  # fmt: skip


def test_what_a_device_says_does_not_drive_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    show_outcomes([outcome("sw1", "red \x1b[31m\x07 text")], "text", is_diff=False, is_grouped=False)
    assert capsys.readouterr().out == "red \\x1b[31m\\x07 text\n"


def test_json_does_not_drive_the_terminal_either(capsys: pytest.CaptureFixture[str]) -> None:
    """Also by the control characters that JSON lets stand; it stays the same JSON."""
    show_outcomes([outcome("sw1", "a\x9b31mb\x1b\x7f")], "json")
    printed = capsys.readouterr().out
    assert printed.isascii()
    assert json.loads(printed)[0]["results"] == {"show version": "a\x9b31mb\x1b\x7f"}


def test_the_summary_counts(capsys: pytest.CaptureFixture[str]) -> None:
    waiting = Outcome.waiting(Target("sw5", "sw5"), "j5")
    assert summary([*FARM, waiting], 2.04) == "5 devices: 3 done, 1 failed, 1 not ended in 2.0 s"


@pytest.mark.parametrize(
    ("wire", "state", "error"),
    [
        ({"status": "finished", "results": {"a": "b"}}, State.OK, None),
        ({"status": "finished", "results": None, "error": "e", "error_code": "SSH_ERROR"}, State.FAILED, "e"),
        ({"status": "finished"}, State.OK, None),
        ({"status": "failed", "error": "Traceback (most recent call last):\n  File\nReadTimeout: x\n"}, State.FAILED, "ReadTimeout: x"),
        ({"status": "canceled"}, State.CANCELED, None),
        ({"status": "started"}, State.WAITING, None),
    ],
    ids=["done", "finished with an error", "keys missing", "traceback", "canceled", "running"],
)  # fmt: skip
def test_an_outcome_is_what_the_wire_means(wire: dict[str, object], state: State, error: str | None) -> None:
    found = Outcome.of(Target("sw1", "sw1"), JobResult.from_dict({"job_id": "j1", **wire}))
    assert (found.state, found.error) == (state, error)


# --- files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("device", "name"),
    [
        ("sw1.lab", "sw1.lab"), ("../../etc/passwd", "_.._etc_passwd"), ("a/b\\c", "a_b_c"), ("2001:db8::1", "2001_db8_1"),
        ("..", "_"), ("-rf", "_-rf"), ("con", "_con"), ("x" * 300, "x" * 120), ("sw\x00\n1", "sw_1"),
    ],
)  # fmt: skip
def test_file_names_lead_nowhere_else(device: str, name: str) -> None:
    assert file_name(device) == name


def test_files_are_whole_and_only_their_owners(tmp_path: Path) -> None:
    """A link that lies there is replaced, not followed; two devices never share a file."""
    outside = tmp_path / "outside"
    outside.write_text("mine")
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "sw1.txt").symlink_to(outside)
    results = ResultFolder(folder, as_json=False)
    paths = [results.write(outcome(name, "up")) for name in ("sw1", "SW1", "sw/2", "sw:2")]
    assert [path.name for path in paths] == ["sw1.txt", "SW1-2.txt", "sw_2.txt", "sw_2-2.txt"]
    assert outside.read_text() == "mine"
    assert paths[0].read_text() == "sw1# show version\nup\n"
    assert stat.S_IMODE(paths[0].stat().st_mode) == 0o600
    assert sorted(os.listdir(folder)) == sorted(path.name for path in paths)  # noqa: PTH208 - hidden ones too


def test_a_folder_that_cannot_be_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageStop, match="cannot be made"):
        ResultFolder(tmp_path / "file" / "out", as_json=True)
