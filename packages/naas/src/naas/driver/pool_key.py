"""By what a warm session is found: device, platform and login, the secrets only as a digest."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

from naas.driver.base import DeviceTarget

__all__ = ["KeyMaker", "PoolKey"]


@dataclass(frozen=True, slots=True)
class PoolKey:
    """What a session must have in common with a job. Holds no secret."""

    host: str
    port: int
    platform: str
    is_privileged: bool
    credentials: bytes = field(repr=False)


class KeyMaker:
    """Makes pool keys, with a random key of its own: digests are worth nothing outside this process."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def key_for(self, target: DeviceTarget, *, platform: str, is_privileged: bool) -> PoolKey:
        """Return the key of a session on ``target``, in or out of privileged mode."""
        jump = target.jump
        theirs = () if jump is None else (jump.address, jump.username, jump.password, jump.private_key, jump.passphrase)
        mine = (target.username, target.password, target.enable, target.private_key, target.passphrase)
        parts = (*mine, str(target.use_agent), *theirs)
        # Each part with its length, so that ("a", "bc") and ("ab", "c") differ; None differs from "".
        message = b"".join(
            b"-" if part is None else f"{len(part.encode())}:".encode() + part.encode() for part in parts
        )
        digest = hmac.new(self._key, message, hashlib.sha256).digest()
        return PoolKey(target.host, target.port, platform, is_privileged, digest)
