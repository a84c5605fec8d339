"""The words by which services say how far a job is; compared by their letters alone (`letters_of`)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ..ir import Property, Scalar, ScalarKind, Shape
from ..lookup import Shapes, bare, properties_of, word_values
from ..words import letters_of, vocabulary

__all__ = ["FAILED", "SUCCEEDED", "Status", "status_of"]

SUCCEEDED: Final = vocabulary(
    """
    succeeded success successful successfully finished completed complete done ok ready processed fulfilled
    completedsuccessfully completedwithsuccess succeed finish endedok partiallysucceeded partialsuccess
    completedwithwarnings completedwitherrors partiallycompleted
    """
)
FAILED: Final = vocabulary(
    """
    failed failure failing fail error errored erred canceled cancelled aborted abort terminated expired rejected killed
    timedout timeout incomplete stopped faulted invalid deadletter cancel endednotok crashed declined revoked
    internalerror unsuccessful halted
    """
)
# A thing that is there, or can be used: an end only beside words of a job.
_THERE: Final = vocabulary("active available created deleted deployed live online enabled installed imported")
RUNNING: Final = vocabulary(
    """
    queued pending running inprogress processing started accepted validating finalizing created new submitted waiting
    scheduled executing building creating updating deleting provisioning initializing notstarted saving uploading
    importing exporting preparing starting stopping cancelling canceling working active inqueue enqueued received
    validatingfiles generating deploying copying restoring rendering transcribing transcoding analyzing indexing
    """
)
# Of a job and of nothing else: a payment can be pending, but not queued.
_OF_JOBS: Final = vocabulary("queued running inprogress executing enqueued inqueue notstarted")
# It waits for somebody: nothing goes on by itself, so whoever waits has to be told.
_STANDS: Final = ("requires", "needs", "waitingfor", "awaiting", "actionrequired", "inputrequired")

_FIELDS: Final = (
    "status",
    "state",
    "provisioningState",
    "phase",
    "job_status",
    "jobStatus",
    "JobStatus",
    "Status",
    "State",
    "task_status",
    "taskStatus",
    "task_state",
    "lifecycleState",
    "lifecycle_state",
    "processing_status",
    "processingStatus",
    "run_status",
    "executionStatus",
    "import_status",
    "export_status",
)


@dataclass(frozen=True, slots=True)
class Status:
    """A field that says how far a job is, and its words by what they mean.

    Attributes:
        path: Where it is in the answer.
        is_of_job: Whether its words are those of work that runs, and ends one way or the other.
    """

    path: tuple[str, ...]
    succeeded: tuple[str, ...]
    failed: tuple[str, ...]
    is_of_job: bool


def status_of(shape: Shape | None, shapes: Shapes) -> Status | None:
    """Return the status field of an answer, None if it has none with an end."""
    parts = properties_of(shape, shapes)
    for name in _FIELDS:
        if name in parts and (found := _read((name,), _words_of(parts[name], shapes))) is not None:
            return found
        # `status: {state: …}`, as those have it that tell more than a word.
        for inner_name, inner in properties_of(parts[name].shape, shapes).items() if name in parts else ():
            if inner_name in ("state", "status", "phase", "code", "value"):
                found = _read((name, inner_name), word_values(inner.shape, shapes))
                if found is not None:
                    return found
    return _done_flag(shape, shapes)


def _words_of(part: Property, shapes: Shapes) -> tuple[str, ...]:
    """Return the words of an enum, of plain text those that its description names: will be `pending`, `succeeded` …"""
    words = word_values(part.shape, shapes)
    if words or not isinstance(bare(part.shape), Scalar):
        return words
    named = dict.fromkeys(re.findall(r"[`'\"]([A-Za-z_-]{2,30})[`'\"]", part.description))
    known = tuple(word for word in named if letters_of(word) in SUCCEEDED | FAILED | RUNNING)
    has_ends = any(letters_of(word) in SUCCEEDED for word in known) and any(
        letters_of(word) in FAILED for word in known
    )
    return known if has_ends else ()


def _read(path: tuple[str, ...], words: Iterable[str]) -> Status | None:
    known = {word: letters_of(word) for word in words}
    runs = any(letters in RUNNING for letters in known.values())
    good = SUCCEEDED | (_THERE if runs else frozenset[str]())
    if SUCCEEDED & set(known.values()):
        good -= {"created", "active"}  # a beginning, where something better is the end
    succeeded = tuple(word for word, letters in known.items() if letters in good)
    failed = tuple(word for word, letters in known.items() if letters in FAILED or letters.startswith(_STANDS))
    if not succeeded and not failed:
        return None
    of_jobs = any(letters in _OF_JOBS for letters in known.values())
    return Status(path, succeeded, failed, is_of_job=bool(succeeded) and bool(failed) and (of_jobs or runs))


def _done_flag(shape: Shape | None, shapes: Shapes) -> Status | None:
    """``done: true``, as Google's API guidelines have it (AIP-151)."""
    part = properties_of(shape, shapes).get("done")
    inner = bare(part.shape) if part is not None else None
    is_flag = isinstance(inner, Scalar) and inner.kind is ScalarKind.BOOLEAN
    return Status(("done",), ("true",), (), is_of_job=False) if is_flag else None
