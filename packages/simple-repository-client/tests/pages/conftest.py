"""Pages of one project, written by the tests as an index would."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # what the tests share stands beside them: `written_pages`
