"""The tutorials of NAAS, as a reader works through them: several programs in the background, and one of them killed.

The pages are read as `tests/test_tutorials.py` says. Ports are exchanged for free ones; of ports that belong together,
such as those of simulated devices, the first is named by `--port-base`.
"""

from __future__ import annotations

import random
import re
import shutil
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from test_tutorials import TUTORIALS, Reader

READY = re.compile(r"\bready\b|listening on|Listening for|takes jobs")
SECONDS = 60.0


@dataclass
class NaasReader(Reader):
    """A reader whose programs listen at several ports, and who sets variables."""

    ports: dict[str, str] = field(default_factory=dict[str, str])
    variables: dict[str, str] = field(default_factory=dict[str, str])

    def type(self, content: str, where: str) -> None:
        typed: list[str] = []
        for line in content.splitlines(keepends=True):
            if line.startswith("$ export "):
                self.variables |= dict(word.split("=", 1) for word in self.mapped(line[len("$ export ") :]).split())
            elif found := re.match(r"\$ kill -9 %(\d+)", line):
                self.servers[int(found[1]) - 1].kill()
                self.servers[int(found[1]) - 1].wait()
            else:
                typed.append(line)
        super().type("".join(typed), where)

    def start(self, command: str) -> None:
        words = command.split()
        for option, count in (("--port-base", 3), ("--port", 1)):
            if option in words:
                self.choose_ports(int(words[words.index(option) + 1]), count)
        log = self.folder / f"program-{len(self.servers)}.log"
        program = subprocess.Popen(
            self.mapped(command).split(),
            cwd=self.folder,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.servers.append(program)  # type: ignore[arg-type]
        is_ready = threading.Event()

        def read() -> None:
            assert program.stdout is not None
            with log.open("w") as kept:
                for line in program.stdout:
                    kept.write(line)
                    kept.flush()
                    if READY.search(line):
                        is_ready.set()

        threading.Thread(target=read, daemon=True).start()
        assert is_ready.wait(SECONDS), f"`{command}` is not ready: {log.read_text()}"

    def choose_ports(self, first: int, count: int) -> None:
        """Take free ports in a row, below those that the system gives to whoever asks for any: nobody takes them then."""
        for _ in range(100):
            base = random.randrange(10_000, 30_000)
            if all(_is_free(base + offset) for offset in range(count)):
                self.ports |= {str(first + offset): str(base + offset) for offset in range(count)}
                return
        pytest.fail("no free ports in a row")

    def mapped(self, text: str) -> str:
        return re.sub(r"\b\d{4}\b", lambda found: self.ports.get(found[0], found[0]), text)

    def environment(self) -> dict[str, str]:
        return {**super().environment(), **self.variables, "NAAS_CONFIG": str(self.folder / "no-config.toml")}


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[NaasReader]:
    working = NaasReader(tmp_path)
    yield working
    working.stop()


def test_the_quickstart(reader: NaasReader) -> None:
    """Install, simulate, serve, send, configure, look at the page, and the same from Python."""
    reader.read((TUTORIALS / "naas-quickstart.md").read_text(encoding="utf-8"))
    with urllib.request.urlopen(f"http://127.0.0.1:{reader.ports['8080']}/ui") as answer:
        page = answer.read().decode()
    assert "<title>NAAS</title>" in page


@pytest.mark.timeout(240)
def test_the_scale_out_tutorial(reader: NaasReader) -> None:
    """A NATS server, an API, two workers, one of them killed."""
    assert shutil.which("nats-server", path=reader.environment()["PATH"])
    reader.read((TUTORIALS / "naas-scale-out.md").read_text(encoding="utf-8"))


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.skipif(shutil.which("jq") is None, reason="the page uses jq")
def test_the_tutorial_of_thirty_switches(reader: NaasReader) -> None:
    """Thirty devices, waves, an inventory, backups, a schedule, and a key that may only look."""
    reader.read((TUTORIALS / "naas-thirty-switches.md").read_text(encoding="utf-8"))
