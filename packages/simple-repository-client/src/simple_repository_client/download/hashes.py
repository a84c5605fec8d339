"""Whether bytes are those that an index describes: the strongest hash that it gives, and the size.

An index may give several hashes (PEP 691); one is computed, the strongest that Python has for sure. md5 and sha1 tell
damage, but not a file that somebody made to fit, so with these alone nothing counts as verified.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from ..errors import HashMismatchError, SizeMismatchError, UnverifiableFileError

__all__ = ["Expected", "Verification", "expected_of"]

# By strength, and among equals the one that indexes give: sha256 is what the specification asks them for.
STRONG: Final = ("sha512", "sha3_512", "blake2b", "sha384", "sha3_384", "sha256", "sha3_256", "blake2s")
WEAK: Final = ("sha3_224", "sha224", "sha1", "md5")

_HEX: Final = re.compile(r"[0-9a-f]+").fullmatch
_PIECE: Final = 1024 * 1024


class Expected(NamedTuple):
    """What an index says about the bytes of a file.

    Attributes:
        file_name, url: Of the file, for messages.
        algorithm, digest: The hash to check, "" if there is none.
        size: In bytes, None if the index does not say.
    """

    file_name: str
    url: str
    algorithm: str
    digest: str
    size: int | None

    def check(self, found: str) -> None:
        """Compare the hash of what came.

        Raises:
            HashMismatchError: It is another.
        """
        if found != self.digest:
            raise HashMismatchError(self.algorithm, self.digest, found, file_name=self.file_name, url=self.url)

    def check_bytes(self, content: bytes) -> None:
        """Check what came whole; errors as `Verification`."""
        verification = Verification(self)
        verification.update(content)
        verification.finish()

    def fits_bytes(self, content: bytes) -> bool:
        """Whether what came whole is what the index describes."""
        try:
            self.check_bytes(content)
        except (HashMismatchError, SizeMismatchError):
            return False
        return True

    def fits(self, path: Path) -> bool:
        """Whether the file at a path, which is there, is this one, by its hash; False where there is no hash."""
        if not self.algorithm or (self.size is not None and path.stat().st_size != self.size):
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, lambda: hashlib.new(self.algorithm)).hexdigest() == self.digest


def expected_of(
    file_name: str, url: str, hashes: Mapping[str, str], size: int | None, *, allow_unverified: bool = False
) -> Expected:
    """Return what to check a file by.

    Args:
        file_name, url: Of the file.
        hashes: Names and hexadecimal digits, as the index gives them.
        size: In bytes, None if the index does not say.
        allow_unverified: Whether a weak hash or none will do. A weak one is checked all the same.

    Raises:
        UnverifiableFileError: There is no strong hash that could be checked, and nothing less will do.
    """
    given = {name.lower(): digest.strip().lower() for name, digest in hashes.items()}
    for algorithm in (*STRONG, *WEAK):
        digest = given.get(algorithm)
        if digest is None:
            continue
        if not _HEX(digest) or len(digest) != 2 * hashlib.new(algorithm, usedforsecurity=False).digest_size:
            if allow_unverified:
                continue
            raise UnverifiableFileError(
                f"its {algorithm} is no {algorithm} in the index", tuple(given), file_name=file_name, url=url
            )
        if algorithm in WEAK and not allow_unverified:
            why = f"the index gives no hash but {algorithm}, which others can match"
            raise UnverifiableFileError(why, tuple(given), file_name=file_name, url=url)
        return Expected(file_name, url, algorithm, digest, size)
    if not allow_unverified:
        why = (
            f"the index gives only {', '.join(given)}, which is not known here" if given else "the index gives no hash"
        )
        raise UnverifiableFileError(why, tuple(given), file_name=file_name, url=url)
    return Expected(file_name, url, "", "", size)


class Verification:
    """The check of one download, byte by byte as it comes; a `clientsmith.core.streaming.Check`."""

    def __init__(self, expected: Expected) -> None:
        self._expected = expected
        self.begin()

    def begin(self) -> None:
        """Forget what was seen."""
        algorithm = self._expected.algorithm
        self._hash = hashlib.new(algorithm, usedforsecurity=False) if algorithm else None
        self._seen = 0

    def update(self, data: bytes, /) -> None:
        """See the next bytes.

        Raises:
            SizeMismatchError: There are more than the file has: what follows need not be waited for, nor stored.
        """
        self._seen += len(data)
        size = self._expected.size
        if size is not None and self._seen > size:
            raise self._wrong_size(size)
        if self._hash is not None:
            self._hash.update(data)

    def finish(self) -> None:
        """Say whether it is the file.

        Raises:
            HashMismatchError, SizeMismatchError: It is not.
        """
        size = self._expected.size
        if size is not None and self._seen != size:
            raise self._wrong_size(size)
        if self._hash is not None:
            self._expected.check(self._hash.hexdigest())

    def _wrong_size(self, size: int) -> SizeMismatchError:
        return SizeMismatchError(size, self._seen, file_name=self._expected.file_name, url=self._expected.url)
