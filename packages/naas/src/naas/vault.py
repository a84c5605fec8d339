"""Keeps secrets: device logins encrypted at rest, caller identities as keyed hashes.

One master key of 32 bytes, from ``NAAS_ENCRYPTION_KEY`` or from a key file beside the database that only its owner
can read. Each use has its own key, derived from the master by HKDF (RFC 5869), so that a hash never helps to
decrypt. Logins are sealed with AES-256-GCM; the job id is the associated data, so a sealed login copied to another
job does not open.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from naas.errors import VaultError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Login", "Vault", "load_key"]

KEY_BYTES: Final = 32
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

    def __init__(self, key: bytes) -> None:
        """Derive the working keys from ``key``, the master key of 32 bytes."""
        if len(key) != KEY_BYTES:
            raise VaultError(f"the encryption key has {len(key)} bytes, it must have {KEY_BYTES}")
        self._logins = AESGCM(_derive(key, "naas device logins v1"))
        self._owners = _derive(key, "naas owners v1")
        self._bodies = _derive(key, "naas request bodies v1")

    def __repr__(self) -> str:
        return "Vault(key=***)"

    def seal(self, job_id: str, login: Login) -> bytes:
        """Return the login encrypted for this one job."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._logins.encrypt(nonce, msgspec.msgpack.encode(login), job_id.encode())

    def open(self, job_id: str, sealed: bytes) -> Login:
        """Return the login that `seal` encrypted for this job.

        Raises:
            VaultError: Another key, another job, or damaged bytes.
        """
        try:
            clear = self._logins.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], job_id.encode())
        except InvalidTag as exc:
            raise VaultError(
                f"the device login of job {job_id} cannot be decrypted; "
                "if NAAS_ENCRYPTION_KEY or the key file was changed, put the old key back or submit the job again"
            ) from exc
        return msgspec.msgpack.decode(clear, type=Login)

    def owner_of(self, username: str, password: str) -> str:
        """Return who owns the jobs of this pass-through caller, as hex; useless without the key."""
        # The length keeps ("ab", "c") and ("a", "bc") apart.
        caller = f"{len(username)}:{username}{password}".encode()
        return hmac.new(self._owners, caller, hashlib.sha256).hexdigest()

    def fingerprint(self, content: bytes) -> str:
        """Return a keyed hash of a request, to tell a repeated request from a changed one. It may hold secrets."""
        return hmac.new(self._bodies, content, hashlib.sha256).hexdigest()


def _derive(key: bytes, use: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=use.encode()).derive(key)


def load_key(text: str | None, key_file: Path) -> bytes:
    """Return the master key: from ``text`` (URL-safe base64) if given, else from ``key_file``, made if absent.

    Raises:
        VaultError: The text is not a key, or others than its owner can read the file.
    """
    if text is not None:
        return _decode(text, "NAAS_ENCRYPTION_KEY")
    try:
        # Mode 0600 from the first moment, and O_EXCL: two starting services cannot both make a key.
        handle = os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read_key_file(key_file)
    except OSError as exc:
        raise VaultError(f"cannot write the key file {key_file}: {exc.strerror}") from exc
    key = os.urandom(KEY_BYTES)
    with os.fdopen(handle, "wb") as file:
        file.write(base64.urlsafe_b64encode(key) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    return key


def _read_key_file(key_file: Path) -> bytes:
    try:
        mode = stat.S_IMODE(key_file.stat().st_mode)
        text = key_file.read_text(encoding="ascii", errors="replace")
    except OSError as exc:
        raise VaultError(f"cannot read the key file {key_file}: {exc.strerror}") from exc
    if mode & 0o077:
        raise VaultError(f"the key file {key_file} can be read by others (mode {mode:04o}); run: chmod 600 {key_file}")
    return _decode(text.strip(), f"the key file {key_file}")


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
