"""Ways to divide the operations of an API into groups: by tags, by paths, by the prefixes of ids; and which is best.

A division labels operations; one without a label belongs to nothing in particular. Each is scored by what makes groups
of use to people:

- *coverage*: how many operations have a label;
- *balance*: whether the labels tell operations apart; one that nearly all have tells nothing;
- *fit*: how many operations are in groups that are neither tiny nor endless;
- *agreement*: how far the other divisions see the same groups;
- *stability*: tags were chosen by the author for that very purpose, ids by their author for programs, paths change
  with versions.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from .ir import Operation, Tag
from .verbs import constant_words
from .words import split_words

__all__ = ["LARGE", "SMALL", "Division", "Label", "best_division", "divisions", "labels_of_paths", "segments"]

Label: TypeAlias = tuple[str, ...]  # from the outermost group inwards; () for none
Kind: TypeAlias = Literal["tags", "paths", "ids"]

# Fewer operations are no group of their own; more are looked through by nobody.
SMALL: Final = 3
LARGE: Final = 60
# A label, or the begin of a path, that this part of the operations have in common tells nothing.
_CONSTANT: Final = 0.8
_STABILITY: Final[Mapping[Kind, float]] = {"tags": 1.0, "ids": 0.95, "paths": 0.7}
# What is needed to divide at all: labels for most operations, that tell them apart.
_LEAST_SCORE: Final = 0.4
_ID_PREFIX = re.compile(r"[/.:]+|(?<=[a-z0-9])_(?=[A-Z])|__+")
_PARAMETER = re.compile(r"{[^{}]*}")
_EXTENSION = re.compile(r"(?<=})\.[A-Za-z]\w{0,5}$")


@dataclass(frozen=True, slots=True)
class Division:
    """Labels of operations by their pointers, and how good they are as groups."""

    kind: Kind
    labels: Mapping[str, Label]
    score: float = 0.0
    evidence: str = ""

    def label(self, operation: Operation) -> Label:
        return self.labels.get(operation.pointer, ())


def divisions(operations: Sequence[Operation], tags: Iterable[Tag]) -> list[Division]:
    """Return the three divisions of ``operations``, the best first."""
    found = [
        Division("tags", _labels_of_tags(operations, tags)),
        Division("ids", _labels_of_ids(operations)),
        Division("paths", labels_of_paths(operations)),
    ]
    scored = [_scored(one, [other for other in found if other is not one], operations) for one in found]
    return sorted(scored, key=lambda one: -one.score)


def best_division(candidates: Sequence[Division]) -> Division | None:
    """Return the best of ``candidates``, None if none divides well enough."""
    return candidates[0] if candidates and candidates[0].score >= _LEAST_SCORE else None


# --- scores ----------------------------------------------------------------------------------------------------------


def _scored(division: Division, others: Sequence[Division], operations: Sequence[Operation]) -> Division:
    total = len(operations)
    sizes = Counter(map(division.label, operations))
    unlabelled = sizes.pop((), 0)
    if not total or len(sizes) < 2:
        return Division(division.kind, division.labels, 0.0, f"{division.kind} 0.00 (they tell nothing apart)")
    coverage = 1 - unlabelled / total
    balance = 1 - sum((size / total) ** 2 for size in sizes.values())
    fit = sum(size for size in sizes.values() if SMALL <= size <= LARGE) / total
    seen = [_agreement(division, other, operations) for other in others]
    agreement = max((one for one in seen if one is not None), default=0.5)
    quality = 0.5 * balance + 0.25 * fit + 0.25 * agreement
    score = round(_STABILITY[division.kind] * coverage * quality, 2)
    evidence = (
        f"{division.kind} {score:.2f} ({len(sizes)} of them, on {total - unlabelled} of {total} operations, "
        f"{fit:.0%} in groups of {SMALL} to {LARGE}, {agreement:.0%} as another division has it)"
    )
    return Division(division.kind, division.labels, score, evidence)


def _agreement(division: Division, other: Division, operations: Sequence[Operation]) -> float | None:
    """Return which part of the operations is in the group where most of their label are, by the other division."""
    pairs = Counter((division.label(one), other.label(one)) for one in operations)
    pairs = Counter({pair: count for pair, count in pairs.items() if all(pair)})
    if len({theirs for _, theirs in pairs}) < 2:
        return None
    most: dict[Label, int] = {}
    for (ours, _), count in pairs.items():
        most[ours] = max(most.get(ours, 0), count)
    return sum(most.values()) / pairs.total()


# --- labels ----------------------------------------------------------------------------------------------------------


def _labels_of_tags(operations: Sequence[Operation], tags: Iterable[Tag]) -> dict[str, Label]:
    """The first tag of each operation that is no badge, below the tags that the document puts around it."""
    known = {tag.name: tag for tag in tags}
    parents = Counter(tag.parent for tag in known.values() if tag.parent)
    is_told = len(parents) > 1  # one parent of all is a title
    labels: dict[str, Label] = {}
    for one in operations:
        own = next((tag for tag in one.tags if tag.strip() and not (tag in known and known[tag].is_badge)), "")
        if own:
            labels[one.pointer] = _lineage(own, known) if is_told else (own,)
    return labels


def _lineage(tag: str, known: Mapping[str, Tag]) -> Label:
    """Return the tag below its parents. A document may say them in circles; this ends."""
    found = [tag]
    while (parent := known[found[0]].parent if found[0] in known else "") and parent not in found:
        found.insert(0, parent)
    return tuple(found)


def _labels_of_ids(operations: Sequence[Operation]) -> dict[str, Label]:
    """What stands before the name in `issues/list-for-repo`, `SignalR_List`, `chat.postMessage`."""
    parts = {one.pointer: [part for part in _ID_PREFIX.split(one.operation_id) if part] for one in operations}
    depth = _common_depth([tuple(part[:-1]) for part in parts.values() if part])
    return {pointer: (found[depth],) for pointer, found in parts.items() if len(found) > depth + 1}


def labels_of_paths(operations: Sequence[Operation]) -> dict[str, Label]:
    """The first word of each path, after what nearly all of them begin with."""
    paths = {one.pointer: segments(one.path) for one in operations}
    depth = _common_depth(list(paths.values()))
    found = {pointer: next((name for name in path[depth:] if _tells(name)), "") for pointer, path in paths.items()}
    return {pointer: (name,) for pointer, name in found.items() if name}


@lru_cache(maxsize=4096)  # asked for again and again while resources are looked for
def segments(path: str) -> tuple[str, ...]:
    """Return the segments of a path template; a parameter is ``{}``, whatever its name, and what follows it a segment.

    >>> segments("/jobs/{id}:cancel"), segments("/Accounts/{Sid}.json")
    (('jobs', '{}', ':cancel'), ('Accounts', '{}'))
    """
    found: list[str] = []
    for segment in path.split("?")[0].split("/"):
        plain = _PARAMETER.sub("{}", _EXTENSION.sub("", segment))
        head, colon, verb = plain.partition("}:")
        found += [f"{head}}}", f":{verb}"] if colon and head == "{" else [plain] if plain else []
    return tuple(found)


def _tells(segment: str) -> bool:
    """Whether a segment is a word that names something: no parameter, no version, and not ``api``."""
    return "{" not in segment and not constant_words(segment) and bool(split_words(segment))


def _common_depth(paths: Sequence[tuple[str, ...]]) -> int:
    """Return how many of their first segments nearly all paths have in common."""
    depth = 0
    while heads := Counter(path[: depth + 1] for path in paths if len(path) > depth):
        head, count = heads.most_common(1)[0]
        if count < _CONSTANT * len(paths) or (len(heads) < 2 and all(len(path) == depth + 1 for path in paths)):
            return depth
        paths = [path for path in paths if path[: depth + 1] == head]
        depth += 1
    return depth
