"""Pages of an index as values, without I/O.

- `read_project_page` and `read_project_list` read an `Answer`, whichever serialization it is in.
- `ProjectPage` is a project with its `ProjectFile` values, `ProjectList` the names of all projects.
- `Finding` is an irregularity that was put right; `UnreadablePageError` is what is raised for no page at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._answer import Answer as Answer
    from .errors import UnreadablePageError as UnreadablePageError
    from .files import ProjectFile as ProjectFile
    from .findings import Finding as Finding
    from .listing import ProjectList as ProjectList
    from .project import ProjectPage as ProjectPage
    from .reading import read_project_list as read_project_list
    from .reading import read_project_page as read_project_page
    from .status import ProjectStatus as ProjectStatus

if not TYPE_CHECKING:
    from clientsmith.core.lazy import lazy

    _TABLE = {
        "_answer": "Answer",
        "errors": "UnreadablePageError",
        "files": "ProjectFile",
        "findings": "Finding",
        "listing": "ProjectList",
        "project": "ProjectPage",
        "reading": "read_project_list read_project_page",
        "status": "ProjectStatus",
    }
    __all__ = sorted(name for names in _TABLE.values() for name in names.split())
    __getattr__, __dir__ = lazy(__name__, _TABLE)
