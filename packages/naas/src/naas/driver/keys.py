"""Private keys that come as text: PEM of every kind, and OpenSSH's own form."""

from __future__ import annotations

import hashlib
import hmac
import io
import secrets
import threading
import time
from collections import OrderedDict
from typing import Final

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

__all__ = ["BadPrivateKey", "KeyRing", "load_private_key"]

KEPT_KEYS: Final = 64

KEPT_SECONDS: Final = 300.0
"""How long a key that was loaded stays in memory; as long as an unused session, which holds it as well."""


class BadPrivateKey(Exception):
    """A text is no private key that can be used. The message shows nothing of it."""


class KeyRing:
    """Keys that were loaded a while ago, so that a thousand devices with one key cost it once. Thread-safe.

    Opening an encrypted key takes 0.4 s of processor time and checking an RSA key of 4096 bits 0.9 s (measured), which
    is what their makers wanted; a login takes 0.005 s.
    """

    def __init__(self) -> None:
        self._loaded: OrderedDict[bytes, tuple[paramiko.PKey, float]] = OrderedDict()
        self._digest_key = secrets.token_bytes(32)
        # Held while a key is loaded: the others that wait want the same one.
        self._lock = threading.Lock()

    def load(self, text: str, passphrase: str | None) -> paramiko.PKey:
        """Return the key, as :func:`load_private_key` does.

        Raises:
            BadPrivateKey: as there.
        """
        message = f"{len(text)}:{text}{passphrase or ''}".encode()
        name = hmac.new(self._digest_key, message, hashlib.sha256).digest()
        with self._lock:
            self._forget_old()
            found = self._loaded.get(name)
            if found is None:
                found = self._loaded[name] = (load_private_key(text, passphrase), time.monotonic() + KEPT_SECONDS)
            return found[0]

    def _forget_old(self) -> None:
        now = time.monotonic()
        while self._loaded:
            name, (_, until) = next(iter(self._loaded.items()))
            if until > now and len(self._loaded) < KEPT_KEYS:
                return
            del self._loaded[name]


def load_private_key(text: str, passphrase: str | None) -> paramiko.PKey:
    """Return the key in ``text``, opened with ``passphrase`` if it is encrypted.

    Raises:
        BadPrivateKey: it is none, of a kind that SSH does not use, or the passphrase does not open it.
    """
    data = text.strip().encode() + b"\n"
    secret = passphrase.encode() if passphrase else None
    load = (
        serialization.load_ssh_private_key
        if b"BEGIN OPENSSH PRIVATE KEY" in data
        else serialization.load_pem_private_key
    )
    try:
        key = load(data, secret)
    except TypeError as error:
        # cryptography's way to say that a passphrase is missing, or that there is nothing to open with it.
        raise BadPrivateKey("it is encrypted, and no passphrase came with it") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        said = (
            "the passphrase does not open it, or it is damaged" if secret else "it is not a private key, or encrypted"
        )
        raise BadPrivateKey(said) from error
    return _for_paramiko(key)


def _for_paramiko(key: object) -> paramiko.PKey:
    """Paramiko reads fewer forms than there are, so it is given its favourite."""
    match key:
        case rsa.RSAPrivateKey():
            kind: type[paramiko.PKey] = paramiko.RSAKey
        case ec.EllipticCurvePrivateKey():
            kind = paramiko.ECDSAKey
        case ed25519.Ed25519PrivateKey():
            kind = paramiko.Ed25519Key
        case _:
            raise BadPrivateKey("it is neither RSA, ECDSA nor Ed25519")
    plain = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    return kind.from_private_key(io.StringIO(plain.decode()))
