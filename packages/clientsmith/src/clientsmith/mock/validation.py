"""Whether a value is what a schema says, and if not: where, which rule, and what was expected.

JSON Schema is read as API descriptions mean it. ``oneOf`` is "one of these at least", since alternatives are rarely
written so that they exclude each other; a discriminator chooses. What is read only cannot be required of a request, nor
what is write only of an answer. ``additionalProperties: false`` in a part of ``allOf`` speaks of that part alone, and
beside ``allOf`` and the like of all parts, or nothing could ever fit.
"""

from __future__ import annotations

import base64
import binascii
import datetime
import ipaddress
import re
import uuid
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Any, Final, NamedTuple, cast

from clientsmith.openapi.data import is_array, is_object
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import (
    ValidationError,
    best_match,  # pyright: ignore[reportUnknownVariableType]  # half typed by the library's stubs
)
from jsonschema.validators import extend  # pyright: ignore[reportUnknownVariableType]  # the same

from .schemas import Schema, Schemas

__all__ = ["Direction", "Mistake", "Validator"]


class Direction(StrEnum):
    """Which way a value travels."""

    REQUEST = "request"
    ANSWER = "answer"


class Mistake(NamedTuple):
    """What is wrong with one part of a value.

    Attributes:
        pointer: JSON pointer to the part, "" for the value itself.
        rule: The word of JSON Schema that refuses it.
        expected: What would have been right.
        message: Both, as a sentence.
    """

    pointer: str
    rule: str
    expected: str
    message: str


class Validator:
    """Checks values against the schemas of one document."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas
        self._classes = {direction: _class_for(schemas, direction) for direction in Direction}

    def mistakes(self, value: object, schema: Schema, direction: Direction) -> list[Mistake]:
        """Return what is wrong with ``value``, [] if nothing is."""
        validator = self._classes[direction](cast("Any", schema), format_checker=_FORMATS)
        try:
            # An error of one place can be told by several words; the first of each place is enough to act on.
            found = {error.json_path: _mistake(error) for error in reversed(list(validator.iter_errors(value)))}
        except RecursionError:  # a schema that never ends refuses nothing
            return []
        return list(reversed(found.values()))

    def accepts(self, value: object, schema: Schema, direction: Direction) -> bool:
        """Whether nothing is wrong with ``value``."""
        validator = self._classes[direction](cast("Any", schema), format_checker=_FORMATS)
        try:
            return next(validator.iter_errors(value), None) is None
        except RecursionError:
            return True


# --- how the words are read ------------------------------------------------------------------------------------------

_Errors = Iterator[ValidationError]
_additional: Final[Any] = Draft202012Validator.VALIDATORS["additionalProperties"]


def _class_for(schemas: Schemas, direction: Direction) -> Any:
    """Return a validator class that follows our references and reads some words as API descriptions mean them."""

    def reference(validator: Any, place: str, instance: Any, _schema: Schema) -> _Errors:
        yield from validator.descend(instance, schemas.at(place))

    def required(_validator: Any, names: list[str], instance: Any, schema: Schema) -> _Errors:
        if not is_object(instance):
            return
        for name in names:
            if name not in instance and not _is_left_out(schemas, schema, name, direction):
                yield ValidationError(f"{name!r} is missing; it is required")

    def more(validator: Any, others: Schema, instance: Any, schema: Schema) -> _Errors:
        if is_object(instance) and {"$ref", "allOf", "anyOf", "oneOf"} & schema.keys():
            named = _properties(schemas, schema)
            instance = {name: value for name, value in instance.items() if name not in named}
        yield from _additional(validator, others, instance, schema)

    def every(validator: Any, members: list[Schema], instance: Any, _schema: Schema) -> _Errors:
        for index, member in enumerate(members):
            yield from validator.descend(instance, _open(schemas, member), schema_path=index)

    def alternatives(validator: Any, members: list[Schema], instance: Any, schema: Schema) -> _Errors:
        chosen = _chosen(schemas, schema, members, instance)
        if chosen is not None:
            yield from validator.descend(instance, chosen)
            return
        told: list[ValidationError] = []
        for index, member in enumerate(members):
            error = next(iter(validator.descend(instance, member, schema_path=index)), None)
            if error is None:
                return
            told.append(error)
        yield ValidationError(f"{_shown(instance)} fits none of the {len(members)} alternatives", context=told)

    return extend(  # type: ignore[no-untyped-call]  # the library has no types for it
        Draft202012Validator,
        {"$ref": reference, "required": required, "additionalProperties": more, "allOf": every, "anyOf": alternatives,
         "oneOf": alternatives, "pattern": _pattern, "enum": _enum, "multipleOf": _multiple_of},
    )  # fmt: skip


def _is_left_out(schemas: Schemas, schema: Schema, name: str, direction: Direction) -> bool:
    """Whether a property does not travel in this direction, or is one that nobody can know of."""
    if direction is Direction.REQUEST and _is_unheard_of(schema, name):
        return True
    word = "readOnly" if direction is Direction.REQUEST else "writeOnly"
    described = _properties(schemas, schema).get(name, ())
    return any(one.get(word) is True for part in described for one in _with_target(schemas, part))


def _is_unheard_of(schema: Schema, name: str) -> bool:
    """Whether a schema that stands alone requires what it does not describe: a name that was misspelt, or left over."""
    return "properties" in schema and name not in schema["properties"] and not {"$ref", "allOf"} & schema.keys()


def _properties(schemas: Schemas, schema: Schema) -> dict[str, list[Schema]]:
    """Return every property that a schema or one of its parts describes, with what each of them says of it."""
    found: dict[str, list[Schema]] = {}
    waiting, seen = [schema], set[str]()
    while waiting:
        part = waiting.pop()
        for name, described in part.get("properties", {}).items():
            found.setdefault(name, []).append(described)
        waiting += [one for word in ("allOf", "anyOf", "oneOf") for one in part.get(word, ())]
        place = part.get("$ref")
        if place is not None and place not in seen:
            seen.add(place)
            waiting.append(schemas.at(place))
    return found


def _with_target(schemas: Schemas, schema: Schema) -> Iterable[Schema]:
    yield schema
    if "$ref" in schema:
        yield schemas.at(schema["$ref"])


def _open(schemas: Schemas, member: Schema) -> Schema:
    """Return a part of ``allOf`` that allows what the other parts name."""
    target = schemas.at(member["$ref"]) if set(member) == {"$ref"} else member
    if target.get("additionalProperties") != {"not": {}}:
        return member
    return {word: value for word, value in target.items() if word != "additionalProperties"}


def _chosen(schemas: Schemas, schema: Schema, members: list[Schema], instance: Any) -> Schema | None:
    """Return the alternative that the discriminator names, None where it names none."""
    said = schema.get("discriminator")
    if said is None or not is_object(instance):
        return None
    tag = instance.get(said["propertyName"])
    places = [place for value, place in said["mapping"].items() if value == tag]
    own = [member["$ref"] for member in members if "$ref" in member]
    places += [place for place in own if isinstance(tag, str) and place.rpartition("/")[2] == tag]
    return schemas.at(places[0]) if places else None


def _pattern(_validator: Any, pattern: str, instance: Any, _schema: Schema) -> _Errors:
    if isinstance(instance, str) and not matches(pattern, instance):
        yield ValidationError(f"{_shown(instance)} does not match {pattern!r}")


def _enum(_validator: Any, values: list[Any], instance: Any, _schema: Schema) -> _Errors:
    # YAML reads a word such as `no` or `1.0` as something else than the author wrote.
    known = [*values, *(_as_text(value) for value in values if not isinstance(value, str))]
    if not any(value == instance and isinstance(value, bool) == isinstance(instance, bool) for value in known):
        yield ValidationError(f"{_shown(instance)} is none of the allowed values")


def _multiple_of(_validator: Any, factor: float, instance: Any, _schema: Schema) -> _Errors:
    if isinstance(instance, bool) or not isinstance(instance, int | float):
        return
    ratio = instance / factor
    # 0.3 is a multiple of 0.1, though not in binary fractions.
    if abs(ratio - round(ratio)) > 1e-9 * max(1.0, abs(ratio)):
        yield ValidationError(f"{instance} is no multiple of {factor}")


def _as_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _in_python(pattern: str) -> str:
    """Return a pattern of ECMA-262, which JSON Schema's are, as Python spells it."""
    return _NAMED_GROUP.sub("(?P<", pattern)


_NAMED_GROUP: Final = re.compile(r"\(\?<(?=[A-Za-z_])")


def matches(pattern: str, text: str) -> bool:
    """Whether ``text`` matches; a pattern that Python cannot read refuses nothing."""
    try:
        return re.search(_in_python(pattern), text) is not None
    except (re.error, RecursionError, OverflowError):
        return True


# --- formats ---------------------------------------------------------------------------------------------------------

_FORMATS: Final = FormatChecker(formats=())
_DATE_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:?\d\d)?")


def _check(name: str, read: Any) -> None:
    def check(instance: object) -> bool:
        if isinstance(instance, str):
            read(instance)
        return True

    _FORMATS.checks(name, raises=ValueError)(check)


def _read_date_time(text: str) -> None:
    if not _DATE_TIME.fullmatch(text):
        raise ValueError(text)
    datetime.datetime.fromisoformat(text)


def _read_base64(text: str) -> None:
    try:
        base64.b64decode(text, validate=True)
    except binascii.Error as problem:
        raise ValueError(text) from problem


_check("date-time", _read_date_time)
_check("date", datetime.date.fromisoformat)
_check("uuid", uuid.UUID)
_check("ipv4", ipaddress.IPv4Address)
_check("ipv6", ipaddress.IPv6Address)
_check("byte", _read_base64)


@_FORMATS.checks("int32")
def _is_int32(instance: object) -> bool:
    return not isinstance(instance, int) or isinstance(instance, bool) or -(2**31) <= instance < 2**31


# --- what is said about a mistake ------------------------------------------------------------------------------------


def _mistake(error: ValidationError) -> Mistake:
    """Return the most telling part of an error."""
    deepest = cast("ValidationError", best_match([error]) or error)
    path = cast("Iterable[str | int]", deepest.absolute_path)
    pointer = "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)
    rule = str(cast("object", deepest.validator))
    expected = _expected(rule, cast("Any", deepest.validator_value))
    return Mistake(pointer, rule, expected, f"{_sentence(deepest)}; expected {expected}")


def _sentence(error: ValidationError) -> str:
    message = error.message.strip()
    return message if len(message) <= 300 else f"{message[:300]}…"


def _expected(rule: str, value: Any) -> str:
    match rule:
        case "type":
            return " or ".join(map(str, value)) if is_array(value) else str(value)
        case "enum":
            values = ", ".join(repr(item) for item in value[:12])
            return f"one of {values}{' …' if len(value) > 12 else ''}"
        case "required":
            return f"the properties {', '.join(map(repr, value))}"
        case "anyOf" | "oneOf":
            return f"one of {len(value)} alternatives"
        case "additionalProperties" | "not" | "properties" | "items":
            return "nothing that the schema does not name"
        case "uniqueItems":
            return "no item twice"
        case _:
            return f"{rule} {value}"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:80]}…"
