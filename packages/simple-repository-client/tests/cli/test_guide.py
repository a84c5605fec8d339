"""The commands of `docs/guide/index-command-line.md` print what the page says."""

from __future__ import annotations

import re
import shlex
from typing import Any

import pytest

from tools.indexes import ROOT
from tools.model_index import ModelIndex

PAGE = ROOT / "docs" / "guide" / "index-command-line.md"
BLOCKS = re.findall(r"```console\n\$ simple-repository (.*?)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize(("command", "output"), BLOCKS, ids=[command for command, _ in BLOCKS])
def test_a_command_of_the_guide(shell: Any, index: ModelIndex, command: str, output: str) -> None:
    said = shell(*shlex.split(command)).output
    said = said.replace(index.url.removesuffix("/simple/"), "https://index.example.org")
    assert re.sub(r"\b[0-9a-f]{64}\b", "…", said) == output


def test_the_guide_has_an_example_for_each_way() -> None:
    assert len(BLOCKS) >= 5
