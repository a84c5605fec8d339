"""Turns the bytes and query strings of requests into values that are already right, or into a list of problems.

The fast path is one strict `msgspec.convert`. Only when that fails is every field looked at by itself, so that the
caller hears of all mistakes at once. What a problem repeats of the input is an allow-list: secrets, commands and
configuration never come back.
"""

from __future__ import annotations

import difflib
import ipaddress
import re
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import msgspec

from naas.api.wire import SendCommandRequest, SendConfigRequest
from naas.driver.patterns import BadPattern, CallerPattern
from naas.errors import FieldProblem, InvalidRequest, NotJson, WrongMediaType
from naas.jobs import CommandWork, ConfigWork, Device
from naas.service import Order

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

__all__ = [
    "CONTROL_CHARACTER",
    "near_matches",
    "parse_body",
    "parse_query",
    "read_command_order",
    "read_config_order",
    "refuse_renamed",
]

_T = TypeVar("_T", bound=msgspec.Struct)
Raw = dict[str, Any]

# Fields whose submitted value may be repeated in a problem.
_SHOWN: Final = frozenset({"port", "platform", "read_timeout", "conn_timeout", "page", "per_page", "status", "wait"})

# v1 names: their presence is refused under /v2/, so that nobody believes they had an effect.
_RENAMED: Final[Mapping[str, str]] = {"ip": "host", "device_type": "platform"}

# Asked for but not offered: refused rather than ignored, because somebody waits for the effect.
_NOT_OFFERED: Final = ("webhook_url", "webhook_secret")

_LABEL: Final = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)")
_TAG: Final = re.compile(r"[A-Za-z0-9_\-:]{1,64}")
_MOST_TAGS: Final = 10

# What a device would take for the end of a line, or for a key of its line editor: what follows would be a command that
# nobody looked at. A tab is harmless, and copied configurations are indented with it.
CONTROL_CHARACTER: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")

# A caller has read enough by then; a body full of mistakes must not become an answer ten times its size.
_MOST_PROBLEMS: Final = 100


def parse_body(content_type: str, body: bytes) -> Raw:
    """Return the JSON object in a request body.

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
    if not value:
        raise NotJson
    if not isinstance(value, dict):
        raise InvalidRequest([FieldProblem("dict_type", (), "the body must be a JSON object")])
    return cast("Raw", value)


def refuse_renamed(raw: Raw) -> None:
    """Return if the request uses no field by its v1 name.

    Raises:
        InvalidRequest: It does.
    """
    if problems := list(_renamed_keys(raw)):
        raise InvalidRequest(problems)


def parse_query(query: Mapping[str, str], struct: type[_T]) -> _T:
    """Return the query parameters as ``struct``; unknown ones are ignored."""
    return _convert(dict(query), struct, strict=False)


def read_command_order(
    raw: Raw, platforms: Callable[[], Collection[str]], *, request_id: str | None, idempotency_key: str | None
) -> Order:
    """Return the order that a send-command request means.

    Raises:
        InvalidRequest: With every problem that was found, up to a hundred.
    """
    request = _checked(raw, SendCommandRequest, platforms)
    work = CommandWork(tuple(request.commands), request.expect_string)
    return _order(request, work, request_id, idempotency_key)


def read_config_order(
    raw: Raw, platforms: Callable[[], Collection[str]], *, request_id: str | None, idempotency_key: str | None
) -> Order:
    """Return the order that a send-config request means.

    Raises:
        InvalidRequest: With every problem that was found, up to a hundred.
    """
    request = _checked(raw, SendConfigRequest, platforms)
    lines = request.config if request.config is not None else request.commands or []
    work = ConfigWork(tuple(lines), request.save_config, request.commit)
    return _order(request, work, request_id, idempotency_key)


def _order(
    request: SendCommandRequest | SendConfigRequest,
    work: CommandWork | ConfigWork,
    request_id: str | None,
    idempotency_key: str | None,
) -> Order:
    return Order(
        device=Device(request.host, request.port, request.platform),
        work=work,
        read_timeout=request.read_timeout,
        conn_timeout=request.conn_timeout,
        context=request.context,
        tags=request.tags or {},
        enable=request.enable,
        request_id=request_id,
        idempotency_key=idempotency_key,
    )


_R = TypeVar("_R", bound=SendCommandRequest | SendConfigRequest)


def _checked(raw: Raw, struct: type[_R], platforms: Callable[[], Collection[str]]) -> _R:
    refused = [*_renamed_keys(raw), *_keys_not_offered(raw)]
    try:
        request = _convert(raw, struct, strict=True)
    except InvalidRequest as exc:
        raise InvalidRequest([*refused, *exc.problems]) from None
    problems = [*refused, *islice(_rules(request, platforms()), _MOST_PROBLEMS)]
    if problems:
        raise InvalidRequest(problems)
    return request


def _renamed_keys(raw: Raw) -> Iterator[FieldProblem]:
    for old, new in _RENAMED.items():
        if old in raw:
            yield FieldProblem("extra_forbidden", (old,), f"'{old}' is not a field of v2; use '{new}'")


def _keys_not_offered(raw: Raw) -> Iterator[FieldProblem]:
    for name in _NOT_OFFERED:
        if raw.get(name) is not None:
            yield FieldProblem("not_offered", (name,), f"this version of the service does not offer '{name}'")


def _convert(raw: Raw, struct: type[_T], *, strict: bool) -> _T:
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


def _problem(name: str, value: Any, message: str) -> FieldProblem:
    match = _MESSAGE.fullmatch(message)
    rule, path = (match["rule"], match["path"] or "") if match else (message, "")
    indices = tuple(int(index) for index in re.findall(r"\[(\d+)\]", path))
    shown = value if name in _SHOWN and isinstance(value, str | int | float) else None
    return FieldProblem(_rule_name(rule), (name, *indices), _rule_text(rule), _short(shown))


def _rule_name(rule: str) -> str:
    if got := re.match(r"Expected `(\w+)[^`]*`, got", rule):
        return f"{got[1]}_type"
    if " of length " in rule:
        return "wrong_length"
    if "matching regex" in rule:
        return "pattern_mismatch"
    if "enum value" in rule:
        return "enum"
    return "out_of_range" if re.search(r"[<>]=? ", rule) else "value_error"


def _rule_text(rule: str) -> str:
    # An enum message quotes the submitted value; everything else only names types and bounds.
    if rule.startswith("Invalid enum value"):
        return "not one of the values that this field knows"
    return rule[0].lower() + rule[1:] if rule else "not valid"


def _short(value: str | int | float | None) -> str | int | float | None:
    return value[:64] if isinstance(value, str) else value


def _rules(request: SendCommandRequest | SendConfigRequest, platforms: Collection[str]) -> Iterator[FieldProblem]:
    """Yield what types and bounds cannot say."""
    if not _is_host(request.host):
        yield FieldProblem("host", ("host",), "must be an IPv4 address, an IPv6 address or a host name")
    if request.platform not in platforms:
        near = near_matches(request.platform, platforms)
        hint = f"; did you mean {' or '.join(near)}?" if near else "; the names are those of Netmiko's platforms"
        name = _short(request.platform)
        yield FieldProblem("unknown_platform", ("platform",), f"unknown platform {name!r}{hint}", name, near)
    yield from _tag_rules(request.tags or {})
    if request.enable is not None and CONTROL_CHARACTER.search(request.enable):
        yield FieldProblem("control_character", ("enable",), "must not hold control characters")
    if isinstance(request, SendCommandRequest):
        yield from _line_rules("commands", request.commands)
        yield from _pattern_rule(request.expect_string)
    elif request.config is None and request.commands is None:
        yield FieldProblem("missing", ("config",), "one of 'config' and 'commands' is required")
    else:
        for name, lines in (("config", request.config), ("commands", request.commands)):
            if lines is not None:
                yield from _line_rules(name, lines)


def _line_rules(name: str, lines: list[str]) -> Iterator[FieldProblem]:
    for index, line in enumerate(lines):
        if not line.strip():
            yield FieldProblem("blank", (name, index), "must not be blank")
        # Line ends at the end are what a file leaves behind; they are not sent twice.
        elif CONTROL_CHARACTER.search(line.rstrip()):
            rule = "must be one line without control characters; give each line an entry of its own"
            yield FieldProblem("control_character", (name, index), rule)


def _pattern_rule(pattern: str | None) -> Iterator[FieldProblem]:
    if pattern is None:
        return
    try:
        CallerPattern(pattern)
    except BadPattern as exc:
        yield FieldProblem("pattern", ("expect_string",), f"is not a regular expression: {exc}")


def _tag_rules(tags: Mapping[str, str]) -> Iterator[FieldProblem]:
    if len(tags) > _MOST_TAGS:
        yield FieldProblem("wrong_length", ("tags",), f"at most {_MOST_TAGS} tags are allowed, {len(tags)} were given")
    for position, (key, value) in enumerate(tags.items()):
        if not (_TAG.fullmatch(key) and _TAG.fullmatch(value)):
            rule = "key and value must be 1 to 64 letters, digits, '_', '-' or ':'"
            yield FieldProblem("pattern_mismatch", ("tags", position), rule)


def _is_host(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        # Four numbers that are no address are a mistyped address, not a host name.
        labels = host.split(".")
        return all(_LABEL.fullmatch(label) for label in labels) and not all(label.isdigit() for label in labels)
    # A zone id ("fe80::1%eth0") would reach the resolver as typed.
    return "%" not in host


def near_matches(name: str, known: Collection[str]) -> tuple[str, ...]:
    """Return up to three known names that a person who wrote ``name`` may have meant, nearest first."""
    wanted = name.lower().replace("-", "_").replace(" ", "_")
    alike = difflib.get_close_matches(wanted, known, n=3, cutoff=0.7)
    holding = sorted((other for other in known if wanted and wanted in other), key=lambda other: (len(other), other))
    return tuple(dict.fromkeys([*alike, *holding]))[:3]
