"""Sends the header fields that the client or the call was given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from ..pipeline import HookPolicy
from ..rest import HttpRequest
from ..settings import Setting

__all__ = ["HeadersPolicy"]


class HeadersPolicy(HookPolicy):
    """Sets ``headers`` of the client, then those of the call, which win field by field."""

    settings: ClassVar[tuple[Setting, ...]] = (Setting("headers", None, "header fields to send as well"),)

    def __init__(self, of_client: Mapping[str, str] | None = None) -> None:
        self._of_client = dict(of_client or {})

    def on_start(self, request: HttpRequest, /) -> None:
        headers = request.headers
        for name, value in self._of_client.items():
            headers[name] = value
        of_call: Mapping[str, str] | None = request.call.settings["headers"]
        if of_call:
            headers.update(of_call)
