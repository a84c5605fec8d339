"""What is inferred, compared with what people read in the documents: `labels/*.csv`, labelled by hand.

The labels hold facts alone. `paging.csv` and `polling.csv` were drawn at random before the rules were written; in
`methods.csv` stands what the guideline would have, and not all of it is reached.
"""

from __future__ import annotations

import csv
import os
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest
from clientsmith.findings import Finding
from clientsmith.model.ir import Api, Operation
from clientsmith.model.pipeline import build_api

ROOT = Path(__file__).parents[4]
SPECS = Path(os.environ.get("CLIENTSMITH_SPECS", ROOT.parent / "shared" / "specs"))
LABELS = Path(__file__).parent / "labels"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not SPECS.is_dir(), reason="set CLIENTSMITH_SPECS to the folder of the documents"),
]


@cache
def read(name: str) -> tuple[Api, list[Finding]]:
    return build_api(str(SPECS / name))


def labelled(name: str) -> list[tuple[dict[str, str], Operation, list[Finding]]]:
    rows: dict[str, list[dict[str, str]]] = defaultdict(list)
    with (LABELS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rows[row["document"]].append(row)
    found: list[tuple[dict[str, str], Operation, list[Finding]]] = []
    for document, labels in rows.items():
        api, findings = read(document)
        operations = {one.key: one for one in api.operations if not one.variant}
        found += [(row, operations[row["operation"]], findings) for row in labels]
    return found


def differences(row: dict[str, str], operation: Operation) -> list[str]:
    """What differs between a label and what was inferred; a label may allow several schemes, the first in full."""
    paging, wanted = operation.paging, row["scheme"].split("|")
    scheme = paging.scheme.value if paging is not None else "none"
    if scheme not in wanted:
        return [f"{row['operation']} of {row['document']}: {scheme}, not {row['scheme']}"]
    if paging is None:
        return []
    told = {"items": ".".join(paging.items_path), "parameter": paging.parameter, "size": paging.size}
    told["next"] = paging.header or ".".join(paging.total_path if scheme == "page-number" else paging.next_path)
    parts = ["items"]
    if scheme == wanted[0] and scheme != "single":
        parts += ["parameter", "next", "size"]
    if scheme == "last-id":  # the label says which field of the answer speaks of it, not where an item has its id
        parts.remove("next")
    return [f"{row['operation']} of {row['document']}: {part} {told[part]!r}, not {row[part]!r}"
            for part in parts if told[part] != row[part] and not (part == "next" and not row[part])]  # fmt: skip


def test_lists_are_paged_as_people_read_them() -> None:
    """Two hundred list operations and traps: at most one in a hundred is wrong."""
    rows = labelled("paging")
    wrong = [text for row, operation, _ in rows for text in differences(row, operation)]
    assert len(rows) == 200
    assert len(wrong) <= 2, "\n".join(wrong)


def test_jobs_are_told_from_things_as_people_read_them() -> None:
    """A poller at once, a job that one line of configuration makes one, or neither."""
    wrong: list[str] = []
    for row, operation, findings in labelled("polling"):
        noted = any(one.rule == "job-without-header" and one.pointer == operation.pointer for one in findings)
        kind = "poller" if operation.long_running is not None else "job" if noted else "plain"
        wrong += [f"{row['operation']} of {row['document']}: {kind}, not {row['expected']}"] * (kind != row["expected"])
    assert wrong == []


def test_methods_are_called_what_the_guideline_would_have() -> None:
    rows = labelled("methods")
    wrong = [f"{operation.key}: {operation.name}, not {row['method']}" for row, operation, _ in rows
             if operation.name != row["method"]]  # fmt: skip
    assert len(wrong) <= len(rows) // 10, "\n".join(wrong)
