"""SIGTERM of a worker: its running jobs end, and the others take over at once."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from naas.engine.nats.testing import NatsServer

from .conftest import apart_in
from .deployment import PATIENCE, Deployment
from .test_worker_killed import CONFIG, READ, states, submit_both


@pytest.fixture
def patient(tmp_path: Path, nats_server: NatsServer) -> Iterator[Deployment]:
    """A deployment whose leases are so long that a test which waits for one fails."""
    yield from apart_in(tmp_path, nats_server, lease_seconds=60.0)


def test_running_jobs_end_and_others_go_on_without_waiting_for_a_lease(patient: Deployment) -> None:
    patient.start()
    running = submit_both(patient, "gated")
    patient.wait_for_lines(f"{READ} show version gated", f"{CONFIG} vlan 10 gated")
    stopping = patient.worker
    assert stopping is not None
    patient.start_worker()
    stopping.process.send_signal(signal.SIGTERM)
    elsewhere = [patient.submit("show clock", host=f"192.0.2.{number}") for number in range(10, 30)]
    following = patient.submit("vlan 11", host=CONFIG, config=True)
    patient.open_gate()
    assert states(patient.ended(*running, *elsewhere, following)) == [("finished", False)] * 23
    assert stopping.process.wait(PATIENCE) == 0
    assert set(patient.lines().values()) == {1}
    sent = [line for line in (patient.folder / "lines").read_text().splitlines() if line.startswith(f"{CONFIG} ")]
    assert sent == [f"{CONFIG} vlan 10 gated", f"{CONFIG} vlan 11"]


def test_a_worker_says_what_is_missing(tmp_path: Path) -> None:
    """Without NATS there is nothing that it could do."""
    nobody = NatsServer(tmp_path)  # never started
    deployment = Deployment(tmp_path, nobody)
    began = time.monotonic()
    worker = deployment.begin_worker()
    assert worker.process.wait(PATIENCE) == 1
    assert time.monotonic() - began < PATIENCE
    assert f"error: cannot connect to NATS at 127.0.0.1:{nobody.port}: " in worker.log.read_text()
    deployment.close()
