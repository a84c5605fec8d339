"""Findings for machines: nothing is lost, and nothing a document says becomes something else."""

from __future__ import annotations

from typing import Any

import pytest
from clientsmith.findings import Finding, error, note, warning
from clientsmith.findings.reports import as_data, as_github, as_sarif

LOST = error("operation-lost", "it is lost", "/paths/~1x", "write it").at("my api.yaml", 3, 5)
GUESS = warning("guessed", "100 %", "").at("https://a.test/api.json", None, None)
AGAIN = note("operation-lost", "known", "/paths/~1y").at("/srv/api.json", 1, 1)


def test_data_says_only_what_is_there() -> None:
    assert as_data(LOST) == {
        "rule": "operation-lost", "severity": "error", "message": "it is lost", "hint": "write it",
        "pointer": "/paths/~1x", "file": "my api.yaml", "line": 3, "column": 5,
    }  # fmt: skip
    assert as_data(GUESS).keys() == {"rule", "severity", "message", "file"}


def test_a_sarif_log_has_the_parts_that_readers_need() -> None:
    """SARIF 2.1.0: rules are said once, results refer to them by index, places are artifacts with regions."""
    log = as_sarif([LOST, GUESS, AGAIN], "1.2.3")
    assert log["version"] == "2.1.0"
    [run] = log["runs"]
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("clientsmith", "1.2.3")
    assert [rule["id"] for rule in driver["rules"]] == ["guessed", "operation-lost"]
    results = run["results"]
    assert [driver["rules"][result["ruleIndex"]]["id"] for result in results] == [
        result["ruleId"] for result in results
    ]
    assert [result["level"] for result in results] == ["error", "warning", "note"]
    assert results[0]["message"]["text"] == "it is lost\nwrite it"
    assert results[0]["partialFingerprints"] == {"place/v1": "operation-lost:/paths/~1x"}


@pytest.mark.parametrize(
    ("finding", "physical"),
    [
        (LOST, {"artifactLocation": {"uri": "my%20api.yaml"}, "region": {"startLine": 3, "startColumn": 5}}),
        (GUESS, {"artifactLocation": {"uri": "https://a.test/api.json"}}),
        (AGAIN, {"artifactLocation": {"uri": "file:///srv/api.json"}, "region": {"startLine": 1, "startColumn": 1}}),
        (note("r", "m", "/x"), None),
    ],
    ids=["relative file", "URL without lines", "absolute file", "no file"],
)
def test_places_in_sarif_are_uris(finding: Finding, physical: dict[str, Any] | None) -> None:
    [result] = as_sarif([finding], "1")["runs"][0]["results"]
    [location] = result["locations"]
    assert location.get("physicalLocation") == physical
    assert location["logicalLocations"] == [{"fullyQualifiedName": finding.pointer or "/"}]


def test_no_findings_are_a_log_too() -> None:
    """A clean run clears the alerts of the one before."""
    [run] = as_sarif([], "1")["runs"]
    assert (run["results"], run["tool"]["driver"]["rules"]) == ([], [])


def test_github_shows_findings_beside_their_lines() -> None:
    assert as_github([LOST, GUESS]).splitlines() == [
        "::error file=my api.yaml,line=3,col=5,title=operation-lost::it is lost%0Awrite it",
        "::warning file=https%3A//a.test/api.json,title=guessed::100 %25",
    ]


def test_text_of_a_document_cannot_become_a_command() -> None:
    hostile = warning("r", "a\n::set-output name=x::y\r\n::stop-commands::z", "").at("f,line=9::x\n::error::", 1, 1)
    [line] = as_github([hostile]).splitlines()
    assert line.startswith("::warning file=f%2Cline=9%3A%3Ax%0A%3A%3Aerror%3A%3A,line=1,")
