"""The tutorials, as a reader works through them: every file, every command, every program, and what is printed.

A block of a page is what its first line says:

    ```console            commands after `$ `, each with what it prints below; … stands for anything
    ```python app.py      the contents of a file; `app.py FastAPI`: of readers who chose that; `app.py append`: its end
    ```python             a program, run by itself; a ```text block right after it is what it prints

Nothing is fetched: `pip install` of what is published is left out, one of a folder makes that folder importable, and
port 8000 is one that is free.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TUTORIALS = ROOT / "docs" / "tutorials"
SECONDS = 60.0


@dataclass
class Reader:
    """Somebody who does what the page says, in an empty folder."""

    folder: Path
    chosen: str = ""
    importable: list[str] = field(default_factory=list[str])
    servers: list[subprocess.Popen[bytes]] = field(default_factory=list[subprocess.Popen[bytes]])
    exit_code: int = 0
    port: str = ""

    def read(self, page: str) -> None:
        blocks = list(re.finditer(r"^```(\w+) ?(.*?)\n(.*?)^```\n", page, re.DOTALL | re.MULTILINE))
        for number, block in enumerate(blocks):
            language, words, content = block[1], block[2].split(), block[3]
            where = f"line {page.count(chr(10), 0, block.start()) + 1}"
            if words:
                self.write(words, content)
            elif language == "console":
                self.type(content, where)
            elif language == "python":
                after = blocks[number + 1] if number + 1 < len(blocks) else None
                says = after[3] if after and after[1] == "text" else ""
                self.expect(self.run([sys.executable, "-c", self.mapped(content)]), says, where)
                assert self.exit_code == 0, where

    def write(self, words: list[str], content: str) -> None:
        name, *choices = words
        if choices in ([], [self.chosen]):
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        elif choices in (["append"], [self.chosen, "append"]):
            path = self.folder / name
            # As an editor would: two empty lines before what stands at the top level, which no page can show.
            apart = "\n\n" if path.suffix == ".py" and not content[:1].isspace() else ""
            path.write_text(path.read_text(encoding="utf-8") + apart + content, encoding="utf-8")

    def type(self, content: str, where: str) -> None:
        for command, says in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", content, re.MULTILINE):
            command = command.partition("    #")[0].strip()
            if command == "echo $?":
                assert says == f"{self.exit_code}\n", where
                self.exit_code = 0
                continue
            assert self.exit_code == 0, f"{where}: the command before `{command}` ended with {self.exit_code}"
            if command.startswith("pip install"):
                self.importable += [f"{part}/src" for part in command.split() if (self.folder / part / "src").is_dir()]
            elif command == "kill %1":
                self.stop()
            elif command.endswith("&"):
                self.start(command.removesuffix("&"))
            else:
                self.expect(self.run(["bash", "-c", self.mapped(command)]), says, f"{where}: {command}")
        assert self.exit_code == 0 or "echo $?" in content, where

    def run(self, command: list[str]) -> str:
        finished = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=SECONDS,
            check=False,
        )
        self.exit_code = finished.returncode
        return finished.stdout.decode()

    def start(self, command: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = str(free.getsockname()[1])
        arguments = self.mapped(command).split()
        self.servers.append(
            subprocess.Popen(
                arguments,
                cwd=self.folder,
                env=self.environment(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            assert self.servers[-1].poll() is None, f"`{command}` ended at once"
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", int(self.port))) == 0:
                    return
            time.sleep(0.05)
        pytest.fail(f"`{command}` did not listen")

    def stop(self) -> None:
        for server in self.servers:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
        self.servers.clear()

    def environment(self) -> dict[str, str]:
        """The commands of this workspace, and what the reader installed."""
        programs = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        importable = os.pathsep.join([".", *self.importable])
        plain = {"COLUMNS": "100", "NO_COLOR": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""}
        return {**os.environ, "PATH": programs, "PYTHONPATH": importable, **plain}

    def mapped(self, text: str) -> str:
        return text.replace("8000", self.port or "8000")

    def expect(self, printed: str, says: str, where: str) -> None:
        """The page says what is printed; … stands for the rest of a line, or for any lines."""
        if not says.strip():
            assert not printed.strip(), f"{where} printed:\n{printed}"
            return
        printed = printed.replace(self.port, "8000") if self.port else printed
        lines = ["(?:.*\\n)*?" if line.strip() == "…" else _pattern(line) for line in says.strip().split("\n")]
        whole = printed.strip() + "\n"
        assert re.fullmatch("".join(lines), whole), f"{where} printed:\n{printed}\ninstead of:\n{says}"


def _pattern(line: str) -> str:
    return ".*".join(map(re.escape, line.rstrip().split("…"))) + r" *\n"


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    reader = Reader(tmp_path)
    yield reader
    reader.stop()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("framework", ["FastAPI", pytest.param("Litestar", marks=pytest.mark.slow)])
def test_a_client_for_your_service(reader: Reader, framework: str) -> None:
    """The same page, word for word, for readers of either framework."""
    pytest.importorskip(framework.lower())
    pytest.importorskip("uvicorn")
    reader.chosen = framework
    reader.read((TUTORIALS / "client-for-your-service.md").read_text(encoding="utf-8"))


@pytest.mark.timeout(300)
def test_taking_over_by_hand(reader: Reader) -> None:
    reader.read((TUTORIALS / "take-over-by-hand.md").read_text(encoding="utf-8"))
