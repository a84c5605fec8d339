"""Host keys: is this the server that we met before?

The file is OpenSSH's ``known_hosts``: plain and hashed names, ``*`` and ``?``, ``!`` for exceptions, ``@revoked``.
Host certificates (``@cert-authority``) are not understood and passed over. The file is read again whenever it has
changed, so that a person can mend it while the service runs.
"""

from __future__ import annotations

import base64
import binascii
import fcntl
import hashlib
import hmac
import os
import threading
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Final

from naas.driver.options import HostKeyPolicy

if TYPE_CHECKING:
    import paramiko

__all__ = ["HostKeyRefused", "KnownHosts", "fingerprint_of"]

SSH_PORT: Final = 22


class HostKeyRefused(Exception):
    """The server did not prove that it is the one we know. ``reason`` says what was seen, ``advice`` what to do."""

    def __init__(self, reason: str, advice: str) -> None:
        super().__init__(reason, advice)
        self.reason = reason
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.reason}; {self.advice}"


@dataclass(frozen=True, slots=True)
class _Entry:
    names: str
    key_type: str
    key: bytes
    line: int
    is_revoked: bool


class KnownHosts:
    """Judges host keys by one policy and one file. Thread-safe, and safe beside other processes with the same file."""

    def __init__(self, policy: HostKeyPolicy, path: Path | None) -> None:
        self._policy = policy
        self._path = path
        self._lock = threading.Lock()
        self._read_at: tuple[int, int] | None = None
        # Plain names are looked up, so that ten thousand devices cost no more than ten; the rest is tried in turn.
        self._plain: dict[str, list[_Entry]] = {}
        self._others: list[_Entry] = []
        self._lines = 0

    def check(self, host: str, port: int, key: paramiko.PKey) -> None:
        """Return if the server at this place may have this key.

        Raises:
            HostKeyRefused: it may not, or the file cannot be used.
        """
        if self._policy is HostKeyPolicy.IGNORE or self._path is None:
            return
        name = _name_of(host, port)
        try:
            with self._lock:
                if not self._is_known(name, key, self._path):
                    self._add(name, key, self._path)
        except OSError as error:
            reason = f"the file of known hosts {self._path} cannot be used ({error.strerror or error})"
            raise HostKeyRefused(reason, "make it readable and, to accept new hosts, writable") from error

    def key_types(self, host: str, port: int) -> tuple[str, ...]:
        """Return the types of the keys known for this place: a server with several is asked for one of these."""
        if self._policy is HostKeyPolicy.IGNORE or self._path is None:
            return ()
        try:
            with self._lock:
                known = self._matching(_name_of(host, port), self._path)
        except OSError:
            return ()  # the check that follows tells of it
        return tuple(dict.fromkeys(entry.key_type for entry in known if not entry.is_revoked))

    def _is_known(self, name: str, key: paramiko.PKey, path: Path) -> bool:
        known = self._matching(name, path)
        same = [entry for entry in known if entry.key == key.asbytes()]
        if revoked := [entry for entry in same if entry.is_revoked]:
            reason = f"the host key {fingerprint_of(key.asbytes())} is revoked in {path}, line {revoked[0].line}"
            raise HostKeyRefused(reason, "do not trust this device before you have found out why")
        others = [entry for entry in known if not entry.is_revoked]
        if same or not others:
            return bool(same)
        known_key = others[0]
        reason = (
            f"the host key has changed: {key.get_name()} {fingerprint_of(key.asbytes())} was shown, and {path}, line "
            f"{known_key.line}, has {known_key.key_type} {fingerprint_of(known_key.key)}"
        )
        advice = (
            "trying again will not help: if the device was replaced, remove that line, else somebody may sit between "
            "this service and the device"
        )
        raise HostKeyRefused(reason, advice)

    def _add(self, name: str, key: paramiko.PKey, path: Path) -> None:
        if self._policy is HostKeyPolicy.STRICT:
            reason = f"the host key {key.get_name()} {fingerprint_of(key.asbytes())} is not in {path}"
            advice = f"compare the fingerprint with the device's own and add `{name} {key.get_name()} ...` there"
            raise HostKeyRefused(reason, f"{advice} (ssh-keyscan prints the line)")
        # Appended by one write: a reader sees the whole line or none of it, and nothing that others added is lost.
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            if self._is_known(name, key, path):  # another process was faster
                return
            line = f"{name} {key.get_name()} {base64.b64encode(key.asbytes()).decode()}\n"
            os.write(file, (_line_end_missing(file) + line).encode())
            # Known from here on without reading the file again: only its end is new.
            self._read_at = _stamp_of(os.fstat(file))
            self._lines += 1
            self._take_in(_Entry(name, key.get_name(), key.asbytes(), self._lines, is_revoked=False))
        finally:
            os.close(file)

    def _matching(self, name: str, path: Path) -> list[_Entry]:
        self._refresh(path)
        return self._plain.get(name, []) + [entry for entry in self._others if _matches(entry.names, name)]

    def _refresh(self, path: Path) -> None:
        try:
            stamp = _stamp_of(path.stat())
        except FileNotFoundError:
            stamp = None
        if stamp == self._read_at:
            return
        self._plain, self._others, self._lines = {}, [], 0
        if stamp is not None:
            text = path.read_text(encoding="utf-8", errors="replace")
            self._lines = len(text.splitlines())
            for entry in _entries_in(text):
                self._take_in(entry)
        self._read_at = stamp

    def _take_in(self, entry: _Entry) -> None:
        if entry.names.startswith("|") or any(mark in entry.names for mark in "*?!"):
            self._others.append(entry)
            return
        for name in entry.names.lower().split(","):
            self._plain.setdefault(name, []).append(entry)


def fingerprint_of(key: bytes) -> str:
    """Return the SHA-256 fingerprint as ``ssh-keygen -l`` prints it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key).digest()).decode().rstrip("=")


def _name_of(host: str, port: int) -> str:
    return host.lower() if port == SSH_PORT else f"[{host.lower()}]:{port}"


def _entries_in(text: str) -> list[_Entry]:
    entries: list[_Entry] = []
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split()
        marker = words.pop(0) if words and words[0].startswith("@") else ""
        if len(words) < 3 or words[0].startswith("#") or marker == "@cert-authority":
            continue
        try:
            key = base64.b64decode(words[2], validate=True)
        except binascii.Error:
            continue  # as OpenSSH does: a damaged line is no line
        entries.append(_Entry(words[0], words[1], key, number, is_revoked=marker == "@revoked"))
    return entries


def _matches(names: str, name: str) -> bool:
    if names.startswith("|1|"):
        return _matches_hashed(names, name)
    is_found = False
    for pattern in names.lower().split(","):
        # Brackets part host and port here; to fnmatch they would be a set of characters.
        if fnmatchcase(name, pattern.removeprefix("!").replace("[", "[[]")):
            if pattern.startswith("!"):
                return False
            is_found = True
    return is_found


def _matches_hashed(names: str, name: str) -> bool:
    try:
        salt, digest = (base64.b64decode(part, validate=True) for part in names.removeprefix("|1|").split("|"))
    except (ValueError, binascii.Error):
        return False
    # SHA-1 is the format's choice; it hides names, it does not protect keys.
    return hmac.compare_digest(hmac.new(salt, name.encode(), hashlib.sha1).digest(), digest)


def _stamp_of(status: os.stat_result) -> tuple[int, int]:
    return (status.st_mtime_ns, status.st_size)


def _line_end_missing(file: int) -> str:
    size = os.fstat(file).st_size
    return "\n" if size and os.pread(file, 1, size - 1) != b"\n" else ""
