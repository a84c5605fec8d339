"""A whole deployment in processes of its own: one process with the embedded engine, or NATS, an API and workers."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any, Final

import httpx
from naas.engine.nats.testing import NatsServer

NODE: Final = Path(__file__).with_name("node.py")
LEASE: Final = 1.0
PATIENCE: Final = 20.0

_KEY: Final = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


class Node:
    """One process."""

    def __init__(self, deployment: Deployment, role: str, **environment: str) -> None:
        arguments = [role, *deployment.options]
        if role == "worker":
            arguments += ["--worker-metrics-port", "0"]
        else:
            arguments += ["--port", "0", "--job-reaper-interval", "1"]
        self.log = deployment.folder / f"{role}.log"
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(NODE), *arguments],
                env={**os.environ, **deployment.environment, **environment},
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self.url = ""

    def wait_until_ready(self) -> None:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert " listening on " in line or " takes jobs from " in line, (line, self.log.read_text()[-3000:])
        self.url = line.split()[-1]

    @property
    def is_dead(self) -> bool:
        return self.process.poll() is not None

    def wait_until_dead(self) -> None:
        """Wait for a process that kills itself."""
        assert self.process.wait(PATIENCE) == -signal.SIGKILL, self.log.read_text()[-3000:]
        self._close()

    def kill(self) -> None:
        """What a power cut does. May be called twice."""
        self.process.kill()
        self.process.wait(10)
        self._close()

    def pause(self) -> None:
        """What happens to a virtual machine that is moved."""
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def _close(self) -> None:
        if self.process.stdout is not None:
            self.process.stdout.close()


class Deployment:
    """A service over a folder. With ``nats`` the API and the workers are apart."""

    def __init__(self, folder: Path, nats: NatsServer | None = None, *, lease_seconds: float = LEASE) -> None:
        self.folder, self.nats = folder, nats
        self.options = ["--database", str(folder / "naas.db"), "--lease-seconds", str(lease_seconds)]
        if nats is not None:
            self.options += ["--engine", nats.url]
        self.environment = {
            "LINES": str(folder / "lines"),
            "GATE": str(folder / "gate"),
            "DEATH": str(folder / "death"),
            "NAAS_ENCRYPTION_KEY": _KEY,
            "NAAS_RATE_LIMIT_ENABLED": "false",
        }
        self.nodes: list[Node] = []
        self.service: Node | None = None
        self.worker: Node | None = None
        self.client = httpx.Client(auth=("ann", "secret"), timeout=PATIENCE)

    @property
    def is_apart(self) -> bool:
        """Whether workers are processes of their own."""
        return self.nats is not None

    def start(self, **worker_environment: str) -> None:
        """Start everything; the environment is for whoever runs jobs."""
        if self.is_apart:
            worker = self.begin_worker(**worker_environment)
            self.start_service()
            worker.wait_until_ready()
        else:
            self.start_service(**worker_environment)

    def start_service(self, **environment: str) -> Node:
        node = Node(self, "api" if self.is_apart else "serve", **environment)
        self.nodes.append(node)
        node.wait_until_ready()
        self.service = node
        if not self.is_apart:
            self.worker = node
        return node

    def begin_worker(self, **environment: str) -> Node:
        """Start a worker, and do not wait until it is ready."""
        self.worker = Node(self, "worker", **environment)
        self.nodes.append(self.worker)
        return self.worker

    def start_worker(self, **environment: str) -> Node:
        """Start whoever runs jobs: a worker, or the service itself."""
        if not self.is_apart:
            return self.start_service(**environment)
        worker = self.begin_worker(**environment)
        worker.wait_until_ready()
        return worker

    def submit(self, *lines: str, host: str, config: bool = False) -> str:
        """Submit a job and return its id."""
        path = "send-config" if config else "send-command"
        assert self.service is not None
        body = {"host": host, "commands": lines}
        response = self.client.post(f"{self.service.url}/v2/{path}", json=body)
        assert response.status_code == 202, response.text
        job_id: str = response.json()["job_id"]
        return job_id

    def read(self, job_id: str) -> dict[str, Any]:
        """Read a job as it is."""
        assert self.service is not None
        body: dict[str, Any] = self.client.get(f"{self.service.url}/v2/send-command/{job_id}").json()
        return body

    def ended(self, *job_ids: str) -> list[dict[str, Any]]:
        """Wait until the jobs have ended."""
        until = time.monotonic() + PATIENCE
        jobs: list[dict[str, Any]] = []
        for job_id in job_ids:
            while (job := self.read(job_id))["status"] not in ("finished", "failed", "canceled"):
                assert time.monotonic() < until, (job, self.logs())
                time.sleep(0.05)
            jobs.append(job)
        return jobs

    def lines(self) -> Counter[str]:
        """How often each device was sent each line: ``HOST LINE``."""
        file = self.folder / "lines"
        return Counter(file.read_text().splitlines() if file.exists() else ())

    def wait_for_lines(self, *lines: str) -> None:
        until = time.monotonic() + PATIENCE
        while not set(lines) <= self.lines().keys():
            assert time.monotonic() < until, (self.lines(), self.logs())
            time.sleep(0.01)

    def open_gate(self) -> None:
        """Let the devices answer what is gated."""
        (self.folder / "gate").touch()

    def let_die(self, node: Node | None) -> None:
        """Let a process kill itself that was started with DIE_AT, and wait until it has."""
        assert node is not None
        (self.folder / "death").touch()
        node.wait_until_dead()

    def logs(self) -> str:
        return "\n".join(file.read_text()[-3000:] for file in self.folder.glob("*.log"))

    def close(self) -> None:
        self.client.close()
        for node in self.nodes:
            with contextlib.suppress(ProcessLookupError):
                node.kill()
