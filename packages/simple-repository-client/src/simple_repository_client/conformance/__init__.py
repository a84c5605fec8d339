"""Does an index keep to the Simple API's standards? Rules, an examination, and a report.

    with ServiceClient("https://index.example/simple/") as client:
        report = check_index(client, "https://index.example/simple/", projects=["holygrail"])
    print(report.as_markdown())

Each rule is a class with the sentence that it stands for, the standard that says so, and examples that keep and break
it. `check_index` asks politely: about twenty-five requests, one after the other. Its async twin is in `.aio`.
"""

from __future__ import annotations

from .checking import check_index
from .levels import Level, Serialization
from .report import Breach, Outcome, Report
from .rules import RULES, Rule

__all__ = [
    "RULES",
    "Breach",
    "Level",
    "Outcome",
    "Report",
    "Rule",
    "Serialization",
    "check_index",
]
