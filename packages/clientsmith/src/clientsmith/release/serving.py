"""The description that a service serves in the tree of a workspace, be it the tip or an earlier commit.

An application is asked for it in a process of its own, where the sources of one tree come before whatever is
installed. Dependencies are those of the environment that runs us, for all trees: what is compared is our change.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from typing import Any, Final

from clientsmith.findings import InputError
from clientsmith.openapi.load import load
from clientsmith.workspace import Workspace
from clientsmith.workspace.processes import Processes

__all__ = ["served_document"]

_SECONDS: Final = 120.0  # an application that takes longer to import is not going to be imported

# Our own reading of applications is imported first; then the tree's packages win, also within a shared namespace.
_READ: Final = """\
import json, sys
from clientsmith.findings import InputError
from clientsmith.openapi.source import read_source
for name in [name for name in sys.modules if name.partition(".")[0] == "clientsmith"]:
    del sys.modules[name]
sys.path[:0] = sys.argv[2:]
try:
    data = read_source(sys.argv[1]).data
except InputError as problem:
    sys.exit(problem.message)
json.dump(data, sys.stdout)
"""


def served_document(workspace: Workspace, document: str, processes: Processes) -> Mapping[str, Any]:
    """Return the description that ``document`` (a file, or ``module:app``) is in the tree of a workspace.

    Raises:
        InputError: It cannot be made; the message says why in one line.
    """
    if (workspace.root / document).is_file():
        return load(str(workspace.root / document))[0].root
    sources = [str(member.source) for member in workspace.members.values()]
    finished = processes.run(
        [sys.executable, "-c", _READ, document, *sources],
        cwd=workspace.root,
        variables={"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": os.pathsep.join(sys.path[1:])},
        apart=True,
        seconds=_SECONDS,
    )
    if not finished.is_good:
        said = finished.errors.strip().splitlines() or [f"it ended with {finished.code}"]
        raise InputError(said[-1])
    found: Mapping[str, Any] = json.loads(finished.output)
    return found
