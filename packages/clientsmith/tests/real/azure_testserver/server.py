"""The test server of AutoRest: found, started on a port of its own, asked what it has seen.

It is the npm package ``@microsoft.azure/autorest.testserver``; see the README beside this folder for how to install it.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Any, Final

# Not AUTOREST_TESTSERVER: the server takes variables that begin so for options of its own.
VARIABLE: Final = "AZURE_TESTSERVER"
PACKAGE: Final = Path("node_modules") / "@microsoft.azure" / "autorest.testserver"
MAIN: Final = Path("dist") / "cli" / "cli.js"
REPORTS: Final = ("", "/azure", "/optional", "/dpg")
SECONDS_TO_START: Final = 30.0


class Missing(Exception):
    """The test server cannot be run here, and why."""


def package_folder() -> Path:
    """Return the folder of the package.

    Raises:
        Missing: There is no node, or no package where the environment says.
    """
    if shutil.which("node") is None:
        raise Missing("node is not installed")
    told = os.environ.get(VARIABLE)
    if not told:
        raise Missing(f"{VARIABLE} does not say where the npm package is installed, see tests/real/README.md")
    for folder in (Path(told), Path(told) / PACKAGE):
        if (folder / MAIN).is_file():
            return folder.resolve()
    raise Missing(f"{VARIABLE} says {told}, where there is no {PACKAGE / MAIN}")


class TestServer:
    """A running test server; a context manager."""

    __test__ = False  # pytest: this is no test

    def __init__(self, scratch: Path) -> None:
        self.package = package_folder()
        self._scratch = scratch
        self.scenarios: frozenset[str] = frozenset()
        self.port = _free_port()
        self.url = f"http://localhost:{self.port}"
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with (scratch / "server.log").open("wb") as log:
            self._process = subprocess.Popen(
                ["node", str(MAIN), "run", f"--port={self.port}", f"--coverageDirectory={scratch}"],
                cwd=self.package,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def __enter__(self) -> TestServer:
        end = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < end and self._process.poll() is None:
            try:
                self.scenarios = frozenset(self.report())  # later ones are slips of the server's own
            except OSError:
                self._connection.close()
                time.sleep(0.05)
            else:
                return self
        self.__exit__()
        raise RuntimeError(f"the test server did not start: {(self._scratch / 'server.log').read_text()[-2000:]}")

    def __exit__(self, *_error: object) -> None:
        self._connection.close()
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def document(self, name: str) -> Path:
        """Return a Swagger file that the package ships."""
        return self.package / "swagger" / f"{name}.json"

    def report(self) -> dict[str, int]:
        """Return how often each scenario was passed."""
        counts: dict[str, int] = {}
        for part in REPORTS:
            counts |= self._asked(f"/report{part}")
        return counts

    def _asked(self, path: str) -> Any:
        try:
            self._connection.request("GET", path)
            return json.load(self._connection.getresponse())
        except http.client.RemoteDisconnected:  # it closes what was idle for some seconds
            self._connection.close()
            self._connection.request("GET", path)
            return json.load(self._connection.getresponse())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
