"""The service that a package talks to: a script of answers on loopback, and a memory of what was asked."""

# What is looked at here is of types that nobody knows before.
# pyright: basic

from __future__ import annotations

import base64
import json
import socket
import threading
from collections.abc import Mapping
from typing import Any, Final

__all__ = ["ScriptedServer"]

_MOST_REQUESTS: Final = 60  # of one call: who asks more often asks forever, and is not answered any more
_MOST_BYTES: Final = 4 * 1024 * 1024  # of one request
_NO_BODY: Final = frozenset({204, 304})


class ScriptedServer:
    """Answers requests from a script; its last answer is given again and again.

    An answer is plain data: ``status``, ``headers``, and one of ``json``, ``text`` and ``base64``; or ``fault``, one of
    ``"refused"`` (no connection), ``"dropped"`` (no answer) and ``"cut short"`` (half an answer).
    """

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.secure_ports: set[int] = set()  # of connections that would have spoken TLS
        self._lock = threading.Lock()
        self._script: list[Mapping[str, Any]] = []
        self._sent: list[dict[str, Any]] = []
        self._challenge = ""
        threading.Thread(target=self._serve, name="scripted-server", daemon=True).start()

    def play(self, script: list[Mapping[str, Any]], challenge: str = "") -> None:
        """Begin a script, and forget what was asked before.

        Args:
            challenge: With what a request without credentials is sent back, as ``WWW-Authenticate`` says it; that is no
                answer of the script, and the request is not remembered.
        """
        with self._lock:
            self._script, self._sent, self._challenge = list(script), [], challenge

    @property
    def sent(self) -> list[dict[str, Any]]:
        """What was asked since the script began."""
        with self._lock:
            return list(self._sent)

    def refuses(self) -> bool:
        """Whether the next connection is refused; that counts as an answer of the script."""
        with self._lock:
            if not self._script or len(self._sent) >= _MOST_REQUESTS:
                return True
            if self._script[0].get("fault") != "refused":
                return False
            self._turn()
            return True

    def _turn(self) -> Mapping[str, Any]:
        return self._script.pop(0) if len(self._script) > 1 else self._script[0]

    def _serve(self) -> None:
        while True:
            try:
                connection, peer = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._converse, args=(connection, peer[1]), daemon=True).start()

    def _converse(self, connection: socket.socket, port: int) -> None:
        connection.settimeout(30.0)
        try:
            with connection, connection.makefile("rb") as lines:
                request = _read(lines)
                if request is None:
                    return
                request["secure"] = port in self.secure_ports
                answer = self._answer(request)
                if answer.get("fault") in ("dropped", "refused"):
                    return
                connection.sendall(_written(answer, request["method"]))
        except OSError:
            return  # the client went away: what it asked is remembered

    def _answer(self, request: dict[str, Any]) -> Mapping[str, Any]:
        has_credentials = any(name.lower() == "authorization" for name, _ in request["headers"])
        with self._lock:
            if self._challenge and not has_credentials:
                return {"status": 401, "headers": {"WWW-Authenticate": self._challenge}}
            self._sent.append(request)
            if not self._script or len(self._sent) > _MOST_REQUESTS:
                return {"fault": "dropped"}
            return self._turn()


def _read(lines: Any) -> dict[str, Any] | None:
    first = lines.readline(65536).decode("latin-1").split()
    if len(first) < 3:
        return None
    headers: list[tuple[str, str]] = []
    while (line := lines.readline(65536).decode("latin-1").rstrip("\r\n")) != "":
        name, _, value = line.partition(":")
        headers.append((name, value.strip()))
    by_name = {name.lower(): value for name, value in headers}
    if by_name.get("transfer-encoding", "").lower() == "chunked":
        content = _chunks(lines)
    else:
        content = lines.read(min(int(by_name.get("content-length") or 0), _MOST_BYTES))
    return {
        "method": first[0],
        "target": first[1],
        "headers": headers,
        "body": base64.b64encode(content).decode("ascii"),
    }


def _chunks(lines: Any) -> bytes:
    pieces: list[bytes] = []
    while size := int(lines.readline(64).split(b";")[0].strip() or b"0", 16):
        pieces.append(lines.read(size))
        lines.readline(8)
        if sum(map(len, pieces)) > _MOST_BYTES:
            break
    return b"".join(pieces)


def _written(answer: Mapping[str, Any], method: str) -> bytes:
    status = int(answer.get("status", 200))
    headers = dict(answer.get("headers") or {})
    content = b""
    if "json" in answer:
        content = json.dumps(answer["json"]).encode()
        headers.setdefault("Content-Type", "application/json")
    elif "text" in answer:
        content = str(answer["text"]).encode()
        headers.setdefault("Content-Type", "text/plain; charset=utf-8")
    elif "base64" in answer:
        content = base64.b64decode(answer["base64"])
        headers.setdefault("Content-Type", "application/octet-stream")
    if status not in _NO_BODY:
        missing = 100 if answer.get("fault") == "cut short" else 0
        headers["Content-Length"] = str(len(content) + missing)
    headers["Connection"] = "close"
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    body = b"" if method == "HEAD" or status in _NO_BODY else content
    return f"HTTP/1.1 {status} Scripted\r\n{head}\r\n".encode("latin-1") + body
