"""Sign-in on another device: what the user is told, and how often the server is asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from clientsmith.core.credentials import Bearer
from clientsmith.core.errors import DeadlineExceededError, ServiceResponseError, SignInError, TokenRefusedError
from clientsmith.core.oauth2 import Application, DeviceCode, DeviceCodeCredential
from clientsmith.core.testing import Answer, ScriptedTransport

APP = Application("app", "https://login.test/token", device_authorization_url="https://login.test/device")
BEGUN = {
    "device_code": "SECRET-CODE",
    "user_code": "WDJB-MJHT",
    "verification_uri": "https://login.test/go",
    "verification_uri_complete": "https://login.test/go?c=WDJB-MJHT",
    "expires_in": 60,
    "interval": 2,
}
PENDING = Answer(400, json={"error": "authorization_pending"})
SLOWER = Answer(400, json={"error": "slow_down"})
GRANTED = Answer(json={"access_token": "t", "expires_in": 3600, "refresh_token": "r"})


def sign_in(*lines: Any, timeout: float | None = None, begun: dict[str, Any] | None = None) -> tuple[Any, Any, Any]:
    shown: list[DeviceCode] = []
    server = ScriptedTransport(Answer(json=begun or BEGUN), *lines)
    credential = DeviceCodeCredential(APP, shown.append, scopes=["s"])
    return lambda: credential.get_token(transport=server, timeout=timeout), server, shown


def test_the_user_signs_in_while_the_program_asks() -> None:
    """At the server's pace (RFC 8628, section 3.5)."""
    run, server, shown = sign_in(PENDING, SLOWER, PENDING, GRANTED)
    assert run().token == "t"
    assert shown == [DeviceCode("WDJB-MJHT", "https://login.test/go", "https://login.test/go?c=WDJB-MJHT", 60.0)]
    assert server.waits == [2.0, 2.0, 7.0, 7.0]
    assert server.sent[0].form() == {"client_id": ["app"], "scope": ["s"]}
    assert server.sent[1].form() == {
        "grant_type": ["urn:ietf:params:oauth:grant-type:device_code"],
        "device_code": ["SECRET-CODE"],
        "client_id": ["app"],
    }


def test_a_client_of_either_colour_signs_its_user_in(scripted: Callable[..., Any]) -> None:
    """The first call waits for it, the next ones go on."""
    credential = DeviceCodeCredential(APP, lambda code: None)
    lines = [Answer(json=BEGUN), PENDING, GRANTED, Answer(), Answer()]
    client = scripted(*lines, credential=credential, authentication=[Bearer(["s"])])
    assert [client.send("GET", "/").status_code for _ in range(2)] == [200, 200]
    assert client.requests[-1].headers["Authorization"] == "Bearer t"


def test_a_sign_in_that_was_revoked_begins_anew_with_the_next_call(scripted: Callable[..., Any]) -> None:
    """The call that hears of it fails at once: it is not the moment to ask somebody for something."""
    shown: list[DeviceCode] = []
    now = [0.0]
    credential = DeviceCodeCredential(APP, shown.append, clock=lambda: now[0])
    over = Answer(400, json={"error": "invalid_grant"})
    lines = [Answer(json=BEGUN), GRANTED, Answer(), over, Answer(json=BEGUN), GRANTED, Answer()]
    client = scripted(*lines, credential=credential, authentication=[Bearer()])
    client.send("GET", "/")
    now[0] += 4000.0
    with pytest.raises(TokenRefusedError, match="invalid_grant"):
        client.send("GET", "/")
    assert len(shown) == 1
    assert client.send("GET", "/").status_code == 200
    assert len(shown) == 2


def test_the_pace_is_five_seconds_where_the_server_says_nothing() -> None:
    """And ten minutes is the time; Google's older name for the address is read."""
    begun = {"device_code": "d", "user_code": "u", "verification_url": "https://g.test"}
    run, server, shown = sign_in(GRANTED, begun=begun)
    run()
    assert server.waits == [5.0]
    assert shown == [DeviceCode("u", "https://g.test", None, 600.0)]


def test_a_lost_answer_slows_the_asking_down() -> None:
    """What does not get through is asked less often."""
    lost = [ServiceResponseError("reset")] * 4  # the question and its retries
    run, server, _ = sign_in(*lost, GRANTED)
    assert run().token == "t"
    assert server.waits[0] == 2.0
    assert server.waits[-1] == 4.0


@pytest.mark.parametrize("code", ["access_denied", "expired_token", "invalid_client"])
def test_any_other_answer_ends_it(code: str) -> None:
    """The user said no, or took too long."""
    run, _, _ = sign_in(PENDING, Answer(400, json={"error": code, "error_description": "SECRET-CODE"}))
    with pytest.raises(TokenRefusedError, match=code) as caught:
        run()
    assert caught.value.error_code == code
    assert "SECRET" not in f"{caught.value} {caught.value.__dict__}"


def test_a_code_that_is_over_is_not_asked_for() -> None:
    """The server would only say so."""
    run, server, _ = sign_in(*[PENDING] * 40)
    with pytest.raises(SignInError, match="expired_token: the user did not sign in while the code was good"):
        run()
    assert server.now < 60.0


def test_waiting_ends_at_the_timeout() -> None:
    """People are slower than calls."""
    run, server, _ = sign_in(*[PENDING] * 40, timeout=9.0)
    with pytest.raises(DeadlineExceededError, match="raise `timeout` to wait longer"):
        run()
    assert server.now <= 9.0


def test_an_answer_that_says_nothing_to_show_is_told() -> None:
    """There is nothing that the user could do."""
    run, _, _ = sign_in(begun={"user_code": "x"})
    with pytest.raises(SignInError, match="did not say what to show the user"):
        run()


def test_an_application_without_a_place_to_begin_is_told() -> None:
    """At once."""
    with pytest.raises(ValueError, match="no device_authorization_url"):
        DeviceCodeCredential(Application("app", APP.token_url), print)
