"""What running a package shows: each judge is shown a package that keeps its rule, and one change that breaks it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from clientsmith.distributions import opened
from clientsmith.guidelines.examples import Example
from clientsmith.guidelines.package import Package, package_of
from clientsmith.guidelines.rule import Rule, RunRule
from clientsmith.guidelines.rules import RULES
from clientsmith.guidelines.running import observe
from clientsmith.guidelines.verdicts import Met, NotApplicable, NotMet, Verdict

DEPOT = Path(__file__).parents[1] / "example"
SYNC = "src/acme/depot/_client.py"
ASYNC = "src/acme/depot/aio/_client.py"
OPERATIONS = "src/acme/depot/_operations.py"
MODELS = "src/acme/depot/models.py"
RUN = [rule for rule in RULES if isinstance(rule, RunRule) and rule.theme in ("errors", "models", "responses")]
COUNT = 'RETURN_COUNT, {"name": name}, options='
PIECES = '    pieces: int = field("pieces")\n'


@dataclass(frozen=True)
class Change:
    """One thing changed in the depot, which breaks the rule where it is run."""

    rule: str
    name: str
    file: str
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.name}"


def depot(folder: Path, change: Change | None = None) -> Package:
    """Return the depot as a package in a folder, with a change to it."""
    shutil.copytree(DEPOT, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    if change is not None:
        text = (folder / change.file).read_text(encoding="utf-8")
        assert change.old in text, f"the depot has no {change.old!r} to change"
        (folder / change.file).write_text(text.replace(change.old, change.new), encoding="utf-8")
    with opened(str(folder)) as distribution:
        return package_of(distribution)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Verdict]:
    """Drive the depot as it is, once for all rules."""
    return observe(depot(tmp_path_factory.mktemp("depot")), RULES)


@pytest.mark.parametrize("id", [rule.id for rule in RULES if rule.runs])
def test_the_depot_keeps_every_rule(kept: Mapping[str, Verdict], id: str) -> None:
    """Each rule that running shows more of has a judge, who finds something to look at here, and nothing wrong."""
    assert isinstance(kept[id], Met), kept[id]


CHANGES = [
    Change("client-immutable", "assignment is allowed", SYNC, '    """Client of a depot."""\n', '    """Client of a depot."""\n\n    __setattr__ = object.__setattr__\n'),
    Change("client-constructor-api-version-argument", "not sent", SYNC, 'fixed_header("API-Version", api_version)', "None"),
    Change("client-constructor-policy-arguments", "ignored", SYNC, "settings=options,", "settings={},"),
    Change("client-constructor-transport-argument", "ignored", SYNC, "transport=transport,\n            settings", "transport=None,\n            settings"),
    Change("client-service-verbs", "delete_ fails if nothing is left", OPERATIONS, ", missing_is_success=True", ""),
    Change("client-service-args", "headers are dropped", SYNC, "LIST_SHELVES, {}, options=options", 'LIST_SHELVES, {}, options={**options, "headers": {}}'),
    Change("client-service-args", "response_hook is dropped", SYNC, "LIST_SHELVES, {}, options=options", 'LIST_SHELVES, {}, options={**options, "response_hook": None}'),
    Change("client-service-args", "timeout is dropped", SYNC, "LIST_SHELVES, {}, options=options", 'LIST_SHELVES, {}, options={**options, "timeout": None}'),
    Change("client-service-args", "continuation_token is dropped", SYNC, "LIST_SHELVES, {}, options=options", 'LIST_SHELVES, {}, options={**options, "continuation_token": None}'),
    Change("client-service-per-call-args", "ignored", SYNC, "LIST_LABELS, {}, options=options", "LIST_LABELS, {}, options={}"),
    Change("client-splat-args", "a mapping sends something else", SYNC, "{}, body=shelf, options", "{}, body=shelf if isinstance(shelf, _models.Shelf) else [shelf], options"),
    Change("client-flatten-args", "the model wins", SYNC, '{"label": label})\n', '{"label": label})\n        body = merge_fields(_models.Shelf, {**body, **dict(shelf or {})}, {})\n'),
    Change("params-service-validation", "an empty body is refused", SYNC, "        try:\n            return self._call(_operations.CREATE", "        if not shelf:\n            raise ValueError('empty')\n        try:\n            return self._call(_operations.CREATE"),
    Change("response-exception-on-failure", "an error is swallowed", SYNC, 'raise ShelfTakenError("the name is taken; choose another one") from error', "return _models.Shelf.from_dict({})"),
    Change("response-paged-protocol", "one page only", OPERATIONS, "import NextLink, SinglePage\n", "import NextLink as _Whole, SinglePage\n\n\nclass NextLink(_Whole):\n    def _link(self, response, body):\n        return None\n"),
    Change("method-conditional-request", "the model's etag wins", SYNC, '(etag or body.get("etag"))', '(body.get("etag") or etag)'),
    Change("client-hier-vend", "asks the service", SYNC, "        made_with = self.__dict__\n", "        made_with = self.__dict__\n        self.delete_shelf(name)\n"),
    Change("models-repr", "Python's own", MODELS, PIECES, f"{PIECES}\n    __repr__ = object.__repr__\n"),
    Change("models-enum-string", "closed by its type", MODELS, "state: ShelfState | str", "state: ShelfState"),
    Change("client-async-http-stack", "another stack", ASYNC, "transport=transport,\n            settings", "transport=transport or __import__('clientsmith.core.testing').core.testing.AsyncScriptedTransport(),\n            settings"),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_one_change_is_seen_by_running(change: Change, tmp_path: Path) -> None:
    """The judge says where, and what to do; reading alone did not show it."""
    package = depot(tmp_path / "depot", change)
    verdict = observe(package, [rule for rule in RULES if rule.id == change.rule])[change.rule]
    assert isinstance(verdict, NotMet), verdict
    for problem in verdict.problems:
        assert 1 <= problem.line <= len(problem.file.read_text(encoding="utf-8").splitlines())
        assert problem.hint


@pytest.mark.parametrize("rule", RUN, ids=lambda rule: rule.id)
def test_the_examples_of_a_rule_that_only_runs(rule: Rule, package_from: Callable[[Example], Package]) -> None:
    """The good one is met, the bad one is found where it is marked."""
    assert isinstance(observe(package_from(rule.good), [rule])[rule.id], Met)
    package = package_from(rule.bad)
    verdict = observe(package, [rule])[rule.id]
    assert isinstance(verdict, NotMet), verdict
    assert {
        (each.file.relative_to(package.root).as_posix(), each.line) for each in verdict.problems
    } == rule.bad.marked()


def test_a_package_that_cannot_be_driven_breaks_no_rule(package_of_source: Callable[[str], Package]) -> None:
    """It says why instead: a verdict stands on something that was seen."""
    package = package_of_source("raise RuntimeError('not today')\n")
    verdicts = observe(package, RULES)
    assert set(verdicts) == {rule.id for rule in RULES if rule.runs}
    reason = "could not be driven because `import sample_client` fails: RuntimeError: not today"
    assert set(verdicts.values()) == {NotApplicable(reason)}


def test_a_client_that_cannot_be_made_says_what_its_constructor_said(
    package_of_source: Callable[[str], Package], observed: Callable[[Package, str], Verdict]
) -> None:
    """The reason leads to what is missing."""
    package = package_of_source(
        """
        class DepotClient:
            def __init__(self, endpoint: str) -> None:
                raise LookupError("no such depot")

            def get_weight(self) -> float:
                return self._ask("/weight")
        """
    )
    verdict = observed(package, "response-exception-on-failure")
    reason = "could not be driven because no DepotClient could be made: LookupError: no such depot"
    assert verdict == NotApplicable(reason)
