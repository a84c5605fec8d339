"""What clients on clientsmith.core say of themselves: their operations know how a service answers."""

# What is looked at here is of types that nobody knows before.
# pyright: basic

from __future__ import annotations

import importlib
import math
import re
import sys
from collections.abc import Mapping
from typing import Any, Final

from .values import ENDPOINT

__all__ = ["answers_of", "ask_no_versions", "authentication_of", "model_of"]

_ACCEPTED: Final = 202


def ask_no_versions(client: Any) -> None:
    """Let a client begin with the version that it likes best: the rules are about what methods send."""
    versioning = sys.modules.get("clientsmith.core.versioning")
    negotiator = versioning.negotiation_of(client) if versioning is not None else None
    if negotiator is not None:
        negotiator.go_on(math.inf)


def model_of(cls: type[Any], wire: Mapping[str, Any]) -> Any:
    """Return a model that stands for what came over the wire."""
    for name in ("from_dict", "model_validate", "_deserialize", "deserialize"):
        if callable(make := getattr(cls, name, None)):
            return make(dict(wire))
    make_it: Any = cls
    return make_it(dict(wire)) if issubclass(cls, Mapping) else make_it(**wire)


def authentication_of(module: str) -> list[str]:
    """Return the names of the classes that authenticate requests, as a generated package lists them."""
    return [type(scheme).__name__ for scheme in importlib.import_module(module).AUTHENTICATION]


def answers_of(module: str, name: str, text_items: bool = False) -> dict[str, Any]:
    """Return the answers by which an operation succeeds and, of one that takes long, fails: ``{}`` if nobody knows.

    Args:
        text_items: Whether the items of a list are text.
    """
    operation = getattr(importlib.import_module(module), name, None)
    if operation is None:
        return {}
    if (paging := getattr(operation, "paging", None)) is not None:
        return {"success": _pages(paging, "sample" if text_items else {})}
    if (polling := getattr(operation, "polling", None)) is not None:
        failed = _polls(polling, polling.failed[0]) if polling.failed else []
        return {"success": _polls(polling, polling.succeeded[0]), "failure": failed}
    return {}


def _with(path: tuple[str, ...], leaf: Any, body: Any = None) -> Any:
    """Return the body with a value at a path of keys; the empty path is the body itself."""
    if not path:
        return leaf
    known = dict(body) if isinstance(body, Mapping) else {}
    return {**known, path[0]: _with(path[1:], leaf, known.get(path[0]))}


def _pages(paging: Any, item: Any) -> list[dict[str, Any]]:
    scheme = type(paging).__name__
    if scheme == "NextLink" and not hasattr(paging, "items"):
        return []
    first, last = _with(paging.items, [item]), _with(paging.items, [])
    headers: dict[str, str] = {}
    if hasattr(paging, "next") and scheme != "NextToken":
        first = _with(paging.next, f"{ENDPOINT}/next", first)
    elif scheme == "NextToken":
        first = _with(paging.next, "token-2", first)
    elif scheme == "NextLinkHeader":
        url = f"{ENDPOINT}/next"
        headers = {paging.header: f'<{url}>; rel="next"' if paging.header.lower() == "link" else url}
    elif scheme == "PageNumber" and paging.pages:
        first, last = (_with(paging.pages, 2, body) for body in (first, last))
    elif scheme == "Offset" and paging.total:
        first, last = (_with(paging.total, 2, body) for body in (first, last))
    # A list is over for some schemes when a page comes empty, so one more is there to be asked for.
    more = [] if scheme == "SinglePage" else [{"json": last}] * 2
    return [{"json": first, "headers": headers}, *more]


def _polls(polling: Any, last_word: str) -> list[dict[str, Any]]:
    first: Any = dict.fromkeys(re.findall(r"{([^{}]+)}", polling.poll_path), "sample")
    headers = {} if polling.poll_path else {polling.headers[0]: f"{ENDPOINT}/operations/1"}
    over = _with(polling.status, last_word, _with(polling.result, {}))
    return [{"status": _ACCEPTED, "json": first, "headers": headers}, {"json": over}, {"json": over}]
