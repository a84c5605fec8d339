"""A batch in waves whose service is killed, as a power cut would: it goes on where it was, and no wave goes twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

LOGIN = ("ann", "secret")


def batch(url: str, batch_id: str, wait: float) -> dict[str, Any]:
    body: dict[str, Any] = httpx.get(f"{url}/v2/batches/{batch_id}?wait={wait}", auth=LOGIN, timeout=40).json()
    return body


def test_waves_go_on_after_a_kill(start_server: Callable[..., Any], tmp_path: Path) -> None:
    """Killed twice, each time in the midst of a wave; a configuration that was cut off is left to a person, and the
    waves behind it go on."""
    devices = [{"host": f"r{number}", "platform": "cisco_ios"} for number in range(6)]
    body = {"devices": devices, "commands": ["hostname x", "gated"], "waves": [2]}
    with start_server(tmp_path) as running:
        made = httpx.post(f"{running.url}/v2/send-config/batch", json=body, auth=LOGIN, timeout=10)
        batch_id = made.json()["batch_id"]
        _wait_until_running(running.url, batch_id, wave=0)
        running.kill()
    with start_server(tmp_path) as running:
        _wait_until_running(running.url, batch_id, wave=1)
        running.kill()
    with start_server(tmp_path) as running:
        running.open_gate()
        over = batch(running.url, batch_id, wait=30)
    states = [(job["wave"], job["status"], job["needs_review"]) for job in over["jobs"]]
    assert states == [
        (0, "failed", True), (0, "failed", True), (1, "failed", True), (1, "failed", True),
        (2, "finished", False), (2, "finished", False),
    ]  # fmt: skip
    assert (over["status"], over["deferred"], over["pending"]) == ("partial_failure", 0, 0)


def _wait_until_running(url: str, batch_id: str, *, wave: int) -> None:
    for _ in range(200):
        jobs = batch(url, batch_id, wait=0.1)["jobs"]
        if all(job["status"] == "started" for job in jobs if job["wave"] == wave):
            return
    raise AssertionError(f"wave {wave} did not begin: {jobs}")
