"""`simple-repository check`, in every form."""

from __future__ import annotations

import json
from typing import Any

from simple_repository_client.conformance import RULES

from tools.model_index import ModelIndex, Says


def test_an_index_by_the_book(shell: Any, index: ModelIndex) -> None:
    result = shell("check")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith(f"{index.url}  HolyGrail, spam.Eggs, parrot\n")
    assert "size              6 of 6 files                         -\n" in result.stdout
    assert result.stderr.startswith("broken: 0 MUST, 0 SHOULD; not offered: 0; kept: ")


def test_a_broken_must_ends_with_1_and_is_told(shell: Any, index: ModelIndex) -> None:
    index.says = Says(json=None)
    result = shell("check", index.url, "--project", "parrot")
    assert result.exit_code == 1
    assert "MUST  json-version  PEP 629, PEP 691  A JSON page says its version in `meta.api-version`" in result.stdout
    assert "\n  parrot (JSON): there is no `meta.api-version`\n" in result.stdout


def test_a_broken_should_ends_with_1_only_where_that_is_wanted(shell: Any, index: ModelIndex) -> None:
    index.says = Says(html=None)
    assert shell("check").exit_code == 0
    assert shell("check", "--strict").exit_code == 1


def test_many_breaches_of_one_rule_are_told_by_three(shell: Any, index: ModelIndex) -> None:
    index.says = Says(spoilt={"files": {"size": "big"}})
    stdout = shell("check").stdout
    assert stdout.count("it is 'big'") == 3
    assert "\n  and 3 more\n" in stdout


def test_forms_for_programs_and_for_issues(shell: Any, index: ModelIndex) -> None:
    index.says = Says(json="1.0")
    data = json.loads(shell("check", "--format", "json").stdout)
    assert data["conforming"] is False
    assert {one["id"] for one in data["rules"]} == {rule.id for rule in RULES}
    markdown = shell("check", "--format", "markdown").stdout
    assert markdown.startswith(f"# {index.url}\n")
    assert "| `json-version-of-fields` | PEP 700, PEP 740, PEP 792 | " in markdown


def test_all_rules_can_be_listed(shell: Any) -> None:
    result = shell("check", "--rules")
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == len(RULES)


def test_an_index_that_cannot_be_asked_is_no_index_that_breaks_a_rule(refused: Any, index: ModelIndex) -> None:
    assert refused(2, "check", "http://127.0.0.1:9/simple/").startswith("error: ")
    assert refused(2, "check", "no-url").startswith("error: the index URL is none")
    index.credential = "Basic b2Y6dGVzdHM="
    assert "401" in refused(2, "check")


def test_what_an_index_says_does_not_drive_the_terminal(shell: Any, index: ModelIndex) -> None:
    index.says = Says(json="1.0\x1b[2J")
    assert "\x1b" not in shell("check").output
