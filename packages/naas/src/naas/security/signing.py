"""Webhook signatures, so that a receiver knows who sends, what was sent, and when.

``X-NAAS-Signature: sha256=<hex>`` is the HMAC-SHA256 of exactly the bytes of the body, as clients of v2 know it; the
body is canonical JSON, so that a receiver who writes it anew before checking gets the same bytes.
``X-NAAS-Signature-V2: t=<seconds>,sha256=<hex>`` also covers the time, as ``<seconds>.<body>``: a receiver who refuses
what is older than a few minutes cannot be fooled by a recorded delivery.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["canonical_json", "delivery_headers", "signature", "signature_with_time"]

DELIVERY: Final = "X-NAAS-Delivery"
TIMESTAMP: Final = "X-NAAS-Timestamp"
SIGNATURE: Final = "X-NAAS-Signature"
SIGNATURE_V2: Final = "X-NAAS-Signature-V2"


def canonical_json(value: Mapping[str, Any]) -> bytes:
    """Return the JSON text with sorted keys and no spaces, in ASCII only where the values are."""
    return msgspec.json.encode(value, order="sorted")


def signature(secret: str, body: bytes) -> str:
    """Return the value of ``X-NAAS-Signature``."""
    return f"sha256={hmac.digest(secret.encode(), body, 'sha256').hex()}"


def signature_with_time(secret: str, body: bytes, seconds: int) -> str:
    """Return the value of ``X-NAAS-Signature-V2``."""
    signed = hmac.digest(secret.encode(), f"{seconds}.".encode() + body, "sha256").hex()
    return f"t={seconds},sha256={signed}"


def delivery_headers(delivery_id: str, body: bytes, secret: str | None, seconds: int) -> dict[str, str]:
    """Return the headers of one attempt. ``seconds`` is now, in seconds since 1970."""
    headers = {"Content-Type": "application/json", DELIVERY: delivery_id, TIMESTAMP: str(seconds)}
    if secret is not None:
        headers[SIGNATURE] = signature(secret, body)
        headers[SIGNATURE_V2] = signature_with_time(secret, body, seconds)
    return headers
