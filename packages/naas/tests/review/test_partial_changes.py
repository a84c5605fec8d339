"""A configuration that breaks off, or whose checks cannot be made, asks a person to look before it is sent again."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from typing import Any

import pytest
from naas.conversation import CONFIG_RESULT, Conversation
from naas.driver.base import ConfigChange, DeviceFailure, ErrorCode
from naas.driver.configure import may_have_changed
from naas.engine.base import Delivery
from naas.jobs import Check, ConfigWork, Ending, Job
from naas.testing import ScriptedDriver
from naas.vault import Login

LOST = DeviceFailure(ErrorCode.SSH_ERROR, "192.0.2.1:22: the SSH session broke")
REFUSED = DeviceFailure(ErrorCode.CONFIG_REJECTED, "192.0.2.1:22: the device refused the configuration line")


def held(job: Job, **script: str | Exception) -> Ending:
    driver = ScriptedDriver(script={line.replace("_", " "): answer for line, answer in script.items()})
    delivery = Delivery(job=job, attempt=1, stop=threading.Event())
    return Conversation(delivery, driver, Login("ann", "pw")).hold()


@pytest.fixture
def job(make_job: Callable[..., Job]) -> Job:
    return make_job("hostname a", "ntp server b", config=True)


def with_work(job: Job, *lines: str, **fields: Any) -> Job:
    return dataclasses.replace(job, work=ConfigWork(lines, **fields))


def test_a_session_that_breaks_between_lines_needs_review(job: Job) -> None:
    ending = held(job, ntp_server_b=LOST)
    assert ending.needs_review


def test_a_check_before_the_change_that_cannot_be_made_does_not(job: Job) -> None:
    checked = with_work(job, "hostname a", checks_before=(Check("show clock", ("UTC",)),))
    assert not held(checked, show_clock=LOST).needs_review


def test_a_check_after_the_change_that_cannot_be_made_needs_review_and_keeps_what_came(job: Job) -> None:
    checked = with_work(job, "hostname a", want_diff=True, checks_after=(Check("show clock", ("UTC",)),))
    ending = held(checked, show_clock=LOST)
    assert ending.needs_review
    assert ending.outcome.partial == {CONFIG_RESULT: "192.0.2.1> hostname a"}
    assert "+hostname a" in str(ending.outcome.diff)


@pytest.mark.parametrize(
    ("change", "failure", "platform", "expected"),
    [
        (ConfigChange(["a"]), LOST, "cisco_ios", True),
        (ConfigChange(["a"], dry_run=True), LOST, "cisco_xr", False),
        (ConfigChange(["a"]), REFUSED, "cisco_ios", False),
        (ConfigChange(["a", "b"]), REFUSED, "cisco_ios", True),
        (ConfigChange(["a"], save_config=True), REFUSED, "cisco_ios", True),
        (ConfigChange(["a", "b"], commit=True), REFUSED, "cisco_xr", False),
        (ConfigChange(["a", "b"], commit=True), LOST, "cisco_xr", True),
        (ConfigChange(["a", "b"]), REFUSED, "arista_eos", True),
        (ConfigChange(["a", "b"], want_diff=True), REFUSED, "arista_eos", False),
    ],
    ids=[
        "a session that broke",
        "a dry run",
        "the only line was refused",
        "lines before the refused one are in force",
        "perhaps only the save was refused",
        "a candidate was discarded",
        "perhaps the commit went through",
        "no candidate without a difference",
        "a candidate with one",
    ],
)
def test_when_lines_may_be_in_force(
    change: ConfigChange, failure: DeviceFailure, platform: str, expected: bool
) -> None:
    assert may_have_changed(change, failure, platform) is expected
