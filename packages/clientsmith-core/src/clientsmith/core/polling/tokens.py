"""Continuation tokens of long running operations: JSON that a person can read and any process can resume from.

A token holds the addresses that the service gave and no credential. It comes back from wherever the caller kept it, so
it is checked like any other input: it must be of this operation, and lead nowhere but to the client's own endpoint. An
operation that is watched at another origin can therefore be watched to its end, but not resumed from a token.

Only an operation that was over with its first answer and has no address puts that answer into its token.
"""

from __future__ import annotations

import json
from typing import Any, Final, cast

from .._origin import leads_home
from ..errors import ArgumentError
from ..rest import HttpRequest, HttpResponse
from .state import PollState, Source

__all__ = ["read_token", "write_token"]

_VERSION: Final = 2
_SOURCES: Final[dict[object, Source]] = {
    "monitor": "monitor",
    "location": "location",
    "resource": "resource",
    "removal": "removal",
}


def write_token(operation: str, state: PollState, answer: HttpResponse | None) -> str:
    """Return the token of an operation, which is named by its method and path."""
    token: dict[str, object] = {"v": _VERSION, "operation": operation}
    if state.url or answer is None:
        token |= {
            "url": state.url,
            "source": state.source,
            "final_url": state.final_url,
            "cancel_url": state.cancel_url,
            "status": state.status,
            "polls": state.polls,
        }
        if state.events_url:
            token["events_url"] = state.events_url
    else:
        token["answer"] = {"status_code": answer.status_code, "text": answer.text()}
    return json.dumps(token, separators=(",", ":"))


def read_token(token: str, operation: str, endpoint: str) -> PollState | HttpResponse:
    """Return the state to go on from, or the answer of an operation that was over at once.

    Raises:
        ArgumentError: It is no token of this operation, or leads away from the endpoint.
    """
    parts = _parts(token)
    if parts.get("v") != _VERSION:
        raise _refused(f"continuation_token is of version {parts.get('v')!r}, we read {_VERSION}; begin anew")
    if parts.get("operation") != operation:
        raise _refused(f"continuation_token belongs to {parts.get('operation')!r}, not to {operation!r}")
    answer = parts.get("answer")
    try:
        if answer is not None:
            method, _, path = operation.partition(" ")
            return HttpResponse(HttpRequest(method, path), int(answer["status_code"]), {}, str(answer["text"]).encode())
        state = PollState(
            url=str(parts["url"]),
            source=_SOURCES[parts["source"]],
            final_url=str(parts["final_url"]),
            cancel_url=str(parts["cancel_url"]),
            status=str(parts["status"]),
            polls=max(0, int(parts["polls"])),
            retry_after=0.0,  # who comes back may look at once
            events_url=str(parts.get("events_url", "")),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _refused(f"continuation_token is not whole ({error!r}); begin anew") from error
    for url in filter(None, (state.url, state.final_url, state.cancel_url)):
        if not leads_home(url, endpoint):
            raise _refused(
                f"continuation_token leads away from the endpoint {endpoint}; a stored token is not followed to other "
                "hosts"
            )
    if not leads_home(state.events_url, endpoint):
        state = state._replace(events_url="")  # looking does without
    if not state.url:
        raise _refused("continuation_token says nowhere to look; begin anew")
    return state


def _refused(why: str) -> ArgumentError:
    return ArgumentError("continuation_token", why)


def _parts(token: str) -> dict[str, Any]:
    try:
        parts: object = json.loads(token)
    except ValueError:
        parts = None
    if not isinstance(parts, dict):
        # Not shown: it may be anything, a credential in the wrong argument for example.
        raise _refused("continuation_token is not one of a poller; pass what LROPoller.continuation_token() returned")
    return cast("dict[str, Any]", parts)
