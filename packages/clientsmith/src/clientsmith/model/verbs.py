"""Which verb and noun an operation gets: the guideline's table (python-client-service-verbs), and how to read an id.

Evidence, strongest first: the operation id's own verb, the HTTP method with the shape of the path, the response. A verb
that says what HTTP says already ("show" on a GET) becomes the guideline's word; one that says more ("cancel" on a
DELETE, "search" on a GET) is kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from .ir import Array, Body, Model, NamedShape, Nullable, Operation, Ref, Shape
from .words import is_plural, plural, singular, split_words, vocabulary

__all__ = ["Wording", "choose_wording", "constant_words", "is_item_path", "own_words", "path_words"]

# Ways of saying what the method says already.
_SYNONYMS: Final[dict[str, frozenset[str]]] = {
    "GET": vocabulary(
        "get list show find fetch retrieve read describe view load lookup obtain query info return index all"
    ),
    "HEAD": vocabulary("head get check exists has test is"),
    "POST": frozenset(["post", "create", "add", "new", "insert", "make"]),
    "PUT": frozenset(["put", "update", "save", "store", "change"]),
    "PATCH": frozenset(["patch", "update", "modify", "edit", "change", "partial"]),
    "DELETE": frozenset(["delete", "destroy", "drop", "del", "erase"]),
}
_TABLE: Final = vocabulary("create upsert set update replace append add get list delete remove")
_VERBS: Final = _TABLE.union(
    *_SYNONYMS.values(),
    vocabulary(
        """
        abort accept acquire activate allow analyze apply approve archive assign associate attach
        authenticate authorize ban batch begin block bulk buy cancel capture categorize change check claim
        clean clear clone close commit compare complete compute confirm connect convert copy count decline
        decrypt demote deny deploy deregister detach detect disable disassociate disconnect dismiss dispatch
        download drain edit embed enable encrypt end enqueue ensure enroll estimate evaluate evict exchange
        execute expire export extend fail fetch fill finalize finish flush follow force fork format freeze
        generate grant ignore import increment initialize initiate insert inspect install invalidate invite
        invoke issue join kick kill leave link lock login logout mark match merge migrate modify moderate
        monitor move mute notify open order parse pause pay peek pin ping play poll pop predict preview
        process promote proxy provision publish pull purchase purge push query queue rank reactivate read
        rebuild receive recommend reconnect record recover redeem redeliver redo refresh refund regenerate
        register reject release reload remove rename render renew reopen reorder repair repeat replay reply
        report request requeue rerun reschedule resend reserve reset resize resolve restart restore resume
        retry return reverse revert review revoke rollback rotate run save scale scan schedule search seed
        select send share shutdown sign skip snapshot sort split star start stop stream submit subscribe
        suggest summarize suspend swap switch sync tag terminate test toggle touch train transcribe transfer
        transform translate trigger trust unarchive unassign unban unblock undelete undo unfollow unfreeze
        unlink unlock unmute unpin unpublish unregister unshare unstar unsubscribe unsuspend update upgrade
        upload use validate verify void vote wait watch whoami withdraw write
        """
    ),
)
# At the end of an id only these are verbs: "report" and "order" are nouns there.
_TRAILING: Final = _TABLE | {"find", "fetch", "read", "retrieve", "search", "show", "patch", "cancel"}
_PREPOSITIONS: Final = vocabulary("for by in of from to with on at using as into within per")
# Words that name no thing: what a path starts with before it says what it is about.
_CONSTANT_SEGMENT = re.compile(r"(?i)v\d+([._]\d+)*((alpha|beta)\d*)?|api|rest|\d{4}-\d{2}-\d{2}")
_PARAMETER = re.compile(r"{[^{}]*}")
_GROUP = re.compile(r"[/.:]+|(?<=[a-z0-9])_(?=[A-Z])|__+")


@dataclass(frozen=True, slots=True)
class Wording:
    """The name of a method, in parts, and why."""

    verb: str
    noun: tuple[str, ...]
    evidence: str

    @property
    def name(self) -> str:
        if self.verb == "exists":
            return "_".join((*self.noun, "exists"))
        return "_".join((self.verb, *self.noun))


def choose_wording(operation: Operation, shapes: dict[str, NamedShape], *, is_list: bool) -> Wording:
    """Return verb and noun of an operation; ``is_list`` says that it returns a pager."""
    own_verb, rest, said = own_words(operation)
    verb, why = _verb(operation, own_verb, shapes, is_list=is_list)
    noun = rest or _noun_of_path(operation.path, verb)
    source = f"operationId {operation.operation_id!r}" if said else "path"
    return Wording(verb, _number(noun, verb, operation), f"{source}: {why}")


def own_words(operation: Operation) -> tuple[str, tuple[str, ...], bool]:
    """Return the verb and the noun that the operation id says, each "" or () where it says none.

    The last value tells whether the id was of use at all; ids made from method and path by a framework are not.
    """
    written = _without_framework_parts(operation)
    if not written:
        verb, noun = _verb_of_path(operation)
        return verb, noun, False
    group, words = _split_group(written)
    if not words:
        return "", tuple(group), True
    if words[0] in _VERBS or _is_unknown_verb(words, group, operation):
        verb, rest = words[0], words[1:]
    elif len(words) > 1 and words[-1] in _TRAILING:  # petCreate
        verb, rest = words[-1], words[:-1]
    else:
        verb, rest = "", words
    if verb in ("list", "get") and rest[:1] == ["all"]:
        verb, rest = "list", rest[1:]
    rest = [word for word in _without_key(rest, operation.path) if word not in ("a", "an", "the")]
    if group and (not rest or rest[0] in _PREPOSITIONS):
        rest = [*group, *rest]
    return verb, tuple(rest), True


def path_words(path: str) -> list[list[str]]:
    """Return the words of each segment that names a thing, parameters and constant prefixes left out."""
    segments = [segment for segment in path.split("?")[0].split("/") if segment]
    named = [_PARAMETER.sub("", segment) for segment in segments]
    return [words for segment in named if not _CONSTANT_SEGMENT.fullmatch(segment) and (words := split_words(segment))]


def constant_words(path: str) -> list[str]:
    """Return the words that `path_words` leaves out: ``v1`` of ``/v1/jobs``."""
    segments = [segment for segment in path.split("?")[0].split("/") if _CONSTANT_SEGMENT.fullmatch(segment)]
    return [word for segment in segments for word in split_words(segment)]


def is_item_path(path: str) -> bool:
    """Whether the path ends in a parameter, and so names one thing of many."""
    return path.split("?")[0].rstrip("/").endswith("}")


# --- the verb --------------------------------------------------------------------------------------------------------


def _verb(operation: Operation, own: str, shapes: dict[str, NamedShape], *, is_list: bool) -> tuple[str, str]:
    method = operation.method
    if own and own not in _SYNONYMS.get(method, ()):
        if own in ("get", "list") and method in ("POST", "PUT"):
            return own, f"its own verb {own!r}"
        kept = {"modify": "update", "edit": "update", "retrieve": "get", "fetch": "get", "insert": "create"}.get(
            own, own
        )
        return kept, f"its own verb {own!r}"
    inferred, why = _verb_of_method(operation, own, shapes, is_list=is_list)
    return inferred, f"{own} → {inferred}, {why}" if own and own != inferred else f"{inferred}, {why}"


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
    if not noun:
        return noun
    cut = next((index for index, word in enumerate(noun) if word in _PREPOSITIONS and index), len(noun))
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


def _noun_of_path(path: str, verb: str) -> tuple[str, ...]:
    things = [words for words in path_words(path) if words != [verb]]
    if things:
        return tuple(things[-1])
    return ("root",) if verb in _TABLE else ()


def _verb_of_path(operation: Operation) -> tuple[str, tuple[str, ...]]:
    """Read `POST /jobs/{id}/cancel` and `POST /send-command`: the last segment says what happens."""
    things = path_words(operation.path)
    if operation.method != "POST" or not things or is_item_path(operation.path):
        return "", ()
    last = things[-1]
    if last[0] not in _VERBS or is_plural(last[0]):
        return "", ()
    if len(last) > 1:
        return last[0], tuple(last[1:])
    return last[0], tuple([*things[-2][:-1], singular(things[-2][-1])] if len(things) > 1 else ())


def _without_key(words: list[str], path: str) -> list[str]:
    """Drop "by id" at the end, where the path says it too; "by status" of a collection tells something new."""
    if "by" not in words[1:] or not is_item_path(path):
        return words
    return words[: len(words) - 1 - words[::-1].index("by")]


def _split_group(written: str) -> tuple[list[str], list[str]]:
    """Take `issues/list-for-repo`, `SignalR_List` and `chat.postMessage` apart: group, then the rest."""
    parts = [part for part in _GROUP.split(written) if split_words(part)]
    if len(parts) < 2:
        return [], split_words(written)
    words = split_words(parts[-1])
    if words and words[0] in _VERBS:
        group = split_words(parts[-2])
        repeated = words[1:] and set(group) & {
            form for word in words[1:] for form in (word, plural(word), singular(word))
        }
        return ([] if repeated else group), words
    first = split_words(parts[0])
    if first and first[0] in _VERBS:
        return [], split_words(written)
    return [], [word for part in parts for word in split_words(part)]


def _without_framework_parts(operation: Operation) -> str:
    """Return the operation id without what a framework added, "" if nothing was written by a person.

    FastAPI appends path and method (`read_item_items__item_id__get`), others put them in front (`get__v1_jobs`).
    """
    written = operation.operation_id
    method = operation.method.lower()
    words = split_words(written)
    segments = re.split(r"[/?]", operation.path)
    path = [word for segment in segments for word in split_words(segment)]
    short = [word for part in segments if not _CONSTANT_SEGMENT.fullmatch(part) for word in split_words(part)]
    made = ([method, *path], [*path, method], [method, *short], [*short, method])
    is_telling = (
        method == "get" and "_" not in written and "{" not in operation.path
    )  # `getMuseumHours` of /museum-hours
    if not words or (words in made and not is_telling):
        return ""
    tail = [*path, method]
    if len(words) > len(tail) and words[-len(tail) :] == tail and "_" in written:
        return "_".join(words[: -len(tail)])
    return written


def _is_unknown_verb(words: list[str], group: list[str], operation: Operation) -> bool:
    """`lookupPrices`, of a POST: the first word names nothing that we know, and something follows it."""
    is_candidate = operation.method == "POST" and len(words) > 1 and not group and not is_plural(words[0])
    return is_candidate and not _is_thing(words[0], operation)


def _is_thing(word: str, operation: Operation) -> bool:
    """Whether the word names something in the path or a tag, and so is no verb."""
    known = {form for words in path_words(operation.path) for form in (*words, *(singular(word) for word in words))}
    known |= {form for tag in operation.tags for word in split_words(tag) for form in (word, singular(word))}
    return word in known
