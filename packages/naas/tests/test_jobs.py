"""The job: which moves are legal, what may be repeated, and what becomes of a job whose worker died."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from naas.jobs import (
    CommandWork,
    ConfigWork,
    Job,
    JobState,
    after_lost_lease,
    is_repeatable,
    new_job_id,
    time_limit,
)

MakeJob = Callable[..., Job]


@pytest.mark.parametrize(
    ("command", "repeatable"),
    [
        pytest.param("show version", True, id="show"),
        pytest.param("display interface brief", True, id="display"),
        pytest.param("ping 192.0.2.1", True, id="ping"),
        pytest.param("get system status", True, id="get"),
        pytest.param("show run | include hostname", True, id="reading filter"),
        pytest.param("  show version  ", True, id="surrounding blanks"),
        pytest.param("reload", False, id="reload"),
        pytest.param("configure terminal", False, id="configure"),
        pytest.param("sh script.sh", False, id="abbreviation that is a shell elsewhere"),
        pytest.param("show version\nreload", False, id="second line"),
        pytest.param("show version ; reload", False, id="second command after a semicolon"),
        pytest.param("show version && reboot", False, id="second command after an ampersand"),
        pytest.param("show run | redirect tftp://192.0.2.9/x", False, id="writing filter"),
        pytest.param("show run > flash:x", False, id="redirection"),
        pytest.param("show $(reboot)", False, id="substitution"),
        pytest.param("show run |", False, id="empty filter"),
        pytest.param("showx", False, id="longer word"),
        pytest.param("SHOW version", False, id="other spelling"),
    ],
)
def test_only_commands_known_to_read_are_repeatable(command: str, repeatable: bool) -> None:
    """A command that is not known to only read is never repeated by the service."""
    assert is_repeatable(CommandWork((command,))) is repeatable


def test_one_writing_command_makes_the_whole_job_unrepeatable() -> None:
    """A job is as dangerous as its most dangerous command."""
    assert not is_repeatable(CommandWork(("show version", "reload")))


@given(st.lists(st.text(), min_size=1))
def test_configuration_is_never_repeatable(lines: list[str]) -> None:
    """Whatever the lines say."""
    assert not is_repeatable(ConfigWork(tuple(lines)))


@given(st.text())
def test_repeatable_commands_hold_nothing_that_chains(tail: str) -> None:
    """No text behind a reading word can smuggle in a second command."""
    if is_repeatable(CommandWork((f"show {tail}",))):
        assert not set(f"show {tail}".strip()) & set("\r\n;&<>`")


def test_lost_repeatable_job_goes_back_to_the_queue(make_job: MakeJob) -> None:
    assert after_lost_lease(make_job("show version", state=JobState.STARTED)).state is JobState.QUEUED


def test_lost_repeatable_job_that_should_stop_is_canceled(make_job: MakeJob) -> None:
    job = make_job("show version", state=JobState.STARTED, cancel_requested=True)
    assert after_lost_lease(job).state is JobState.CANCELED


@pytest.mark.parametrize("config", [False, True], ids=["reload", "configuration"])
def test_lost_changing_job_asks_for_a_person(make_job: MakeJob, config: bool) -> None:
    """Nobody knows how much reached the device, so the service does not guess."""
    ending = after_lost_lease(make_job("reload", config=config, state=JobState.STARTED, cancel_requested=True))
    assert ending.state is JobState.FAILED
    assert ending.needs_review
    assert ending.outcome.failure is not None
    assert ending.outcome.failure.code == "UNKNOWN"
    assert "look at the device" in ending.outcome.failure.message


def test_final_states_are_those_without_a_way_out() -> None:
    assert {state for state in JobState if state.is_final} == {JobState.FINISHED, JobState.FAILED, JobState.CANCELED}


def test_time_limit_leaves_every_command_its_own_timeout() -> None:
    """Fifty commands with 30 s each must not be cut off after the 120 s of the existing service."""
    short = time_limit(CommandWork(("show version",)), read_timeout=30.0, conn_timeout=10.0)
    long = time_limit(CommandWork(("show version",) * 50), read_timeout=30.0, conn_timeout=10.0)
    assert (short, long) == (120, 1540)


def test_ids_are_uuids_of_version_seven_in_the_order_of_time() -> None:
    ids = [new_job_id() for _ in range(1000)]
    found = [uuid.UUID(each) for each in ids]
    assert {(each.version, each.variant) for each in found} == {(7, uuid.RFC_4122)}
    assert len(set(ids)) == 1000
    assert [each.int >> 80 for each in found] == sorted(each.int >> 80 for each in found)
