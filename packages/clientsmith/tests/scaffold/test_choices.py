"""What is asked for is checked before anything is done, and each refusal says what would do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from clientsmith.findings import InputError
from clientsmith.scaffold.choices import Choices, default_resource
from clientsmith.scaffold.sources import Sources
from clientsmith.scaffold.templates import files_of, taken_words


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        ("Parcels", "a name is lower case words joined by single dashes", "for example parcels"),
        ("my_parcels", "a name is lower case words", "for example my-parcels"),
        ("two--dashes", "a name is lower case words", "for example two-dashes"),
        ("../evil", "a name is lower case words", "for example evil"),
        ("2parcels", "a name is lower case words", "for example parcels"),
        ("", "a name is lower case words", "for example parcels"),
        ("a" * 31, "at most 30 letters", "for example " + "a" * 30),
        ("parcels\n", "a name is lower case words", "for example parcels"),
        ("json", "Python has a json of its own", "json-service"),
        ("list", "Python has a list of its own", "list-service"),
        ("lambda", "Python has a lambda of its own", "lambda-service"),
        ("litestar", "the workspace itself needs what is called so", "litestar-service"),
        ("clientsmith", "the workspace itself needs", "clientsmith-service"),
        ("parcels-client", "its client library would be parcels-client-client", "the service's name: parcels"),
    ],
)
def test_a_name_that_cannot_be_is_refused_and_another_one_offered(name: str, message: str, hint: str) -> None:
    with pytest.raises(InputError) as caught:
        Choices(name=name, resource="parcel")
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    ("resource", "message"),
    [
        ("Parcel", "one word of 2 to 16 lower case letters"),
        ("two words", "one word of 2 to 16 lower case letters"),
        ("parcels", "it has to be in the singular"),
        ("news", "it has to be in the singular"),
        ("type", "the word has a meaning in Python"),
        ("class", "the word has a meaning in Python"),
    ],
)
def test_a_word_that_cannot_name_what_the_service_holds_is_refused(resource: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Choices(name="depot", resource=resource)


@pytest.mark.parametrize("resource", ["report", "store", "page", "name", "request", "task", "item"])
def test_a_word_that_the_service_uses_for_something_else_is_refused(resource: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the word means something else in it"):
        files_of(Choices(name="depot", resource=resource), tmp_path)


@pytest.mark.parametrize(
    ("name", "resource"),
    [
        ("parcels", "parcel"),
        ("acme-parcels", "parcel"),
        ("categories", "category"),
        ("depot", "record"),
        ("news", "record"),
        ("reports", "record"),
        ("lists", "record"),
    ],
)
def test_what_a_service_holds_is_taken_from_its_name_where_that_tells(name: str, resource: str) -> None:
    assert default_resource(name, taken_words()) == resource
    Choices(name=name, resource=resource)


@pytest.mark.parametrize("owner", ["", "team", "@", "@team two", "@team\n* @mallory", "@a/", "x@"])
def test_an_owner_is_one_name_as_a_forge_writes_it(owner: str) -> None:
    with pytest.raises(InputError, match="is no owner"):
        Choices(name="parcels", resource="parcel", owner=owner)


@pytest.mark.parametrize("owner", ["@team", "@acme/depot-team", "@group/sub/team", "ann@example.test"])
def test_owners_of_every_forge_are_taken(owner: str) -> None:
    assert Choices(name="parcels", resource="parcel", owner=owner).owner == owner


@pytest.mark.parametrize("python", ["3.10", "2.7", "3", "3.12.1", "three"])
def test_a_python_that_the_runtime_does_not_know_is_refused(python: str) -> None:
    with pytest.raises(InputError, match="is no Python that the workspace could support"):
        Choices(name="parcels", resource="parcel", python=python)


@pytest.mark.parametrize(
    ("given", "message", "hint"),
    [
        ({"framework": "flask"}, "'flask' is no framework", "one of litestar, fastapi"),
        ({"forges": ("github", "none")}, "'none' is no forge", "one of github, gitlab, forgejo"),
        ({"licence": "WTFPL"}, "'WTFPL' is no license", "one of MIT, Apache-2.0"),
    ],
)
def test_what_there_are_no_templates_for_is_refused(given: dict[str, Any], message: str, hint: str) -> None:
    with pytest.raises(InputError) as caught:
        Choices(name="parcels", resource="parcel", **given)
    assert message in caught.value.message
    assert hint in caught.value.hint


# --- where our packages come from ------------------------------------------------------------------------------------


def test_a_password_is_refused_and_not_repeated() -> None:
    with pytest.raises(InputError) as caught:
        Sources(index="https://ann:hunter2@packages.test/simple/")
    assert "holds a user or a password" in caught.value.message
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("url", ["packages.test/simple", "ftp://packages.test/", "https://"])
def test_an_index_is_a_url(url: str) -> None:
    with pytest.raises(InputError, match="is no URL of an index"):
        Sources(index=url)


def test_a_folder_that_is_no_checkout_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is no checkout of clientsmith"):
        Sources(editable=tmp_path)


def test_wheels_come_from_a_folder_that_is_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such folder"):
        Sources(find_links=tmp_path / "wheels")


def test_our_packages_come_from_one_place(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="from one place only"):
        Sources(index="https://packages.test/simple/", find_links=tmp_path)
