"""JSON Web Tokens: signed by a shared secret as the existing service does, or by keys of which we know the public half.

Which algorithm a token may use is decided by *us*, by the kind of key, never by the token: the shared secret knows
HS256 only, public keys only RSA, ECDSA and EdDSA, and ``none`` is no algorithm (RFC 8725, sections 3.1 and 3.2). So a
token that is signed with our public key as if it were an HMAC secret verifies nowhere.

What a token says: ``sub`` who, ``role`` what they may do, ``contexts`` where, ``exp`` until when. Tokens of the
existing service need no ``exp``, ``iss`` or ``aud``; of public keys we ask for an ``exp``, and for the issuer and the
audience that the settings name. Absent ``contexts`` mean everywhere: the signer narrows, we do not widen.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, cast

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, OctKey, OKPKey, RSAKey

from naas.errors import NotAuthenticated, StartError
from naas.principals import ALL_CONTEXTS, Role

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from naas.security.api_keys import ApiKey

__all__ = [
    "ASYMMETRIC",
    "Claims",
    "JwtIssuer",
    "JwtVerifier",
    "PublicKeys",
    "SharedSecret",
    "check_times",
    "peek",
    "read_public_keys",
]

log = logging.getLogger("naas.security.tokens")

SYMMETRIC: Final = "HS256"
# By kind of key. ES256K and RSA1_5 are left out on purpose, as is everything with SHA-1.
ASYMMETRIC: Final[Mapping[str, tuple[str, ...]]] = {
    "RSA": ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    "EC": ("ES256", "ES384", "ES512"),
    "OKP": ("EdDSA", "Ed25519"),
}

SHORTEST_SECRET: Final = 16
# RFC 7518, section 3.2: a key of the size of the hash or larger.
PROPER_SECRET: Final = 32
_SHORTEST_RSA_BITS: Final = 2048  # RFC 7518, section 3.3

# Clocks of two machines that both know NTP differ by less.
LEEWAY_SECONDS: Final = 60

PublicKey = RSAKey | ECKey | OKPKey


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says after its signature and its times were found right."""

    subject: str
    role: str | None
    contexts: frozenset[str]
    issued_at: datetime | None
    expires_at: datetime | None
    issuer: str | None
    everything: Mapping[str, Any]


def peek(token: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return header and claims of a token *without* checking anything: only to choose who checks it.

    Raises:
        NotAuthenticated: It is no signed JSON Web Token.
    """
    parts = token.split(".")
    if len(parts) != 3:
        raise NotAuthenticated("the token is neither an API key of this service nor a signed JSON Web Token")
    try:
        header, claims = (json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in parts[:2])
    except (
        ValueError,
        RecursionError,
    ) as exc:  # UnicodeDecodeError, binascii.Error and JSONDecodeError are ValueErrors
        raise NotAuthenticated("the token is a damaged JSON Web Token") from exc
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise NotAuthenticated("the token is a damaged JSON Web Token")
    return cast("Mapping[str, Any]", header), cast("Mapping[str, Any]", claims)


class SharedSecret:
    """The HS256 secret of the existing service (``NAAS_JWT_SECRET``)."""

    def __init__(self, secret: str) -> None:
        """Take the secret.

        Raises:
            StartError: It is so short that it can be guessed from any token that it signed.
        """
        if len(secret.encode()) < SHORTEST_SECRET:
            raise StartError(
                f"NAAS_JWT_SECRET has {len(secret.encode())} bytes and can be guessed from any token that it signed; "
                f"give at least {SHORTEST_SECRET}, better {PROPER_SECRET}: openssl rand -base64 32"
            )
        if len(secret.encode()) < PROPER_SECRET:
            log.warning("NAAS_JWT_SECRET has fewer than %d bytes; make a longer one", PROPER_SECRET)
        try:
            self.key = OctKey.import_key(secret.encode())
        except ValueError as exc:
            raise StartError("NAAS_JWT_SECRET is a public key; it must be a secret") from exc
        # Says which secret signed a token without saying anything about the secret that the signature does not.
        self.kid = hmac.digest(secret.encode(), b"naas jwt key id v1", "sha256").hex()[:16]


class PublicKeys:
    """Public keys that tokens may be signed with; those that are too weak or are no public keys are left out."""

    def __init__(self, document: object) -> None:
        """Take a JSON Web Key Set (RFC 7517, section 5).

        Raises:
            ValueError: It is none, or holds no key that can be used.
        """
        if not isinstance(document, dict):
            raise ValueError("it is not a JSON object with the member 'keys'")
        found = cast("dict[str, Any]", document).get("keys")
        if not isinstance(found, list):
            raise ValueError("it is not a JSON object with the member 'keys'")
        keys = (_public_key(item) for item in cast("list[object]", found))
        self._keys = tuple(key for key in keys if key is not None)
        if not self._keys:
            raise ValueError(
                "it holds no public RSA key of 2048 bits or more, no EC key and no Ed25519 key to sign with"
            )

    def find(self, header: Mapping[str, Any]) -> tuple[PublicKey, str] | None:
        """Return the key that a token names, and the algorithm, if the two go together."""
        algorithm, kid = header.get("alg"), header.get("kid")
        fitting = [key for key in self._keys if _may_sign(key, algorithm)]
        if kid is not None:
            fitting = [key for key in fitting if key.kid == kid]
        elif len(fitting) > 1:  # a guess would make the order of the keys matter
            return None
        return (fitting[0], cast("str", algorithm)) if fitting else None


def read_public_keys(file: Path) -> PublicKeys:
    """Read a key set from a file.

    Raises:
        StartError: It cannot be read, or is none.
    """
    try:
        return PublicKeys(json.loads(file.read_bytes()))
    except OSError as exc:
        raise StartError(f"cannot read the JSON Web Key Set {file}: {exc.strerror}") from exc
    except ValueError as exc:
        raise StartError(f"cannot use the JSON Web Key Set {file}: {exc}") from exc


def _public_key(item: object) -> PublicKey | None:
    """Import one key; None for what must not verify tokens. A set may hold keys for encryption, and kinds to come."""
    if not isinstance(item, dict):
        return None
    data = cast("dict[str, Any]", item)
    kinds: dict[str, type[PublicKey]] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}
    kind = kinds.get(str(data.get("kty")))
    if kind is None or data.get("use", "sig") != "sig":
        return None
    # Only the public half is taken, in case somebody has put the private one there.
    public = {name: value for name, value in data.items() if name not in {"d", "p", "q", "dp", "dq", "qi", "oth"}}
    try:
        key = kind.import_key(public)
    except (JoseError, ValueError, TypeError, KeyError):
        log.warning("a key of the JSON Web Key Set is damaged and left out kid=%r", data.get("kid"))
        return None
    if isinstance(key, RSAKey) and key.raw_value.key_size < _SHORTEST_RSA_BITS:
        log.warning("an RSA key with fewer than %d bits is left out kid=%r", _SHORTEST_RSA_BITS, data.get("kid"))
        return None
    return key


def _may_sign(key: PublicKey, algorithm: object) -> bool:
    if algorithm not in ASYMMETRIC[key.key_type]:
        return False
    return key.alg is None or key.alg == algorithm


@dataclass(frozen=True, slots=True)
class JwtVerifier:
    """Checks tokens that the shared secret or one of the public keys has signed."""

    secret: SharedSecret | None = None
    public_keys: PublicKeys | None = None
    issuer: str | None = None
    audience: str | None = None
    now: Callable[[], float] = time.time

    def verify(self, token: str) -> tuple[Claims, bool]:
        """Return what the token says, and whether the shared secret signed it.

        Raises:
            NotAuthenticated: It does not hold. The reason is for the caller, and says nothing of our keys.
        """
        header, _ = peek(token)
        if header.get("alg") == SYMMETRIC:
            if self.secret is None:
                raise NotAuthenticated("this service accepts no tokens that are signed with HS256")
            claims = _decoded(token, self.secret.key, SYMMETRIC)
            _match(claims, self.issuer, self.audience, needed=False)
            return check_times(claims, self.now(), needs_end=False), True
        found = None if self.public_keys is None else self.public_keys.find(header)
        if found is None:
            raise NotAuthenticated("no key of this service fits the algorithm and the key id of the token")
        claims = _decoded(token, *found)
        _match(claims, self.issuer, self.audience, needed=True)
        return check_times(claims, self.now(), needs_end=True), False


def verify_with(keys: PublicKeys, token: str, *, issuer: str, audience: str, now: float) -> Claims | None:
    """Return what a token of an identity provider says; None if it names a key that is not among ``keys``.

    Raises:
        NotAuthenticated: It does not hold.
    """
    found = keys.find(peek(token)[0])
    if found is None:
        return None
    claims = _decoded(token, *found)
    _match(claims, issuer, audience, needed=True)
    return check_times(claims, now, needs_end=True)


def _decoded(token: str, key: OctKey | PublicKey, algorithm: str) -> Mapping[str, Any]:
    try:
        # A set of one: with it, the id in the header is no way to another key.
        return jwt.decode(token, KeySet([key]).keys[0], algorithms=[algorithm]).claims
    except (JoseError, ValueError, TypeError) as exc:
        raise NotAuthenticated("the signature of the token does not hold") from exc


def _match(claims: Mapping[str, Any], issuer: str | None, audience: str | None, *, needed: bool) -> None:
    """Compare issuer and audience with the settings. Without ``needed``, a token that does not name them passes."""
    said = claims.get("iss")
    if issuer is not None and (said is not None or needed) and said != issuer:
        raise NotAuthenticated("the token is not of the issuer that this service trusts")
    said = claims.get("aud")
    if audience is not None and (said is not None or needed):
        audiences = cast("list[object]", said) if isinstance(said, list) else [said]
        if audience not in audiences:
            raise NotAuthenticated("the token is not meant for this service: its audience is another")


def check_times(claims: Mapping[str, Any], now: float, *, needs_end: bool) -> Claims:
    """Return the claims if they are whole and hold now.

    Raises:
        NotAuthenticated: They are not.
    """
    expires, begins, issued = (_seconds(claims, name) for name in ("exp", "nbf", "iat"))
    if expires is None and needs_end:
        raise NotAuthenticated("the token never expires (it has no 'exp'), which is not accepted of this signer")
    if expires is not None and expires + LEEWAY_SECONDS <= now:
        raise NotAuthenticated("the token has expired")
    if max(begins or 0, issued or 0) > now + LEEWAY_SECONDS:
        raise NotAuthenticated("the token is not valid yet; compare the clocks of the two machines")
    subject, role = claims.get("sub"), claims.get("role")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise NotAuthenticated("the token does not say who comes with it ('sub')")
    issuer = claims.get("iss")
    return Claims(
        subject=subject,
        role=role if isinstance(role, str) else None,
        contexts=_contexts(claims),
        issued_at=_moment(issued),
        expires_at=_moment(expires),
        issuer=issuer if isinstance(issuer, str) else None,
        everything=claims,
    )


def _contexts(claims: Mapping[str, Any]) -> frozenset[str]:
    found = claims.get("contexts", [ALL_CONTEXTS])
    if not isinstance(found, list) or not all(isinstance(item, str) for item in cast("list[object]", found)):
        raise NotAuthenticated("the token's 'contexts' are not a list of names")
    return frozenset(cast("list[str]", found))


def _seconds(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    # True is an int to Python. What lies beyond the year 9999 is no time.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 253_402_300_800:
        raise NotAuthenticated(f"the token's '{name}' is not a time")
    return float(value)


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


@dataclass(frozen=True, slots=True)
class JwtIssuer:
    """Issues API keys as tokens that the existing service and what stands beside it verify too."""

    secret: SharedSecret

    def issue(self, key: ApiKey) -> str:
        """Return the token: ``sub``, ``role``, ``contexts``, ``iat``, ``exp`` as ever; ``jti`` and ``kid`` are new."""
        claims: dict[str, Any] = {
            "sub": key.id,
            "role": key.role.value,
            "contexts": list(key.contexts),
            "iat": int(key.created_at.timestamp()),
            "jti": hashlib.sha256(key.id.encode()).hexdigest()[:32],
        }
        if key.expires_at is not None:
            claims["exp"] = int(key.expires_at.timestamp())
        return jwt.encode({"alg": SYMMETRIC, "kid": self.secret.kid}, claims, self.secret.key, algorithms=[SYMMETRIC])


def role_of(name: str | None) -> Role:
    """Return the role that a token of the existing service means: as there, an unknown one may only read."""
    return Role(name) if name in set(Role) else Role.VIEWER
