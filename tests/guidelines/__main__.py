"""`python -m tests.guidelines`: generate the packages, judge them, and write the table of `docs/guidelines.md`."""

from __future__ import annotations

import tempfile
from pathlib import Path

from .subjects import packages
from .table import BEGIN, END, table

PAGE = Path(__file__).resolve().parents[2] / "docs" / "guidelines.md"

with tempfile.TemporaryDirectory() as folder:
    head, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    tail = rest.partition(END)[2]
    PAGE.write_text(f"{head}{BEGIN}\n{table(packages(Path(folder)))}\n{END}{tail}", encoding="utf-8")
print(f"docs/{PAGE.name} is up to date")
