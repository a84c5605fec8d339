"""Reading operation ids and paths: which verb, which noun, and what a framework put around them.

issues/list-for-repo   SignalR_CreateOrUpdate   chat.postMessage   listPets   PetsController_findAll
pets_get_all_v1_pets_get   Api::V1::Pets#index   findUsingGET_1   PetService_GetPet   admin-api-keys-list
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from .ir import Operation
from .verb_words import GROUP_NOISE, TRAILING, VERBS
from .words import is_plural, plural, singular, split_words, vocabulary

__all__ = ["PREPOSITIONS", "constant_words", "is_item_path", "own_words", "path_words"]

PREPOSITIONS: Final = vocabulary("for by in of from to with on at using as into within per")
# Words that say how many, and no more: `findOne`, `getAll`.
_QUANTITIES: Final = vocabulary("one all many multiple single several")
_ARTICLES: Final = frozenset({"a", "an", "the"})
# Words that name no thing of their own: `teams/delete-legacy`, `orders/list-async`.
_QUALITIES: Final = vocabulary("legacy deprecated async bulk default latest own current beta v1 v2 v3 new old")
_ALWAYS_VERBS: Final = frozenset({"get", "create", "delete", "remove"})
_CREATES: Final = frozenset({"create", "add", "insert", "put", "new", "set"})
_CHANGES: Final = frozenset({"update", "replace", "modify", "edit", "set", "upsert", "patch", "overwrite"})
# Words that name no thing: what a path starts with before it says what it is about.
_CONSTANT_SEGMENT: Final = re.compile(r"(?i)v\d+([._]\d+)*((alpha|beta)\d*)?|api|rest|\d{4}-\d{2}-\d{2}")
_PARAMETER: Final = re.compile(r"{[^{}]*}")
# `issues/list`, `chat.postMessage`, `Pets_List`, `pets__list`, `Api::V1::Pets#index`.
_GROUP: Final = re.compile(r"[/.:#]+|(?<=[a-z0-9])_(?=[A-Z])|(?<=[A-Z])_(?=[A-Z][a-z])|__+")
_CLASS_AND_METHOD: Final = re.compile(r"([A-Z][A-Za-z0-9]*)_([a-z][A-Za-z0-9]*)")
_SUFFIXES: Final = re.compile(r"(?:Using(?:GET|POST|PUT|DELETE|PATCH|HEAD|OPTIONS))?(?:_\d+)?$|(?<=[a-z])Async$")


class _Written(NamedTuple):
    """All that is read of an operation here."""

    operation_id: str
    method: str
    path: str
    tags: tuple[str, ...]


def own_words(operation: Operation) -> tuple[str, tuple[str, ...], bool]:
    """Return the verb and the noun that the operation id says, each "" or () where it says none.

    The last value tells whether the id was of use at all; ids made from method and path by a framework are not.
    """
    return _own_words(_Written(operation.operation_id, operation.method, operation.path, tuple(operation.tags)))


@lru_cache(maxsize=20_000)  # several passes ask
def _own_words(operation: _Written) -> tuple[str, tuple[str, ...], bool]:
    written = _without_framework_parts(operation)
    if not written:
        verb, noun = _verb_of_path(operation)
        return verb, noun, False
    group, words = _split_group(written)
    if not words:
        return "", tuple(group), True
    verb, rest, before = _find_verb(words, group, operation)
    group = group or before
    if verb == "partial":  # partial_update
        verb, rest = "update", [word for word in rest if word != "update"]
    if rest[:1] == ["or"] and len(rest) > 1 and verb in _CREATES and rest[1] in _CHANGES:
        verb, rest = "upsert", rest[2:]
    if verb in ("list", "get", "find", "fetch", "read") and rest[:1] == ["all"]:
        verb, rest = "list", rest[1:]
    rest = [word for word in _without_key(rest, operation.path) if word not in _ARTICLES]
    if group and (not rest or rest[0] in PREPOSITIONS or set(rest) <= _QUALITIES):
        rest = [*_thing(group, operation), *rest]
    if rest and set(rest) <= _QUANTITIES:
        rest = group
    return verb, tuple(_glued(rest)), True


def _find_verb(words: list[str], group: list[str], operation: _Written) -> tuple[str, list[str], list[str]]:
    """Return the verb, what comes after it, and the things that come before it."""
    if len(words) > 2 and words[0] in ("bulk", "batch") and words[1] in VERBS:
        return words[1], [*words[2:-1], plural(words[-1])], []
    if len(words) > 2 and words[0] in _QUALITIES and words[1] in VERBS:  # beta_createResponse
        return words[1], [words[0], *words[2:]], []
    is_pair = len(words) == 2 and set(words) <= VERBS and words[0] not in ("bulk", "batch")
    if is_pair and _is_thing(words[0], operation) and not _is_thing(words[1], operation):  # invite_revoke
        return words[1], words[:1], []
    if words[0] in VERBS and _is_thing(words[0], operation) and words[-1] in TRAILING and len(words) > 2:
        return words[-1], [word for word in words[:-1] if word != "partial"], []  # claim_notes_list
    if words[0] in VERBS or _is_unknown_verb(words, group, operation):
        return words[0], words[1:], []
    last = path_words(operation.path)[-1:]
    action = last[0][0] if last and len(last[0]) == 1 and operation.method == "POST" else ""
    for index, word in enumerate(words[1:], 1):
        is_verb = word in VERBS or (word == action and not is_plural(word))
        # `pets_get_all`, `customers-list`, `partner_sdk_unmerge_account`: the things first.
        if is_verb and all(_is_thing(one, operation) for one in words[:index]):
            is_last = index == len(words) - 1
            may_end = not is_last or word in TRAILING or operation.method != "GET"
            if word == action or (not _is_thing(word, operation) and may_end):
                return word, words[index + 1 :] or words[:index], words[:index]
        # Nobody calls a thing that; `custom-properties-for-repos-get-definition`.
        if word in _ALWAYS_VERBS and index < len(words) - 1 and words[index - 1] not in PREPOSITIONS:
            return word, words[index + 1 :], words[:index]
    if len(words) > 1 and words[-1] in TRAILING:  # petCreate
        return words[-1], [word for word in words[:-1] if word != "partial"], []
    return "", words, []


def path_words(path: str) -> list[list[str]]:
    """Return the words of each segment that names a thing, parameters and constant prefixes left out."""
    named = [_PARAMETER.sub("", segment) for segment in _segments(path)]
    return [
        _glued(words)
        for segment in named
        if not _CONSTANT_SEGMENT.fullmatch(segment) and (words := split_words(segment))
    ]


def constant_words(path: str) -> list[str]:
    """Return the words that `path_words` leaves out: ``v1`` of ``/v1/jobs``."""
    return [
        word for segment in _segments(path) if _CONSTANT_SEGMENT.fullmatch(segment) for word in split_words(segment)
    ]


def is_item_path(path: str) -> bool:
    """Whether the path ends in a parameter, and so names one thing of many."""
    return path.partition("?")[0].rstrip("/").endswith("}")


def _segments(path: str) -> list[str]:
    """A fragment, by which documents tell operations of one address apart, is a segment of its own."""
    return [segment for segment in re.split(r"[/#]", path.partition("?")[0]) if segment]


def _glued(words: Sequence[str]) -> list[str]:
    """SignalR is one word."""
    glued: list[str] = []
    for word in words:
        is_letter = len(word) == 1 and word.isalpha() and word not in _ARTICLES
        if is_letter and glued and glued[-1] not in VERBS and len(glued[-1]) > 1:
            glued[-1] += word
        else:
            glued.append(word)
    return glued


def _verb_of_path(operation: _Written) -> tuple[str, tuple[str, ...]]:
    """Read `POST /jobs/{id}/cancel`, `POST /send-command` and `PUT /links/{id}#add_shared_link`."""
    things = path_words(operation.path)
    has_fragment = "#" in operation.path
    if not things or is_item_path(operation.path) or not (has_fragment or operation.method == "POST"):
        return "", ()
    last = things[-1]
    # `/pets/{id}:groom` is a custom method (AIP-136), whatever the word.
    is_custom = re.search(r"}:\w+$", operation.path) is not None
    if not is_custom and (last[0] not in VERBS or is_plural(last[0])):
        return "", ()
    if len(last) > 1:
        return last[0], tuple(last[1:])
    around = [words for words in things[:-1] if words not in (["actions"], ["action"])]
    return last[0], (*around[-1][:-1], singular(around[-1][-1])) if around else ()


def _without_key(words: list[str], path: str) -> list[str]:
    """Drop "by id" at the end, where the path says it too; "by status" of a collection tells something new."""
    if "by" not in words[1:] or not is_item_path(path):
        return words
    return words[: len(words) - 1 - words[::-1].index("by")]


def _split_group(written: str) -> tuple[list[str], list[str]]:
    """Take `issues/list-for-repo`, `SignalR_List` and `chat.postMessage` apart: group, then the rest."""
    of_class = _CLASS_AND_METHOD.fullmatch(written)
    parts = list(of_class.groups()) if of_class else _GROUP.split(written)
    parts = [part for part in parts if split_words(part)]
    if len(parts) < 2:
        return [], split_words(written)
    words = split_words(parts[-1])
    group = _named_class(split_words(parts[-2]))
    if words and words[0] in VERBS:
        numbers = {form for word in words[1:] for form in (word, plural(word), singular(word))}
        repeated = bool(words[1:]) and bool(set(group) & numbers)
        return ([] if repeated else group), words
    first = split_words(parts[0])
    if first and first[0] in VERBS:
        return [], split_words(written)
    if of_class:
        return group, words
    if words and group and words[: len(group)] == group:  # copilot/copilot-metrics
        return [], words
    return [], [word for part in parts for word in split_words(part)]


def _named_class(words: list[str]) -> list[str]:
    """PetsController is about pets; PrivateEndpointConnections is about just that."""
    while len(words) > 1 and words[-1] in GROUP_NOISE:
        words = words[:-1]
    return _glued(words)


def _thing(group: list[str], operation: _Written) -> list[str]:
    """Return what a group is called where nothing else names a thing; a class of one thing is in the singular."""
    if not set(group) <= GROUP_NOISE:
        return group
    return list(path_words(operation.path)[-1] if path_words(operation.path) else group)


def _without_framework_parts(operation: _Written) -> str:
    """Return the operation id without what a framework added, "" if nothing was written by a person.

    FastAPI appends path and method (`read_item_items__item_id__get`), Litestar puts the path in front
    (`ItemsItemIdReadItem`), others both (`get__v1_jobs`), or write `id` for each parameter (`get_files_id_versions`).
    """
    written = _SUFFIXES.sub("", operation.operation_id)
    words = split_words(written)
    if not words:
        return ""
    method = operation.method.lower()
    # `getMuseumHours` of /museum-hours is as good as one that was written by hand.
    is_telling = method == "get" and re.fullmatch(r"[\w-]+", written.replace("_", " ")) and "{" not in operation.path
    if not is_telling and any(_says(words, form) for form in _made_forms(operation)):
        return ""
    path = [word for segment in re.split(r"[/?#]", operation.path) for word in split_words(segment)]
    tail = [*path, method]
    if len(words) > len(tail) and words[-len(tail) :] == tail and "_" in written:
        return "_".join(words[: -len(tail)])
    front = _titled(operation.path)
    rest = written.removeprefix(front)
    if front and rest and rest != written and ("{" in operation.path or VERBS & set(split_words(rest)[:1])):
        return rest
    return written


def _titled(path: str) -> str:
    """Return what Litestar puts before a handler's name: the parts of the path in title case, none of them twice."""
    titled = ""
    for segment in _segments(path):
        part = segment.strip("{}").title()
        titled += "" if part in titled else part
    return re.sub(r"[\W_]", "", titled)


def _made_forms(operation: _Written) -> Iterator[list[tuple[list[str], ...]]]:
    """Yield what frameworks make of method and path: for each part the words that it may be written with."""
    method = ([operation.method.lower()],)
    for is_short in (False, True):
        path = list(_spellings(operation.path, is_short=is_short))
        yield [method, *path]
        yield [*path, method]


def _spellings(path: str, *, is_short: bool) -> Iterator[tuple[list[str], ...]]:
    for segment in re.split(r"[/?#]", path):
        words = split_words(segment)
        if not words or (is_short and _CONSTANT_SEGMENT.fullmatch(segment)):
            continue
        if _PARAMETER.fullmatch(segment):
            yield words, ["id"], ["by", *words], ["by", "id"]
        else:
            yield (words,)


def _says(words: list[str], form: list[tuple[list[str], ...]]) -> bool:
    """Whether the words are those of a form, from the first to the last."""
    ends = {0}
    for spellings in form:
        ends = {end + len(one) for end in ends for one in spellings if words[end : end + len(one)] == one}
    return len(words) in ends


def _is_unknown_verb(words: list[str], group: list[str], operation: _Written) -> bool:
    """`lookupPrices`, of a POST: the first word names nothing that we know, and something follows it."""
    is_candidate = operation.method == "POST" and not group and not is_plural(words[0])
    things = path_words(operation.path)
    # `consume_entitlement` of /entitlements/{id}/consume
    is_action = len(things) > 1 and things[-1] == words[:1] and (len(words) == 1 or words[-1] not in TRAILING)
    return is_candidate and (is_action or (len(words) > 1 and not _is_thing(words[0], operation)))


def _is_thing(word: str, operation: _Written) -> bool:
    """Whether the word names something in the path or a tag, and so is no verb."""
    known = {form for words in path_words(operation.path) for form in (*words, *(singular(word) for word in words))}
    known |= {form for tag in operation.tags for word in split_words(tag) for form in (word, singular(word))}
    known |= set(constant_words(operation.path))
    return word in known
