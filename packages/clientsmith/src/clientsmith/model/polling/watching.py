"""Which GET reports the progress of a job, and how its address is made from the first answer."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ..ir import Api, Operation, Ref, Scalar, Shape
from ..lookup import Shapes, bare, properties_of, template_names
from ..verbs import own_words, path_words
from ..words import letters_of, singular, vocabulary
from .marks import accepted_shape, is_accepted, is_google_operation
from .status_words import Status, status_of

__all__ = ["Watcher", "find_tellers", "find_watcher", "looks_like_a_job"]

_IDS: Final = ("id", "uuid", "guid", "key", "name", "token")
_ONE_PARAMETER: Final = re.compile(r"/{[^{}]+}")
_JOB_NOUNS: Final = vocabulary(
    """
    job batch task run operation export import build deployment migration scan execution workflow process pipeline
    transcription conversion render sync backup restore snapshot report request command generation training crawl
    invocation analysis session check evaluation upload download test simulation
    """
)
# What is done with a job that runs, and begins none.
_ABOUT_JOBS: Final = frozenset(
    {"get", "list", "cancel", "abort", "delete", "remove", "wait", "pause", "resume", "read"}
)


@dataclass(frozen=True, slots=True)
class Watcher:
    """The operation that tells the status, and the address at which it does.

    ``template`` is filled from the first answer's body, ``{}`` stands for the address that the job was begun at; it is
    "" where the first answer does not have what it takes.
    """

    operation: Operation
    status: Status
    template: str


@dataclass(frozen=True, slots=True)
class Teller:
    """A GET of one thing that tells a status with an end."""

    operation: Operation
    status: Status
    of_google: bool


def find_tellers(api: Api) -> list[Teller]:
    """Return all operations that may be asked how far a job is."""
    return [
        Teller(one, status, is_google_operation(one.returns, api.shapes))
        for one in api.operations
        if one.method == "GET" and not one.variant and re.search(r"/{[^{}]+}(/status)?$", one.path)
        if (status := status_of(one.returns, api.shapes)) is not None
    ]


def find_watcher(operation: Operation, tellers: Iterable[Teller], shapes: Shapes) -> Watcher | None:
    """Return the GET that reports the progress, None where no one of them, or more than one, would do."""
    first = accepted_shape(operation)
    of_google = is_google_operation(first, shapes)
    answers = _scalars(first, shapes)
    found: list[tuple[int, Watcher]] = []
    for teller in tellers:
        if of_google and not teller.of_google:
            continue
        other, status = teller.operation, teller.status
        template = _template(operation, other, answers)
        rank = _closeness(operation, other, first, template)
        if rank:
            found.append((rank, Watcher(other, status, _reserved(template) if of_google else template)))
    best = [watcher for rank, watcher in found if rank == min(rank for rank, _ in found)]
    # Two that would do equally well are one that we do not know.
    return best[0] if len(best) == 1 else None


def looks_like_a_job(operation: Operation, watcher: Watcher) -> bool:
    """Whether it is worth a note that the operation could be a poller."""
    verb, noun, _said = own_words(operation)
    last = path_words(operation.path)[-1:]
    is_about = verb in _ABOUT_JOBS or bool(last and last[0][0] in _ABOUT_JOBS)
    if operation.method not in ("POST", "PUT", "PATCH", "DELETE") or is_about:
        return False
    if is_accepted(operation):
        return True
    words = {*noun, *(word for words in path_words(operation.path)[-2:] for word in words)}
    is_called = bool({singular(word) for word in words} & _JOB_NOUNS)
    # Of one thing with a status, changing it is no start.
    begins = operation.method == "POST" and not re.search(r"{[^{}]+}$", operation.path)
    return begins and is_called and watcher.status.is_of_job and bool(watcher.template)


def _closeness(operation: Operation, other: Operation, first: Shape | None, template: str) -> int:
    """Return how surely one watches the other, 1 best, 0 not at all."""
    base = operation.path.rstrip("/")
    if other.path.startswith(f"{base}/") and _ONE_PARAMETER.fullmatch(other.path, len(base)):
        return 1
    same = isinstance(bare(first), Ref) and bare(first) == bare(other.returns)
    if same and template:
        return 2 if other.path.startswith(f"{base}/") else 3
    own = set(template_names(operation.path))
    missing = [name for name in template_names(other.path) if name not in own]
    # `job_id` in the answer, `/jobs/{job_id}` to ask: by its name alone it is the same thing.
    return 4 if template and len(missing) == 1 and f"{{{missing[0]}}}" in template and missing[0] != "id" else 0


def _template(operation: Operation, other: Operation, answers: dict[str, str]) -> str:
    """Return the watcher's path with names that the first answer has."""
    base = operation.path.rstrip("/")
    is_below = other.path.startswith(f"{base}/")
    rest = other.path.removeprefix(base) if is_below else other.path
    for name in template_names(rest):
        field = _field_for(name, rest, answers)
        if not field:
            return ""
        rest = rest.replace(f"{{{name}}}", f"{{{field}}}")
    if not is_below:
        return rest
    # What the caller gave for the path of the operation stands in its address.
    return f"{{}}{rest}" if template_names(base) else f"{base}{rest}"


def _scalars(shape: Shape | None, shapes: Shapes) -> dict[str, str]:
    parts = properties_of(shape, shapes).items()
    return {letters_of(name): name for name, part in parts if isinstance(bare(part.shape), Scalar)}


def _field_for(name: str, path: str, answers: dict[str, str]) -> str:
    """Return the field that a path parameter takes: of its name; of the last one also the thing's own id."""
    if (letters := letters_of(name)) in answers:
        return answers[letters]
    if not path.removesuffix("/status").endswith(f"{{{name}}}"):
        return ""
    for known in _IDS:
        # `{job_id}`, `{jobUuid}`, or `{job}` for the `id` of the job.
        if known in answers and (letters.endswith(known) or not letters.endswith(_IDS)):
            return answers[known]
    return ""


def _reserved(template: str) -> str:
    """A name of Google's has slashes in it, which stay."""
    return template.replace("{name}", "{+name}")
