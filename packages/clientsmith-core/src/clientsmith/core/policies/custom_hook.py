"""Lets the application look at, and change, what goes over the wire."""

from __future__ import annotations

from typing import ClassVar

from ..pipeline import HookPolicy
from ..rest import HttpRequest, HttpResponse
from ..settings import Setting, function

__all__ = ["CustomHookPolicy"]


class CustomHookPolicy(HookPolicy):
    """Calls ``raw_request_hook`` before and ``raw_response_hook`` after each attempt, redirects and retries included.

    The request is the copy for this attempt, before a key or a signature is put on it: a change is for this attempt
    alone and is signed with the rest. (A bearer token is there already, for to fetch one may take a request; it is
    taken off again where the hook leads the request to another origin.)
    """

    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("raw_request_hook", None, "called with the request of each attempt, to change it", check=function),
        Setting("raw_response_hook", None, "called with the response of each attempt", check=function),
    )

    def on_request(self, request: HttpRequest, /) -> None:
        hook = request.call.settings["raw_request_hook"]
        if hook is not None:
            hook(request)

    def on_response(self, request: HttpRequest, response: HttpResponse, /) -> None:
        hook = request.call.settings["raw_response_hook"]
        if hook is not None:
            hook(response)
