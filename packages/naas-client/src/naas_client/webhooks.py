"""Webhooks of NAAS: whether a message that a job has ended does come from the server."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, cast

from clientsmith.core.errors import SignatureError
from clientsmith.core.rest import Headers
from clientsmith.core.webhooks import HmacWebhooks

__all__ = ["SIGNATURE_HEADER", "SIGNATURE_WITH_TIME_HEADER", "verify_webhook"]

SIGNATURE_HEADER: Final = "X-NAAS-Signature"
SIGNATURE_WITH_TIME_HEADER: Final = "X-NAAS-Signature-V2"
_PREFIX: Final = "sha256="
_TOLERANCE: Final = 300.0  # as `clientsmith.core.webhooks` has it: clocks differ by less, and so does a delivery take


def verify_webhook(
    body: bytes,
    headers: Mapping[str, str],
    secret: str | bytes | Iterable[str | bytes],
    *,
    needs_time: bool = False,
    tolerance: float = _TOLERANCE,
    clock: Callable[[], float] = time.time,
) -> dict[str, Any]:
    """Return what a webhook says, after its signature was checked.

    A server of 2.3 signs the time with the body (``X-NAAS-Signature-V2``), and a message that is too old is refused.
    One of before signs the body alone (``X-NAAS-Signature``), and even that in another form than it sends: sorted and
    compact; both forms are tried. Without a time a message can be recorded and sent once more: with ``needs_time`` it
    is refused, which is right wherever the server is of 2.3.

    Args:
        body: As it came, byte for byte, before any parsing.
        headers: Of the request, in any case.
        secret: The ``webhook_secret`` of the submission; several while it is replaced.
        needs_time: Whether a message without a signed time is refused.
        tolerance: How many seconds old a message may be, or ahead of our clock.
        clock: Seconds since the epoch; tests pass their own.

    Raises:
        SignatureError: It is not signed, not with this secret, or too old. Answer 401, and do nothing of what it says.
        ValueError: There is no secret, or the body is no JSON object.
    """
    secrets = [secret] if isinstance(secret, str | bytes) else list(secret)
    with_time = Headers(headers).get(SIGNATURE_WITH_TIME_HEADER)
    if with_time or needs_time:
        _check_with_time(body, with_time, secrets, tolerance, clock)
    else:
        _check(body, headers, secrets)
    document: object = json.loads(body)
    if not isinstance(document, dict):
        raise ValueError("the body of a webhook is a JSON object")
    return cast("dict[str, Any]", document)


def _check_with_time(
    body: bytes, value: str | None, secrets: list[str | bytes], tolerance: float, clock: Callable[[], float]
) -> None:
    if not value:
        raise SignatureError(
            f"the message has no {SIGNATURE_WITH_TIME_HEADER}; it is not signed, or by a NAAS before 2.3"
        )
    parts: dict[str, str] = {}
    for part in value.split(","):
        name, _, text = part.strip().partition("=")
        parts[name] = text
    verifier = HmacWebhooks(
        secrets,
        header=SIGNATURE_WITH_TIME_HEADER,
        timestamp="t",
        message="{timestamp}.{body}",
        tolerance=tolerance,
        clock=clock,
    )
    verifier.verify(body, {SIGNATURE_WITH_TIME_HEADER: parts.get("sha256", ""), "t": parts.get("t", "")})


def _check(body: bytes, headers: Mapping[str, str], secrets: list[str | bytes]) -> None:
    verifier = HmacWebhooks(secrets, header=SIGNATURE_HEADER, prefix=_PREFIX)
    try:
        verifier.verify(body, headers)
    except SignatureError:
        canonical = _canonical(body)
        if canonical is None or canonical == body:
            raise
        verifier.verify(canonical, headers)


def _canonical(body: bytes) -> bytes | None:
    """Return the sorted and compact form of a JSON text, None if it is none."""
    try:
        return json.dumps(json.loads(body), sort_keys=True, separators=(",", ":")).encode()
    except ValueError:
        return None
