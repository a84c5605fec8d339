"""A service's version is decided by the document that it serves; a package's modules count where they are its API."""

from __future__ import annotations

import json
from typing import Any

import pytest
from clientsmith.findings import InputError
from clientsmith.release import check_fragments
from clientsmith.release.telling import lines_of
from house import CORE, ROOT_PYPROJECT, House

DOCUMENT = "packages/pets-service/openapi.json"
SOURCE = "packages/pets-service/src/pets_service/__init__.py"
FIXED = {"packages/pets-service/changes/a-fix.fixed.md": "A fix."}
BREAKING = {"packages/pets-service/changes/a-break.breaking.md": "`/cats` is gone."}
MODULES_CHANGE = {SOURCE: '"""The service of pets."""\n'}
SERVICE = f'\n[tool.clientsmith.workspace.services.pets-service]\ndocument = "{DOCUMENT}"\nclients = ["pets-client"]\n'


def document(*paths: str) -> str:
    operation = {"get": {"responses": {"200": {"description": "OK"}}}}
    found: dict[str, Any] = {"openapi": "3.1.0", "info": {"title": "Pets", "version": "1"}}
    return json.dumps(found | {"paths": dict.fromkeys(paths, operation)})


@pytest.fixture
def service(house: House) -> House:
    """The house, with a service that described /pets and /cats when it was released."""
    released = house.commit({"pyproject.toml": ROOT_PYPROJECT + SERVICE, DOCUMENT: document("/pets", "/cats")})
    first = house.text("releases.toml").split('commit = "')[1].split('"')[0]
    house.commit({"releases.toml": house.text("releases.toml").replace(first, released)})
    return house


def refusal_of(house: House) -> str:
    planned = house.plan(packages=("pets-service",))
    assert planned.plan is None
    return planned.findings[0].message


def version_of(house: House, **request: object) -> str:
    planned = house.plan(packages=("pets-service",), **request)
    assert planned.plan is not None, planned.findings
    return planned.plan.packages[0].new


def test_a_path_that_is_gone_is_a_break(service: House) -> None:
    service.commit({DOCUMENT: document("/pets"), **FIXED})
    assert "the diff finds something breaking, and its fragments tell of fixes: GET /cats" in refusal_of(service)
    assert [one.rule for one in check_fragments(service.workspace)] == ["fragment-too-small"]
    service.commit(BREAKING)
    assert version_of(service) == "2.0.0"


def test_explain_shows_what_is_told_and_what_is_found(service: House) -> None:
    service.commit({DOCUMENT: document("/pets"), **BREAKING})
    shown = "\n".join(lines_of(service.plan(packages=("pets-service",)), explain=True, steps=False))
    assert "major  packages/pets-service/changes/a-break.breaking.md: `/cats` is gone." in shown
    assert "openapi.json" in shown
    assert "GET /cats: " in shown


def test_the_modules_of_a_service_are_nobodys_api(service: House) -> None:
    service.commit({**MODULES_CHANGE, **FIXED})
    assert version_of(service) == "1.0.1"


def test_commands_and_requirements_of_a_service_count(service: House) -> None:
    manifest = "packages/pets-service/pyproject.toml"
    text = service.text(manifest).replace(
        "[build-system]", '[project.scripts]\npets = "pets_service:main"\n\n[build-system]'
    )
    service.commit({manifest: text, **FIXED})
    assert "the diff finds something new" in refusal_of(service)


@pytest.mark.parametrize(("api", "gone"), [("python", False), ("both", True)])
def test_settings_say_that_they_are_an_api(service: House, api: str, gone: bool) -> None:
    manifest = "packages/pets-service/pyproject.toml"
    text = f'{service.text(manifest)}\n[tool.clientsmith.release]\napi = "{api}"\n'
    service.commit({**MODULES_CHANGE, **FIXED, manifest: text, DOCUMENT: document("/pets")})
    planned = service.plan(packages=("pets-service",))
    reasons = [reason.text for reason in planned.reasons["pets-service"]]
    assert any("pets_service.ROUTES" in text for text in reasons)
    assert any("GET /cats" in text for text in reasons) is gone


def test_a_description_that_was_not_there_has_to_be_left_out_by_name(service: House) -> None:
    moved = {"pyproject.toml": service.text("pyproject.toml").replace(DOCUMENT, "api.json"), DOCUMENT: None}
    service.commit({**moved, "api.json": "{", **FIXED})
    with pytest.raises(InputError, match="cannot compare what pets-service describes with") as caught:
        service.plan(packages=("pets-service",))
    assert "--ignore document-unreadable" in caught.value.hint
    assert version_of(service, ignored=("document-unreadable",)) == "1.0.1"


def test_a_library_has_its_modules_for_an_api(service: House) -> None:
    service.commit({"packages/pets-core/src/pets_core/__init__.py": CORE.replace("def fetch", "def get")})
    (finding,) = service.plan(packages=("pets-core",)).findings
    assert "pets_core.fetch: " in finding.message


def test_many_differences_of_one_rule_are_cut(house: House) -> None:
    more = "".join(f'\n\ndef fetch_{n}() -> None:\n    """Fetch {n}."""\n' for n in range(9))
    house.commit(
        {
            "packages/pets-core/src/pets_core/__init__.py": CORE + more,
            "packages/pets-core/changes/nine.added.md": "Nine functions.",
        }
    )
    lines = list(lines_of(house.plan(packages=("pets-core",)), explain=True, steps=False))
    assert sum("object-added, " in line for line in lines) == 3
    assert "         and 6 more of object-added; --format json tells all" in lines
