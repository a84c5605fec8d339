"""kill -9 of the NATS server, started again on the same folder."""

from __future__ import annotations

import time

import pytest

from .deployment import LEASE, Deployment
from .test_worker_killed import CONFIG, READ, states, submit_both


@pytest.mark.parametrize("away", [0.2, LEASE * 2], ids=["for a moment", "longer than a lease"])
def test_running_and_waiting_jobs_go_on(apart: Deployment, away: float) -> None:
    """A worker that lives and talks to its devices is not taken for dead because nobody could hear it."""
    apart.start()
    jobs = [*submit_both(apart, "gated")]
    apart.wait_for_lines(f"{READ} show version gated", f"{CONFIG} vlan 10 gated")
    jobs += [apart.submit(f"vlan {number}", host=CONFIG, config=True) for number in range(11, 16)]
    assert apart.nats is not None
    apart.nats.kill()
    time.sleep(away / 2)
    apart.open_gate()
    time.sleep(away / 2)
    apart.nats.start()
    assert states(apart.ended(*jobs)) == [("finished", False)] * 7
    assert set(apart.lines().values()) == {1}


def test_a_submission_meanwhile_is_not_lost(apart: Deployment) -> None:
    """It is refused, or accepted and run once; never accepted and forgotten."""
    apart.start()
    assert apart.nats is not None
    assert apart.service is not None
    apart.nats.kill()
    response = apart.client.post(f"{apart.service.url}/v2/send-config", json={"host": CONFIG, "commands": ["vlan 10"]})
    apart.nats.start()
    jobs = apart.client.get(f"{apart.service.url}/v2/jobs").json()["jobs"]
    apart.ended(*(job["job_id"] for job in jobs))
    assert response.status_code in (202, 503), response.text
    assert apart.lines() == ({f"{CONFIG} vlan 10": 1} if jobs else {})
    if response.status_code == 202:
        assert [job["job_id"] for job in jobs] == [response.json()["job_id"]]
