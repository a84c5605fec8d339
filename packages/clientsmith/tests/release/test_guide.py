"""The commands of `docs/guide/release.md` print what the page says, one after the other, in one workspace."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner
from clientsmith.cli.release import release
from clientsmith.release import KINDS
from clientsmith.release.fragments import ChangeKind
from clientsmith.release.versions import Stage, Wish, decide_version
from house import NEW_FUNCTION, House
from packaging.version import Version
from test_versions import history, reasons

PAGE = (Path(__file__).parents[4] / "docs" / "guide" / "release.md").read_text(encoding="utf-8")
DATE = re.compile(r"\d{4}-\d\d-\d\d")


def test_the_commands_of_the_guide(house: House) -> None:
    house.write({"packages/pets-core/src/pets_core/__init__.py": NEW_FUNCTION})
    commands = 0
    for block in re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL):
        for command, expected in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE):
            words = shlex.split(command)
            if words[0] == "git":
                house.git(*words[1:])
                continue
            assert words[:2] == ["clientsmith", "release"]
            said = CliRunner().invoke(release, words[2:], prog_name="clientsmith release").output
            assert DATE.sub("DAY", said) == DATE.sub("DAY", expected)
            commands += 1
    assert commands == 3


def test_the_table_of_kinds_is_what_the_code_says() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \|", PAGE, re.MULTILINE)
    words = {"NONE": "nothing"}
    assert rows == [(kind.value, words.get(info.bump.name, info.bump.name.lower())) for kind, info in KINDS.items()]


@pytest.mark.parametrize(
    ("last", "kind", "expected", "pre"),
    [
        (last, kind, expected, pre)
        for last, kinds, expected, pre in re.findall(
            r"^\| ([\w.]+(?:, after [\w.]+)?) \| ((?:`\w+`(?:, )?)+) \| ([\w.]+) \| ([\w.]+) \|$", PAGE, re.MULTILINE
        )
        for kind in re.findall(r"`(\w+)`", kinds)
    ],
)
def test_the_table_of_versions_is_what_the_code_says(last: str, kind: str, expected: str, pre: str) -> None:
    version, _, final = last.partition(", after ")
    told = reasons(KINDS[ChangeKind(kind)].bump)
    for stage, wanted in ((Stage.SAME, expected), (Stage.PRE, pre)):
        assert decide_version(history(version, final), told, [], Wish(stage)).version == Version(wanted)


def test_every_rule_that_can_refuse_is_in_the_guide() -> None:
    folder = Path(release.callback.__code__.co_filename).parents[1] / "release"  # type: ignore[union-attr]
    rules = {
        rule
        for path in folder.glob("*.py")
        for rule in re.findall(r'"((?:release|artefact|fragment)-[a-z-]+)"', path.read_text(encoding="utf-8"))
    }
    told = {"release-first", "release-detached", "release-unchanged", "fragment-missing"}  # notes, and `check`'s own
    assert {rule for rule in rules - told if f"`{rule}`" not in PAGE and rule not in PAGE} == set()
