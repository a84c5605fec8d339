"""The description that a service serves, before a change and after it.

`clientsmith.release.serving` asks an application for it.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from clientsmith.apidiff.openapi import compare_documents
from clientsmith.findings import InputError
from clientsmith.release.serving import served_document
from clientsmith.workspace import Workspace, find_workspace, git
from clientsmith.workspace.processes import Processes

__all__ = ["DocumentChange", "compared", "document_changes", "served_document"]

_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class DocumentChange:
    """What became of the description of a service.

    Attributes:
        changes: What is other than before, one line each; nothing if it is the same.
        problem: Why they could not be compared, "" if they were.
    """

    service: str
    changes: tuple[str, ...] = ()
    problem: str = ""

    @property
    def reason(self) -> str:
        """Why the service's clients are concerned, "" if they are not."""
        if self.problem:
            return f"the description of {self.service} may have changed: {self.problem}"
        if not self.changes:
            return ""
        more = f" and {len(self.changes) - _SHOWN} more" if len(self.changes) > _SHOWN else ""
        return f"the description of {self.service} changed: {'; '.join(self.changes[:_SHOWN])}{more}"


def document_changes(workspace: Workspace, services: Sequence[str], base: str) -> list[DocumentChange]:
    """Compare what services described at the commit ``base`` with what they describe in the working tree."""
    if not services:
        return []
    with tempfile.TemporaryDirectory(prefix="clientsmith-") as folder, Processes() as processes:
        tree = Path(folder)
        git.export(git.repository_root(workspace.root), base, tree)
        before = tree / workspace.root.relative_to(git.repository_root(workspace.root))
        return [_change(workspace, name, before, processes) for name in services]


def _change(workspace: Workspace, service: str, before: Path, processes: Processes) -> DocumentChange:
    """Ask both sides at once: each takes seconds to import what it stands on."""
    document = workspace.settings.services[service].document

    def asked(workspace_of: Callable[[], Workspace], which: str) -> Mapping[str, Any]:
        try:
            return served_document(workspace_of(), document, processes)
        except InputError as problem:
            raise InputError(f"that of {which} cannot be made: {problem.message}") from problem

    with ThreadPoolExecutor(2) as threads:
        old = threads.submit(asked, lambda: find_workspace(before), "before")
        new = threads.submit(asked, lambda: workspace, "now")
        try:
            return DocumentChange(service, compared(old.result(), new.result()))
        except InputError as problem:
            return DocumentChange(service, problem=problem.message)


def compared(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what is other in ``new`` than in ``old``, one line each; nothing if they say the same."""
    if json.dumps(old, sort_keys=True) == json.dumps(new, sort_keys=True):
        return ()
    differences = compare_documents(old, new)
    return tuple(f"{one.subject}: {one.message}" for one in differences) or ("in what no rule is about",)
