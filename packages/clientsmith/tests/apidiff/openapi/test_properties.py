"""What holds for every document: itself is no change, other words for the same are none, and swapped sides mirror."""

from __future__ import annotations

import importlib.util
import random
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from clientsmith.apidiff.openapi import RULES, compare_documents
from clientsmith.openapi.parse import parse
from clientsmith.openapi.pointer import look_up

SPECS = Path(__file__).parents[2] / "specs"
DOCUMENTS = sorted(path.name for path in SPECS.iterdir() if path.suffix in (".json", ".yaml"))
Document = dict[str, Any]


def _module(name: str) -> ModuleType:
    """A table that lies beside this file; tests are imported one by one here, and have no package."""
    known = f"clientsmith_openapi_{name}"
    if known not in sys.modules:
        spec = importlib.util.spec_from_file_location(known, Path(__file__).with_name(f"{name}.py"))
        assert spec is not None
        assert spec.loader is not None
        sys.modules[known] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[known]


changes = _module("mutations")


def _read(name: str) -> Document:
    return parse((SPECS / name).read_text(encoding="utf-8"), name)[0]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_no_change_of_itself(name: str) -> None:
    assert compare_documents(_read(name), _read(name)) == []


# Lists in which the order means nothing.
_UNORDERED = frozenset({"required", "enum", "anyOf", "oneOf", "allOf", "type", "tags", "security", "parameters"})


def _permuted(value: Any, chance: random.Random, key: str = "") -> Any:
    if isinstance(value, dict):
        items = [(name, _permuted(part, chance, name)) for name, part in value.items()]
        chance.shuffle(items)
        return dict(items)
    if isinstance(value, list):
        parts = [_permuted(part, chance) for part in value]
        if key in _UNORDERED:
            chance.shuffle(parts)
        return parts
    return value


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("name", DOCUMENTS)
def test_another_order_is_no_change(name: str, seed: int) -> None:
    document = _read(name)
    assert compare_documents(document, _permuted(document, random.Random(seed))) == []


def _inlined(value: Any, root: Document, open_: tuple[str, ...] = ()) -> Any:
    """Write references to schemas out, two deep, and not where a schema contains itself."""
    if isinstance(value, list):
        return [_inlined(part, root, open_) for part in value]
    if not isinstance(value, dict):
        return value
    reference = value.get("$ref")
    if isinstance(reference, str) and "/schemas/" in reference and reference not in open_ and len(open_) < 2:
        return _inlined(look_up(root, reference.removeprefix("#")), root, (*open_, reference))
    kept = ("discriminator", "example", "examples")
    return {key: part if key in kept else _inlined(part, root, open_) for key, part in value.items()}


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if "v2.json" not in name or "naas" in name])
def test_references_written_out_are_no_change(name: str) -> None:
    document = _read(name)
    assert compare_documents(document, document | {"paths": _inlined(document["paths"], document)}) == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_is_added_one_way_is_removed_the_other_way(name: str) -> None:
    document = _read(name)
    made = changes.mutated(document, "remove an operation", random.Random(3))
    assert made is not None
    fewer, _ = made
    forward, back = compare_documents(document, fewer), compare_documents(fewer, document)
    assert [one.subject for one in back] == [one.subject for one in forward]
    assert {one.rule for one in back} == {"endpoint-added"}
    assert {one.rule for one in forward} <= {"api-removed-without-deprecation", "api-removed-with-deprecation"}


@pytest.mark.parametrize("operator", changes.OPERATORS)
@pytest.mark.parametrize("name", ["oai-petstore.json", "openstack-placement.yaml", "redocly-museum.yaml"])
def test_a_random_change_is_found_where_it_was_made(name: str, operator: str) -> None:
    document = _read(name)
    for seed in range(2):
        made = changes.mutated(document, operator, random.Random(seed))
        if made is None:
            return
        new, change = made
        found = compare_documents(document, new)
        assert any(
            one.rule in change.rules
            and any(place and place.pointer.startswith(change.pointer) for place in (one.old, one.new))
            for one in found
        ), f"{change} is not among {[(one.rule, one.subject, one.message) for one in found]}"


def test_every_change_has_a_rule_of_its_kind_and_both_places() -> None:
    document = _read("openstack-placement.yaml")
    new = _read("openstack-placement.yaml")
    for operator in changes.OPERATORS:
        changes.mutations(new, operator, random.Random(0), 2)
    found = compare_documents(document, new, old_file="old", new_file="new")
    assert len(found) >= 8
    for one in found:
        assert RULES[one.rule].kind is one.kind
        assert one.subject
        assert one.message
        assert one.old is not None
        assert one.new is not None
        assert (one.old.file, one.new.file) == ("old", "new")
