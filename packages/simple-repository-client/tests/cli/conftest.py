"""The command line against the index of `tools/model_index.py`, over real sockets."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner, Result
from simple_repository_client.cli.commands import cli

ROOT: Final = Path(__file__).parents[4]

sys.path.insert(0, str(ROOT))  # the workspace's tools are no package that is installed

from tools.model_index import ModelIndex  # noqa: E402

SECRETS: Final = ("SIMPLE_REPOSITORY_USERNAME", "SIMPLE_REPOSITORY_PASSWORD", "SIMPLE_REPOSITORY_TOKEN")
URLS: Final = ("SIMPLE_REPOSITORY_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL")


@pytest.fixture
def index() -> Iterator[ModelIndex]:
    with ModelIndex() as running:
        yield running


@dataclass(frozen=True)
class Shell:
    """Runs commands with the index in the environment, and a home of their own."""

    runner: CliRunner
    folder: Path

    def __call__(self, *arguments: str | Path, stdin: str = "") -> Result:
        return self.runner.invoke(cli, [str(argument) for argument in arguments], input=stdin)


@pytest.fixture
def shell(index: ModelIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    for name in (*SECRETS, *URLS, "NO_COLOR", "NETRC"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SIMPLE_REPOSITORY_INDEX_URL", index.url)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return Shell(CliRunner(), tmp_path)


Refused = Callable[..., str]


@pytest.fixture
def refused(shell: Shell) -> Refused:
    """Runs a command that ends with a code, and returns what it said: an error, a hint at most, and no traceback."""

    def run(code: int, *arguments: str | Path, stdin: str = "") -> str:
        result = shell(*arguments, stdin=stdin)
        assert result.exit_code == code, result.output
        assert result.stdout == ""
        assert "Traceback" not in result.stderr
        return result.stderr

    return run
