"""Names every request, so that a line in the client's log can be found in the service's."""

from __future__ import annotations

from os import urandom
from typing import ClassVar, Final

from ..pipeline import HookPolicy
from ..rest import HttpRequest
from ..settings import Setting, header_name, text

__all__ = ["RequestIdPolicy"]

# The two highest bits of the ninth byte are 10.
_VARIANT: Final = dict(zip("0123456789abcdef", "89ab" * 4, strict=True))


class RequestIdPolicy(HookPolicy):
    """Sends ``client_request_id`` as given, else a new random UUID; retries and redirects keep it."""

    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("client_request_id", None, "id of this request, in the request id header", check=text),
        # The most common one in the field; a client of a service that reads another name says so once.
        Setting("request_id_header", "X-Request-ID", "header of the request id", per_call=False, check=header_name),
    )

    def on_start(self, request: HttpRequest, /) -> None:
        settings = request.call.settings
        header: str = settings["request_id_header"]
        if header not in request.headers:
            request.headers[header] = settings["client_request_id"] or _random_uuid()


def _random_uuid() -> str:
    """Return a version 4 UUID (RFC 9562, section 5.4), at a third of the price of `uuid.uuid4`."""
    digits = urandom(16).hex()
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{_VARIANT[digits[16]]}{digits[17:20]}-{digits[20:]}"
