"""Turns the bytes and query strings of requests into values that are already right, or into a list of problems.

The fast path is one strict `msgspec.convert`. Only when that fails is every field looked at by itself, so that the
caller hears of all mistakes at once. What a problem repeats of the input is an allow-list: secrets, commands and
configuration never come back.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import msgspec

from naas.errors import FieldProblem, InvalidRequest, NotJson, WrongMediaType

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = [
    "CONTROL_CHARACTER",
    "MOST_PROBLEMS",
    "Raw",
    "convert",
    "parse_body",
    "parse_query",
    "refuse_renamed",
    "renamed_keys",
    "short",
]

_T = TypeVar("_T", bound=msgspec.Struct)
Raw = dict[str, Any]

# Fields whose submitted value may be repeated in a problem.
_SHOWN: Final = frozenset(
    {"port", "platform", "read_timeout", "conn_timeout", "job_timeout", "priority", "page", "per_page", "status"}
    | {"wait", "limit", "kind", "wave_size", "max_failures", "wave_pause_seconds", "since", "until", "ttl"}
)

# v1 names: their presence is refused under /v2/, so that nobody believes they had an effect.
_RENAMED: Final[Mapping[str, str]] = {"ip": "host", "device_type": "platform"}

# What a device would take for the end of a line, or for a key of its line editor: what follows would be a command that
# nobody looked at. A tab is harmless, and copied configurations are indented with it.
CONTROL_CHARACTER: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")

# A caller has read enough by then; a body full of mistakes must not become an answer ten times its size.
MOST_PROBLEMS: Final = 100


def parse_body(content_type: str, body: bytes, *, may_be_empty: bool = False) -> Raw:
    """Return the JSON object in a request body; ``may_be_empty`` also takes an object without fields.

    Raises:
        WrongMediaType: It is not declared as JSON.
        NotJson: It is missing, empty, or not JSON.
        InvalidRequest: It is JSON but not an object.
    """
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type != "application/json" and not media_type.endswith("+json"):
        raise WrongMediaType(content_type)
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        raise NotJson from exc
    if not value and not (may_be_empty and isinstance(value, dict)):
        raise NotJson
    if not isinstance(value, dict):
        raise InvalidRequest([FieldProblem("dict_type", (), "the body must be a JSON object")])
    return cast("Raw", value)


def refuse_renamed(raw: Raw) -> None:
    """Return if the request uses no field by its v1 name.

    Raises:
        InvalidRequest: It does.
    """
    if problems := list(renamed_keys(raw)):
        raise InvalidRequest(problems)


def parse_query(query: Mapping[str, str], struct: type[_T]) -> _T:
    """Return the query parameters as ``struct``; unknown ones are ignored."""
    return convert(dict(query), struct, strict=False)


def renamed_keys(raw: Raw) -> Iterator[FieldProblem]:
    """Yield a problem for each field that is called by its v1 name."""
    for old, new in _RENAMED.items():
        if old in raw:
            yield FieldProblem("extra_forbidden", (old,), f"'{old}' is not a field of v2; use '{new}'")


def convert(raw: Raw, struct: type[_T], *, strict: bool = True) -> _T:
    """Return the fields as ``struct``; unknown ones are ignored.

    Raises:
        InvalidRequest: With every field that is not as its type and bounds say.
    """
    try:
        return msgspec.convert(raw, struct, strict=strict)
    except msgspec.ValidationError:
        problems = list(_field_problems(raw, struct, strict=strict))
        raise InvalidRequest(problems) from None


def _field_problems(raw: Raw, struct: type[msgspec.Struct], *, strict: bool) -> Iterator[FieldProblem]:
    for info in msgspec.structs.fields(struct):
        name = info.encode_name
        if name not in raw:
            if info.required:
                yield FieldProblem("missing", (name,), "this field is required")
            continue
        try:
            msgspec.convert(raw[name], info.type, strict=strict)
        except msgspec.ValidationError as exc:
            yield _problem(name, raw[name], str(exc))


# "Expected `int`, got `str` - at `$[0]`": the rule, and the way from the field to the culprit.
_MESSAGE: Final = re.compile(r"(?P<rule>.*?)(?: - at `(?:key in )?\$(?P<path>[^`]*)`)?", re.DOTALL)

# One step of that way: an index, or the name of a field. Keys of a mapping, which are the caller's, come as "[...]".
_STEP: Final = re.compile(r"\[\d+\]|\.\w+")


def _problem(name: str, value: Any, message: str) -> FieldProblem:
    match = _MESSAGE.fullmatch(message)
    rule, path = (match["rule"], match["path"] or "") if match else (message, "")
    steps = tuple(int(step[1:-1]) if step[0] == "[" else step[1:] for step in _STEP.findall(path))
    harmless = name in _SHOWN and not steps and isinstance(value, str | int | float) and not isinstance(value, bool)
    shown = value if harmless else None
    return FieldProblem(_rule_name(rule), (name, *steps), _rule_text(rule), short(shown))


def _rule_name(rule: str) -> str:
    if got := re.match(r"Expected `(\w+)[^`]*`, got", rule):
        return f"{got[1]}_type"
    if " of length " in rule:
        return "wrong_length"
    if "matching regex" in rule:
        return "pattern_mismatch"
    if "enum value" in rule:
        return "enum"
    if rule.startswith("Object missing required field"):
        return "missing"
    return "out_of_range" if re.search(r"[<>]=? ", rule) else "value_error"


def _rule_text(rule: str) -> str:
    # An enum message quotes the submitted value; everything else only names types and bounds.
    if rule.startswith("Invalid enum value"):
        return "not one of the values that this field knows"
    return rule[0].lower() + rule[1:] if rule else "not valid"


def short(value: str | int | float | None) -> str | int | float | None:
    """Return what of a submitted value an answer repeats."""
    return value[:64] if isinstance(value, str) else value
