"""Keeps secrets: what is encrypted at rest, and what is kept as a keyed hash.

Master keys of 32 bytes come from ``NAAS_ENCRYPTION_KEY`` or from a key file beside the database that only its owner
can read. Each use (`Use`) has its own key, derived from the master by HKDF (RFC 5869), so that a hash never helps to
decrypt, and no sealed thing passes for one of another use. Sealing is AES-256-GCM with the id of what the secret
belongs to as associated data, so a sealed login copied to another job does not open.

To change the key, put the new one in front of the old one: the first seals, and each opens what carries its id.
`naas.security.rotation` seals again what older keys have sealed. Owner hashes are made with the *last* key, so that
callers keep their jobs, and the audit trail its chain, as long as the old key stays in the list; drop it when the jobs
of its time are forgotten, a week later, and the trail is exported. Hashes of API keys carry the id of their key and
are made anew when the API key is used.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import stat
import tempfile
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from naas.errors import VaultError

__all__ = ["JumpLogin", "Login", "Use", "Vault", "load_keys"]

KEY_BYTES: Final = 32

# A sealed secret is: this byte, the id of its key, the nonce, the encrypted text with its tag.
_FORMAT: Final = b"\x01"
_KEY_ID_BYTES: Final = 4
_KEY_ID: Final = slice(len(_FORMAT), len(_FORMAT) + _KEY_ID_BYTES)
# 96 bits, the nonce size for which GCM is defined without a further hash (NIST SP 800-38D, section 8.2).
_NONCE_BYTES: Final = 12


class Use(StrEnum):
    """What a sealed secret is for; the value is the HKDF info from which its key is made, and so never changes."""

    LOGIN = "naas device logins v1"
    """The login of one job; belongs to the job."""
    WEBHOOK = "naas webhook secrets v1"
    """What a webhook is signed with; belongs to the job."""
    SNAPSHOT = "naas configurations v1"
    """The configuration of a device; belongs to its owner and address."""
    CREDENTIAL = "naas stored credentials v1"
    """A login that jobs refer to by name; belongs to the credential."""
    CHECK = "naas master key check v1"
    """A word that everybody knows, by which a wrong master key shows at once."""


_OPENED_AS: Final = {
    Use.LOGIN: "the device login of job {}",
    Use.WEBHOOK: "the webhook secret of job {}",
    Use.SNAPSHOT: "the configuration {}",
    Use.CREDENTIAL: "the stored credential {}",
    Use.CHECK: "the master key's check {}",
}


@dataclass(frozen=True, slots=True)
class JumpLogin:
    """The login of a bastion that the way to a device leads through. Keys are PEM or OpenSSH text."""

    host: str
    port: int
    username: str
    password: str | None = field(default=None, repr=False)
    private_key: str | None = field(default=None, repr=False)
    passphrase: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Login:
    """The login of a device. ``enable`` is the password of privileged mode; None means the same as ``password``.

    ``private_key``, PEM or OpenSSH text, is tried before the password, which may then be empty; ``passphrase`` opens
    it if it is encrypted. ``jump`` is the bastion to go through.
    """

    username: str
    password: str = field(repr=False)
    enable: str | None = field(default=None, repr=False)
    private_key: str | None = field(default=None, repr=False)
    passphrase: str | None = field(default=None, repr=False)
    jump: JumpLogin | None = None


class Vault:
    """Seals and opens secrets, and turns callers and tokens into keyed hashes."""

    def __init__(self, key: bytes, *older: bytes) -> None:
        """Derive the working keys from the master keys of 32 bytes; ``key`` seals, all of them open."""
        keys = (key, *older)
        self._ciphers = {(_key_id(each), use): AESGCM(_derive(each, use)) for each in keys for use in Use}
        self._tokens = {_key_id(each).hex(): _derive(each, "naas api keys v1") for each in keys}
        self._key_id = _key_id(key)
        self._owners = _derive(keys[-1], "naas owners v1")
        self._bodies = _derive(keys[-1], "naas request bodies v1")
        self._audit = _derive(keys[-1], "naas audit trail v1")

    def __repr__(self) -> str:
        return "Vault(key=***)"

    # Sealing

    def seal_bytes(self, use: Use, belongs_to: str, clear: bytes) -> bytes:
        """Return the secret encrypted with the newest key. It opens only for the same use and the same id."""
        nonce = os.urandom(_NONCE_BYTES)
        encrypted = self._ciphers[self._key_id, use].encrypt(nonce, clear, belongs_to.encode())
        return _FORMAT + self._key_id + nonce + encrypted

    def open_bytes(self, use: Use, belongs_to: str, sealed: bytes) -> bytes:
        """Return what `seal_bytes` encrypted.

        Raises:
            VaultError: Another key, another use or id, or damaged bytes.
        """
        cipher = self._ciphers.get((sealed[_KEY_ID], use))
        if cipher is None or not sealed.startswith(_FORMAT):
            raise VaultError(_cannot_open(use, belongs_to))
        rest = sealed[_KEY_ID.stop :]
        try:
            return cipher.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], belongs_to.encode())
        except (InvalidTag, ValueError) as exc:  # ValueError: cut off within the nonce
            raise VaultError(_cannot_open(use, belongs_to)) from exc

    def is_current(self, sealed: bytes) -> bool:
        """Whether the newest key has sealed it."""
        return sealed[_KEY_ID] == self._key_id

    def reseal(self, use: Use, belongs_to: str, sealed: bytes) -> bytes:
        """Return the same secret sealed with the newest key; as it is if that key has sealed it.

        Raises:
            VaultError: As for `open_bytes`.
        """
        return (
            sealed
            if self.is_current(sealed)
            else self.seal_bytes(use, belongs_to, self.open_bytes(use, belongs_to, sealed))
        )

    def seal(self, belongs_to: str, login: Login, use: Use = Use.LOGIN) -> bytes:
        """Return the login encrypted for this one job, or as a stored credential."""
        return self.seal_bytes(use, belongs_to, msgspec.msgpack.encode(login))

    def open(self, belongs_to: str, sealed: bytes, use: Use = Use.LOGIN) -> Login:
        """Return the login that `seal` encrypted.

        Raises:
            VaultError: Another key, another job or use, or damaged bytes.
        """
        return msgspec.msgpack.decode(self.open_bytes(use, belongs_to, sealed), type=Login)

    def seal_text(self, belongs_to: str, text: str, use: Use = Use.WEBHOOK) -> bytes:
        """Return the text encrypted: the webhook secret of a job, unless told otherwise."""
        return self.seal_bytes(use, belongs_to, text.encode())

    def open_text(self, belongs_to: str, sealed: bytes, use: Use = Use.WEBHOOK) -> str:
        """Return the text that `seal_text` encrypted.

        Raises:
            VaultError: Another key, another job or use, or damaged bytes.
        """
        return self.open_bytes(use, belongs_to, sealed).decode()

    # Hashing

    def owner_of(self, username: str, password: str) -> str:
        """Return who owns the jobs of this pass-through caller, as hex; useless without the key."""
        # The length keeps ("ab", "c") and ("a", "bc") apart.
        caller = f"{len(username)}:{username}{password}".encode()
        return hmac.digest(self._owners, caller, "sha256").hex()

    def audit_key(self) -> bytes:
        """Return the key that chains the audit trail. Made, like owners, with the last key."""
        return self._audit

    def fingerprint(self, content: bytes) -> str:
        """Return a keyed hash of a request, to tell a repeated request from a changed one. It may hold secrets."""
        return hmac.digest(self._bodies, content, "sha256").hex()

    def hash_token(self, token: str) -> str:
        """Return how an API key is kept: the id of the newest key, a colon, and the keyed hash."""
        key_id = self._key_id.hex()
        hashed = hmac.digest(self._tokens[key_id], token.encode(), "sha256")
        return f"{key_id}:{hashed.hex()}"

    def token_matches(self, token: str, kept: str) -> bool:
        """Whether `hash_token` made ``kept`` of this token, with any of the keys. Takes the same time either way."""
        key_id, _, expected = kept.partition(":")
        key = self._tokens.get(key_id)
        if key is None:
            return False
        return hmac.compare_digest(hmac.digest(key, token.encode(), "sha256").hex(), expected)

    def hash_is_current(self, kept: str) -> bool:
        """Whether the newest key has made this hash of an API key."""
        return kept.startswith(f"{self._key_id.hex()}:")


def _cannot_open(use: Use, belongs_to: str) -> str:
    again = "submit the job again" if use in (Use.LOGIN, Use.WEBHOOK) else "store it again"
    return (
        f"{_OPENED_AS[use].format(belongs_to)} cannot be decrypted; if NAAS_ENCRYPTION_KEY or the key file was "
        f"changed, put the old key back behind the new one, or {again}"
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
