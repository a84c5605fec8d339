"""The methods of each client: verb, noun, and a name that is theirs alone."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Final

from clientsmith.configuration import Configuration, OperationSettings
from clientsmith.findings import Finding, note

from ..decided import place_of, refused, said_of
from ..ir import Api, Group, NamedShape, Operation, Scalar, ScalarKind
from ..lookup import with_operations
from ..names import METHOD_NAMES, Wish, allocate, first_of, snake_case
from ..verbs import Wording, choose_wording, constant_words, is_item_path, own_words, path_words
from ..words import singular, split_words

__all__ = ["name_operations"]

# What is streamed or downloaded says enough where the verb only says that there is something.
_PLAIN_VERBS: Final = ("get", "list", "create", "update", "replace", "upsert", "set", "add", "append")
_PREPOSITIONS: Final = frozenset({"for", "in", "of", "from", "to", "on", "at", "by"})
_KEY_WORDS: Final = frozenset({"id", "ids", "name", "key", "number", "slug", "uuid", "code"})  # they name no thing
_SHORTEST: Final = 3  # letters of an abbreviation that is sure to mean its word: org
_CODE = re.compile(r"(?<!`)`([^`\s]+)`(?!`)")


def name_operations(api: Api, configuration: Configuration) -> tuple[Api, list[Finding]]:
    """Name every operation in its group. Two that want the same name are told apart by their path, then by their id."""
    shapes = dict(api.shapes)
    said = {one.key: said_of(one, configuration) for one in api.operations}
    wordings = {
        one.key: _within(_wording(one, said[one.key], shapes), context)
        for group, context in _with_contexts(api.root)
        for one in group.operations
    }
    # One version for all tells nothing; several tell `get_job_v1` from `get_job_v2`.
    has_versions = len({tuple(constant_words(one.path)) for one in api.operations}) > 1
    names: dict[str, str] = {}
    findings: list[Finding] = []
    for group in api.root.walk():
        wishes = [
            Wish(
                one.key,
                _candidates(one, wordings[one.key], has_versions=has_versions),
                _rank(one),
                said[one.key].name or "",
                _published(one, configuration),
            )
            for one in group.operations
        ]
        found = allocate(wishes, METHOD_NAMES, given=[child.attribute for child in group.groups])
        places = {one.key: place_of("name", one, configuration) for one in group.operations if said[one.key].name}
        findings += refused(wishes, found, configuration, places)
        findings += _renamed(group, wordings, found, configuration)
        names |= {one.key: found[one.key] for one in group.operations}
    methods = {one.operation_id: names[one.key] for one in api.operations if one.operation_id}
    named = tuple(_named(one, wordings[one.key], names[one.key], methods, said[one.key]) for one in api.operations)
    return with_operations(api, named), findings


def _wording(operation: Operation, said: OperationSettings, shapes: dict[str, NamedShape]) -> Wording:
    wording = choose_wording(operation, shapes, is_list=operation.paging is not None)
    if operation.variant:
        wording = _of_variant(operation, wording)
    return replace(wording, verb=said.verb, evidence="configuration") if said.verb else wording


# --- what a client is bound to is not said again ---------------------------------------------------------------------


def _with_contexts(group: Group, around: frozenset[str] = frozenset()) -> Iterator[tuple[Group, frozenset[str]]]:
    """Yield each group with the words for what it and the groups around it are bound to."""
    names = [group.key.rpartition(".")[2], *(one.wire_name for one in group.bound)] if group.bound else []
    context = around | {word for name in names for word in split_words(name) if word not in _KEY_WORDS}
    yield group, context
    for child in group.groups:
        yield from _with_contexts(child, context)


def _within(wording: Wording, context: Collection[str]) -> Wording:
    """Drop what the client says already: in an `OrganizationClient`, `list_org_secrets` and `list_teams_for_org`."""
    noun = wording.noun
    if len(noun) > 2 and noun[-2] in _PREPOSITIONS and _is_meant(noun[-1], context):
        noun = noun[:-2]
    if len(noun) > 1 and noun[1] not in _PREPOSITIONS and _is_meant(noun[0], context):
        noun = noun[1:]
    if noun == wording.noun:
        return wording
    dropped = " ".join(word for word in wording.noun if word not in noun)
    return replace(wording, noun=noun, evidence=f"{wording.evidence}; the client is bound to {dropped!r}")


def _is_meant(word: str, context: Collection[str]) -> bool:
    """`org` means the organization, and `namespaced` in a namespace."""
    word = singular(word)
    return any(
        min(len(word), len(other)) >= _SHORTEST and (word.startswith(other) or other.startswith(word))
        for other in map(singular, context)
    )


def _of_variant(operation: Operation, wording: Wording) -> Wording:
    """`stream_answer` beside `create_answer`, `get_blob_headers` beside `blob_exists`; see `split_answers`."""
    kind, *words = operation.variant.split()
    verb, noun = (wording.verb, (*wording.noun, kind, *words)) if words else (kind, wording.noun)
    if kind == "headers":
        verb, noun = "get", (*noun, "headers")
    elif not words and wording.verb not in _PLAIN_VERBS:
        noun = (wording.verb, *noun)
    return replace(wording, verb=verb, noun=noun, evidence=operation.evidence)


def _published(operation: Operation, configuration: Configuration) -> str:
    """Return the name that the operation has in the lock.

    `begin_` is kept apart: an operation that takes long from now on, or no longer, is called in another way, so its old
    name would only hide that its callers have to change.
    """
    locked = configuration.lock.operations.get(operation.key)
    if locked is None:
        return ""
    return locked.name if locked.name.startswith("begin_") == (operation.long_running is not None) else ""


def _named(
    operation: Operation, wording: Wording, name: str, methods: Mapping[str, str], said: OperationSettings
) -> Operation:
    missing = wording.verb == "delete" if said.missing_is_success is None else said.missing_is_success
    returns = Scalar(ScalarKind.BOOLEAN) if wording.verb == "exists" else operation.returns
    return replace(
        operation,
        verb=wording.verb,
        noun=" ".join(wording.noun),
        name=name,
        # "ask for its result with `getJob`": who reads the client looks for `get_job`.
        description=_CODE.sub(lambda found: f"`{methods.get(found[1], found[1])}`", operation.description),
        evidence=wording.evidence,
        missing_is_success=missing and operation.method == "DELETE",
        returns=returns,
    )


def _candidates(operation: Operation, wording: Wording, *, has_versions: bool) -> tuple[str, ...]:
    """The name, then names that tell more of the path: its version, its key, what is around it, all of it."""
    noun, path = wording.noun, operation.path
    things = path_words(path)
    key = split_words(path.rsplit("/", 1)[-1]) if is_item_path(path) else []
    parent = [word for words in things[-2:-1] for word in (*words[:-1], singular(words[-1]))]
    nouns = [
        noun,
        wording.whole,
        (*noun, *constant_words(path)) if has_versions else (),
        (*noun, "by", *key) if key else (),
        (*parent, *noun) if not set(parent) & set(noun) else (),
    ]
    _verb, _noun, is_written = own_words(operation)
    names = [_name(wording, longer) for longer in nouns if longer or not noun]
    if is_written:
        names.append(snake_case(operation.operation_id, "call"))
    names += [_name(wording, tuple(split_words(text))) for text in (path, f"{path} {operation.method}")]
    prefix = "begin_" if operation.long_running is not None else ""
    return first_of([prefix + name for name in names])


def _name(wording: Wording, noun: tuple[str, ...]) -> str:
    without_verb = noun[1:] if len(noun) > 1 and noun[0] == wording.verb else noun
    return snake_case(replace(wording, noun=without_verb).name, "call")


def _rank(operation: Operation) -> int:
    """The shorter path has the shorter name; a deprecated operation steps back."""
    return 2 * operation.path.count("/") + bool(operation.variant) + (200 if operation.deprecated else 0)


def _renamed(
    group: Group, wordings: Mapping[str, Wording], names: Mapping[str, str], configuration: Configuration
) -> list[Finding]:
    """Say which methods could not be called what they should be."""
    findings: list[Finding] = []
    for operation in group.operations:
        wanted, name = wordings[operation.key].name, names[operation.key]
        is_decided = bool(said_of(operation, configuration).name) or operation.key in configuration.lock.operations
        if name not in (wanted, f"begin_{wanted}") and not is_decided:
            message = f"{operation.key} is {name!r}, since another operation is {wanted!r}"
            findings.append(note("operation-renamed", message, operation.pointer, "give it an operationId of its own"))
    return findings
