"""The rules over packages made from real documents, where those are at hand: nothing but the service's words excuses us.

Every method is read. Of more than 60 in one half of a package each rule calls a sample of 60, the same one each time;
what they are called with is made from the schemas, and what they are answered is what the mock of the document says.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from .rules import RULES, Colour, Met, NotApplicable, Waived
from .subjects import ROOT, generated

SPECS: Final = ROOT.parent / "shared" / "specs"
NOT_OPENAPI: Final = {"index.json", "redocly-museum.arazzo.yaml", "azure-common-types-v2-types.json"}
DOCUMENTS: Final = sorted(
    (path for path in SPECS.glob("*.*") if path.suffix in (".json", ".yaml") and path.name not in NOT_OPENAPI),
    key=lambda path: path.stat().st_size,
)
# Guideline → why a document may make us break it.
SERVICES_OWN: Final = {
    "models-dict-result": "output-only results stay typed models, which index like a mapping",
}
JUDGED: Final = [
    (rule, colour)
    for rule in RULES
    if rule.id not in SERVICES_OWN
    for colour in (tuple(Colour) if rule.by_colour else (None,))
]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_a_package_keeps_every_rule(document: Path, tmp_path: Path) -> None:
    package = generated(document, tmp_path)
    broken = {
        f"{rule.id}{f' ({colour.value})' if colour else ''}": verdict
        for rule, colour in JUDGED
        if not isinstance(verdict := rule.check(package, colour), Met | Waived | NotApplicable)
    }
    assert not broken, "\n".join(f"{rule}: {verdict}" for rule, verdict in broken.items())
