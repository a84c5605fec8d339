"""From the answer of an index to values: the one place that knows both serializations.

Nothing here does I/O: whoever has the bytes of an answer, its Content-Type and its URL can read it.

    page = read_project_page(Answer(body, "application/vnd.pypi.simple.v1+json", url), name="requests")

The order of judgement (PEP 629, 691): the major version in the type, the version in the body, and only then the rest.
"""

from __future__ import annotations

from clientsmith.core.versioning import Negotiator
from clientsmith.core.versioning.schemes import simple_api
from packaging.utils import canonicalize_name

from ..names import normalize_name
from ._answer import Answer
from ._urls import last_segment
from .listing import ProjectList
from .project import ProjectPage

__all__ = ["Answer", "read_project_list", "read_project_page"]


def read_project_page(answer: Answer, *, name: str = "", negotiator: Negotiator | None = None) -> ProjectPage:
    """Return the page of a project.

    Args:
        answer: What the index answered.
        name: The project that was asked for, in any spelling; "": the last part of the URL. HTML does not say it.
        negotiator: Judges the version, and warns once of what it has to warn of; None: one for this answer alone.

    Raises:
        ApiVersionError: The answer is in a version that is not understood (UnsupportedApiVersionError), or says one
            that is none (MalformedVersionError).
        UnreadablePageError: It is no project page.
        ArgumentError: ``name`` is not the name of a project.
    """
    negotiator = negotiator or _negotiator()
    project = (
        normalize_name(name) if name else canonicalize_name(last_segment(answer.url.partition("?")[0].rstrip("/")))
    )
    if answer.serialization(negotiator) == "json":
        from ._json import read_page
    else:
        from ._html import read_page
    return read_page(answer, project, negotiator)


def read_project_list(answer: Answer, *, negotiator: Negotiator | None = None) -> ProjectList:
    """Return the list of all projects; see `read_project_page`.

    Raises:
        ApiVersionError: The answer is in a version that is not understood, or says one that is none.
        UnreadablePageError: It is no list of projects.
    """
    negotiator = negotiator or _negotiator()
    if answer.serialization(negotiator) == "json":
        from ._json import read_list
    else:
        from ._html import read_list
    return read_list(answer, negotiator)


def _negotiator() -> Negotiator:
    # Named, so that its warnings point to whoever called this package.
    return Negotiator(simple_api(), library=__name__.partition(".")[0])
