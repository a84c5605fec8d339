"""`clientsmith config`, and how every command finds and uses the configuration."""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path

import pytest
from click.testing import Result
from jsonschema import Draft202012Validator

from .conftest import SPECS, run

PETSTORE = (SPECS / "oai-petstore.json").as_posix()
GUIDE = Path(__file__).parents[4] / "docs" / "guide" / "configuration.md"


def configured(folder: Path, text: str, name: str = "clientsmith.toml") -> Path:
    (folder / name).write_text(text)
    return folder / name


def names(result: Result) -> list[str]:
    return [one["name"] for one in json.loads(result.stdout)["operations"]]


# --- every command uses it -------------------------------------------------------------------------------------------


def test_spec_and_output_may_stand_in_the_configuration(folder: Path) -> None:
    configured(folder, f'spec = "{PETSTORE}"\noutput = "client"\n[operations."GET /pets"]\nname = "list_animals"\n')
    result = run("generate")
    assert result.exit_code == 0, result.stderr
    assert "def list_animals(" in (folder / "client/src/petstore_client/_client.py").read_text()


def test_the_configuration_may_lie_in_the_folder_that_is_written(folder: Path) -> None:
    (folder / "client").mkdir()
    configured(folder / "client", '[models.Pet]\nname = "Animal"\n')
    assert run("generate", PETSTORE, "-o", "client").exit_code == 0
    assert "class Animal(" in (folder / "client/src/petstore_client/models/_models.py").read_text()


def test_options_win_over_the_file(folder: Path) -> None:
    configured(folder, 'spec = "missing.json"\npackage = "a"\nclient = "AClient"\nendpoint = "https://a.test"\n')
    options = ("--package", "b", "--client-name", "BClient", "--endpoint", "https://b.test", "--format", "json")
    plan = json.loads(run("plan", PETSTORE, *options).stdout)
    assert (plan["package"], plan["client"], plan["endpoint"]) == ("b", "BClient", "https://b.test")


def test_another_file_may_be_given(folder: Path) -> None:
    configured(folder, "strict = 3")
    other = configured(folder, f'spec = "{PETSTORE}"\n[operations.listPets]\nname = "all_pets"\n', "other.toml")
    assert names(run("plan", "--config", str(other), "--format", "json"))[0] == "all_pets"


@pytest.mark.parametrize("command", ["plan", "ir", "generate"])
def test_a_mistake_in_it_stops_every_command(command: str, folder: Path) -> None:
    configured(folder, f'spec = "{PETSTORE}"\noutput = "out"\nlayout = "modul"\n')
    result = run(command)
    assert result.exit_code == 2
    assert "clientsmith.toml:3:1  error  configuration  `layout` is 'modul'" in result.stderr
    assert "error: the configuration clientsmith.toml has mistakes; nothing is done" in result.stderr
    assert (result.stdout, (folder / "out").exists()) == ("", False)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["plan"], "Missing argument 'SPEC', and no configuration has `spec`."),
        (["generate", PETSTORE], "Missing option '-o' / '--output', and no configuration has `output`."),
    ],
)
def test_what_is_missing_is_said(arguments: list[str], message: str, folder: Path) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[operations."GET /pet"]\nname = "a"', 'clientsmith.toml:1:13  warning  configuration-unused  `operations."GET /pet"` does nothing'),
        ('[operations.showPetById.parameters]\npetID = "a"', "no parameter of GET /pets/{petId} is called that"),
        ("[models.Pest]\nname = 'X'", "`models.Pest` does nothing: no schema that becomes a class is called that"),
        ("[models.Pet.fields]\nnam = 'x'", "`models.Pet.fields.nam` does nothing: Pet has no such field"),
    ],
)  # fmt: skip
def test_a_rule_that_matches_nothing_is_a_warning(text: str, message: str, folder: Path) -> None:
    configured(folder, text)
    result = run("plan", PETSTORE)
    assert result.exit_code == 0
    assert message in result.stderr
    assert "hint: did you mean" in result.stderr
    assert run("plan", PETSTORE, "--strict").exit_code == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '[operations.listPets]\nname = "a"\n[operations.createPets]\nname = "A"',
            "clientsmith.toml:4:1  error  name-taken  `POST /pets` cannot be called 'A': `GET /pets` is called that",
        ),
        ('[operations.listPets]\nname = "close"', "`GET /pets` cannot be called 'close': it means something else"),
        (
            '[models.Pet]\nname = "One"\n[models.Error]\nname = "One"',
            "clientsmith.toml:1:9  error  name-taken  `Pet` cannot be called 'One': `Error` is called that",
        ),
        ('[models.Pet.fields]\ntag = "from_dict"', "`tag` cannot be called 'from_dict': it means something else"),
        ('[operations.showPetById.parameters]\npetId = "self"', "`path petId` cannot be called 'self'"),
    ],
)
def test_a_name_that_cannot_be_had_is_an_error(text: str, message: str, folder: Path) -> None:
    configured(folder, text)
    result = run("plan", PETSTORE)
    assert (result.exit_code, message in result.stderr) == (1, True), result.stderr


# --- config ----------------------------------------------------------------------------------------------------------


def test_check_says_that_all_is_well(folder: Path) -> None:
    configured(folder, 'package = "a"')
    assert (run("config", "check").exit_code, run("config", "check").stderr) == (0, "0 mistakes in clientsmith.toml\n")


def test_check_says_every_mistake(folder: Path) -> None:
    result = run("config", "check", str(configured(folder, "a = 1\nb = 2\n", "x.toml")))
    assert result.exit_code == 1
    assert [line.split("  ")[0].rpartition("x.toml")[2] for line in result.stderr.splitlines()[::2]] == [
        ":1:1", ":2:1", "",
    ]  # fmt: skip


def test_check_needs_a_file(folder: Path) -> None:
    result = run("config", "check")
    assert (result.exit_code, "there is no configuration here" in result.stderr) == (2, True)


def test_show_prints_what_was_said(folder: Path) -> None:
    text = 'package = "a"\n[operations."GET /pets"]\npaging = { scheme = "token", items = ["a", "b.c"] }\n'
    shown = tomllib.loads(run("config", "show", str(configured(folder, text))).stdout)
    assert shown == {
        "package": "a",
        "operations": {"GET /pets": {"paging": {"scheme": "token", "items": ["a", "b.c"]}}},
    }


def test_the_schema_is_printed() -> None:
    schema = json.loads(run("config", "schema").stdout)
    Draft202012Validator.check_schema(schema)
    assert schema["properties"]["package"]["description"].startswith("The import name")


def test_the_guide_has_every_key() -> None:
    """`clientsmith config keys` makes the tables of the guide; CLIENTSMITH_GOLDEN=write puts them there."""
    keys, text = run("config", "keys").stdout, GUIDE.read_text()
    head, _, rest = text.partition("<!-- keys -->\n")
    _, _, tail = rest.partition("<!-- end of keys -->")
    whole = f"{head}<!-- keys -->\n\n{keys}\n<!-- end of keys -->{tail}"
    if os.environ.get("CLIENTSMITH_GOLDEN") == "write":
        GUIDE.write_text(whole)
    assert GUIDE.read_text() == whole
