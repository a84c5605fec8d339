"""From change fragments to a published version, in steps that can be taken up again.

- `fragments`, `versions`, `changelog`, `ranges`, `family`, `manifests`: decisions about values, without files and git.
- `planning` reads the repository and decides a whole release: a `ReleasePlan`, or findings that refuse it.
- `comparing` holds the tip against the last release, `described` what a service serves.
- `steps` carries a plan out, `journal` remembers how far it came; `commits`, `artefacts`, `contents`, `provenance` and
  `published` are what the steps stand on.
- `checking` judges the fragments of a pull request, `telling` says what a plan is.
"""

from __future__ import annotations

from .checking import check_fragments
from .fragments import KINDS, ChangeKind, Fragment, read_fragments, write_fragment
from .journal import Journal
from .plan import Planned, ReleasePlan, Request, Target
from .planning import plan_release
from .steps import ReleaseError, Step, abort, carry_out, steps_of
from .versions import Stage

__all__ = [
    "KINDS",
    "ChangeKind",
    "Fragment",
    "Journal",
    "Planned",
    "ReleaseError",
    "ReleasePlan",
    "Request",
    "Stage",
    "Step",
    "Target",
    "abort",
    "carry_out",
    "check_fragments",
    "plan_release",
    "read_fragments",
    "steps_of",
    "write_fragment",
]
