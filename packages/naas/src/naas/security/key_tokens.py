"""The text of an API key: ``naas_k-0123456789ab_`` and 49 letters and digits.

The first 43 characters behind the id are 256 random bits in base 62, the last six a CRC-32 of everything before them.
The checksum is no protection; it tells a typing mistake without asking the store, and lets a scanner for leaked
secrets (``naas_k-[0-9a-f]{12}_[0-9A-Za-z]{49}``) be sure of what it has found.
"""

from __future__ import annotations

import re
import secrets
import zlib
from typing import Final

__all__ = ["key_id_of", "looks_like_key", "new_key_id", "new_token"]

PREFIX: Final = "naas_"
KEY_ID: Final = re.compile(r"k-[0-9a-f]{12}", re.ASCII)

_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SECRET_CHARACTERS: Final = 43  # 62 ** 43 > 2 ** 256 > 62 ** 42
_CHECKSUM_CHARACTERS: Final = 6  # 62 ** 6 > 2 ** 32
_TOKEN: Final = re.compile(rf"naas_(k-[0-9a-f]{{12}})_[0-9A-Za-z]{{{_SECRET_CHARACTERS + _CHECKSUM_CHARACTERS}}}")


def new_key_id() -> str:
    """Return the id of a new key, as clients of v2 know it: ``k-`` and twelve hexadecimal digits."""
    return f"k-{secrets.token_hex(6)}"


def new_token(key_id: str) -> str:
    """Return a new token for the key: 256 bits that nobody can guess."""
    body = f"{PREFIX}{key_id}_{_base62(secrets.randbits(256), _SECRET_CHARACTERS)}"
    return body + _checksum(body)


def looks_like_key(token: str) -> bool:
    """Whether the token claims to be an API key, whole or damaged."""
    return token.startswith(PREFIX)


def key_id_of(token: str) -> str | None:
    """Return the id of the key that the token claims to be, or None if it is damaged."""
    found = _TOKEN.fullmatch(token)
    if found is None or _checksum(token[:-_CHECKSUM_CHARACTERS]) != token[-_CHECKSUM_CHARACTERS:]:
        return None
    return found[1]


def _checksum(body: str) -> str:
    return _base62(zlib.crc32(body.encode()), _CHECKSUM_CHARACTERS)


def _base62(number: int, length: int) -> str:
    digits: list[str] = []
    for _ in range(length):
        number, digit = divmod(number, 62)
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits))
