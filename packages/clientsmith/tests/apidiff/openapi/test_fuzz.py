"""Two things that are held against others: what JSON Schema itself says of values, and documents full of nonsense."""

from __future__ import annotations

import copy
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from clientsmith.apidiff.difference import Difference, Kind
from clientsmith.apidiff.openapi import compare_documents
from clientsmith.findings import InputError
from clientsmith.openapi.pointer import join
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

Schema = dict[str, Any]
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def _module(name: str) -> ModuleType:
    known = f"clientsmith_openapi_{name}"
    if known not in sys.modules:
        spec = importlib.util.spec_from_file_location(known, Path(__file__).with_name(f"{name}.py"))
        assert spec is not None
        assert spec.loader is not None
        sys.modules[known] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[known]


# --- what JSON Schema says -------------------------------------------------------------------------------------------

_numbers = st.sampled_from([-1, 0, 1, 2, 3])
_TEXTS = ["", "a", "b", "ab", "abc"]


def _some(said: Schema, /, **optional: st.SearchStrategy[Any]) -> st.SearchStrategy[Schema]:
    return st.fixed_dictionaries({key: st.just(value) for key, value in said.items()}, optional=optional)


_plain: st.SearchStrategy[Schema] = st.one_of(
    _some({"type": "integer"}, minimum=_numbers, exclusiveMaximum=_numbers, multipleOf=st.sampled_from([1, 2])),
    _some({"type": "number"}, exclusiveMinimum=_numbers, maximum=_numbers),
    _some({"type": "string"}, minLength=st.integers(0, 2), maxLength=st.integers(0, 3)),
    _some({"type": "string"}, enum=st.lists(st.sampled_from(_TEXTS), min_size=1, max_size=3, unique=True)),
    _some({"type": ["string", "null"]}, pattern=st.sampled_from(["^a", "b$"])),
    st.just({"const": "a"}),
    st.just({"type": "null"}),
    st.just({"type": "boolean"}),
)


def _larger(inner: st.SearchStrategy[Schema]) -> st.SearchStrategy[Schema]:
    properties = st.dictionaries(st.sampled_from("xy"), inner, max_size=2)
    required = st.lists(st.sampled_from("xy"), max_size=2, unique=True)
    return st.one_of(
        _some({"type": "object"}, properties=properties, required=required),
        _some({"type": "array"}, items=inner, minItems=st.integers(0, 2), maxItems=st.integers(0, 2)),
        st.lists(inner, min_size=1, max_size=3).map(lambda schemas: {"anyOf": schemas}),
        st.lists(inner, min_size=1, max_size=2).map(lambda schemas: {"allOf": schemas}),
    )


_schemas = st.recursive(_plain, _larger, max_leaves=4)
_scalars: list[Any] = [None, True, -1, 0, 1, 2, 3, 0.5, 2.5, *_TEXTS]
_VALUES: list[Any] = [
    *_scalars,
    {},
    *({"x": value} for value in _scalars),
    *({"x": value, "y": other} for value in _scalars[::2] for other in _scalars[::3]),
    *({"y": value} for value in _scalars),
    [],
    *([value] for value in _scalars),
    *([value, value] for value in _scalars),
]


def _sent(schema: Schema) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    operation = {"requestBody": {"content": content}, "responses": {"200": {"description": "", "content": content}}}
    return {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {"/a": {"post": operation}}}


def _names(schema: Any) -> set[str]:
    """The properties that are described anywhere."""
    if isinstance(schema, dict):
        return {*schema.get("properties", {}), *(name for part in schema.values() for name in _names(part))}
    return {name for part in schema for name in _names(part)} if isinstance(schema, list) else set()


def _is_told(value: Any, schema: Schema) -> bool:
    """Whether all of an object's properties are described; of others a schema says nothing, which is no promise."""
    return not isinstance(value, dict) or value.keys() <= _names(schema)


@QUICK
@given(old=_schemas, new=_schemas)
def test_values_that_are_refused_now_are_a_break_for_who_sends_them_and_new_ones_for_who_receives(
    old: Schema, new: Schema
) -> None:
    found = compare_documents(_sent(old), _sent(new))
    breaks = {one.rule.partition("-")[0] for one in found if one.kind is Kind.BREAKING}
    before, after = Draft202012Validator(old), Draft202012Validator(new)
    for value in _VALUES:
        was, is_ = before.is_valid(value), after.is_valid(value)
        if was and not is_ and _is_told(value, old):
            assert {"request", "new"} & breaks, f"{value!r} is refused now"
        if is_ and not was and _is_told(value, new):
            assert "response" in breaks, f"{value!r} is received now"


@QUICK
@given(schema=_schemas, data=st.data())
def test_a_schema_and_itself_in_other_words_allow_the_same(schema: Schema, data: st.DataObject) -> None:
    wrap = data.draw(st.sampled_from(["allOf", "anyOf", "oneOf"]))
    assert compare_documents(_sent(schema), _sent({wrap: [schema]})) == []


# --- nonsense --------------------------------------------------------------------------------------------------------

_NONSENSE: list[Any] = [
    None, True, False, 0, -1.5, "", "x", [], {}, [None], {"$ref": "#"}, {"$ref": "#/paths"}, {"$ref": 5}, [[]], {"": {}},
]  # fmt: skip


def _pointers(value: Any, pointer: str = "") -> list[str]:
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [pointer, *(found for key, part in parts for found in _pointers(part, join(pointer, str(key))))]


_corpus = _module("corpus")
_BASE = _corpus.base()
_POINTERS = [pointer for pointer in _pointers(_BASE) if pointer.count("/") > 1]


@QUICK
@given(places=st.lists(st.sampled_from(_POINTERS), min_size=1, max_size=4), data=st.data())
def test_nonsense_anywhere_is_no_crash(places: list[str], data: st.DataObject) -> None:
    broken = copy.deepcopy(_BASE)
    for place in places:
        try:
            broken = _corpus.edited(broken, {place: data.draw(st.sampled_from(_NONSENSE))})
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):  # what it is in is nonsense already
            assume(False)
    try:
        found = [*compare_documents(_BASE, broken), *compare_documents(broken, _BASE)]
        of_itself = compare_documents(broken, broken)
    except InputError:  # one refusal, said in one line
        return
    assert all(isinstance(one, Difference) for one in found)
    assert of_itself == []
