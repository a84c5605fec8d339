"""Which verb and noun an operation gets: the guideline's table (python-client-service-verbs), and how to read an id.

Evidence, strongest first: the operation id's own verb, the HTTP method with the shape of the path, the response. A verb
that says what HTTP says already ("show" on a GET) becomes the guideline's word; one that says more ("cancel" on a
DELETE, "search" on a GET) is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .ids import PREPOSITIONS, constant_words, is_item_path, own_words, path_words
from .ir import Array, Body, Model, NamedShape, Nullable, Operation, Ref, Shape
from .verb_words import SYNONYMS, TABLE
from .words import is_plural, plural, singular, vocabulary

__all__ = ["Wording", "choose_wording", "constant_words", "is_item_path", "own_words", "path_words"]

# A pager of what fits is told apart from that of all: `list_matching_issues`.
_CHOOSING: Final = frozenset({"search", "query", "filter"})


# What any thing may have, so that it tells nothing alone.
_GENERAL: Final = vocabulary(
    """
    detail details info status state summary statistics stats count history metadata settings config configuration
    options schema default defaults latest current content
    """
)
# Letters of a method's name; research over 10,771 operations: 95 % need no more.
LONGEST: Final = 40


@dataclass(frozen=True, slots=True)
class Wording:
    """The name of a method, in parts, and why."""

    verb: str
    noun: tuple[str, ...]
    evidence: str
    whole: tuple[str, ...] = ()  # the noun before it was shortened, () if it was not

    @property
    def name(self) -> str:
        if self.verb == "exists":
            return "_".join((*self.noun, "exists"))
        return "_".join((self.verb, *self.noun))


def choose_wording(operation: Operation, shapes: dict[str, NamedShape], *, is_list: bool) -> Wording:
    """Return verb and noun of an operation; ``is_list`` says that it returns a pager."""
    own_verb, rest, said = own_words(operation)
    verb, why = _verb(operation, own_verb, shapes, is_list=is_list)
    # `facet`, `login`: a verb of its own that says all there is to say.
    is_all = said and not rest and own_verb == verb and verb not in TABLE
    noun = rest or (() if is_all else _noun_of_path(operation.path, verb, own_verb))
    if verb == "list" and own_verb in _CHOOSING:
        noun = ("matching", *noun) if noun else ("matches",)
    source = f"operationId {operation.operation_id!r}" if said else "path"
    whole = _number(noun, verb, operation)
    longest = LONGEST - (len("begin_") if operation.long_running is not None else 0)
    short = _shortened(verb, whole, operation, longest)
    why = why if short == whole else f"{why}; shortened from {' '.join(whole)!r}"
    return Wording(verb, short, f"{source}: {why}", whole if short != whole else ())


# --- names that can be read ---


def _shortened(verb: str, noun: tuple[str, ...], operation: Operation, longest: int) -> tuple[str, ...]:
    """Leave out what the surroundings say, the least telling first, until the name is short enough."""
    for step in (_without_caller, _without_owner, _without_group, _without_phrase):
        shorter = step(noun, operation)
        while len("_".join((verb, *noun))) > longest and shorter != noun:
            noun, shorter = shorter, step(shorter, operation)
    return noun


def _without_caller(noun: tuple[str, ...], _operation: Operation) -> tuple[str, ...]:
    """`… for authenticated user`: who else."""
    is_caller = len(noun) > 3 and noun[-3] in PREPOSITIONS and noun[-2] == "authenticated"
    return noun[:-3] if is_caller else noun


def _without_owner(noun: tuple[str, ...], operation: Operation) -> tuple[str, ...]:
    """`… for organization`, or just `… organization`, of a path below `/orgs/{org}`."""
    owners = {singular(word) for words in path_words(operation.path)[:-1] for word in words}
    is_owner = len(noun) > 2 and any(noun[-1].startswith(one) or one.startswith(noun[-1]) for one in owners)
    if not is_owner:
        return noun
    return noun[:-2] if len(noun) > 3 and noun[-2] in PREPOSITIONS else noun[:-1]


def _without_group(noun: tuple[str, ...], operation: Operation) -> tuple[str, ...]:
    """`get_actions_cache_limit` of the tag `actions`; what a tag is called, its client is too."""
    said = {
        form
        for tag in operation.tags[:1]
        for word in path_words(tag)[:1]
        for one in word
        for form in (one, singular(one))
    }
    return noun[1:] if len(noun) > 2 and noun[0] in said and noun[1] not in PREPOSITIONS else noun


def _without_phrase(noun: tuple[str, ...], _operation: Operation) -> tuple[str, ...]:
    """The last prepositional phrase."""
    last = next((index for index in range(len(noun) - 1, 1, -1) if noun[index] in PREPOSITIONS), 0)
    return noun[:last] if last else noun


# --- the verb --------------------------------------------------------------------------------------------------------


def _verb(operation: Operation, own: str, shapes: dict[str, NamedShape], *, is_list: bool) -> tuple[str, str]:
    method = operation.method
    if is_list and operation.long_running is None:
        was = f"{own} → " if own not in ("", "list") else ""
        return "list", f"{was}list, the method is a pager"
    is_reference = own == "add" and _adds_to(operation)
    if own and (is_reference or own not in SYNONYMS.get(method, ())):
        if own in ("get", "list") and method in ("POST", "PUT"):
            return own, f"its own verb {own!r}"
        kept = {"modify": "update", "edit": "update", "retrieve": "get", "fetch": "get", "insert": "create"}.get(
            own, own
        )
        return kept, f"its own verb {own!r}"
    inferred, why = _verb_of_method(operation, own, shapes, is_list=is_list)
    return inferred, f"{own} → {inferred}, {why}" if own and own != inferred else f"{inferred}, {why}"


def _adds_to(operation: Operation) -> bool:
    """`add-labels-to-issue` and `add-to-queue` add what is there already; `addPet` makes one."""
    return "to" in own_words(operation)[1] or operation.body is None


def _verb_of_method(operation: Operation, own: str, shapes: dict[str, NamedShape], *, is_list: bool) -> tuple[str, str]:
    method, path = operation.method, operation.path
    match method:
        case "GET":
            return ("list", "GET of a collection") if is_list else ("get", "GET of " + _what(path))
        case "HEAD":
            return "exists", "HEAD of " + _what(path)
        case "POST" if is_item_path(path) and operation.body is not None and own in ("", "post"):
            return "update", "POST to an item"
        case "POST":
            return "create", "POST to " + _what(path)
        case "PUT":
            return _verb_of_put(operation, own, shapes)
        case "PATCH":
            return "update", "PATCH of " + _what(path)
        case "DELETE":
            return "delete", "DELETE of " + _what(path)
        case _:
            return method.lower(), f"the method {method}"


def _verb_of_put(operation: Operation, own: str, shapes: dict[str, NamedShape]) -> tuple[str, str]:
    statuses = {response.status for response in operation.responses}
    if {"200", "201"} <= statuses or {"201", "204"} <= statuses:
        return "upsert", "PUT that answers 201 or 200"
    if own == "update":
        return "update", "PUT with its own verb 'update'"
    if statuses == {"201"}:
        return "create", "PUT that answers 201"
    if not _has_model_body(operation.body, shapes):
        return "set", "PUT of a value"
    return "replace", "PUT of a whole item"


def _has_model_body(body: Body | None, shapes: dict[str, NamedShape]) -> bool:
    shape: Shape | None = body.shape if body is not None else None
    if isinstance(shape, Nullable):
        shape = shape.shape
    return isinstance(shape, Ref) and isinstance(shapes.get(shape.pointer), Model)


def _what(path: str) -> str:
    return "an item" if is_item_path(path) else "a collection" if _ends_plural(path) else "a thing"


def _ends_plural(path: str) -> bool:
    words = path_words(path)
    return bool(words) and is_plural(words[-1][-1])


# --- the noun --------------------------------------------------------------------------------------------------------


def _number(noun: tuple[str, ...], verb: str, operation: Operation) -> tuple[str, ...]:
    """Put the noun into the plural for lists, into the singular for one thing."""
    if not noun or (verb == "add" and "to" in noun):  # as many as it says
        return noun
    cut = next((index for index, word in enumerate(noun) if word in PREPOSITIONS and index), len(noun))
    if cut < len(noun) and noun[cut] == "of" and is_plural(noun[-1]):  # terms of service user statuses
        cut = len(noun)
    if noun[cut - 1].endswith("ed") and not noun[cut - 1].endswith("eed"):  # `repos starred`: the repos are many
        if cut == 1 or noun[cut - 2].endswith("ly"):
            return noun
        cut -= 1
    head, tail = noun[: cut - 1], noun[cut:]
    word = noun[cut - 1]
    if verb == "list":
        word = plural(word)
    elif _is_of_one(verb, operation):
        word = singular(word)
    return (*head, word, *tail)


def _is_of_one(verb: str, operation: Operation) -> bool:
    if verb in ("create", "append", "add"):
        return not (operation.body is not None and isinstance(operation.body.shape, Array))
    return verb in ("get", "update", "upsert", "replace", "delete", "set", "exists") and is_item_path(operation.path)


def _noun_of_path(path: str, *verbs: str) -> tuple[str, ...]:
    things = [words for words in path_words(path) if words not in [[verb] for verb in verbs]]
    if len(things) > 1 and set(things[-1]) <= _GENERAL:  # /stores/detail
        return (*things[-2][:-1], singular(things[-2][-1]), *things[-1])
    if len(things) > 1 and len(things[-1]) == 1 and things[-1][0].endswith("ed"):  # /flights/delayed
        return (*things[-1], *things[-2])
    if things:
        return tuple(things[-1])
    return ("root",) if verbs[0] in TABLE and not any(path_words(path)) else ()
