"""A server on loopback that behaves as the existing NAAS 2.x does, quirks included; what each row says is from the
contract (the inventory of its wire, versions 2.0 to 2.3). No device is behind it: outputs come from a script.

What differs from our own service, and what a client therefore has to bear:

- a device failure is ``finished`` with ``results`` null and ``error`` set;
- no ``Operation-Location``, no ``Retry-After`` on 202, no long poll: jobs are polled, or followed by events that the
  server looks for once a second;
- API keys are read from ``Authorization: Bearer`` only; with one, a submission needs the device login in its body, and
  reading the result is refused with 403;
- an unknown job is 403 where it is read, 404 where it is cancelled or streamed;
- ``canceled`` is a ``status`` event, after which the stream closes; cancelling twice is 500;
- errors have five shapes; a batch tells states but no results, counts canceled jobs as pending, and has no base keys.
"""

from __future__ import annotations

import base64
import json
import re
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final, Self, cast

__all__ = ["API_KEY", "ExistingServer", "Said"]

API_KEY: Final = "the-api-key"
_SECOND: Final = 0.02  # how long one second of the server lasts here: its events are looked for once in that time


@dataclass(frozen=True, slots=True)
class Said:
    """An answer: status, JSON body (None for none), header fields."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(slots=True)
class Job:
    """One job; ``looks`` is how many more looks find it unfinished."""

    id: str
    owner: str
    kind: str
    host: str
    commands: list[str]
    looks: int
    status: str = "queued"
    outcome: dict[str, Any] = field(default_factory=dict[str, Any])
    tags: dict[str, str] | None = None
    created: float = field(default_factory=time.time)


class ExistingServer:
    """The server.

    Args:
        version: What it says it is.
        has_batches: Whether it has the routes of batches, which 2.3 brought.
        looks: How many looks find a job unfinished.
        most_devices: How many devices a batch may have (BATCH_MAX_DEVICES).
        streams: Whether it streams events; else every stream is refused with 429, as when 100 are open.
    """

    def __init__(
        self,
        *,
        version: str = "2.2.0",
        has_batches: bool = True,
        looks: int = 2,
        most_devices: int = 100,
        streams: bool = True,
    ) -> None:
        self.version, self.has_batches, self.looks, self.streams = version, has_batches, looks, streams
        self.most_devices = most_devices
        self.jobs: dict[str, Job] = {}
        self.batches: dict[str, tuple[str, list[str]]] = {}
        self.keys: dict[str, dict[str, Any]] = {}
        self.requests: list[tuple[str, str, dict[str, str], Any]] = []
        self.next_answers: list[Said] = []
        self.mutex = threading.RLock()
        self._http = _Http(self)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)

    @property
    def url(self) -> str:
        """What a client takes for its endpoint."""
        return f"http://127.0.0.1:{self._http.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    @property
    def asked(self) -> list[str]:
        """Method and path of every request, in order."""
        return [f"{method} {path.partition('?')[0]}" for method, path, _, _ in self.requests]

    @property
    def base(self) -> dict[str, str]:
        """What is merged into most bodies."""
        return {"app": "naas", "version": self.version}

    # --- what it does ---

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Said:
        """Return what is said to a request."""
        bare = path.partition("?")[0]
        with self.mutex:
            document = json.loads(body) if body else None
            self.requests.append((method, path, dict(headers), document))
            if self.next_answers:
                return self.next_answers.pop(0)
            for wanted, pattern, handler in _ROUTES:
                match = re.fullmatch(pattern, bare)
                if match and method == wanted:
                    return handler(self, match, headers, document, path)
        known = any(re.fullmatch(pattern, bare) for _, pattern, _ in _ROUTES)
        return Said(405 if known else 404, {"message": "The method is not allowed." if known else "Not found."})

    def refused(self, status: int, message: str, text: str) -> Said:
        """The shape of the exceptions that it knows."""
        return Said(status, {"message": message, "status": status, "error": text, **self.base})

    def look(self, job: Job) -> None:
        """Let a job go on by one step."""
        if job.status in ("queued", "started"):
            job.looks -= 1
            job.status = "started" if job.looks >= 0 else job.status
            if job.looks < 0:
                job.status, job.outcome = _outcome_of(job)


def _outcome_of(job: Job) -> tuple[str, dict[str, Any]]:
    failures = {
        "timeout": ("CONNECTION_TIMEOUT", "TCP connection to device failed.", True),
        "wrongpass": ("AUTH_FAILURE", "Authentication to device failed.", False),
        "open": ("CIRCUIT_OPEN", "Circuit breaker open for device", True),
    }
    for name, (code, message, retryable) in failures.items():
        if job.host.startswith(name):
            return "finished", {"error": message, "error_code": code, "error_retryable": retryable}
    if job.host.startswith("crash"):
        trace = 'Traceback (most recent call last):\n  File "worker.py", line 1\nReadTimeout: no prompt\n'
        return "failed", {"error": trace, "error_code": "UNKNOWN", "error_retryable": False}
    if job.kind == "send-config":
        return "finished", {"results": {"config_set_output": "\n".join(job.commands)}}
    return "finished", {"results": {command: f"{command} of {_model(job.host)}" for command in job.commands}}


def _model(host: str) -> str:
    return "old" if "old" in host else "new"


def _caller(server: ExistingServer, headers: Mapping[str, str]) -> tuple[str, str] | Said:
    """Return how the caller proves who they are, and who; X-API-Key is not read."""
    scheme, _, value = headers.get("Authorization", "").partition(" ")
    if scheme == "Basic":
        return "basic", base64.b64decode(value).decode()
    if scheme == "Bearer" and value == API_KEY:
        return "bearer", "k-0123456789ab"
    text = "You must authenticate with HTTP Basic authentication to use this resource"
    return server.refused(401, "Unauthorized", text)


def _submit(server: ExistingServer, match: re.Match[str], headers: Mapping[str, str], body: Any, path: str) -> Said:
    caller = _caller(server, headers)
    if isinstance(caller, Said):
        return caller
    kind, owner = match[1], caller[1]
    if caller[0] == "bearer" and not (body.get("username") and body.get("password")):
        return _unprocessable("username", "Field required")
    if not isinstance(body.get("host"), str):
        return _unprocessable("host", "Input should be a valid string")
    if "device_type" in body:
        return server.refused(422, "device_type is not a field", "Invalid type of data in request payload")
    if body["host"].startswith("limited"):
        return Said(429, {"error": "Rate limit exceeded", "retry_after": 60, **server.base}, {"Retry-After": "0"})
    if body.get("context", "default") == "nowhere":
        return server.refused(400, "Bad Request", "Unknown context. See GET /v1/contexts for valid contexts.")
    job = _job(server, owner, kind, body["host"], body)
    return Said(
        202,
        {
            "job_id": job.id, "message": "Job enqueued", "queue_position": 1, "enqueued_at": "2026-07-01T00:00:00+00:00",
            "timeout": 120, "idempotent": False, "deduplicated": False, **server.base,
        },
        {"X-Request-ID": job.id, "X-API-Version": "v2", "X-RateLimit-Limit": "1000", "X-RateLimit-Remaining": "999"},
    )  # fmt: skip


def _job(server: ExistingServer, owner: str, kind: str, host: str, body: Mapping[str, Any]) -> Job:
    commands = list(body.get("config") or body.get("commands") or [])
    looks = 10**9 if host.startswith("slow") else server.looks
    job = Job(str(uuid.uuid4()), owner, kind, host, commands, looks, tags=body.get("tags"))
    server.jobs[job.id] = job
    return job


def _unprocessable(name: str, message: str) -> Said:
    """A bare list; `input` echoes what was sent."""
    item = {"type": "value_error", "loc": [name], "msg": message, "input": {"password": "hunter2"}, "url": "https://e"}
    return Said(422, [item])


def _result(server: ExistingServer, match: re.Match[str], headers: Mapping[str, str], body: Any, path: str) -> Said:
    caller = _caller(server, headers)
    if isinstance(caller, Said):
        return caller
    job = server.jobs.get(match[2])
    if job is None or caller != ("basic", job.owner):
        return server.refused(403, "Forbidden", "You are not currently allowed to access this resource")
    server.look(job)
    return Said(200, {**_told(job), **server.base}, {"X-API-Version": "v2"})


def _told(job: Job) -> dict[str, Any]:
    keys = ("results", "error", "error_code", "error_retryable", "detected_platform")
    return {"job_id": job.id, "status": job.status, **dict.fromkeys(keys), "tags": job.tags, **job.outcome}


def _list(server: ExistingServer, match: re.Match[str], headers: Mapping[str, str], body: Any, path: str) -> Said:
    caller = _caller(server, headers)
    if isinstance(caller, Said):
        return caller
    jobs = [
        {
            "job_id": job.id,
            "status": job.status,
            "created_at": "2026-07-01T00:00:00+00:00",
            "ended_at": None,
            "tags": job.tags,
        }
        for job in server.jobs.values()
        if job.status != "canceled"
    ]
    query = dict(pair.split("=") for pair in path.partition("?")[2].split("&") if "=" in pair)
    size, page = int(query.get("per_page", 20)), int(query.get("page", 1))
    pages = {"page": page, "per_page": size, "total": len(jobs), "pages": -(-len(jobs) // size)}
    return Said(200, {"jobs": jobs[(page - 1) * size : page * size], "pagination": pages, **server.base})


def _failed(server: ExistingServer, match: re.Match[str], headers: Mapping[str, str], body: Any, path: str) -> Said:
    return Said(200, {"jobs": [], "total": 0, **server.base})


def _cancel(server: ExistingServer, match: re.Match[str], headers: Mapping[str, str], body: Any, path: str) -> Said:
    job = server.jobs.get(match[1])
    if job is None:
        return Said(404, {"job_id": match[1], "status": "not_found", **server.base})
    if job.status in ("finished", "failed"):
        return Said(409, {"message": f"Job is already {job.status}"})
    if job.status == "canceled":
        return Said(500, {"message": "Internal Server Error"})
    job.status = "canceled"
    return Said(204)


def _replay(server: ExistingServer, match: re.Match[str], headers: Mapping[str, str], body: Any, path: str) -> Said:
    return Said(409, {"job_id": match[1], "status": "not_failed", **server.base})


def _batch(server: ExistingServer, match: re.Match[str], headers: Mapping[str, str], body: Any, path: str) -> Said:
    if not server.has_batches:
        return Said(404, {"message": "The requested URL was not found on the server."})
    caller = _caller(server, headers)
    if isinstance(caller, Said):
        return caller
    if any("platform" not in device for device in body["devices"]):
        return _unprocessable("platform", "Field required")
    if len(body["devices"]) > server.most_devices:
        return _unprocessable("devices", f"at most {server.most_devices} devices")
    ids = [_job(server, caller[1], match[1], device["host"], body).id for device in body["devices"]]
    name = f"batch-{uuid.uuid4().hex[:12]}"
    server.batches[name] = (caller[1], ids)
    return Said(202, {"batch_id": name, "job_ids": ids, "total": len(ids)})


def _batch_status(
    server: ExistingServer, match: re.Match[str], headers: Mapping[str, str], body: Any, path: str
) -> Said:
    caller = _caller(server, headers)
    if isinstance(caller, Said):
        return caller
    if match[1] not in server.batches:
        return Said(404, {"message": f"Batch '{match[1]}' not found or has expired"})
    owner, ids = server.batches[match[1]]
    if owner != caller[1]:
        return server.refused(403, "Forbidden", "You are not currently allowed to access this resource")
    jobs = [server.jobs[each] for each in ids]
    for job in jobs:
        server.look(job)
    count = {state: sum(job.status == state for job in jobs) for state in ("finished", "failed")}
    listed = [{"job_id": job.id, "host": job.host, "status": job.status} for job in jobs]
    return Said(
        200,
        {
            "batch_id": match[1], "total": len(jobs), "completed": count["finished"], "failed": count["failed"],
            "pending": len(jobs) - sum(count.values()), "jobs": listed,
        },
    )  # fmt: skip


def _contexts(server: ExistingServer, match: re.Match[str], headers: Mapping[str, str], body: Any, path: str) -> Said:
    return Said(200, {"contexts": [{"name": "default", "workers": 2, "queue_depth": 0}]})


def _health(server: ExistingServer, match: re.Match[str], headers: Mapping[str, str], body: Any, path: str) -> Said:
    parts = {
        "redis": {"status": "healthy"}, "queue": {"status": "healthy", "depth": 0},
        "workers": {"status": "healthy", "count": 2, "active_jobs": 0}, "failed_jobs": 0,
    }  # fmt: skip
    return Said(200, {"status": "healthy", "version": server.version, "uptime_seconds": 12, "components": parts})


def _keys(server: ExistingServer, match: re.Match[str], headers: Mapping[str, str], body: Any, path: str) -> Said:
    caller = _caller(server, headers)
    if isinstance(caller, Said) or not caller[1].endswith(":admin-secret"):
        return server.refused(
            401, "Unauthorized", "You must authenticate with HTTP Basic authentication to use this resource"
        )
    name = match[1] if match.re.groups else None
    if name is not None and name not in server.keys:
        return Said(404, {"error": f"Key '{name}' not found", **server.base})
    if path.endswith("/rotate") or (name is None and body is not None):
        return _new_key(server, body or {})
    if name is not None:
        del server.keys[name]
        return Said(204)
    return Said(200, {"keys": list(server.keys.values()), **server.base})


def _new_key(server: ExistingServer, body: Mapping[str, Any]) -> Said:
    name = f"k-{uuid.uuid4().hex[:12]}"
    shared = {"key_id": name, "role": body.get("role", "admin"), "contexts": body.get("contexts", ["*"])}
    server.keys[name] = {**shared, "created_at": "2026-07-01T00:00:00Z", "expires_at": "", "created_by": "admin"}
    return Said(201, {**shared, "token": f"header.{name}.signature", "expires_at": "", **server.base})


Handler = Callable[[ExistingServer, "re.Match[str]", Mapping[str, str], Any, str], Said]
_KIND: Final = "(send-command-structured|send-command|send-config)"
_ROUTES: Final[list[tuple[str, str, Handler]]] = [
    ("POST", f"/v2/{_KIND}", _submit),
    ("GET", f"/v2/{_KIND}/([^/]+)", _result),
    ("POST", "/v2/(send-command|send-config)/batch", _batch),
    ("GET", "/v2/batches/([^/]+)", _batch_status),
    ("GET", "/v2/jobs", _list),
    ("GET", "/v2/jobs/failed", _failed),
    ("DELETE", "/v2/jobs/([^/]+)", _cancel),
    ("POST", "/v2/jobs/([^/]+)/replay", _replay),
    ("GET", "/v2/contexts", _contexts),
    ("GET", "/healthcheck", _health),
    ("GET", "/v2/api-keys", _keys),
    ("POST", "/v2/api-keys", _keys),
    ("DELETE", "/v2/api-keys/([^/]+)", _keys),
    ("POST", "/v2/api-keys/([^/]+)/rotate", _keys),
]


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, existing: ExistingServer) -> None:
        self.existing = existing
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that goes away is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def handle_one_request(self) -> None:
        """Read one request of any method, and answer it."""
        self.raw_requestline = self.rfile.readline(65_537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        existing = cast("_Http", self.server).existing
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if match := re.fullmatch("/v2/jobs/([^/]+)/stream", self.path):
            self._stream(existing, match[1])
        else:
            self._say(existing.answer(self.command, self.path, dict(self.headers.items()), body))

    def _say(self, said: Said) -> None:
        content = b"" if said.body is None else json.dumps(said.body).encode()
        self.send_response(said.status)
        if content:
            self.send_header("Content-Type", "application/json")
        for name, value in said.headers.items():
            self.send_header(name, value)
        if said.status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _stream(self, existing: ExistingServer, job_id: str) -> None:
        with existing.mutex:
            existing.requests.append(("GET", self.path, dict(self.headers.items()), None))
            job = existing.jobs.get(job_id)
        if job is None:
            return self._say(Said(404, {"job_id": job_id, "status": "not_found", **existing.base}))
        if not self.headers.get("Authorization", "").startswith("Basic"):
            return self._say(existing.refused(403, "Forbidden", "You are not currently allowed"))
        if not existing.streams:
            return self._say(Said(429, {"message": "Too many streams"}))
        self.send_response(200)
        for name, value in {
            "Content-Type": "text/event-stream",
            "Cache-Control": "no-cache",
            "Connection": "close",
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.close_connection = True
        told = ""
        while True:
            with existing.mutex:
                existing.look(job)
                status, document = job.status, _told(job)
            if status in ("finished", "failed"):
                return self._event("result", document)
            if status != told:
                self._event("status", {"job_id": job_id, "status": status})
                told = status
            if status == "canceled":
                return None
            time.sleep(_SECOND)

    def _event(self, name: str, data: Mapping[str, Any]) -> None:
        self.wfile.write(f"event: {name}\ndata: {json.dumps(data)}\n\n".encode())
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing; what was asked is in `ExistingServer.asked`."""
