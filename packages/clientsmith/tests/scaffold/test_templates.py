"""The templates are the files that they become, with other names in them."""

from __future__ import annotations

import ast
import re
import tomllib
from itertools import product
from pathlib import Path

import pytest
import yaml
from clientsmith.configuration import read_configuration
from clientsmith.scaffold.choices import FORGES, FRAMEWORKS, LICENCES, Choices
from clientsmith.scaffold.sources import Sources
from clientsmith.scaffold.templates import files_of

CHECKOUT = Path(__file__).parents[4]
SAMPLE = re.compile(r"acme|depot|parcel", re.IGNORECASE)


def choices(**given: object) -> Choices:
    return Choices(**{"name": "night-shift", "resource": "order", **given})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("framework", "licence", "python"),
    list(product(FRAMEWORKS, LICENCES, ["3.11", "3.14"])),
    ids=lambda value: str(value),
)
def test_every_combination_is_well_formed(framework: str, licence: str, python: str, tmp_path: Path) -> None:
    made = choices(framework=framework, licence=licence, python=python, forges=FORGES, owner="@night/owners")
    files = files_of(made, tmp_path)
    for path, text in files.items():
        assert not SAMPLE.search(path + text), path
        assert text.endswith("\n") or not text, path
        assert "\t" not in text or path == "Makefile", path
        if path.endswith(".py"):
            ast.parse(text, path)
        elif path.endswith(".toml"):
            tomllib.loads(text)
        elif path.endswith(".yml"):
            assert yaml.safe_load(text)
    projects = [tomllib.loads(text)["project"] for path, text in files.items() if path.endswith("/pyproject.toml")]
    assert {one["requires-python"] for one in projects} == {f">={python}"}
    assert {one["license"] for one in projects} == {licence}


def test_the_templates_are_the_sample_word_for_word(tmp_path: Path) -> None:
    """Nothing is hidden in them: rendered with the names of the sample, they are what they were."""
    sample = Choices(name="acme-depot", resource="parcel", owner="@acme/owners", forges=FORGES)
    folder = CHECKOUT / "packages/clientsmith/src/clientsmith/scaffold/templates"
    parts = [folder / name for name in ("workspace", "litestar", *(f"forges/{forge}" for forge in FORGES))]
    templates = {
        re.sub(r"(^|/)dot-", r"\1.", path.relative_to(part).as_posix()).removesuffix(".template"): path.read_text()
        for part in parts
        for path in part.rglob("*.template")
    }
    rendered = {path: text for path, text in files_of(sample, tmp_path).items() if Path(path).name != "LICENSE"}
    of_today = re.compile(r"(?<=\]>=)[\db.]+")  # versions of clientsmith
    assert {path: of_today.sub("", text) for path, text in rendered.items()} == {
        path: of_today.sub("", text) for path, text in templates.items()
    }


def test_the_same_choices_give_the_same_files(tmp_path: Path) -> None:
    assert files_of(choices(), tmp_path / "a") == files_of(choices(), tmp_path / "b")


def test_nothing_of_this_machine_and_no_registry_is_in_them(tmp_path: Path) -> None:
    files = {path: text for path, text in files_of(choices(forges=FORGES), tmp_path).items() if "LICENSE" not in path}
    whole = "\n".join(files.values())
    assert str(Path.home()) not in whole
    assert str(CHECKOUT) not in whole
    assert set(re.findall(r"https?://([\w.-]+)", whole)) == {"127.0.0.1", "service.test", "docs.astral.sh"}


@pytest.mark.parametrize(
    ("forge", "path"),
    [("github", ".github/workflows/ci.yml"), ("gitlab", ".gitlab-ci.yml"), ("forgejo", ".forgejo/workflows/ci.yml")],
)
def test_continuous_integration_runs_all_that_a_change_has_to_pass(forge: str, path: str, tmp_path: Path) -> None:
    files = files_of(choices(forges=(forge,)), tmp_path)
    commands = re.findall(r"(?:run:|-) make (.*)", files[path])
    assert {"lint", "types", "affected", "release-check", "gate", "test"} == set(" ".join(commands).split())
    targets = re.findall(r"(?m)^([a-z-]+):", files["Makefile"])
    assert {target for command in commands for target in command.split()} <= set(targets)
    assert sum(one.endswith("ci.yml") for one in files) == 1


def test_without_a_forge_there_is_no_continuous_integration(tmp_path: Path) -> None:
    assert not [path for path in files_of(choices(forges=()), tmp_path) if path.endswith(".yml")]


def test_the_owner_of_the_service_owns_its_client(tmp_path: Path) -> None:
    owners = files_of(choices(owner="@night/crew"), tmp_path)["CODEOWNERS"]
    owned = dict(re.findall(r"(?m)^(/packages/\S+) +(\S+)$", owners))
    assert owned == {"/packages/night-shift/": "@night/crew", "/packages/night-shift-client/": "@night/crew"}


def test_every_setting_is_one_that_there_is(tmp_path: Path) -> None:
    for path, text in files_of(choices(), tmp_path).items():
        if path in ("pyproject.toml", "packages/night-shift-client/clientsmith.toml"):
            (tmp_path / Path(path).name).write_text(text, encoding="utf-8")
            _, mistakes = read_configuration(tmp_path / Path(path).name)
            assert not mistakes


# --- where our packages come from ------------------------------------------------------------------------------------


def test_an_index_is_asked_before_any_other(tmp_path: Path) -> None:
    text = files_of(choices(sources=Sources(index="https://packages.test/simple/")), tmp_path)["pyproject.toml"]
    assert tomllib.loads(text)["tool"]["uv"]["index"] == [{"name": "house", "url": "https://packages.test/simple/"}]


def test_a_folder_of_wheels_is_seen_from_the_workspace(tmp_path: Path) -> None:
    (tmp_path / "wheels").mkdir()
    made = choices(sources=Sources(find_links=tmp_path / "wheels"))
    text = files_of(made, tmp_path / "work" / "night-shift")["pyproject.toml"]
    assert tomllib.loads(text)["tool"]["uv"]["find-links"] == ["../../wheels"]


def test_a_checkout_is_seen_from_the_workspace(tmp_path: Path) -> None:
    text = files_of(choices(sources=Sources(editable=CHECKOUT)), tmp_path)["pyproject.toml"]
    source = tomllib.loads(text)["tool"]["uv"]["sources"]["clientsmith-core"]
    assert source["editable"]
    assert (tmp_path / source["path"]).resolve() == CHECKOUT / "packages" / "clientsmith-core"
