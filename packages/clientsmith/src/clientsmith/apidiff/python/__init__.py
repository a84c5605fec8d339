"""Two versions of a Python package: what changed for those who use it.

The sources are read as text (`ast`) and never imported. That is ours, and not griffe's, for three reasons that were
measured: two loads of a large client take griffe ten seconds and this one two; what has the same bytes in both versions
is read once; and what is public is decided here, by rules that are written down (`surface`).

- `compare_packages` takes two distributions and gives the differences.
- `RULES` is what is looked for.
"""

from __future__ import annotations

from .comparing import compare_packages
from .rules import RULES

__all__ = ["RULES", "compare_packages"]
