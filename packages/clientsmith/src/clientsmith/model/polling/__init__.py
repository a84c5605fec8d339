"""Long running operations: the evidence of a document, and how each is watched.

Evidence is *certain* (an extension, or a person says it), *strong* (a header field of the first answer that says where
to look, or the operations of Google's API guidelines), or the *shape of a job* (an answer with an id, and a GET of it
that tells a status with an end). The shape of a job alone looks the same as a thing that has a status, so the method
stays plain until one line of configuration says otherwise.

    operation ─ marked ─▶ why it is long running ─ find_watcher ─▶ Watcher ─ running_of ─▶ LongRunning
"""

from __future__ import annotations

from .cancelling import cancellable
from .marks import accepted_shape, marked
from .running import configured, running_of
from .watching import Watcher, find_tellers, find_watcher, looks_like_a_job

__all__ = [
    "Watcher",
    "accepted_shape",
    "cancellable",
    "configured",
    "find_tellers",
    "find_watcher",
    "looks_like_a_job",
    "marked",
    "running_of",
]
