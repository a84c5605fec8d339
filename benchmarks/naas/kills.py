"""Random kills under load: are jobs lost, is configuration sent twice?

    python benchmarks/naas/kills.py --engine embedded --kills 100
    python benchmarks/naas/kills.py --engine nats --kills 100 --kill-nats

A flood of jobs, a third of them configuration, each with a line that no other job has; devices write down every line
that they are sent. Meanwhile processes are killed with SIGKILL at random moments and started again: the service
(embedded), or one of two workers, the API and, if asked for, the NATS server. A submission that got no answer is
repeated with its Idempotency-Key. At the end every accepted job is read and compared with what the devices wrote.

Everything on loopback, with the processes of ``packages/naas/tests/kill``. Exit code 1 if a goal was missed.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).parents[2] / "packages" / "naas" / "tests"))

from kill.deployment import Deployment, Node
from naas.engine.nats.testing import NatsServer

DEVICES = 20
FINAL = {"finished", "failed", "canceled"}


@dataclass
class Job:
    """A job that was accepted. ``line`` is all that it sends, and nobody else sends it."""

    line: str
    is_config: bool
    job_id: str


@dataclass
class Verdict:
    """What came of a run. The first five must be 0, the sixth empty."""

    lost: int = 0
    """Accepted jobs that have not ended."""
    configured_twice: int = 0
    finished_without_being_sent: int = 0
    reads_failed: int = 0
    """Reads that did not finish, though they may be repeated."""
    overlaps: int = 0
    """Conversations that began while another with the same device went on."""
    surprising_answers: list[str] = field(default_factory=list)
    """Submissions that were neither accepted nor told to come again."""
    reads_sent_twice: int = 0
    """Reads that were running when somebody was killed."""
    configurations_to_review: int = 0
    jobs: int = 0
    configurations: int = 0
    kills: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def is_clean(self) -> bool:
        wrong = self.lost + self.configured_twice + self.finished_without_being_sent + self.reads_failed
        return not wrong and not self.overlaps and not self.surprising_answers


class Flood:
    """Submits jobs until it is stopped, at a steady rate."""

    def __init__(self, deployment: Deployment, jobs_per_second: float) -> None:
        self._deployment, self._pause = deployment, 1 / jobs_per_second
        self._stopped = threading.Event()
        self._numbers = itertools.count(1)
        self.accepted: list[Job] = []
        self.surprises: list[str] = []
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        with httpx.Client(auth=("ann", "secret"), timeout=10.0) as client:
            while not self._stopped.is_set():
                self._submit(client, next(self._numbers))
                time.sleep(self._pause)

    def _submit(self, client: httpx.Client, number: int) -> None:
        is_config = number % 3 == 0
        line = f"vlan {number}" if is_config else f"show {number}"
        path = "send-config" if is_config else "send-command"
        body = {"host": f"192.0.2.{number % DEVICES + 1}", "commands": [line]}
        while not self._stopped.is_set():
            service = self._deployment.service
            assert service is not None
            try:
                response = client.post(
                    f"{service.url}/v2/{path}", json=body, headers={"Idempotency-Key": f"kills-{number}"}
                )
            except httpx.TransportError:
                time.sleep(0.05)
                continue
            if response.status_code == 202:
                self.accepted.append(Job(line, is_config, response.json()["job_id"]))
                return
            if response.status_code != 503:
                self.surprises.append(f"{response.status_code} {response.text}")
            time.sleep(0.05)


class Killer:
    """Kills somebody and starts them again."""

    def __init__(self, deployment: Deployment, workers: list[Node], *, kill_nats: bool) -> None:
        self._deployment, self._workers = deployment, workers
        self._victims = ["service"]
        if deployment.is_apart:
            self._victims = ["worker", "worker", "api", *(["nats"] if kill_nats else [])]

    def kill(self) -> str:
        victim = random.choice(self._victims)
        deployment = self._deployment
        if victim == "worker":
            number = random.randrange(len(self._workers))
            self._workers[number].kill()
            self._workers[number] = deployment.start_worker(ANSWER_SECONDS="0.03")
        elif victim == "nats":
            assert deployment.nats is not None
            deployment.nats.kill()
            time.sleep(random.uniform(0, 2.0))
            deployment.nats.start()
        else:
            assert deployment.service is not None
            deployment.service.kill()
            deployment.start_service(ANSWER_SECONDS="0.03")
        return victim


def run(deployment: Deployment, *, kills: int, jobs_per_second: float, kill_nats: bool) -> Verdict:
    began, verdict = time.monotonic(), Verdict()
    workers: list[Node] = []
    deployment.start_service(ANSWER_SECONDS="0.03")
    if deployment.is_apart:
        workers = [deployment.start_worker(ANSWER_SECONDS="0.03") for _ in range(2)]
    killer, flood = Killer(deployment, workers, kill_nats=kill_nats), Flood(deployment, jobs_per_second)
    try:
        for number in range(kills):
            time.sleep(random.uniform(0.05, 1.0))
            victim = killer.kill()
            verdict.kills[victim] = verdict.kills.get(victim, 0) + 1
            if number % 10 == 9:
                print(f"{number + 1} kills, {len(flood.accepted)} jobs accepted", file=sys.stderr)
    finally:
        flood.stop()
    verdict.surprising_answers = flood.surprises
    judge(deployment, flood.accepted, verdict)
    verdict.seconds = round(time.monotonic() - began, 1)
    return verdict


def judge(deployment: Deployment, accepted: list[Job], verdict: Verdict) -> None:
    """Wait for every job, at most two minutes, then compare with what the devices wrote."""
    until = time.monotonic() + 120
    ended: dict[str, str] = {}
    for job in accepted:
        status = deployment.read(job.job_id)["status"]
        while status not in FINAL and time.monotonic() < until:
            time.sleep(0.1)
            status = deployment.read(job.job_id)["status"]
        ended[job.job_id] = status
    sent = Counter(line.partition(" ")[2] for line in deployment.lines().elements())
    verdict.overlaps = sent["overlap"]
    verdict.jobs, verdict.configurations = len(accepted), sum(job.is_config for job in accepted)
    for job in accepted:
        status, times = ended[job.job_id], sent[job.line]
        if status not in FINAL:
            verdict.lost += 1
        elif status == "finished" and not times:
            verdict.finished_without_being_sent += 1
        elif status == "failed":
            verdict.configurations_to_review += job.is_config
            verdict.reads_failed += not job.is_config
        verdict.configured_twice += job.is_config and times > 1
        verdict.reads_sent_twice += not job.is_config and times > 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", choices=["embedded", "nats"], default="embedded")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--kill-nats", action="store_true", help="kill the NATS server too")
    parser.add_argument("--jobs-per-second", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    random.seed(given.seed)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        nats = None
        if given.engine == "nats":
            nats = NatsServer(folder)
            stack.enter_context(nats)
            asyncio.run(nats.wipe())
        deployment = Deployment(folder, nats)
        stack.callback(deployment.close)
        verdict = run(deployment, kills=given.kills, jobs_per_second=given.jobs_per_second, kill_nats=given.kill_nats)
        if not verdict.is_clean:
            for log in folder.glob("*.log"):
                print(f"--- {log.name}\n{log.read_text()}", file=sys.stderr)
    print(json.dumps({"engine": given.engine, **asdict(verdict)}, indent=2))
    return 0 if verdict.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
