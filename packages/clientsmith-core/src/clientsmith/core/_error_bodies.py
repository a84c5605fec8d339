"""What the body of an error says, in the shapes that services give it. Nothing here raises.

`service_error` finds the code and the words that most bodies have, `listed` the problems that some list beside them.
`shown` is for the others: what of a body without words may stand in a message. A list of problems is shown by places
and words, anything else by its plain members. What speaks of a secret by its name is hidden, and so is what a service
repeats of the caller's input, which may be one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

__all__ = ["json_object", "listed", "service_error", "shown"]

# A service's own words in an error message are cut here: enough to read, too little to flood a log.
_MESSAGE_LIMIT: Final = 500
# What is shown for want of words is cut to about two lines, and each of its values to less.
_BODY_LIMIT: Final = 200
_VALUE_LIMIT: Final = 80

# Where bodies have their words, their lists of problems, and each of these its place.
_CODES: Final = ("code", "error_code", "errorCode")
_WORDS: Final = ("message", "detail", "error_description", "title", "msg")
# An error itself also has words that in one problem of many, or in a thing that has a name, mean something else.
_OWN_WORDS: Final = (*_WORDS[:3], "faultstring", "description", *_WORDS[3:], "error_message")
_LISTS: Final = ("errors", "detail", "details", "problems", "violations", "issues")
_PLACES: Final = ("loc", "field", "path", "pointer", "target", "location", "property")
_HIDDEN: Final = (
    "pass", "secret", "token", "key", "auth", "credential", "cookie", "session", "signature", "assertion", "pin",
    "input", "value", "given",
)  # fmt: skip


def json_object(body: bytes) -> Mapping[str, Any] | None:
    """Return the JSON object that a body is, None if it is something else."""
    parsed = _json(body)
    return cast("dict[str, Any]", parsed) if isinstance(parsed, dict) else None


def service_error(document: Mapping[str, Any] | None) -> tuple[str | None, str]:
    """Return the service's code and message from the shapes that error bodies have in the field.

    ``{"error": {"code", "message"}}`` (Azure, Google), ``{"code", "message"}``, ``{"error": "…", "error_description"}``
    (OAuth2, RFC 6749), problem details ``{"type", "title", "detail"}`` (RFC 9457) and a single
    ``{"errors": [{"code", "title", "detail"}]}`` (JSON:API, OpenStack). Of several errors none is the one.
    OpenStack's services have two more: ``{"itemNotFound": {"code", "message"}}``, and the object as a text of JSON in
    ``{"error_message": "…"}``.
    """
    if document is None:
        return None, ""
    inner = document.get("error")
    fields = cast("Mapping[str, Any]", inner) if isinstance(inner, dict) else _unwrapped(document)
    code = _first(fields, _CODES)
    said = _first(fields, _OWN_WORDS)
    listed = document.get("errors")
    several = cast("list[object]", listed) if isinstance(listed, list) else []
    if not said and len(several) == 1 and isinstance(only := several[0], dict):
        code = code or _first(cast("Mapping[str, Any]", only), _CODES)
        said = _problem(cast("object", only))
    if isinstance(inner, str):
        said = said or inner
    return code or None, said[:_MESSAGE_LIMIT]


def _unwrapped(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the object that is all there is in another one, be it a text; else the document as it is."""
    if len(document) != 1:
        return document
    (only,) = document.values()
    if isinstance(only, str) and only.startswith("{"):
        only = _json(only.encode())
    return cast("Mapping[str, Any]", only) if isinstance(only, dict) else document


def shown(body: bytes) -> str:
    """Return in one line what may be shown of a JSON body without words; "" for any other."""
    found = _json(body)
    plain = _plain(cast("dict[str, object]", found)) if isinstance(found, dict) else ""
    return listed(body) or _cut(plain)


def listed(body: bytes) -> str:
    """Return in one line the problems that a JSON body lists, by their places and words; "" if it lists none."""
    found = _json(body)
    if isinstance(found, dict):
        members = cast("dict[str, object]", found)
        found = next((members[name] for name in _LISTS if isinstance(members.get(name), list)), None)
    return _cut(_problems(cast("list[object]", found))) if isinstance(found, list) else ""


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _BODY_LIMIT else line[: _BODY_LIMIT - 1] + "…"


def _problems(items: Sequence[object]) -> str:
    """Return ``[{"loc": ["body", "size"], "msg": "too long"}, …]`` as ``body.size: too long; …``."""
    return "; ".join(text for item in items if (text := _problem(item)))


def _problem(item: object) -> str:
    if isinstance(item, str):
        return item
    if not isinstance(item, dict):
        return ""
    fields = cast("dict[str, Any]", item)
    place = next((fields[name] for name in _PLACES if fields.get(name)), "")
    where = ".".join(map(str, cast("list[object]", place))) if isinstance(place, list) else str(place)
    said = _first(fields, _WORDS)
    if not said:
        return _plain(fields)
    return f"{where}: {said}" if where else said


def _plain(fields: Mapping[str, object]) -> str:
    """Return the members that are no structure and no long text."""
    short = (
        f"{name}={_value(name, value)}"
        for name, value in fields.items()
        if isinstance(value, str | int | float) and 0 < len(str(value)) <= _VALUE_LIMIT
    )
    return ", ".join(short)


def _value(name: str, value: object) -> str:
    return "***" if any(word in name.lower() for word in _HIDDEN) else str(value)


def _first(fields: Mapping[str, Any], names: Sequence[str]) -> str:
    for name in names:
        value = fields.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool):
            return str(value)
    return ""


def _json(body: bytes) -> object:
    try:
        return json.loads(body) if body else None
    except (ValueError, RecursionError):  # the second: thousands of brackets, to hide the status
        return None
