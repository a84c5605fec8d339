"""The methods of the client: verb, noun, and a name that is theirs alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from clientsmith.findings import Finding, note

from ..ir import Api, Operation, Scalar, ScalarKind
from ..lookup import with_operations
from ..names import METHOD_NAMES, Wish, allocate, first_of, snake_case
from ..verbs import Wording, choose_wording, constant_words, is_item_path, own_words, path_words
from ..words import split_words

__all__ = ["name_operations"]

_CODE = re.compile(r"(?<!`)`([^`\s]+)`(?!`)")
# Longer names are no longer read; the goal of 40 characters comes from research over 10,771 operations.
_LONGEST = 60


def name_operations(api: Api) -> tuple[Api, list[Finding]]:
    """Name every operation. Two that want the same name are told apart by their path, then by their id."""
    shapes = dict(api.shapes)
    wordings = {one.pointer: choose_wording(one, shapes, is_list=one.paging is not None) for one in api.operations}
    # One version for all tells nothing; several tell `get_job_v1` from `get_job_v2`.
    has_versions = len({tuple(constant_words(one.path)) for one in api.operations}) > 1
    wishes = [
        Wish(one.pointer, _candidates(one, wordings[one.pointer], has_versions=has_versions), _rank(one))
        for one in api.operations
    ]
    names = allocate(wishes, METHOD_NAMES)
    methods = {one.operation_id: names[one.pointer] for one in api.operations if one.operation_id}
    named = tuple(_named(one, wordings[one.pointer], names[one.pointer], methods) for one in api.operations)
    findings = _renamed(api.operations, wordings, dict(names))
    return with_operations(api, named), findings


def _named(operation: Operation, wording: Wording, name: str, methods: Mapping[str, str]) -> Operation:
    returns = Scalar(ScalarKind.BOOLEAN) if wording.verb == "exists" else operation.returns
    return replace(
        operation,
        verb=wording.verb,
        noun=" ".join(wording.noun),
        name=name,
        # "ask for its result with `getJob`": who reads the client looks for `get_job`.
        description=_CODE.sub(lambda found: f"`{methods.get(found[1], found[1])}`", operation.description),
        evidence=wording.evidence,
        returns=returns,
    )


def _candidates(operation: Operation, wording: Wording, *, has_versions: bool) -> tuple[str, ...]:
    """The name, then names that tell more of the path: its version, its key, what is around it, all of it."""
    noun, path = wording.noun, operation.path
    things = path_words(path)
    key = split_words(path.rsplit("/", 1)[-1]) if is_item_path(path) else []
    parent = [word for words in things[-2:-1] for word in words]
    nouns = [
        noun,
        (*noun, *constant_words(path)) if has_versions else (),
        (*noun, "by", *key) if key else (),
        (*parent, *noun) if not set(parent) & set(noun) else (),
    ]
    _verb, _noun, is_written = own_words(operation)
    names = [_name(wording, longer) for longer in nouns if longer or not noun]
    if is_written:
        names.append(snake_case(operation.operation_id, "call")[:_LONGEST])
    names += [_name(wording, tuple(split_words(text))) for text in (path, f"{path} {operation.method}")]
    prefix = "begin_" if operation.long_running is not None else ""
    return first_of([prefix + name for name in names])


def _name(wording: Wording, noun: tuple[str, ...]) -> str:
    without_verb = noun[1:] if len(noun) > 1 and noun[0] == wording.verb else noun
    return snake_case(replace(wording, noun=without_verb).name, "call")


def _rank(operation: Operation) -> int:
    """The shorter path has the shorter name; a deprecated operation steps back."""
    return operation.path.count("/") + (100 if operation.deprecated else 0)


def _renamed(operations: tuple[Operation, ...], wordings: dict[str, Wording], names: dict[str, str]) -> list[Finding]:
    findings: list[Finding] = []
    for operation in operations:
        wanted, name = wordings[operation.pointer].name, names[operation.pointer]
        if name not in (wanted, f"begin_{wanted}"):
            message = f"{operation.method} {operation.path} is {name!r}, since another operation is {wanted!r}"
            findings.append(note("operation-renamed", message, operation.pointer, "give it an operationId of its own"))
    return findings
