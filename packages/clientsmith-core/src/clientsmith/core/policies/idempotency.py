"""Lets a service recognise the same request when it comes twice."""

from __future__ import annotations

from typing import ClassVar

from ..pipeline import HookPolicy
from ..rest import HttpRequest
from ..settings import Setting, header_name, text

__all__ = ["IdempotencyKeyPolicy"]


class IdempotencyKeyPolicy(HookPolicy):
    """Sends ``idempotency_key`` with every attempt of the call; the retry policy then may resend a POST."""

    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("idempotency_key", None, "key under which the service keeps the outcome", check=text),
        # That of the IETF's draft; a client of a service that reads another name says so once.
        Setting("idempotency_header", "Idempotency-Key", "header of that key", per_call=False, check=header_name),
    )

    def on_start(self, request: HttpRequest, /) -> None:
        key: str | None = request.call.settings["idempotency_key"]
        # Reads are repeatable by themselves, and the polls of a long running call must not look like its submission.
        if key and request.method in ("POST", "PATCH"):
            request.headers.setdefault(request.call.settings["idempotency_header"], key)
