"""Which operation cancels a job."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from ..ir import Api, LongRunning, Operation
from ..lookup import properties_of, template_names
from ..verbs import own_words, path_words
from ..words import letters_of
from .marks import accepted_shape
from .watching import Watcher

__all__ = ["cancellable"]

_CANCEL: Final = frozenset({"cancel", "abort"})


def cancellable(running: LongRunning, operation: Operation, watcher: Watcher | None, api: Api) -> LongRunning:
    """Find the operation that cancels the job: beside the place where it is watched, or with an id that it answers."""
    answers = properties_of(accepted_shape(operation), api.shapes)
    watched = watcher.operation.path if watcher is not None else ""
    for other in api.operations:
        if other.method not in ("POST", "DELETE", "PUT") or not _cancels(other):
            continue
        names = template_names(other.path)
        tail = other.path.removeprefix(watched) if watched else other.path
        # `POST {}:cancel` is asked of wherever the job is watched, `DELETE` of that place itself.
        by_place = tail != other.path and "{" not in tail and (not tail or tail[0] in "/:")
        # An `id` may be anybody's; a `job_id` is the job's wherever it stands.
        is_ours = other.path.startswith(f"{operation.path.rstrip('/')}/") or "id" not in map(letters_of, names)
        by_id = bool(names) and is_ours and all(name in answers for name in names)
        if by_id:
            cancel = f"{other.method} {other.path}"
        elif by_place:
            cancel = f"{other.method} {{}}{tail}" if tail else other.method
        else:
            continue
        return replace(running, cancel=cancel, evidence=f"{running.evidence}; cancelled by {other.method} {other.path}")
    return running


def _cancels(operation: Operation) -> bool:
    verb, _noun, _said = own_words(operation)
    last = "".join(path_words(operation.path)[-1:][0]) if path_words(operation.path) else ""
    return verb in _CANCEL or (last in _CANCEL and operation.method != "DELETE")
