"""The committed example clients are what the generator makes today, and they work."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"
CLIENTS = sorted(path.parent for path in EXAMPLES.glob("*/clientsmith.toml"))
TUTORIAL = ROOT / "docs" / "tutorials" / "take-over-by-hand.md"


def test_there_are_two() -> None:
    """And no more: documents have their own licences."""
    assert [client.name for client in CLIENTS] == ["parcel-client", "petstore-client"]


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
def test_an_example_is_up_to_date(client: Path) -> None:
    """`clientsmith generate` in its folder makes it so."""
    command = [str(Path(sys.executable).with_name("clientsmith")), "generate", "--check"]
    checked = subprocess.run(command, cwd=client, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
def test_the_tests_of_an_example_pass(client: Path) -> None:
    """The generated ones and its own, against a server on this machine."""
    environment = {**os.environ, "PYTHONPATH": str(client / "src"), "PYTEST_ADDOPTS": ""}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", str(client / "tests")]
    ran = subprocess.run(
        [*command, "-c", str(client / "pyproject.toml")], env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_parcel_client_is_what_the_tutorial_ends_with() -> None:
    """Every file that the page shows, but for where the package lies."""
    page = TUTORIAL.read_text(encoding="utf-8")
    shown: dict[str, str] = {}
    for name, content in re.findall(r"^```\w+ ([\w./-]+)(?: append)?\n(.*?)^```", page, re.DOTALL | re.MULTILINE):
        shown[name] = shown.get(name, "") + content
    assert len(shown) >= 6
    for name, content in shown.items():
        path = EXAMPLES / "parcel-client" / name.removeprefix("parcel-client/")
        assert path.read_text(encoding="utf-8") == content.replace('output = "parcel-client"', 'output = "."'), name
