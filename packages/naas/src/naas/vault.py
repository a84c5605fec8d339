"""Keeps secrets: device logins encrypted at rest, caller identities as keyed hashes.

Master keys of 32 bytes come from ``NAAS_ENCRYPTION_KEY`` or from a key file beside the database that only its owner
can read. Each use has its own key, derived from the master by HKDF (RFC 5869), so that a hash never helps to
decrypt. Logins are sealed with AES-256-GCM; the job id is the associated data, so a sealed login copied to another
job does not open.

To change the key, put the new one in front of the old one: the first seals, and each opens what carries its id. Owner
hashes are made with the *last* key, so that callers keep their jobs as long as the old key stays in the list; drop it
when the jobs of its time are forgotten, a week later.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import stat
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from naas.errors import VaultError

__all__ = ["Login", "Vault", "load_keys"]

KEY_BYTES: Final = 32

# A sealed login is: this byte, the id of its key, the nonce, the encrypted text with its tag.
_FORMAT: Final = b"\x01"
_KEY_ID_BYTES: Final = 4
# 96 bits, the nonce size for which GCM is defined without a further hash (NIST SP 800-38D, section 8.2).
_NONCE_BYTES: Final = 12


@dataclass(frozen=True, slots=True)
class Login:
    """The login of a device. ``enable`` is the password of privileged mode; None means the same as ``password``."""

    username: str
    password: str = field(repr=False)
    enable: str | None = field(default=None, repr=False)


class Vault:
    """Seals and opens device logins, and turns callers into owner hashes."""

    def __init__(self, key: bytes, *older: bytes) -> None:
        """Derive the working keys from the master keys of 32 bytes; ``key`` seals, all of them open."""
        keys = (key, *older)
        self._logins = {_key_id(each): AESGCM(_derive(each, "naas device logins v1")) for each in keys}
        self._key_id = _key_id(key)
        self._owners = _derive(keys[-1], "naas owners v1")
        self._bodies = _derive(keys[-1], "naas request bodies v1")

    def __repr__(self) -> str:
        return "Vault(key=***)"

    def seal(self, job_id: str, login: Login) -> bytes:
        """Return the login encrypted for this one job."""
        nonce = os.urandom(_NONCE_BYTES)
        encrypted = self._logins[self._key_id].encrypt(nonce, msgspec.msgpack.encode(login), job_id.encode())
        return _FORMAT + self._key_id + nonce + encrypted

    def open(self, job_id: str, sealed: bytes) -> Login:
        """Return the login that `seal` encrypted for this job.

        Raises:
            VaultError: Another key, another job, or damaged bytes.
        """
        start = len(_FORMAT) + _KEY_ID_BYTES
        cipher = self._logins.get(sealed[len(_FORMAT) : start])
        if cipher is None or not sealed.startswith(_FORMAT):
            raise VaultError(_cannot_open(job_id))
        nonce, encrypted = sealed[start : start + _NONCE_BYTES], sealed[start + _NONCE_BYTES :]
        try:
            clear = cipher.decrypt(nonce, encrypted, job_id.encode())
        except (InvalidTag, ValueError) as exc:  # ValueError: cut off within the nonce
            raise VaultError(_cannot_open(job_id)) from exc
        return msgspec.msgpack.decode(clear, type=Login)

    def owner_of(self, username: str, password: str) -> str:
        """Return who owns the jobs of this pass-through caller, as hex; useless without the key."""
        # The length keeps ("ab", "c") and ("a", "bc") apart.
        caller = f"{len(username)}:{username}{password}".encode()
        return hmac.new(self._owners, caller, hashlib.sha256).hexdigest()

    def fingerprint(self, content: bytes) -> str:
        """Return a keyed hash of a request, to tell a repeated request from a changed one. It may hold secrets."""
        return hmac.new(self._bodies, content, hashlib.sha256).hexdigest()


def _cannot_open(job_id: str) -> str:
    return (
        f"the device login of job {job_id} cannot be decrypted; if NAAS_ENCRYPTION_KEY or the key file was changed, "
        "put the old key back behind the new one, or submit the job again"
    )


def _key_id(key: bytes) -> bytes:
    return _derive(key, "naas key id v1")[:_KEY_ID_BYTES]


def _derive(key: bytes, use: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=use.encode()).derive(key)


def load_keys(text: str | None, key_file: Path) -> tuple[bytes, ...]:
    """Return the master keys, newest first: from ``text`` if given, else from ``key_file``, made if absent.

    ``text`` is URL-safe base64, several keys separated by commas; the file holds one key a line.

    Raises:
        VaultError: It is not a key, or others than its owner can read the file.
    """
    if text is not None:
        return tuple(_decode(part.strip(), "NAAS_ENCRYPTION_KEY") for part in text.split(","))
    if not key_file.exists():
        try:
            _make_key_file(key_file)
        except OSError as exc:
            raise VaultError(f"cannot write the key file {key_file}: {exc.strerror}") from exc
    return _read_key_file(key_file)


def _make_key_file(key_file: Path) -> None:
    """Make the file whole or not at all, also when the power fails. The lock of the store keeps others away."""
    # Mode 0600 from the first moment.
    handle, name = tempfile.mkstemp(prefix=f"{key_file.name}.", dir=key_file.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(base64.urlsafe_b64encode(os.urandom(KEY_BYTES)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        Path(name).rename(key_file)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
    folder = os.open(key_file.parent, os.O_RDONLY)
    try:
        # Logins that are sealed with the key are on disk soon; the name of the key must be there before them.
        os.fsync(folder)
    finally:
        os.close(folder)


def _read_key_file(key_file: Path) -> tuple[bytes, ...]:
    try:
        mode = stat.S_IMODE(key_file.stat().st_mode)
        text = key_file.read_text(encoding="ascii", errors="replace")
    except OSError as exc:
        raise VaultError(f"cannot read the key file {key_file}: {exc.strerror}") from exc
    if mode & 0o077:
        raise VaultError(f"the key file {key_file} can be read by others (mode {mode:04o}); run: chmod 600 {key_file}")
    return tuple(_decode(line.strip(), f"the key file {key_file}") for line in text.strip().split("\n"))


def _decode(text: str, source: str) -> bytes:
    try:
        key = base64.b64decode(text, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as exc:
        raise VaultError(
            f"{source} is not URL-safe base64; make a key with: openssl rand -base64 32 | tr '+/' '-_'"
        ) from exc
    if len(key) != KEY_BYTES:
        raise VaultError(f"{source} holds {len(key)} bytes, it must hold {KEY_BYTES} as URL-safe base64")
    return key
