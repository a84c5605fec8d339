"""Webhooks of NAAS: whether a message that a job has ended does come from the server."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

from clientsmith.core.errors import SignatureError
from clientsmith.core.webhooks import HmacWebhooks

__all__ = ["SIGNATURE_HEADER", "verify_webhook"]

SIGNATURE_HEADER: Final = "X-NAAS-Signature"
_PREFIX: Final = "sha256="


def verify_webhook(
    body: bytes, headers: Mapping[str, str], secret: str | bytes | Iterable[str | bytes]
) -> dict[str, Any]:
    """Return what a webhook says, after its signature was checked.

    The signature is an HMAC-SHA256 over the body. Servers before 2.3 sign the sorted and compact form of the JSON and
    send another one, so that is tried as well. There is no time in it: whoever does something costly keeps the ids of
    the deliveries (``X-NAAS-Delivery``) that were seen.

    Args:
        body: As it came, byte for byte, before any parsing.
        headers: Of the request, in any case.
        secret: The ``webhook_secret`` of the submission; several while it is replaced.

    Raises:
        SignatureError: It is not signed, or not with this secret. Answer 401, and do nothing of what it says.
        ValueError: There is no secret, or the body is no JSON object.
    """
    secrets = [secret] if isinstance(secret, str | bytes) else list(secret)
    verifier = HmacWebhooks(secrets, header=SIGNATURE_HEADER, prefix=_PREFIX)
    try:
        verifier.verify(body, headers)
    except SignatureError:
        canonical = _canonical(body)
        if canonical is None or canonical == body:
            raise
        verifier.verify(canonical, headers)
    document: object = json.loads(body)
    if not isinstance(document, dict):
        raise ValueError("the body of a webhook is a JSON object")
    return cast("dict[str, Any]", document)


def _canonical(body: bytes) -> bytes | None:
    """Return the sorted and compact form of a JSON text, None if it is none."""
    try:
        return json.dumps(json.loads(body), sort_keys=True, separators=(",", ":")).encode()
    except ValueError:
        return None
