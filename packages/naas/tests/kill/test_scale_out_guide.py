"""The guide to several machines, followed literally: docs/guide/naas-scale-out.md."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

GUIDE = Path(__file__).parents[4] / "docs" / "guide" / "naas-scale-out.md"

WAIT_FOR_API = """
for _ in $(seq 200); do
    (exec 3<>/dev/tcp/127.0.0.1/8080) 2>/dev/null && break || sleep 0.1
done
"""


def free_ports(count: int) -> list[int]:
    """Return ports that nobody uses, the first of them followed by three more."""
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports


def script() -> str:
    """The commands of the guide as one script, on ports that are free here."""
    blocks = re.findall(r"```sh\n(.*?)```", GUIDE.read_text(), flags=re.S)
    assert len(blocks) == 3, "the guide starts everything, asks, and kills"
    text = "\n".join(["set -eu", blocks[0], WAIT_FOR_API, *blocks[1:]])
    nats, api, one, two = free_ports(4)
    base = 20000 + os.getpid() % 10000
    for number in range(4):
        text = text.replace(str(2201 + number), str(base + number))
    for wanted, free in (("4222", nats), ("8080", api), ("9091", one), ("9092", two)):
        text = text.replace(wanted, str(free))
    return text


@pytest.mark.slow
def test_the_guide_works_as_it_stands(tmp_path: Path) -> None:
    """NATS, two workers, one killed; every answer comes."""
    programs = Path(sys.executable).parent
    running = subprocess.Popen(
        ["bash", "-c", script()],
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "HOME": str(tmp_path)},
        stdout=(tmp_path / "out").open("w"),
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        code = running.wait(100)
    finally:
        os.killpg(running.pid, signal.SIGKILL)
    said = (tmp_path / "out").read_text()
    assert code == 0, said
    assert "Cisco IOS Software" in said
    assert said.count("UTC") >= 1, said
