"""The index of `tools/model_index.py`, which keeps every rule until it is told not to."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[4]

sys.path.insert(0, str(ROOT))  # the workspace's tools are no package that is installed
