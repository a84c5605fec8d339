"""Names every request, so that a line in the client's log can be found in the service's."""

from __future__ import annotations

from os import urandom
from typing import ClassVar, Final

from ..pipeline import HookPolicy
from ..rest import HttpRequest
from ..settings import Setting, text

__all__ = ["RequestIdPolicy"]

# The two highest bits of the ninth byte are 10.
_VARIANT: Final = dict(zip("0123456789abcdef", "89ab" * 4, strict=True))


class RequestIdPolicy(HookPolicy):
    """Sends ``client_request_id`` as given, else a new random UUID; retries and redirects keep it."""

    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("client_request_id", None, "id of this request, in the request id header", check=text),
    )

    def __init__(self, header: str = "X-Request-ID") -> None:
        self.header = header

    def on_start(self, request: HttpRequest, /) -> None:
        if self.header not in request.headers:
            request.headers[self.header] = request.call.settings["client_request_id"] or _random_uuid()


def _random_uuid() -> str:
    """Return a version 4 UUID (RFC 9562, section 5.4), at a third of the price of `uuid.uuid4`."""
    digits = urandom(16).hex()
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{_VARIANT[digits[16]]}{digits[17:20]}-{digits[20:]}"
