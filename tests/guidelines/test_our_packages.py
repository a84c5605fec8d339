"""Our own packages by the guidelines: nothing is not met, and no waiver is needless. `clientsmith check` says the same."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
from clientsmith.cli.check import checked
from clientsmith.distributions import opened
from clientsmith.guidelines.ids import GUIDELINES
from clientsmith.guidelines.judging import Report

ROOT: Final = Path(__file__).resolve().parents[2]
# Package → the description of its service.
PACKAGES: Final = {
    "packages/naas-client": "naas.api.app:app_description",
    "packages/simple-repository-client": "",
    "examples/petstore-client": str(ROOT / "packages/clientsmith/tests/specs/oai-petstore.json"),
    "examples/parcel-client": "",
}


def report_on(path: str, *, static: bool) -> Report:
    with opened(str(ROOT / path)) as distribution:
        return checked(distribution, spec=PACKAGES[path], static=static)


def assert_clean(report: Report) -> None:
    assert [each.rule.id for each in report.judgements] == list(GUIDELINES)
    assert not report.broken, "\n".join(f"{rule.id}: {verdict}" for rule, verdict in report.broken)
    assert not report.notes


@pytest.mark.parametrize("path", PACKAGES)
def test_what_is_read_of_ours_keeps_every_guideline(path: str) -> None:
    """80 of 80 are met, waived with a reason, or not applicable."""
    assert_clean(report_on(path, static=True))


@pytest.mark.slow
@pytest.mark.parametrize("path", PACKAGES)
def test_ours_at_work_keep_every_guideline(path: str) -> None:
    """The same, with every method called."""
    assert_clean(report_on(path, static=False))
