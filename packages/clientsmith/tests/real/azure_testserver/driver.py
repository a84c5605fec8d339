"""Drives scenarios: a client for every Swagger file and colour, made when it is first needed."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import driving

from .areas import AREAS
from .case import Area, Case

__all__ = ["CASES", "LEFT_OUT", "Bench", "Outcome"]

CASES: tuple[Case, ...] = tuple(case for area in AREAS for case in area.cases)
# Scenarios of the report that are not driven, and why.
LEFT_OUT = {
    "AzureApiVersionMethodLocalNull": "a request without a version, and a client always says which one it speaks",
    "DPGNewBodyType": "the server counts DPGNewBodyType.JSON and DPGNewBodyType.JPEG in its place",
    "HeaderParameterProtectedKey": "a Content-Type that the body has not: the body's own counts; the server counts it by itself",
    "MultiapiDifferentCallsApiVersionOne": "the server forgets to count it",
    "MultiapiDifferentCallsApiVersionTwo": "the server forgets to count it",
    "MultiapiDifferentCallsApiVersionThree": "the server forgets to count it",
    "MultiapiPostTestFourApiVersionThreePDF": "the server forgets to count it",
    "RequestWithSecrets": "the server wants a query parameter and a body that its document does not have",
}
# The server answers 5xx to be asked again, and says nowhere how late; nobody is served by waiting.
SETTINGS = {"backoff_base": 0.0, "backoff_cap": 0.0}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a scenario: `error` is "" if all was right on both sides."""

    case: Case
    error: str = ""


@dataclass
class Bench:
    """A running test server and the clients that were generated from its documents. ``end`` forgets them."""

    server: Any
    folder: Path
    _generated: dict[str, Any] = field(default_factory=dict)
    _counted: dict[str, int] = field(default_factory=dict)

    def generated(self, document: str) -> Any:
        if document not in self._generated:
            package = "azure_" + "".join(letter if letter.isalnum() else "_" for letter in document).lower()
            self._generated[document] = driving.Generated(self.server.document(document), self.folder, package)
        return self._generated[document]

    async def drive(self, case: Case, colour: str) -> None:
        """Run one scenario.

        Raises:
            AssertionError: The client gave something else, or the server does not count the scenario as passed.
        """
        before = self._counted or self.server.report()
        area: Area = case.area
        settings = {**SETTINGS, **area.settings()}
        async with self.generated(area.document).client(colour, self.server.url + area.endpoint, **settings) as client:
            await case.script(client, self.server)
        self._counted = after = self.server.report()
        for scenario in case.scenarios:
            if after.get(scenario, 0) <= before.get(scenario, 0):
                known = "did not count it" if scenario in after else "knows no such scenario"
                raise AssertionError(f"the client was content, but the server {known}: {scenario}")

    def end(self) -> None:
        for generated in self._generated.values():
            generated.forget()
