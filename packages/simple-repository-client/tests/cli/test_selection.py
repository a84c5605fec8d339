"""What `download` chooses of a page: what pip chooses of it, which was asked the same questions."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest
from packaging.tags import sys_tags
from simple_repository_client.cli.output import WrongUsage
from simple_repository_client.cli.selection import Choice, wanted
from simple_repository_client.pages import Answer, ProjectPage, read_project_page

YANKED: dict[str, Any] = {"yanked": "broken"}
HERE = next(tag for tag in sys_tags() if tag.platform != "any")


def page_of(*files: str | tuple[str, dict[str, Any]]) -> ProjectPage:
    told: list[tuple[str, dict[str, Any]]] = [(file, {}) if isinstance(file, str) else file for file in files]
    entries: list[dict[str, Any]] = [{"filename": name, "url": name, "hashes": {}, **more} for name, more in told]
    body = json.dumps({"meta": {"api-version": "1.1"}, "name": "foo", "versions": [], "files": entries}).encode()
    return read_project_page(Answer(body, "application/vnd.pypi.simple.v1+json", "https://index.test/simple/foo/"))


def wheel(version: str, tag: str = "py3-none-any", **more: Any) -> tuple[str, dict[str, Any]]:
    return f"foo-{version}-{tag}.whl", more


@pytest.mark.parametrize(
    ("files", "requirement", "chosen"),
    [
        ([wheel("1.0"), wheel("1.1"), wheel("1.0.1")], "foo", "1.1-py3-none-any"),
        ([wheel("9.0"), wheel("1!1.0")], "foo", "1!1.0-py3-none-any"),
        ([wheel("1.0"), wheel("2.0b2")], "foo", "1.0-py3-none-any"),
        ([wheel("1.0"), wheel("2.0b2")], "foo>=2.0b1", "2.0b2-py3-none-any"),
        ([wheel("1.0", "cp27-cp27m-win32"), wheel("2.0b2")], "foo", "2.0b2-py3-none-any"),
        ([wheel("1.0", **{"requires-python": "<3"}), wheel("2.0b2")], "foo", "2.0b2-py3-none-any"),
        (["foo-1.0-py3.9.egg", wheel("2.0b2")], "foo", "2.0b2-py3-none-any"),
        ([wheel("1.0"), wheel("2.0", **YANKED)], "foo", "1.0-py3-none-any"),
        ([wheel("1.0", **YANKED)], "foo==1.0", "1.0-py3-none-any"),
        ([wheel("1.0", "2-py3-none-any", **YANKED), wheel("1.0", "1-py3-none-any")], "foo==1.0", "1.0-1-py3-none-any"),
        ([wheel("1.0", "1a-py3-none-any"), wheel("1.0", "1b-py3-none-any")], "foo", "1.0-1b-py3-none-any"),
        ([wheel("1.0", "9-py3-none-any"), wheel("1.0", str(HERE))], "foo", f"1.0-{HERE}"),
        ([wheel("1.0"), wheel("1.0.0")], "foo===1.0.0", "1.0.0-py3-none-any"),
        ([wheel("1.0"), wheel("2.0", **{"requires-python": ">=3.99"})], "foo", "1.0-py3-none-any"),
        ([wheel("1.0"), wheel("2.0", **{"requires-python": "whatever"})], "foo", "2.0-py3-none-any"),
    ],
    ids=[
        "the newest", "epochs", "a pre-release is left", "a pre-release that is named", "all else is for other machines",
        "all else is for other Pythons", "all else is no wheel", "yanked", "yanked, and named", "yanked beside what is not",
        "the highest build", "what is made for this machine", "as it is written", "for a later Python", "for who knows",
    ],
)  # fmt: skip
def test_what_is_chosen(files: list[Any], requirement: str, chosen: str) -> None:
    found = Choice().files_of(page_of(*files), wanted(requirement))
    assert [file.filename for file in found] == [f"foo-{chosen}.whl"]


@pytest.mark.parametrize("choice", [Choice(python="3.12"), Choice(python="3.12", platforms=("win_amd64",))])
def test_a_wheel_for_one_python_of_any_machine_fits(choice: Choice) -> None:
    found = choice.files_of(page_of(wheel("1.0", "cp312-none-any"), wheel("1.0")), wanted("foo"))
    assert [file.filename for file in found] == ["foo-1.0-cp312-none-any.whl"]


def test_a_python_that_is_not_out_yet_counts_as_its_release(monkeypatch: pytest.MonkeyPatch) -> None:
    """It calls itself 3.15.0rc1, or "3.11.2+", which is no version."""
    monkeypatch.setattr("platform.python_version", lambda: "3.11.2+")
    requires = f">={sys.version_info[0]}.{sys.version_info[1]}.{sys.version_info[2]}"
    page = page_of(wheel("1.0", **{"requires-python": requires}))
    assert Choice().files_of(page, wanted("foo"))


@pytest.mark.parametrize("python", ["3", "three", "3.x"])
def test_a_python_needs_two_numbers(python: str) -> None:
    with pytest.raises(WrongUsage, match=f"'{python}' is no version of Python"):
        Choice(python=python)


def test_all_files_of_a_version_are_all() -> None:
    """Who names a version and wants everything gets what was yanked of it, too."""
    page = page_of(wheel("1.0", "py2-none-any"), wheel("1.0", **YANKED), "foo-1.0.tar.gz", "foo-0.9.tar.gz")
    found = Choice(takes_all=True).files_of(page, wanted("foo==1.0"))
    assert [file.filename for file in found] == [file.filename for file in page.files[:3]]
