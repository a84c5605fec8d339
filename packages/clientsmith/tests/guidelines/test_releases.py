"""Rules about two releases: each is shown one that may follow the earlier one, and one that may not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from clientsmith.configuration import Configuration
from clientsmith.configuration.shipping import ReleaseSettings
from clientsmith.distributions import opened
from clientsmith.guidelines.examples import Example
from clientsmith.guidelines.package import package_of
from clientsmith.guidelines.releases import RELEASE_RULES, observe_releases
from clientsmith.guidelines.rules import RULES
from clientsmith.guidelines.rules.versioning import ReleaseRule
from clientsmith.guidelines.verdicts import Met, NotApplicable, NotMet, Verdict

OF_RELEASES = [rule for rule in RULES if isinstance(rule, ReleaseRule)]


def compared(
    folder: Path, earlier: Example, later: Example, configuration: Configuration | None = None
) -> Mapping[str, Verdict]:
    """Judge the later release by the earlier one."""
    earlier.write(folder / "earlier")
    later.write(folder / "later")
    with opened(str(folder / "earlier")) as old, opened(str(folder / "later")) as new:
        return observe_releases(package_of(new, configuration), new, old)


@pytest.mark.parametrize("rule", OF_RELEASES, ids=lambda rule: rule.id)
def test_a_release_that_may_follow(rule: ReleaseRule, tmp_path: Path) -> None:
    """Its version says what changed."""
    verdict = compared(tmp_path, rule.earlier, rule.good)[rule.id]
    assert isinstance(verdict, Met), verdict


@pytest.mark.parametrize("rule", OF_RELEASES, ids=lambda rule: rule.id)
def test_a_release_that_may_not_follow(rule: ReleaseRule, tmp_path: Path) -> None:
    """The finding stands at the line of the version, and names both."""
    verdict = compared(tmp_path, rule.earlier, rule.bad)[rule.id]
    assert isinstance(verdict, NotMet), verdict
    (problem,) = verdict.problems
    assert problem.file.name == "pyproject.toml"
    assert problem.file.read_text(encoding="utf-8").splitlines()[problem.line - 1].startswith("version")
    assert "1.2.0" in problem.hint


def test_every_rule_about_releases_is_judged() -> None:
    """One that is forgotten would never be broken."""
    assert [rule.id for rule in OF_RELEASES] == list(RELEASE_RULES)


def test_without_an_earlier_release_nothing_is_judged(tmp_path: Path) -> None:
    """The reason says what to name."""
    rule = OF_RELEASES[0]
    rule.good.write(tmp_path)
    with opened(str(tmp_path)) as distribution:
        verdict = rule.judge(package_of(distribution))
    assert verdict == NotApplicable("takes two releases: name the earlier one with --against")


def test_a_family_of_versions_may_be_left_with_a_major_version(tmp_path: Path) -> None:
    """`api-family` binds a package to it: leaving it breaks the contract, and so a major version is right."""
    rule = next(rule for rule in OF_RELEASES if rule.id == "versioning-api-major")
    configuration = Configuration(release=ReleaseSettings(api_family="v2"))
    verdict = compared(tmp_path, rule.earlier, rule.bad, configuration)[rule.id]
    assert verdict == NotApplicable("the package ties its major version to the family v2 of the service's API")


def test_a_release_without_a_version_is_not_judged(tmp_path: Path) -> None:
    """The one without it is named."""
    unknown = Example(project='[project]\nname = "depot-client"\ndynamic = ["version"]\n')
    verdicts = compared(tmp_path, unknown, OF_RELEASES[0].good)
    assert set(verdicts) == set(RELEASE_RULES)
    assert all("has no version that can be compared" in repr(verdict) for verdict in verdicts.values())
