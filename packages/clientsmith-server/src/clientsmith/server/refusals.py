"""How a refusal looks: problem details (RFC 9457), or the errors of OpenStack's guidelines."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Final

from .values import Refusal, RequestFacts

__all__ = ["openstack_errors", "problem_details", "quoted"]

# As much of the caller's own text as an answer repeats: longer ones are no versions.
_LONGEST_QUOTE: Final = 64


def quoted(text: str) -> str:
    """Return what a caller said, as a message may repeat it: shortened, and nothing in it that does something."""
    shown = text if len(text) <= _LONGEST_QUOTE else f"{text[: _LONGEST_QUOTE - 1]}…"
    return "'" + "".join(each if each.isprintable() else "?" for each in shown) + "'"


def problem_details(refusal: Refusal, request: RequestFacts) -> tuple[str, bytes]:  # noqa: ARG001 - a Render
    """Return an ``application/problem+json`` (RFC 9457): the members of the refusal stand beside the usual ones."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(refusal.status).phrase,
        "status": refusal.status,
        "detail": refusal.detail,
        "code": refusal.code,
        **refusal.members,
    }
    return "application/problem+json", json.dumps(body).encode()


def openstack_errors(refusal: Refusal, request: RequestFacts) -> tuple[str, bytes]:  # noqa: ARG001 - a Render
    """Return what OpenStack's API guidelines ask for: a list ``errors``, ``min_version`` and ``max_version`` in it."""
    error: dict[str, object] = {
        "status": refusal.status,
        "title": HTTPStatus(refusal.status).phrase,
        "detail": refusal.detail,
        "code": refusal.code,
        **refusal.members,
        "links": list[str](),
    }
    return "application/json", json.dumps({"errors": [error]}).encode()
