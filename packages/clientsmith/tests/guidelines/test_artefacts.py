"""What is built of a package, and what it shows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from clientsmith.findings import InputError
from clientsmith.guidelines.artefacts import Artefact, built, observe, read_artefact, verdicts_of
from clientsmith.guidelines.examples import Example
from clientsmith.guidelines.package import Package
from clientsmith.guidelines.verdicts import Met, NotApplicable, NotMet

PROJECT = """
[project]
name = "depot-client"
version = "1.2.0"
requires-python = ">=3.11"

[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
"""
PLAIN = Example('"""Depot."""\n', project=PROJECT)
HELD = ("depot_client/__init__.py", "depot_client-1.2.0.dist-info/METADATA")


def wheel(*platforms: str, members: tuple[str, ...] = HELD, version: str = "1.2.0") -> Artefact:
    return Artefact(f"depot_client-{version}-py3-none-{platforms[0]}.whl", "depot-client", version, members, platforms)


@pytest.mark.parametrize(
    ("rule", "artefacts", "kind", "said"),
    [
        ("native-plat-support", [wheel("any")], NotApplicable, "pure Python"),
        ("native-plat-support", [wheel("win_amd64")], NotApplicable, "one wheel for win_amd64 is at hand"),
        (
            "native-plat-support",
            [wheel("win_amd64"), wheel("manylinux_2_28_x86_64")],
            NotMet,
            "there is no wheel for the platform macOS",
        ),
        (
            "native-plat-support",
            [wheel("win_amd64"), wheel("manylinux_2_28_x86_64"), wheel("macosx_11_0_universal2")],
            Met,
            "macosx_11_0_universal2",
        ),
        (
            "native-arch-support",
            [wheel("win_amd64"), wheel("manylinux_2_28_x86_64")],
            NotMet,
            "there is no wheel for the architecture x86",
        ),
        ("packaging-follow-python-rules", [wheel("any")], Met, "holds depot_client and nothing above it"),
        ("packaging-follow-python-rules", [wheel("any", members=())], NotMet, "does not hold depot_client"),
        ("versioning-beta", [wheel("any", version="1.2.0a1")], NotMet, "a pre-release is spelt 1.2.0b1"),
        ("versioning-semver", [wheel("any", version="1.2")], NotMet, "write major.minor.patch"),
    ],
)
def test_what_is_built_is_judged(
    rule: str, artefacts: list[Artefact], kind: type, said: str, package_from: Callable[[Example], Package]
) -> None:
    """By names, tags and metadata alone: no file is read."""
    verdict = verdicts_of(package_from(PLAIN), artefacts)[rule]
    assert isinstance(verdict, kind), verdict
    assert said in repr(verdict)


def test_a_folder_is_built_from_a_copy(package_from: Callable[[Example], Package]) -> None:
    """Wheel and source distribution are looked at, and the folder stays as it was."""
    package = package_from(PLAIN)
    before = sorted(package.root.rglob("*"))
    with built(package) as artefacts:
        assert [(each.name, each.version, each.platforms) for each in artefacts] == [
            ("depot-client", "1.2.0", ("any",)),
            ("depot-client", "1.2.0", ()),
        ]
        assert "depot_client/__init__.py" in artefacts[0].members
        assert "src/depot_client/__init__.py" in artefacts[1].members
    assert sorted(package.root.rglob("*")) == before


def test_what_cannot_be_built_breaks_no_rule(package_from: Callable[[Example], Package]) -> None:
    """The reason is the backend's, without the folder that the copy was in."""
    package = package_from(Example(project=PROJECT.replace("hatchling.build", "nothing.build")))
    verdict = observe(package)["packaging-name"]
    assert isinstance(verdict, NotApplicable)
    assert verdict.reason.startswith("it could not be built: ")
    assert "clientsmith-check-build" not in verdict.reason


def test_a_file_that_is_no_archive_is_said_to_be_none(tmp_path: Path) -> None:
    """With its name, and what to do."""
    file = tmp_path / "depot_client-1.2.0-py3-none-any.whl"
    file.write_text("no archive", encoding="utf-8")
    with pytest.raises(InputError, match=r"depot_client-1\.2\.0-py3-none-any\.whl is no wheel or source distribution"):
        read_artefact(file)
