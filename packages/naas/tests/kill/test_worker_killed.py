"""kill -9 of whoever runs jobs, in every state of a job, over both engines.

Two jobs meet each death, one that only reads and one that configures, so that what becomes of both is seen.
"""

from __future__ import annotations

from typing import Any

from .deployment import Deployment

READ, CONFIG = "192.0.2.1", "192.0.2.2"


def submit_both(deployment: Deployment, ending: str) -> tuple[str, str]:
    """Submit one job of each kind, whose lines end in the given word."""
    reading = deployment.submit(f"show version {ending}", host=READ)
    configuring = deployment.submit(f"vlan 10 {ending}", host=CONFIG, config=True)
    return reading, configuring


def states(jobs: list[dict[str, Any]]) -> list[tuple[str, bool]]:
    return [(job["status"], bool(job.get("needs_review"))) for job in jobs]


def test_before_it_asked_to_start_both_run_once(deployment: Deployment) -> None:
    deployment.start(DIE_AT="delivered", DIE_TOGETHER="2")
    jobs = submit_both(deployment, "deadly")
    deployment.let_die(deployment.worker)
    deployment.start_worker()
    assert states(deployment.ended(*jobs)) == [("finished", False), ("finished", False)]
    assert deployment.lines() == {f"{READ} show version deadly": 1, f"{CONFIG} vlan 10 deadly": 1}


def test_before_the_device_heard_anything_only_the_read_runs(deployment: Deployment) -> None:
    """Nobody can know that the device heard nothing: a person decides about the configuration."""
    deployment.start(DIE_AT="started", DIE_TOGETHER="2")
    jobs = submit_both(deployment, "deadly")
    deployment.let_die(deployment.worker)
    deployment.start_worker()
    assert states(deployment.ended(*jobs)) == [("finished", False), ("failed", True)]
    assert deployment.lines() == {f"{READ} show version deadly": 1}


def test_while_devices_talk_the_configuration_is_never_sent_again(deployment: Deployment) -> None:
    deployment.start()
    jobs = submit_both(deployment, "gated")
    deployment.wait_for_lines(f"{READ} show version gated", f"{CONFIG} vlan 10 gated")
    assert deployment.worker is not None
    deployment.worker.kill()
    deployment.open_gate()
    deployment.start_worker()
    ended = deployment.ended(*jobs)
    assert states(ended) == [("finished", False), ("failed", True)]
    assert "look at the device" in ended[1]["error"]
    assert deployment.lines() == {f"{READ} show version gated": 2, f"{CONFIG} vlan 10 gated": 1}


def test_after_the_end_nothing_runs_again_and_the_results_stay(deployment: Deployment) -> None:
    deployment.start(DIE_AT="ended", DIE_TOGETHER="2")
    jobs = submit_both(deployment, "deadly")
    deployment.let_die(deployment.worker)
    deployment.start_worker()
    following = submit_both(deployment, "after")
    ended = deployment.ended(*jobs, *following)
    assert states(ended) == [("finished", False)] * 4
    assert ended[0]["results"] == {"show version deadly": f"{READ}> show version deadly"}
    assert set(deployment.lines().values()) == {1}


def test_what_waits_behind_the_killed_one_keeps_its_order(deployment: Deployment) -> None:
    deployment.start()
    jobs = [deployment.submit("show 0 gated", host=READ)]
    deployment.wait_for_lines(f"{READ} show 0 gated")
    jobs += [deployment.submit(f"show {number}", host=READ) for number in range(1, 6)]
    assert deployment.worker is not None
    deployment.worker.kill()
    deployment.open_gate()
    deployment.start_worker()
    deployment.ended(*jobs)
    sent = (deployment.folder / "lines").read_text().splitlines()
    assert sent == [f"{READ} show {number}" for number in ("0 gated", "0 gated", 1, 2, 3, 4, 5)]
