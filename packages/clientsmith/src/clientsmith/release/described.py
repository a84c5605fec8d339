"""What a service promises: the document that it serves, held against the one of its last release.

A service is an application. Its users send requests and start its commands; the modules that it is made of are nobody's
API, unless the setting ``[release] api`` says so. What it serves is read from both commits as `clientsmith affected`
reads it: in a process of its own each, with the dependencies that are installed.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from clientsmith.apidiff.difference import Difference
from clientsmith.findings import InputError
from clientsmith.workspace import Member, Release, Workspace, find_workspace, git

__all__ = ["UNREADABLE", "compare_descriptions", "has_description", "is_library"]

# What `--ignore` takes where a description cannot be made, of the last release or of the tip.
UNREADABLE: Final = "document-unreadable"


def has_description(workspace: Workspace, member: Member) -> bool:
    """Whether the document that a package serves counts for its version."""
    service = workspace.settings.services.get(member.name)
    return member.configuration.release.api != "python" and service is not None and bool(service.document)


def is_library(workspace: Workspace, member: Member) -> bool:
    """Whether the modules of a package count for its version: those of a service only if its settings say so."""
    return member.configuration.release.api in ("python", "both") or not has_description(workspace, member)


def compare_descriptions(workspace: Workspace, member: Member, release: Release) -> list[Difference]:
    """Return what a service describes other than at its last release.

    Raises:
        InputError: One of the two cannot be made.
    """
    # What it takes to read an application is only imported where there is one.
    from clientsmith.apidiff.openapi import compare_documents
    from clientsmith.workspace.processes import Processes

    from .serving import served_document

    top = git.repository_root(workspace.root)
    document = workspace.settings.services[member.name].document
    try:
        with TemporaryDirectory(prefix="clientsmith-release-") as folder, Processes() as processes:
            tree = git.export(top, release.commit, Path(folder))
            before = find_workspace(tree / workspace.root.relative_to(top))
            then = before.settings.services.get(member.name)
            known = then.document if then is not None and then.document else document
            with ThreadPoolExecutor(2) as threads:
                old = threads.submit(served_document, before, known, processes)
                new = threads.submit(served_document, workspace, document, processes)
                return compare_documents(old.result(), new.result(), old_file=known, new_file=document)
    except InputError as problem:
        raise InputError(
            f"cannot compare what {member.name} describes with {release.version}: {problem.message}",
            f"see that `{document}` can be imported at both commits with what is installed; "
            f"or --ignore {UNREADABLE}, and its changes are not heard",
        ) from problem
