"""What goes through NATS is understood, or refused with a reason."""

from __future__ import annotations

import zlib
from collections.abc import Callable

import pytest
from naas.engine.nats import wire
from naas.engine.nats.wire import ReportMessage, pack, unpack, without_secrets
from naas.errors import EngineUnavailable
from naas.jobs import BackupWork, Check, ConfigWork, Ending, Job, JobState, Outcome, StructuredWork, Work

MakeJob = Callable[..., Job]


@pytest.mark.parametrize(
    "work",
    [
        StructuredWork(("show version",), textfsm_template="Value A (.*)"),
        ConfigWork(("vlan 10",), dry_run=True, checks_before=(Check("show vlan", includes=("1",)),)),
        BackupWork(startup=True),
    ],
    ids=lambda work: type(work).__name__,
)
def test_every_kind_of_work_comes_as_it_was(work: Work, make_job: MakeJob) -> None:
    import dataclasses

    job = dataclasses.replace(make_job(), work=work)
    assert unpack(pack(job), Job) == job


def test_long_messages_are_compressed(make_job: MakeJob) -> None:
    ending = Ending(JobState.FINISHED, Outcome({"show run": "interface Vlan1\n" * 10_000}))
    packed = pack(ReportMessage(without_secrets(make_job()), ending))
    assert len(packed) < 5_000
    assert unpack(packed, ReportMessage).ending == ending


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00", b"\x07abc", b"\x01abc", b"\x00\x81\xa1a\x01", b"\x01" + zlib.compress(b"\x80")[:-3]],
    ids=["empty", "nothing", "another mark", "not compressed", "another thing", "cut off"],
)
def test_what_is_not_understood_is_refused_with_a_reason(content: bytes) -> None:
    with pytest.raises(EngineUnavailable) as caught:
        unpack(content, Job)
    assert str(caught.value) == (
        f"a NATS message is not a Job that this version understands ({len(content)} bytes); "
        "run the same version of naas everywhere"
    )


def test_a_message_that_inflates_without_end_is_refused(monkeypatch: pytest.MonkeyPatch, make_job: MakeJob) -> None:
    monkeypatch.setattr(wire, "_LONGEST", 10_000)
    packed = pack(make_job("show version", "x" * 20_000))
    with pytest.raises(EngineUnavailable, match="is not a Job that this version understands"):
        unpack(packed, Job)
