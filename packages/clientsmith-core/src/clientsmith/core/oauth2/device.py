"""Sign-in on another device: for programs without a browser (RFC 8628)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ..errors import SignInError, TokenRefusedError, TransportError
from ..pipeline import Sleep, Steps
from ..rest import Call
from .application import Application
from .grants import UserCredential
from .token_endpoint import TokenSet

if TYPE_CHECKING:
    from typing import Unpack

    from .grants import CredentialOptions

__all__ = ["DeviceCode", "DeviceCodeCredential"]

_GRANT: Final = "urn:ietf:params:oauth:grant-type:device_code"

# RFC 8628, sections 3.2 and 3.5: seconds between questions unless the server says otherwise, and what is added when it
# says that they come too fast.
_INTERVAL: Final = 5.0
_SLOWER: Final = 5.0


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """What the user is told.

    Attributes:
        user_code: What to type in.
        verification_uri: Where.
        verification_uri_complete: The same with the code in it, for a link or a QR code; None if the server gives none.
        expires_in: Seconds that the user has.
    """

    user_code: str
    verification_uri: str
    verification_uri_complete: str | None
    expires_in: float


class DeviceCodeCredential(UserCredential):
    """A user who signs in on another device, while the program asks from time to time whether that is done.

    Waiting is subject to the call's timeout, which is shorter than people: call `get_token` with a ``timeout`` of
    minutes, or None, before the first call of a client.

    Args:
        application: Who asks; it needs a ``device_authorization_url``.
        prompt: Called with the `DeviceCode` to show. It must not wait.
        **options: ``scopes``, ``on_token`` and ``clock``, as for `OAuth2Credential`.

    Raises:
        ValueError: The application has no ``device_authorization_url``.
    """

    __slots__ = ("_prompt",)

    def __init__(
        self,
        application: Application,
        prompt: Callable[[DeviceCode], object],
        **options: Unpack[CredentialOptions],
    ) -> None:
        if application.device_authorization_url is None:
            raise ValueError("the application has no device_authorization_url to begin at; give it one")
        super().__init__(application, **options)
        self._prompt = prompt

    def _sign_in(self, form: dict[str, str | None], call: Call) -> Steps[TokenSet]:
        application = self._endpoint.application
        url = str(application.device_authorization_url)
        # The server has to know which application asks even if that proves itself in the header.
        begin = {**application.parameters, "client_id": application.client_id, "scope": form["scope"]}
        _, answer = yield from self._endpoint.ask(url, begin, call, is_repeatable=True)
        code = _device_code(answer)
        ends = call.clock() + code.expires_in
        self._prompt(code)
        fields = {"grant_type": _GRANT, "device_code": str(answer["device_code"]), "client_id": application.client_id}
        interval = _number(answer.get("interval"), _INTERVAL)
        while call.clock() + interval < ends:
            yield Sleep(interval, call)
            try:
                return (yield from self._endpoint.tokens(fields, call, is_repeatable=True))
            except TokenRefusedError as error:
                if error.error_code == "slow_down":
                    interval += _SLOWER
                elif error.error_code != "authorization_pending":
                    raise
            except TransportError:
                if call.remaining() == 0.0:
                    raise
                interval *= 2.0  # RFC 8628, section 3.5: what does not get through is asked less often
        raise SignInError("the user did not sign in while the code was good; begin again", error_code="expired_token")


def _device_code(answer: dict[str, Any]) -> DeviceCode:
    # `verification_url` is what Google says, from before the RFC.
    uri = answer.get("verification_uri") or answer.get("verification_url")
    if not (uri and answer.get("user_code") and answer.get("device_code")):
        raise SignInError("the authorization server did not say what to show the user")
    complete = answer.get("verification_uri_complete")
    seconds = _number(answer.get("expires_in"), 600.0)  # required by the RFC; ten minutes is what most servers give
    return DeviceCode(str(answer["user_code"]), str(uri), str(complete) if complete else None, seconds)


def _number(value: object, default: float) -> float:
    return float(value) if isinstance(value, int | float) and value > 0 else default
