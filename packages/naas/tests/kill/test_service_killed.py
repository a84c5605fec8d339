"""kill -9 of the service, and of the API process alone."""

from __future__ import annotations

import concurrent.futures
import time

import httpx
import pytest

from .deployment import PATIENCE, Deployment
from .test_worker_killed import CONFIG, READ, states, submit_both


def test_a_job_that_was_stored_and_never_queued_runs_once(deployment: Deployment) -> None:
    """The caller got no answer; the job is there all the same, and an Idempotency-Key would find it."""
    if deployment.is_apart:
        deployment.start_worker()
    service = deployment.start_service(DIE_AT="stored")
    with concurrent.futures.ThreadPoolExecutor() as threads:
        submitting = threads.submit(deployment.submit, "vlan 10 deadly", host=CONFIG, config=True)
        deployment.let_die(service)
        with pytest.raises(httpx.TransportError):
            submitting.result()
    service = deployment.start_service()
    (job,) = deployment.client.get(f"{service.url}/v2/jobs").json()["jobs"]
    assert states(deployment.ended(job["job_id"])) == [("finished", False)]
    assert deployment.lines() == {f"{CONFIG} vlan 10 deadly": 1}


def test_workers_go_on_while_the_api_is_away(apart: Deployment) -> None:
    """What ends meanwhile is stored when an API process is there again; nothing needs a look."""
    apart.start()
    jobs = submit_both(apart, "gated")
    apart.wait_for_lines(f"{READ} show version gated", f"{CONFIG} vlan 10 gated")
    waiting = apart.submit("vlan 11", host=CONFIG, config=True)
    assert apart.service is not None
    apart.service.kill()
    apart.open_gate()
    apart.start_service()
    assert states(apart.ended(*jobs, waiting)) == [("finished", False)] * 3
    assert set(apart.lines().values()) == {1}


def test_jobs_of_a_worker_that_nobody_replaces_are_settled(apart: Deployment) -> None:
    """The reaper of the API finds them."""
    apart.start()
    jobs = submit_both(apart, "gated")
    apart.wait_for_lines(f"{READ} show version gated", f"{CONFIG} vlan 10 gated")
    assert apart.worker is not None
    apart.worker.kill()
    (configuring,) = apart.ended(jobs[1])
    assert states([configuring]) == [("failed", True)]
    until = time.monotonic() + PATIENCE
    while apart.read(jobs[0])["status"] != "queued":
        assert time.monotonic() < until, apart.read(jobs[0])
        time.sleep(0.05)


def test_a_worker_that_stood_still_sends_nothing_that_another_has_taken_over(apart: Deployment) -> None:
    """A virtual machine that is moved: its conversations go on afterwards, and its queue is somebody else's."""
    apart.start()
    running = submit_both(apart, "gated")
    apart.wait_for_lines(f"{READ} show version gated", f"{CONFIG} vlan 10 gated")
    waiting = [apart.submit(f"vlan {number}", host=CONFIG, config=True) for number in range(11, 16)]
    paused = apart.worker
    assert paused is not None
    paused.pause()
    apart.start_worker()
    ended = apart.ended(running[1], *waiting)
    assert states(ended) == [("failed", True), *[("finished", False)] * 5]
    apart.open_gate()
    paused.go_on()
    assert states(apart.ended(running[0])) == [("finished", False)]
    after = apart.submit("vlan 16", host=CONFIG, config=True)
    apart.ended(after)
    # The conversation that stood still was still open when the next worker began; what counts is what was sent.
    configured = {line: count for line, count in apart.lines().items() if line.startswith(f"{CONFIG} vlan")}
    assert configured == {f"{CONFIG} vlan {number}": 1 for number in ("10 gated", *range(11, 17))}
