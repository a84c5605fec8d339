"""Sends the header fields that the client or the call was given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from .._origin import Home
from ..pipeline import HookPolicy
from ..rest import HttpRequest
from ..settings import Setting, fields

__all__ = ["HeadersPolicy"]


class HeadersPolicy(HookPolicy):
    """Sets ``headers``, those of the client and over them those of the call.

    They are for the client's own origin: a next link or a poll that leads elsewhere does not get them, since one of
    them may well be somebody's key. What a request itself has is its maker's business.
    """

    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(
            "headers",
            None,
            "header fields to send as well; those of a call are added to the client's",
            adds=True,
            check=fields,
        ),
    )

    def __init__(self, home: Home) -> None:
        self._home = home

    def on_start(self, request: HttpRequest, /) -> None:
        headers: Mapping[str, str] | None = request.call.settings["headers"]
        if headers and self._home.knows(request):
            request.headers.update(headers)
