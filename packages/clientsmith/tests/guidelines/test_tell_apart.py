"""Every rule is shown a package that keeps all of them and the same package with one thing changed, and tells them apart.

The package is `example/`, written by hand on clientsmith's core with a namespace, two clients, models and a document. A
change is a file, the text to replace and what takes its place. What reading cannot see, running has to.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from clientsmith.distributions import opened
from clientsmith.guidelines import running
from clientsmith.guidelines.described import Document
from clientsmith.guidelines.judging import judge
from clientsmith.guidelines.package import Package, package_of
from clientsmith.guidelines.rules import BY_ID, RULES
from clientsmith.guidelines.verdicts import Met, NotApplicable, NotMet, Verdict, Waived

EXAMPLE = Path(__file__).parent / "example"
SYNC, ASYNC = "src/acme/depot/_client.py", "src/acme/depot/aio/_client.py"
MODELS, OPERATIONS, ERRORS = "src/acme/depot/models.py", "src/acme/depot/_operations.py", "src/acme/depot/errors.py"
ROOT, PROJECT = "src/acme/depot/__init__.py", "pyproject.toml"


@dataclass(frozen=True)
class Change:
    """One thing changed in the package, which breaks the rule. An empty ``old`` appends, or makes a new file."""

    rule: str
    name: str
    file: str
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.name}"


RETURN_COUNT = "return self._begin(_operations.COUNT_SHELF"
UPDATE_HEAD = "        *,\n        label: str | None = UNSET,"

CHANGES: Final = [
    # --- clients ---
    Change("feature-support", "an operation without a method", "openapi.json", '"/labels"', '"/signs"'),
    Change("client-namespace", "not exported", ROOT, '__all__ = ["DepotClient", ', "__all__ = ["),
    Change("client-naming", "another suffix", SYNC, "class ShelfClient(", "class ShelfProxy("),
    Change("client-sync-async", "a twin without a method", ASYNC, "async def delete_shelf", "async def _delete_shelf"),
    Change("client-sync-async", "a twin with other arguments", ASYNC, "label: str | None = UNSET,", "sign: str = '',"),
    Change("client-immutable", "a method assigns", SYNC, "made_with = self.__dict__", "self.used = True; made_with = {}"),
    Change(
        "client-immutable", "assignment is allowed", SYNC,
        '    """Client of one shelf."""\n', "    __setattr__ = object.__setattr__\n",
    ),
    # --- constructors ---
    Change("client-constructor-form", "credential by keyword", SYNC, "credential: KeyCredential,\n        *,", "*,\n        credential: KeyCredential,"),
    Change("client-constructor-policy-arguments", "no settings", SYNC, "        **options: Unpack[ClientOptions],\n    ) -> None:\n", "    ) -> None:\n        options = {}\n"),
    Change("client-constructor-api-version-argument", "missing", SYNC, 'api_version: str = "2026-01-01",', 'version: str = "2026-01-01",'),
    Change("client-constructor-api-version-argument", "positional", SYNC, '*,\n        api_version: str = "2026-01-01",', 'api_version: str = "2026-01-01",\n        *,'),
    Change("client-constructor-api-version-argument", "not sent", SYNC, 'api_version=fixed_header("API-Version", api_version),', 'api_version=fixed_header("API-Version", "2026-01-01"),'),
    Change("client-constructor-policy-arguments", "ignored", SYNC, "settings=options,", "settings={},"),
    Change("client-constructor-transport-argument", "ignored", SYNC, "transport=transport,\n            settings", "transport=None,\n            settings"),
    Change(
        "client-constructor-transport-argument", "another default", SYNC, "transport=transport,\n            settings",
        "transport=transport or __import__('clientsmith.core.testing').core.testing.ScriptedTransport(),\n            settings",
    ),
    Change("client-connection-string", "to the constructor", SYNC, "        shelf_name: str,", "        connection_string: str,"),
    Change("client-connection-string", "no class method", SYNC, "    @classmethod\n", "    @staticmethod\n"),
    # --- names of methods ---
    Change("client-service-verbs", "a verb of its own", SYNC, "def create_shelf(", "def make_shelf("),
    Change("client-service-verbs", "delete_ fails if nothing is left", OPERATIONS, ", missing_is_success=True", ""),
    Change("client-service-verbs", "get_ returns nothing", SYNC, "**options: Unpack[CallOptions]) -> float:", "**options: Unpack[CallOptions]) -> None:"),
    Change("lro-prefix", "a poller without begin_", SYNC, "def begin_count_shelf", "def count_shelf"),
    Change("lro-prefix", "answers 202 without begin_", "openapi.json", '"200": {"description": "The weight"}', '"202": {"description": "Later"}'),
    Change("paged-prefix", "a pager without list_", SYNC, "def list_shelves", "def get_shelves"),
    Change("paged-prefix", "an array without list_", SYNC, "def list_labels(self, **options: Unpack[ListOptions]) -> ItemPaged[str]", "def get_labels(self, **options: Unpack[ListOptions]) -> Any"),
    # --- parameters ---
    Change("client-optional-arguments-keyword-only", "by position", SYNC, UPDATE_HEAD, "        label: str | None = UNSET,\n        *,"),
    Change("client-service-per-call-args", "ignored", SYNC, "_operations.DELETE_SHELF, {\"name\": name}, options=options", "_operations.DELETE_SHELF, {\"name\": name}, options={}"),
    Change("params-client-validation", "an empty key is sent", SYNC, '{"name": name}, options=options)\n\n    def begin', '{"name": name or "-"}, options=options)\n\n    def begin'),
    Change("params-service-validation", "an argument is checked", SYNC, '        body = merge_fields(', '        if label == "":\n            raise ValueError("label is empty")\n        body = merge_fields('),
    Change("params-service-validation", "an empty body is refused", SYNC, "        try:\n            return", "        if not dict(shelf):\n            raise ValueError('shelf is empty')\n        try:\n            return"),
    Change("client-parameter-validation", "a class is asked for", SYNC, "        try:\n            return", "        assert isinstance(shelf, _models.Shelf)\n        try:\n            return"),
    Change("client-service-args", "not taken", SYNC, "def delete_shelf(self, name: str, **options: Unpack[CallOptions]) -> None:", "def delete_shelf(self, name: str, options: Any = {}) -> None:"),
    Change("client-service-args", "headers are dropped", SYNC, '{"name": name}, options=options)\n\n    def begin', '{"name": name}, options={**options, "headers": None})\n\n    def begin'),
    Change("client-service-args", "timeout is dropped", SYNC, '{"name": name}, options=options)\n\n    def begin', '{"name": name}, options={**options, "timeout": None})\n\n    def begin'),
    Change("client-service-args", "response_hook is dropped", SYNC, '{"name": name}, options=options)\n\n    def begin', '{"name": name}, options={**options, "response_hook": None})\n\n    def begin'),
    Change("client-service-args", "client_request_id is dropped", SYNC, '{"name": name}, options=options)\n\n    def begin', '{"name": name}, options={**options, "client_request_id": None})\n\n    def begin'),
    Change("client-service-args", "continuation_token is dropped", SYNC, "LIST_SHELVES, {}, options=options", "LIST_SHELVES, {}, options={**options, 'continuation_token': None}"),
    Change("client-splat-args", "only the model by its type", SYNC, "shelf: _models.Shelf | Mapping[str, Any], **options", "shelf: _models.Shelf, **options"),
    Change("client-splat-args", "a mapping sends something else", SYNC, "{}, body=shelf, options", "{}, body=shelf if isinstance(shelf, _models.Shelf) else [shelf], options"),
    Change("client-flatten-args", "no fields", SYNC, "        *,\n        label: str | None = UNSET,\n        etag: str | None = None,\n        match_condition: _models.MatchConditions | None = None,\n", ""),
    Change("client-flatten-args", "the model wins", SYNC, '{"label": label})\n', '{"label": label})\n        body = merge_fields(_models.Shelf, {**body, **dict(shelf or {})}, {})\n'),
    # --- responses ---
    Change("response-logical-entity", "the response is returned", SYNC, "**options: Unpack[CallOptions]) -> float:", "**options: Unpack[CallOptions]) -> HttpResponse:"),
    Change("response-logical-entity", "nothing is said", SYNC, "**options: Unpack[CallOptions]) -> float:", "**options: Unpack[CallOptions]):"),
    Change("response-exception-on-failure", "an error is swallowed", SYNC, 'raise ShelfTakenError("the name is taken; choose another one") from error', "return _models.Shelf.from_dict({})"),
    Change("response-paged-protocol", "a list", SYNC, "-> ItemPaged[_models.Shelf]:", "-> list[_models.Shelf]:"),
    Change("response-paged-protocol", "an async def", ASYNC, "def list_shelves", "async def list_shelves"),
    Change("response-paged-protocol", "one page only", OPERATIONS, "import NextLink, SinglePage\n", "import NextLink as _Whole, SinglePage\n\n\nclass NextLink(_Whole):\n    def _link(self, response, body):\n        return None\n"),
    Change("lro-poller", "no poller", SYNC, "-> LROPoller[_models.Count]:", "-> _models.Count:"),
    Change("lro-poller", "a poller that cannot go on", SYNC, f"{RETURN_COUNT}, {{\"name\": name}}, options=options)", f"{RETURN_COUNT}, {{\"name\": name}}, options={{}})"),
    Change("method-conditional-request", "no etag", SYNC, "etag: str | None = None,", "tag: str | None = None,"),
    Change("method-conditional-request", "the model's etag wins", SYNC, '(etag or body.get("etag"))', '(body.get("etag") or etag)'),
    # --- hierarchy ---
    Change("client-hierarchy", "a level without a client", "openapi.json", '"/labels": {', '"/halls/{hall}/gates/{gate}": {"get": {}},\n    "/labels": {'),
    Change("client-hier-creation", "only by the parent", SYNC, "        shelf_name: str,\n        credential: KeyCredential,", "        parent: Any = None,"),
    Change("client-hier-vend", "not vended", SYNC, "def get_shelf_client", "def open_shelf_client"),
    Change("client-hier-vend", "asks the service", SYNC, "        made_with = self.__dict__\n", "        made_with = self.__dict__\n        self.delete_shelf(name)\n"),
    Change("client-hier-create", "not created", SYNC, "def create_shelf", "def add_one"),
    Change("client-hier-delete", "not deleted", SYNC, "def delete_shelf", "def drop"),
    # --- models ---
    Change("models-repr", "without a field", MODELS, '    pieces: int = field("pieces")\n', '    pieces: int = field("pieces")\n\n    __repr__ = object.__repr__\n'),
    Change("models-repr-length", "too long", MODELS, '    pieces: int = field("pieces")\n', '    pieces: int = field("pieces")\n\n    def __repr__(self) -> str:\n        return f"Count({self.as_dict()})"\n'),
    Change("models-dict-result", "a result of its own", MODELS, "class Count(Model):", "class CountResult(Model):\n    \"\"\"Counted.\"\"\"\n\n\nclass Count(Model):"),
    Change("models-enum-string", "no text", MODELS, "class ShelfState(str, Enum):", "class ShelfState(Enum):"),
    Change("models-enum-string", "closed by its type", MODELS, "state: ShelfState | str", "state: ShelfState"),
    # --- errors ---
    Change("errors-azure-exceptions", "somebody else's", SYNC, "raise ShelfTakenError(", "raise json.JSONDecodeError("),
    Change("errors-use-standard-exceptions", "a new name for nothing new", ERRORS, "", "\n\nclass ShelfValueError(ValueError):\n    \"\"\"A value.\"\"\"\n"),
    Change("errors-new-exceptions", "not of the core", ERRORS, "class ShelfTakenError(ClientsmithError)", "class ShelfTakenError(Exception)"),
    Change("errors-rich-info", "nothing is told", SYNC, "        except ResourceExistsError as error:", "        except Exception as error:"),
    Change("errors-rich-info", "an error model that does not exist", OPERATIONS, "responses={201: lambda: _models.Shelf}", "responses={201: None}, errors={400: lambda: _models.Nothing}"),
    Change("errors-documentation", "undocumented", SYNC, '        """Delete a shelf.\n\n        Raises:\n            HttpResponseError: The depot refused.\n        """', '        """Delete a shelf."""'),
    Change("errors-use-chaining", "from None", SYNC, "from error", "from None"),
    Change("errors-use-chaining", "raised later", SYNC, 'raise ShelfTakenError("the name is taken; choose another one") from error', 'taken = True\n        if taken:\n            raise ShelfTakenError("taken")'),
    # --- async ---
    Change("client-async-keywords", "a generator", ASYNC, "    async def delete_shelf", "    @types.coroutine\n    def delete_shelf"),
    Change("client-separate-sync-async", "a coroutine in a sync client", SYNC, "    def get_weight", "    async def get_weight"),
    Change("client-separate-sync-async", "a name that says async", ASYNC, "async def get_weight", "async def get_weight_async"),
    Change("client-namespace-sync", "no .aio", "src/acme/depot/aio/__init__.py", '__all__ = ["DepotClient", "ShelfClient"]', "__all__ = []"),
    Change("client-async-http-stack", "another stack", ASYNC, "transport=transport,\n            settings", "transport=transport or __import__('clientsmith.core.testing').core.testing.AsyncScriptedTransport(),\n            settings"),
    Change("client-separate-async-pkg", "aiohttp for everybody", PROJECT, 'dependencies = ["', 'dependencies = ["aiohttp", "'),
    Change("client-same-pkg-name-sync-async", "neither an extra nor -aio", PROJECT, "aio = [", "other = ["),
    # --- authentication ---
    Change("auth-credential-azure-core", "text", SYNC, "credential: KeyCredential", "credential: str"),
    Change("auth-credential-azure-core", "a class of its own", SYNC, "from clientsmith.core.credentials import KeyCredential", "class KeyCredential: ..."),
    Change("auth-service-support", "a scheme that is missing", "openapi.json", '"in": "header", "name": "api-key"', '"in": "query", "name": "key"'),
    # --- packaging ---
    Change("packaging-name", "another name", PROJECT, '"acme-depot"', '"depot"'),
    Change("packaging-name-allowed-chars", "upper case", PROJECT, '"acme-depot"', '"Acme-Depot"'),
    Change("packaging-name-disallowed-chars", "an underscore", PROJECT, '"acme-depot"', '"acme_depot"'),
    Change("packaging-follow-python-rules", "a namespace with an owner", "src/acme/__init__.py", "", '"""Ours."""\n'),
    Change("native-plat-support", "an extension", "src/acme/depot/fast.pyx", "", "def fast(): pass\n"),
    Change("native-arch-support", "an extension", "src/acme/depot/fast.pyx", "", "def fast(): pass\n"),
    Change("versioning-semver", "two numbers", PROJECT, '"1.2.0b1"', '"1.2b1"'),
    Change("versioning-beta", "an alpha", PROJECT, '"1.2.0b1"', '"1.2.0a1"'),
    Change("versioning-beta", "a spelling of its own", PROJECT, '"1.2.0b1"', '"1.2.0-beta.1"'),
]  # fmt: skip
RUN: Final = frozenset(
    {
        "client-async-http-stack: another stack",
        "client-constructor-api-version-argument: not sent",
        "client-constructor-policy-arguments: ignored",
        "client-constructor-transport-argument: another default",
        "client-constructor-transport-argument: ignored",
        "client-flatten-args: the model wins",
        "client-hier-vend: asks the service",
        "client-immutable: assignment is allowed",
        "client-service-args: client_request_id is dropped",
        "client-service-args: continuation_token is dropped",
        "client-service-args: headers are dropped",
        "client-service-args: response_hook is dropped",
        "client-service-args: timeout is dropped",
        "client-service-per-call-args: ignored",
        "client-service-verbs: delete_ fails if nothing is left",
        "client-splat-args: a mapping sends something else",
        "errors-rich-info: an error model that does not exist",
        "errors-rich-info: nothing is told",
        "lro-poller: a poller that cannot go on",
        "method-conditional-request: the model's etag wins",
        "models-enum-string: closed by its type",
        "models-repr-length: too long",
        "models-repr: without a field",
        "params-client-validation: an empty key is sent",
        "response-exception-on-failure: an error is swallowed",
        "response-paged-protocol: one page only",
    }
)


def example(folder: Path, change: Change | None = None) -> Package:
    """Return the example as a package in a folder, with a change to it."""
    shutil.copytree(EXAMPLE, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    if change is not None:
        file = folder / change.file
        text = file.read_text(encoding="utf-8") if file.exists() else ""
        assert change.old in text, f"the example has no {change.old!r} to change"
        file.write_text(text.replace(change.old, change.new) if change.old else text + change.new, encoding="utf-8")
    with opened(str(folder)) as distribution:
        return package_of(distribution, document=Document(str(folder / "openapi.json")))


def verdict_on(package: Package, rule: str, *, run: bool) -> Verdict:
    seen = running.observe(package, [BY_ID[rule]]) if run else None
    return judge(package, [BY_ID[rule]], seen).judgements[0].verdict


def test_the_example_breaks_no_rule(tmp_path: Path) -> None:
    """A rule that is not met here cries wolf."""
    report = judge(example(tmp_path), RULES)
    assert not report.broken, "\n".join(f"{rule.id}: {verdict}" for rule, verdict in report.broken)
    assert not report.notes


@pytest.mark.slow
def test_the_example_at_work_breaks_no_rule_either(tmp_path: Path) -> None:
    """And what only running can see was seen: no such rule says that the package was not run."""
    package = example(tmp_path)
    report = judge(package, RULES, running.observe(package, [rule for rule in RULES if rule.runs]), ran=True)
    assert not report.broken, "\n".join(f"{rule.id}: {verdict}" for rule, verdict in report.broken)
    for each in report.judgements:
        assert isinstance(each.verdict, Met | Waived | NotApplicable)
        if isinstance(each.verdict, NotApplicable):
            assert "it was not run" not in each.verdict.reason, each.rule.id


def _found(change: Change, folder: Path, *, run: bool) -> None:
    package = example(folder, change)
    verdict = verdict_on(package, change.rule, run=run)
    assert isinstance(verdict, NotMet), verdict
    for problem in verdict.problems:
        lines = problem.file.read_text(encoding="utf-8").splitlines()
        assert 1 <= problem.line <= max(1, len(lines))
        assert problem.column >= 1
        assert problem.hint


@pytest.mark.parametrize("change", [change for change in CHANGES if str(change) not in RUN], ids=str)
def test_reading_finds_the_change(change: Change, tmp_path: Path) -> None:
    """The rule sees it, says where, and what to do."""
    _found(change, tmp_path, run=False)


@pytest.mark.slow
@pytest.mark.parametrize("change", [change for change in CHANGES if str(change) in RUN], ids=str)
def test_running_finds_the_change(change: Change, tmp_path: Path) -> None:
    """What the source does not show, the wire does."""
    _found(change, tmp_path, run=True)
