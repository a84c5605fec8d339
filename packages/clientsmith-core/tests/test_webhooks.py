"""Signatures of webhooks: those that their makers publish are good, and everything else is not."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

import pytest
from clientsmith.core.webhooks import (
    GitHubWebhooks,
    HmacWebhooks,
    SignatureError,
    StandardWebhooks,
    StripeWebhooks,
    WebhookVerifier,
)
from hypothesis import given
from hypothesis import strategies as st

# github.com: "Validating webhook deliveries", the values for testing.
GITHUB = (b"Hello, World!", "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")
# The Standard Webhooks specification, and the tests of its reference libraries.
STANDARD_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
STANDARD_BODY = b'{"test": 2432232314}'
STANDARD = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
# api.slack.com: "Verifying requests from Slack".
SLACK_SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
SLACK_BODY = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar"
    b"&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack."
    b"com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc8"
    b"87a14d10d2c447fce8b6703c"
)
SLACK = {
    "X-Slack-Request-Timestamp": "1531420618",
    "X-Slack-Signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
}


def slack(now: float = 1531420618) -> HmacWebhooks:
    return HmacWebhooks(
        SLACK_SECRET,
        header="X-Slack-Signature",
        prefix="v0=",
        timestamp="X-Slack-Request-Timestamp",
        message="v0:{timestamp}:{body}",
        clock=lambda: now,
    )


def stripe(secret: str, body: bytes, when: int) -> str:
    return hmac.new(secret.encode(), f"{when}.".encode() + body, hashlib.sha256).hexdigest()


PUBLISHED: list[Any] = [
    pytest.param(
        GitHubWebhooks("It's a Secret to Everybody"), GITHUB[0], {"X-Hub-Signature-256": f"sha256={GITHUB[1]}"}, id="GitHub"
    ),
    pytest.param(
        StandardWebhooks(STANDARD_SECRET, clock=lambda: 1614265330), STANDARD_BODY, STANDARD, id="Standard Webhooks"
    ),
    pytest.param(slack(), SLACK_BODY, SLACK, id="Slack"),
    pytest.param(
        StripeWebhooks("whsec_1", clock=lambda: 1000), b"{}", {"Stripe-Signature": f"t=1000,v1={stripe('whsec_1', b'{}', 1000)}"},
        id="Stripe",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("verifier", "body", "headers"), PUBLISHED)
def test_what_the_makers_publish_is_good(verifier: WebhookVerifier, body: bytes, headers: Mapping[str, str]) -> None:
    verifier.verify(body, headers)
    verifier.verify(body, {name.upper(): value for name, value in headers.items()})  # names have no case


@pytest.mark.parametrize(("verifier", "body", "headers"), PUBLISHED)
def test_a_changed_body_is_not(verifier: WebhookVerifier, body: bytes, headers: Mapping[str, str]) -> None:
    with pytest.raises(SignatureError, match="the signature does not fit the body"):
        verifier.verify(body + b" ", headers)


@pytest.mark.parametrize(("verifier", "body", "headers"), PUBLISHED)
def test_a_message_without_a_signature_is_not(
    verifier: WebhookVerifier, body: bytes, headers: Mapping[str, str]
) -> None:
    for missing in headers:
        with pytest.raises(SignatureError, match=f"the message has no {missing}"):
            verifier.verify(body, {name: value for name, value in headers.items() if name != missing})


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(301, "301 seconds old, and 300 are allowed"), (-301, "301 seconds ahead of our clock")],
    ids=["old", "of the future"],
)
def test_a_message_that_was_kept_is_not(seconds: int, told: str) -> None:
    """Somebody may send it once more."""
    with pytest.raises(SignatureError, match=told):
        slack(1531420618 + seconds).verify(SLACK_BODY, SLACK)
    slack(1531420618 + seconds - (1 if seconds > 0 else -1)).verify(SLACK_BODY, SLACK)


@pytest.mark.parametrize("when", ["", "soon", "-1", "1e3", "99999999999999"])
def test_a_time_that_cannot_be_read_is_refused(when: str) -> None:
    with pytest.raises(SignatureError, match=r"has no X-Slack-Request-Timestamp|and not seconds since the epoch"):
        slack().verify(SLACK_BODY, {**SLACK, "X-Slack-Request-Timestamp": when})


def test_while_a_secret_is_replaced_both_are_good() -> None:
    headers = {"Stripe-Signature": f"t=1000,v1={stripe('old', b'{}', 1000)},v0=ignored"}
    StripeWebhooks(["new", "old"], clock=lambda: 1000).verify(b"{}", headers)
    both = {"Stripe-Signature": f"t=1000,v1={stripe('new', b'{}', 1000)},v1={stripe('old', b'{}', 1000)}"}
    StripeWebhooks("old", clock=lambda: 1000).verify(b"{}", both)
    with pytest.raises(SignatureError):
        StripeWebhooks("other", clock=lambda: 1000).verify(b"{}", both)


def test_a_service_that_signs_in_base64() -> None:
    signature = "M4VJHFbhRNcdLBBy3lcDhJQ9Dz3bgvJJ8LZ4CyDWXyk="
    made = hmac.new(b"key", b"body", hashlib.sha256).digest()
    verifier = HmacWebhooks("key", header="X-Hmac", encoding="base64")
    verifier.verify(b"body", {"X-Hmac": b64encode(made).decode()})
    with pytest.raises(SignatureError):
        verifier.verify(b"body", {"X-Hmac": signature})


@pytest.mark.parametrize(
    ("make", "message"),
    [
        pytest.param(lambda: GitHubWebhooks(""), "there is no secret, or one is empty", id="empty"),
        pytest.param(lambda: GitHubWebhooks([]), "there is no secret", id="none"),
        pytest.param(lambda: StandardWebhooks("whsec_!"), "the secret is not base64", id="not base64"),
        pytest.param(lambda: HmacWebhooks("k", header="X", message="{timestamp}"), "has to hold {body}", id="no body"),
        pytest.param(
            lambda: HmacWebhooks("k", header="X", message="{timestamp}{body}"), "only if timestamp names", id="no time"
        ),
    ],
)
def test_a_verifier_that_could_not_verify_is_not_made(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_a_body_that_was_parsed_is_refused() -> None:
    with pytest.raises(TypeError, match="it has to be the bytes that came"):
        GitHubWebhooks("k").verify({}, {"X-Hub-Signature-256": "sha256="})  # type: ignore[arg-type]  # the mistake


@given(st.text(max_size=50), st.text(max_size=50))
def test_nothing_that_is_sent_breaks_a_verifier(first: str, second: str) -> None:
    """But for the signature there is nothing that could be good."""
    for verifier, names in (
        (StripeWebhooks("k"), ("Stripe-Signature",)),
        (StandardWebhooks("whsec_a2V5"), tuple(STANDARD)),
        (GitHubWebhooks("k"), ("X-Hub-Signature-256",)),
    ):
        try:
            headers = dict(zip(names, (first, second, f"v1,{second}"), strict=False))
            verifier.verify(b"", headers)
        except (SignatureError, ValueError):  # a header cannot have a line break
            continue
        raise AssertionError((first, second))
