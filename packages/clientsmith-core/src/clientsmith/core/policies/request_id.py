"""Names every request, so that a line in the client's log can be found in the service's."""

from __future__ import annotations

import random
from typing import ClassVar

from ..pipeline import HookPolicy
from ..rest import HttpRequest
from ..settings import Setting

__all__ = ["RequestIdPolicy"]


class RequestIdPolicy(HookPolicy):
    """Sends ``client_request_id`` as given, else a new random UUID; retries and redirects keep it.

    The id names a request, it protects nothing, so it comes from the fast generator: `uuid.uuid4` asks the operating
    system each time and costs more than all other policies together.
    """

    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("client_request_id", None, "id of this request, in the request id header"),
    )

    def __init__(self, header: str = "X-Request-ID") -> None:
        self.header = header

    def on_start(self, request: HttpRequest, /) -> None:
        if self.header not in request.headers:
            request.headers[self.header] = request.call.settings["client_request_id"] or _random_uuid()


def _random_uuid() -> str:
    """Return a version 4 UUID (RFC 9562, section 5.4)."""
    bits = random.getrandbits(128)
    bits = (bits & ~(0xF << 76) & ~(0x3 << 62)) | (0x4 << 76) | (0x2 << 62)
    text = f"{bits:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
