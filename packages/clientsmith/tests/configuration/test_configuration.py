"""The configuration: what is read, and one clear finding for each mistake, at its line."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from clientsmith.configuration import (
    Configuration,
    PagingSettings,
    find_configuration,
    matches,
    read_configuration,
)
from clientsmith.configuration.schema import schema_of_configuration
from clientsmith.configuration.settings import (
    GroupSettings,
    GroupsSettings,
    ModelSettings,
    OperationSettings,
    PollingSettings,
)
from clientsmith.configuration.shape import settings_of
from clientsmith.findings import InputError
from jsonschema import Draft202012Validator

SOURCE = Path(__file__).parents[2] / "src" / "clientsmith"
WHOLE = """\
spec = "openapi.yaml"
output = "."
overlays = ["fixes.yaml"]
package = "petstore_client"

[groups]
mode = "tags"

[groups.clients.orders]
operations = ["* /orders*"]

[operations."GET /pets"]
name = "list_pets"
paging = { scheme = "token", items = "data.items", next = ["meta", "odata.next"], parameter = "cursor" }
parameters = { petId = "pet_id", "query limit" = "count" }

[operations."POST /jobs"]
polling = true

[operations."DELETE *"]
missing_is_success = false

[models.Pet]
name = "Animal"
fields = { "@id" = "identifier" }
"""


def write(folder: Path, text: str, name: str = "clientsmith.toml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


# --- what is read ----------------------------------------------------------------------------------------------------


def test_a_file_says_what_it_says(tmp_path: Path) -> None:
    configuration, mistakes = read_configuration(write(tmp_path, WHOLE))
    assert mistakes == []
    assert (configuration.package, configuration.groups.mode) == ("petstore_client", "tags")
    said = configuration.for_operation("GET", "/pets")
    assert said.paging == PagingSettings(
        scheme="token", items="data.items", next=("meta", "odata.next"), parameter="cursor"
    )
    assert said.parameters == {"petId": "pet_id", "query limit": "count"}
    assert configuration.models["Pet"].fields == {"@id": "identifier"}


def test_paths_start_from_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "client").mkdir()
    write(tmp_path / "client", WHOLE)
    configuration = read_configuration(Path("client/clientsmith.toml"))[0].resolved()
    assert (configuration.spec, configuration.output) == ("client/openapi.yaml", "client")
    assert configuration.overlays == ("client/fixes.yaml",)


@pytest.mark.parametrize("spec", ["https://example.com/openapi.json", "shop.api:app"])
def test_what_is_no_path_stays_as_it_is(spec: str, tmp_path: Path) -> None:
    configuration, _ = read_configuration(write(tmp_path, f'spec = "{spec}"'))
    assert configuration.resolved().spec == spec


def test_a_pyproject_has_it_in_its_table(tmp_path: Path) -> None:
    path = write(tmp_path, '[project]\nname = "x"\n\n[tool.clientsmith]\npakage = "x"\n', "pyproject.toml")
    assert find_configuration(tmp_path) == path
    _, [mistake] = read_configuration(path)
    assert (mistake.line, mistake.hint) == (5, "did you mean `package`?")


@pytest.mark.parametrize("text", ["mine", "", "[tool.ruff]\nline-length = 1\n"], ids=["no TOML", "empty", "others"])
def test_a_pyproject_of_others_is_none_of_our_business(text: str, tmp_path: Path) -> None:
    write(tmp_path, text, "pyproject.toml")
    assert find_configuration(tmp_path) is None


def test_the_first_folder_wins_and_our_own_file_over_a_pyproject(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    write(tmp_path / "out", "[tool.clientsmith]\n", "pyproject.toml")
    here = write(tmp_path, "")
    assert find_configuration(tmp_path / "out", tmp_path) == tmp_path / "out" / "pyproject.toml"
    assert find_configuration(tmp_path, tmp_path / "out") == here


# --- which operations a rule means -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "is_meant"),
    [
        ("GET /pets/{petId}", True),
        ("getPet", True),
        ("get*", True),
        ("GET *", True),
        ("* /pets/*", True),
        ("*", True),
        ("POST /pets/{petId}", False),
        ("GET /pets", False),
        ("GET /pets/.*", False),
        ("", False),
    ],
)
def test_a_rule_means_an_operation(key: str, is_meant: bool) -> None:
    assert matches(key, "GET", "/pets/{petId}", "getPet") is is_meant


def test_a_key_without_a_star_wins_over_patterns_and_of_these_the_last() -> None:
    def rule(name: str, **others: Any) -> OperationSettings:
        return OperationSettings(name=name, **others)

    rules = {"GET /a": rule("exact"), "GET *": rule("first", flatten=False), "* /a": rule("second", paging=False)}
    said = Configuration(operations=rules).for_operation("GET", "/a")
    assert (said.name, said.flatten, said.paging) == ("exact", False, False)
    assert Configuration(operations=rules).key_of("paging", "GET", "/a") == ("operations", "* /a", "paging")


# --- mistakes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "place", "message", "hint"),
    [
        ('layuot = "module"', "1:1", "there is no setting `layuot` at the top", "did you mean `layout`?"),
        ('layout = "modul"', "1:1", '`layout` is \'modul\'; allowed: "package", "module"', "did you mean `module`?"),
        ("strict = 1", "1:1", "`strict` is `1`; allowed: `true` or `false`", ""),
        ("spec = []", "1:1", "`spec` is a list; allowed: text", 'for example spec = "openapi.yaml"'),
        ('package = "pet store"', "1:1", "`package` is 'pet store', which is not an import name, like `petstore_client`", ""),
        ('\n[groups]\nmode = "tag"', "3:1", "`groups.mode` is 'tag'; allowed:", "did you mean `tags`?"),
        ('[operations."GET /a"]\nname = "list a"', "2:1", '`operations."GET /a".name` is \'list a\', which is not a Python', ""),
        (
            '[operations."GET /a"]\npaging = { schema = "token" }',
            "2:12",
            'there is no setting `schema` in `operations."GET /a".paging`',
            "did you mean `scheme`?",
        ),
        ('[operations]\n"GET /a".paging = true', "2:10", '`operations."GET /a".paging` is `true`; allowed: `false` or a table', ""),
        ('operations = { "GET /a" = { polling = 3 } }', "1:29", '`operations."GET /a".polling` is `3`; allowed: `true` or', ""),
        ("operations = 3", "1:1", "`operations` is `3`; allowed: a table", ""),
        ('[models.Pet.fields]\n"@id" = "a-b"', "2:1", '`models.Pet.fields."@id"` is \'a-b\', which is not a Python name', ""),
        ('[models.Pet]\nname = "pet"', "2:1", "`models.Pet.name` is 'pet', which is not the name of a class", ""),
        ("overlays = [1]", "1:1", "`overlays` is a list; allowed: a list of text", ""),
        ('[zoo]\na = 1', "1:2", "there is no setting `zoo` at the top", "there are `spec`"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_finding_at_its_place(text: str, place: str, message: str, hint: str, tmp_path: Path) -> None:
    path = write(tmp_path, text)
    _, [mistake] = read_configuration(path)
    assert (mistake.place, mistake.severity) == (f"{path}:{place}", "error")
    assert mistake.message.startswith(message)
    assert mistake.hint.startswith(hint)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    _, mistakes = read_configuration(write(tmp_path, "a = 1\nb = 2\n[groups]\nc = 3\n"))
    assert [mistake.line for mistake in mistakes] == [1, 2, 4]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a = ", "is not TOML: Invalid value (at end of document)"),
        (b"\xff", "is not UTF-8"),
        (None, "cannot read the configuration"),
    ],
    ids=["not TOML", "not UTF-8", "missing"],
)
def test_a_file_that_cannot_be_read_is_said(content: bytes | None, message: str, tmp_path: Path) -> None:
    path = tmp_path / "clientsmith.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError) as raised:
        read_configuration(path)
    assert message in raised.value.message


def test_a_pyproject_without_a_table_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"has no table \[tool\.clientsmith\]"):
        read_configuration(write(tmp_path, "", "pyproject.toml"))


# --- the schema ------------------------------------------------------------------------------------------------------


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(schema_of_configuration())


def in_schema(text: str) -> bool:
    import tomllib

    return bool(Draft202012Validator(schema_of_configuration()).is_valid(tomllib.loads(text)))


@pytest.mark.parametrize(
    "text",
    [
        WHOLE,
        'layuot = "module"',
        'layout = "modul"',
        "strict = 1",
        'package = "pet store"',
        'package = ""',
        '[operations."GET /a"]\npaging = false',
        '[operations."GET /a"]\npaging = true',
        '[operations."GET /a"]\npolling = true',
        '[operations."GET /a"]\npolling = { succeeded = "x" }',
        '[operations."GET /a"]\npaging = { items = ["a", "b"] }',
        '[operations."GET /a"]\npaging = { items = 3 }',
        '[operations."GET /a"]\npaging = { first_page = 0.5 }',
        '[models.Pet.members]\n"+1" = "PLUS_1"',
        '[models.Pet.members]\n"+1" = "+"',
        'endpoint = "ftp://x"',
        "",
    ],
)
def test_the_schema_accepts_what_we_accept(text: str, tmp_path: Path) -> None:
    _, mistakes = read_configuration(write(tmp_path, text))
    assert in_schema(text) is (not mistakes)


SETTINGS = (
    Configuration, GroupsSettings, GroupSettings, OperationSettings, PagingSettings, PollingSettings, ModelSettings
)  # fmt: skip


@pytest.mark.parametrize("kind", SETTINGS, ids=lambda kind: kind.__name__)
def test_every_setting_says_what_it_means(kind: type[Any]) -> None:
    for name, setting in settings_of(kind).items():
        assert re.match(r"[A-Z`].*[.:]", setting.says.meaning), f"{name}: a sentence"
    described = json.dumps(schema_of_configuration())
    assert all(json.dumps(setting.says.meaning) in described for setting in settings_of(kind).values())


@pytest.mark.parametrize("kind", SETTINGS, ids=lambda kind: kind.__name__)
def test_every_setting_is_read_by_somebody(kind: type[Any]) -> None:
    """A setting that nobody reads would be a promise that nobody keeps."""
    files = [path for path in SOURCE.rglob("*.py") if path.parent.name not in ("configuration", "planning")]
    source = "\n".join(path.read_text() for path in files)
    unread = [name for name in settings_of(kind) if not re.search(rf"\.{name}\b", source)]
    assert unread == []
