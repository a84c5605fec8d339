"""Webhooks: whether a request that claims to come from a service does come from it.

    verifier = StandardWebhooks("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")

    def handle(request):
        verifier.verify(request.body, request.headers)  # raises SignatureError
        event = json.loads(request.body)

A service signs what it sends with a secret that only it and its receiver know. Give the body as it came, byte for byte:
what a framework has parsed and written again is another text. Signatures are compared in constant time, and a message
that is older than ``tolerance`` is refused, since somebody may have kept it to send it again. For the same reason a
receiver that does something costly keeps the ids of the messages that it has seen, for as long as the tolerance.

While a secret is replaced both are given, and a message that either has signed is good.
"""

from __future__ import annotations

import binascii
import hmac
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, TypeVar, cast
from urllib.parse import parse_qsl

from .errors import SignatureError
from .rest import Headers
from .serialization import as_codec, loads

if TYPE_CHECKING:
    from .serialization import CodecLike

__all__ = [
    "GitHubWebhooks",
    "HmacWebhooks",
    "SignatureError",
    "StandardWebhooks",
    "StripeWebhooks",
    "WebhookVerifier",
    "read_message",
]

T = TypeVar("T")
# Five minutes: what Standard Webhooks, Stripe and Slack name. Clocks differ by less, and so does a delivery take.
_TOLERANCE: Final = 300.0


class WebhookVerifier(Protocol):
    """What tells whether a message comes from the service."""

    def verify(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Return if the message is signed.

        Raises:
            SignatureError: It is not.
        """
        ...


class HmacWebhooks:
    """An HMAC over the body, and over the time where the service sends one: what most services do.

    Args:
        secrets: What the service signs with: one, or several while it is replaced.
        header: The header field of the signature.
        prefix: What stands before the signature in it: ``sha256=`` for example.
        digest: The hash function.
        encoding: How the signature is written.
        timestamp: The header field of the time, in seconds since the epoch; "" if the service sends none.
        message: What is signed; ``{body}`` and ``{timestamp}`` stand in it. Slack: ``v0:{timestamp}:{body}``.
        tolerance: How many seconds old a message may be, or ahead of our clock; None: any. Without a time there is no
            telling.
        clock: Seconds since the epoch; tests pass their own.

    Raises:
        ValueError: There is no secret, or what is signed does not hold the body.
    """

    def __init__(
        self,
        secrets: str | bytes | Iterable[str | bytes],
        *,
        header: str,
        prefix: str = "",
        digest: Literal["sha256", "sha1", "sha512"] = "sha256",
        encoding: Literal["hex", "base64"] = "hex",
        timestamp: str = "",
        message: str = "{body}",
        tolerance: float | None = _TOLERANCE,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if "{body}" not in message or ("{timestamp}" in message) > bool(timestamp):
            raise ValueError(
                f"message is {message!r}; it has to hold {{body}}, and {{timestamp}} only if timestamp names its header"
            )
        self._secrets = _secrets(secrets)
        self._header, self._prefix, self._timestamp = header, prefix, timestamp
        self._digest, self._encoding, self._message = digest, encoding, message
        self._tolerance, self._clock = tolerance, clock

    def verify(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Return if the message is signed.

        Raises:
            SignatureError: It is not, or it is too old.
        """
        fields = Headers(headers)
        sent = _field(fields, self._header)
        if not sent.startswith(self._prefix):
            raise SignatureError(f"{self._header} does not begin with {self._prefix!r}; another kind of signature?")
        when = _field(fields, self._timestamp) if self._timestamp else ""
        if self._timestamp:
            _check_time(when, self._tolerance, self._clock)
        before, _, after = self._message.replace("{timestamp}", when).partition("{body}")
        signed = before.encode() + _bytes(body) + after.encode()
        _compare([sent.removeprefix(self._prefix)], self._secrets, signed, self._digest, self._encoding)


class GitHubWebhooks(HmacWebhooks):
    """``X-Hub-Signature-256`` of GitHub, and of what does as it does: Gitea, Bitbucket, Meta.

    There is no time in it; ``X-GitHub-Delivery`` is the id that tells a message that is sent again.
    """

    def __init__(self, secrets: str | bytes | Iterable[str | bytes], *, header: str = "X-Hub-Signature-256") -> None:
        super().__init__(secrets, header=header, prefix="sha256=")


class StripeWebhooks:
    """``Stripe-Signature``: ``t=…,v1=…``, a time and one signature for each secret that is in use.

    Args:
        secrets: The endpoint's ``whsec_…``, as it is.
        header: Of services that sign like Stripe under another name.
        tolerance: As for `HmacWebhooks`.
        clock: As for `HmacWebhooks`.
    """

    def __init__(
        self,
        secrets: str | bytes | Iterable[str | bytes],
        *,
        header: str = "Stripe-Signature",
        tolerance: float | None = _TOLERANCE,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._secrets, self._header = _secrets(secrets), header
        self._tolerance, self._clock = tolerance, clock

    def verify(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Return if the message is signed.

        Raises:
            SignatureError: It is not, or it is too old.
        """
        pairs = [part.strip().partition("=") for part in _field(Headers(headers), self._header).split(",")]
        when = next((value for name, _, value in pairs if name == "t"), "")
        _check_time(when, self._tolerance, self._clock)
        # v0 is a signature of test events with another, weaker scheme.
        sent = [value for name, _, value in pairs if name == "v1"]
        _compare(sent, self._secrets, when.encode() + b"." + _bytes(body), "sha256", "hex")


class StandardWebhooks:
    """``webhook-id``, ``webhook-timestamp`` and ``webhook-signature``: the Standard Webhooks specification.

    Args:
        secrets: ``whsec_`` and the key in base64.
        prefix: Of the three header fields: ``svix-`` for older senders.
        tolerance: As for `HmacWebhooks`.
        clock: As for `HmacWebhooks`.

    Raises:
        ValueError: A secret is not base64.
    """

    def __init__(
        self,
        secrets: str | bytes | Iterable[str | bytes],
        *,
        prefix: str = "webhook-",
        tolerance: float | None = _TOLERANCE,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._secrets = [_key_of(secret) for secret in _secrets(secrets)]
        self._prefix, self._tolerance, self._clock = prefix, tolerance, clock

    def verify(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Return if the message is signed.

        Raises:
            SignatureError: It is not, or it is too old.
        """
        fields = Headers(headers)
        message_id, when, signatures = (
            _field(fields, self._prefix + name) for name in ("id", "timestamp", "signature")
        )
        _check_time(when, self._tolerance, self._clock)
        # Of "v1,… v1a,…" the second kind is a public key's, which takes another secret than ours.
        sent = [value for kind, _, value in (part.partition(",") for part in signatures.split()) if kind == "v1"]
        signed = f"{message_id}.{when}.".encode() + _bytes(body)
        _compare(sent, self._secrets, signed, "sha256", "base64")


def read_message(
    like: CodecLike[T] | None,
    body: bytes,
    headers: Mapping[str, str],
    verifier: WebhookVerifier | None,
    *,
    media_type: str = "application/json",
) -> T:
    """Return what a message says, after its signature was checked: one line of a generated function.

    Args:
        like: Codec, model, enum or thunk of the body; None for any JSON value.
        body: As it came.
        headers: Of the request.
        verifier: What checks the signature; None checks nothing.
        media_type: Of the body: JSON, a form, or text.

    Raises:
        SignatureError: The message does not come from the service.
        ValueError: The body is not what it says it is.
    """
    if verifier is not None:
        verifier.verify(body, headers)
    essence = media_type.partition(";")[0].strip().lower()
    wire: Any
    if essence == "application/x-www-form-urlencoded":
        wire = dict(parse_qsl(body.decode(), keep_blank_values=True))
    elif essence.startswith("text/") and essence != "text/json":
        wire = body.decode()
    else:
        wire = loads(body) if body else None
    return cast("T", wire if like is None or wire is None else as_codec(like).decode(wire))


def _secrets(given: str | bytes | Iterable[str | bytes]) -> list[bytes]:
    several = [given] if isinstance(given, str | bytes) else list(given)
    found = [secret.encode() if isinstance(secret, str) else secret for secret in several]
    if not found or not all(found):  # an environment variable that is not set
        raise ValueError("there is no secret, or one is empty; pass the one that the service shows for the webhook")
    return found


def _key_of(secret: bytes) -> bytes:
    try:
        return b64decode(secret.removeprefix(b"whsec_"), validate=True)
    except binascii.Error:  # not shown: it is a secret
        raise ValueError("the secret is not base64 after 'whsec_'; pass it as the service shows it") from None


def _field(fields: Headers, name: str) -> str:
    found = fields.get(name)
    if not found:
        raise SignatureError(f"the message has no {name}; it does not come from the service, or is not signed")
    return found


def _bytes(body: object) -> bytes:
    if not isinstance(body, bytes | bytearray | memoryview):
        raise TypeError(f"the body is a {type(body).__name__}; it has to be the bytes that came, before any parsing")
    return bytes(cast("bytes", body))


def _check_time(when: str, tolerance: float | None, clock: Callable[[], float]) -> None:
    if not (when.isascii() and when.isdigit() and len(when) <= 12):
        raise SignatureError(f"the time of the message is {when[:20]!r}, and not seconds since the epoch")
    age = clock() - int(when)
    if tolerance is not None and abs(age) > tolerance:
        told = f"{age:.0f} seconds old" if age > 0 else f"{-age:.0f} seconds ahead of our clock"
        raise SignatureError(
            f"the message is {told}, and {tolerance:.0f} are allowed; sent once more by somebody else?"
        )


def _compare(sent: Sequence[str], secrets: Iterable[bytes], signed: bytes, digest: str, encoding: str) -> None:
    """Compare every signature with every secret's, each in constant time, and all of them whatever comes out."""
    good = False
    for secret in secrets:
        made = hmac.new(secret, signed, digest).digest()
        expected = made.hex().encode() if encoding == "hex" else b64encode(made)
        for one in sent:
            given = one.strip().encode("utf-8", "replace")
            good |= hmac.compare_digest(given.lower() if encoding == "hex" else given, expected)
    if not good:
        raise SignatureError("the signature does not fit the body; another secret, or the body is not as it came")
