"""What a line of the log looks like, for people and for machines, and what never stands in it."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest
from naas.config import Settings
from naas.observability.fields import bound, bound_fields
from naas.observability.logs import set_up_logs

log = logging.getLogger("naas.test")


@pytest.fixture(autouse=True)
def _restore_logging() -> Iterator[None]:
    """Every test sets up the logs of the process; put back what was there."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield
    root.handlers[:] = before
    root.setLevel(level)
    logging.captureWarnings(False)


def lines(write: Callable[[], object], **settings: Any) -> list[str]:
    stream = io.StringIO()
    set_up_logs(Settings(**settings), stream)
    write()
    return stream.getvalue().splitlines()


def fields(write: Callable[[], object], **settings: Any) -> dict[str, Any]:
    (line,) = lines(write, log_format="json", **settings)
    found: dict[str, Any] = json.loads(line)
    assert found.pop("timestamp").endswith("Z")
    return found


def test_a_line_for_machines_has_the_fields_of_the_existing_service() -> None:
    assert fields(lambda: log.info("stopping"), app_environment="lab") == {
        "level": "info",
        "logger": "naas.test",
        "environment": "lab",
        "message": "stopping",
    }


@pytest.mark.parametrize(
    ("text", "arguments", "event", "pairs"),
    [
        ("old jobs forgotten count=%d", (3,), "old jobs forgotten", {"count": 3}),
        ("slow milliseconds=%.1f", (2.345,), "slow", {"milliseconds": "2.3"}),
        ("request path=%r status=%d", ("/a b", 200), "request", {"path": "/a b", "status": 200}),
        ("cannot go on reason=%s", (ValueError("no such b=c"),), "cannot go on", {"reason": "no such b=c"}),
        ("driver raised %s job_id=%s", ("OSError", "4f"), "driver raised OSError", {"job_id": "4f"}),
        ("partition lost partition=%s/%d", ("a", 7), "partition lost", {"partition": "a/7"}),
        ("stopped by=signal", (), "stopped", {"by": "signal"}),
        ("at 100% load=95%", (), "at 100%", {"load": "95%"}),
        ("at %d%% load=%s%%", (100, 95), "at 100%", {"load": "95%"}),
        ("set x=%s and go", (1,), "set x=1 and go", {}),
        ("%s", ("user said job_id=7",), "user said job_id=7", {}),
        ("caller %s", ("ann role=admin",), "caller ann role=admin", {}),
        ("a logger=%s", ("b",), "a", {"logger": "naas.test"}),
    ],
)
def test_pairs_at_the_end_of_a_text_become_fields(
    text: str, arguments: tuple[object, ...], event: str, pairs: dict[str, object]
) -> None:
    """As the code has the text: what a caller sent becomes no field."""
    found = fields(lambda: log.info(text, *arguments))
    standard = {"level", "logger", "environment", "message"}
    assert (found["message"], {name: found[name] for name in (found.keys() - standard) | pairs.keys()}) == (
        event,
        pairs,
    )


class AuditLine:
    """Brings fields of its own to the log, as the audit trail does."""

    log_fields: ClassVar = {"job_id": "4f", "host": "r1 role=admin"}

    def __str__(self) -> str:
        return "job_id=4f host=r1 role=admin"


def test_an_argument_may_bring_fields_of_its_own() -> None:
    found = fields(lambda: log.info("Audit event event_type=%s %s", "job.submitted", AuditLine()))
    assert (found["message"], found["event_type"], found["host"]) == ("Audit event", "job.submitted", "r1 role=admin")
    assert "role" not in found


def test_a_field_that_is_bound_cannot_be_replaced() -> None:
    def write() -> None:
        with bound(request_id="real"):
            log.info("x request_id=%s", "forged")

    assert fields(write)["request_id"] == "real"


def test_messages_of_other_libraries_stay_as_they_are() -> None:
    assert fields(lambda: logging.getLogger("some.library").info("a b=1"))["message"] == "a b=1"


def test_extra_fields_are_kept() -> None:
    found = fields(lambda: log.info("Audit event", extra={"event_type": "job.submitted", "host": "r1"}))
    assert (found["event_type"], found["host"]) == ("job.submitted", "r1")


@pytest.mark.parametrize("style", ["json", "text"])
def test_secrets_are_hidden_by_the_name_of_their_field(style: str) -> None:
    (line,) = lines(lambda: log.info("login password=%s enable=%s x_token=%s", *["hunter2"] * 3), log_format=style)
    assert "hunter2" not in line
    assert line.count("***") == 3


@pytest.mark.parametrize("style", ["json", "text"])
def test_nobody_can_begin_a_line_of_their_own(style: str) -> None:
    written = lines(lambda: log.info("path %s", "/x\n2026 INFO naas forged\u2028\x1b[31m"), log_format=style)
    assert len(written) == 1
    assert "\x1b" not in written[0]


def test_a_line_for_people() -> None:
    (line,) = lines(lambda: log.warning("queue is long depth=%d", 7), log_format="text")
    assert line.endswith("Z WARNING naas.test queue is long depth=7")


def test_a_traceback_is_one_field_or_follows_the_line() -> None:
    def fail() -> None:
        try:
            raise ValueError("no")
        except ValueError:
            log.exception("it broke")

    assert fields(fail)["exception"].startswith("Traceback (most recent call last):")
    text = lines(fail, log_format="text")
    assert text[0].endswith("ERROR naas.test it broke")
    assert text[-1] == "ValueError: no"


def test_by_itself_it_writes_json_where_nobody_looks() -> None:
    assert lines(lambda: log.info("x"))[0].startswith("{")


def test_the_level_is_kept_and_ssh_libraries_are_quiet() -> None:
    def write() -> None:
        log.info("quiet")
        log.error("loud")
        logging.getLogger("paramiko.transport").error("Exception: Error reading SSH protocol banner")

    assert [json.loads(line)["message"] for line in lines(write, log_level="warning")] == ["loud"]


async def test_bound_fields_stand_on_every_line_below_also_in_threads() -> None:
    stream = io.StringIO()
    set_up_logs(Settings(log_format="json"), stream)

    async def one(name: str) -> None:
        with bound(job_id=name), bound(attempt="1"):
            await asyncio.sleep(0)
            await asyncio.to_thread(log.info, "working")
        assert not bound_fields()

    await asyncio.gather(one("a"), one("b"))
    written = sorted((line["job_id"], line["attempt"]) for line in map(json.loads, stream.getvalue().splitlines()))
    assert written == [("a", "1"), ("b", "1")]
