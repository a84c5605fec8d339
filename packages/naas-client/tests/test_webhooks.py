"""Whether a message that a job has ended comes from the server: over the bytes, as 2.3 signs, or as servers before did."""

from __future__ import annotations

import hashlib
import hmac
import json

import pytest
from clientsmith.core.errors import SignatureError
from naas.security.signing import delivery_headers
from naas_client import verify_webhook

SECRET = "s3cret"
MESSAGE = {"status": "finished", "job_id": "j1"}
COMPACT = json.dumps(MESSAGE, sort_keys=True, separators=(",", ":")).encode()
SPACED = json.dumps(MESSAGE).encode()


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    return {"x-naas-signature": f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"}


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (COMPACT, signed(COMPACT)),
        (SPACED, signed(SPACED)),
        (SPACED, signed(COMPACT)),
    ],
    ids=["what 2.3 sends", "any bytes", "before 2.3: signed in another form than sent"],
)
def test_a_signed_message_is_read(body: bytes, headers: dict[str, str]) -> None:
    assert verify_webhook(body, headers, SECRET) == MESSAGE
    assert verify_webhook(body, headers, ["new", SECRET]) == MESSAGE


@pytest.mark.parametrize(
    ("body", "headers", "message"),
    [
        (COMPACT, {}, "the message has no X-NAAS-Signature"),
        (COMPACT, signed(COMPACT, "other"), "the signature does not fit the body"),
        (SPACED.replace(b"j1", b"j2"), signed(SPACED), "the signature does not fit the body"),
        (COMPACT, {"X-NAAS-Signature": "md5=00"}, "does not begin with 'sha256='"),
    ],
)
def test_anything_else_is_refused(body: bytes, headers: dict[str, str], message: str) -> None:
    with pytest.raises(SignatureError, match=message):
        verify_webhook(body, headers, SECRET)


NOW = 1_790_000_000


def test_what_the_service_sends_is_read() -> None:
    """Signed by its own code, with the time; an old message is refused, and so is one whose time was taken away."""
    headers = delivery_headers("d1", COMPACT, SECRET, NOW)
    assert verify_webhook(COMPACT, headers, SECRET, clock=lambda: NOW + 10.0) == MESSAGE
    with pytest.raises(SignatureError, match="3600 seconds old"):
        verify_webhook(COMPACT, headers, SECRET, clock=lambda: NOW + 3600.0)
    with pytest.raises(SignatureError, match="the signature does not fit the body"):
        verify_webhook(COMPACT, {**headers, "X-NAAS-Signature-V2": f"t={NOW + 9},sha256=00"}, SECRET, clock=lambda: NOW)
    stripped = {name: value for name, value in headers.items() if name != "X-NAAS-Signature-V2"}
    assert verify_webhook(COMPACT, stripped, SECRET) == MESSAGE
    with pytest.raises(SignatureError, match="has no X-NAAS-Signature-V2"):
        verify_webhook(COMPACT, stripped, SECRET, needs_time=True)


def test_a_secret_that_is_not_there_is_no_secret() -> None:
    """An environment variable that is not set signs nothing."""
    with pytest.raises(ValueError, match="there is no secret"):
        verify_webhook(COMPACT, signed(COMPACT), "")
