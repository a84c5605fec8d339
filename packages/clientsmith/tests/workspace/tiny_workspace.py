"""A workspace of three tiny packages in a git repository of its own: a core, a service that stands on it, its client.

None needs anything from elsewhere, not even to run its tests, so that everything here works without a network.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from textwrap import dedent
from typing import Final

ROOT_PYPROJECT: Final = """\
[project]
name = "tiny-workspace"
version = "0"

[tool.uv]
package = false

[tool.uv.workspace]
members = ["packages/*"]

[tool.clientsmith.workspace]
tests = "python run_tests.py {path}"

[tool.clientsmith.workspace.services.tiny-service]
document = "tiny_service:description"
clients = ["tiny-client"]
supported = ">=1.0"
tests = ["tests/test_live.py"]
"""

# As much of pytest as these tests need: functions that are called `test_…`, in files that are.
RUN_TESTS: Final = """\
import pathlib, runpy, sys, traceback

passed, failed = 0, []
for given in sys.argv[1:]:
    place, _, wanted = given.partition("::")
    path = pathlib.Path(place)
    for file in sorted(path.rglob("test_*.py")) if path.is_dir() else [path]:
        for name, test in runpy.run_path(str(file)).items():
            if name.startswith("test_") and wanted in ("", name):
                try:
                    test()
                    passed += 1
                except Exception:
                    traceback.print_exc()
                    failed.append(f"{file.as_posix()}::{name}")
for one in failed:
    print(f"FAILED {one}")
print(f"{len(failed)} failed, {passed} passed in 0.01s" if failed else f"{passed} passed in 0.01s")
sys.exit(bool(failed))
"""

CORE: Final = """\
def greeting(name):
    return f"hello {name}"
"""
CORE_TEST: Final = """\
from tiny_core import greeting

def test_greeting():
    assert greeting("you") == "hello you"
"""
SERVICE: Final = """\
import http.server, threading
from tiny_core import greeting

ROUTE = "/greet"

def description():
    return {
        "openapi": "3.1.0",
        "info": {"title": "Tiny", "version": "1"},
        "paths": {ROUTE: {"get": {"operationId": "greet", "responses": {"200": {"description": "hello"}}}}},
    }

class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = greeting("client").encode()
        self.send_response(200 if self.path == ROUTE else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

def serving():
    server = http.server.HTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server

def main():
    print("tiny-service")
"""
SERVICE_TEST: Final = """\
from tiny_service import description

def test_description():
    assert description()["paths"]
"""
CLIENT: Final = """\
import urllib.request
from tiny_core import greeting

def greet(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/greet") as response:
        return response.read().decode()
"""
LIVE_TEST: Final = """\
from tiny_client import greet
from tiny_service import serving

def test_greet():
    server = serving()
    assert greet(server.server_address[1]) == "hello client"
    server.shutdown()
"""


class TinyWorkspace:
    """The workspace, and what its developers do to it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.git("init", "--quiet", "--initial-branch", "main")
        self.write("pyproject.toml", ROOT_PYPROJECT)
        self.write("run_tests.py", RUN_TESTS)
        self.write("README.md", "# Tiny\n")
        self.write(".gitignore", "__pycache__/\ndist/\n")
        self.package("tiny-core", code=CORE, tests={"test_core.py": CORE_TEST})
        self.package(
            "tiny-service", code=SERVICE, tests={"test_service.py": SERVICE_TEST},
            dependencies=["tiny-core>=1.0,<2"], scripts={"tiny-service": "tiny_service:main"},
        )  # fmt: skip
        self.package(
            "tiny-client", code=CLIENT, tests={"test_live.py": LIVE_TEST},
            dependencies=["tiny-core>=1.0,<2"], group=["tiny-service"],
        )  # fmt: skip
        self.commit("tiny")

    def package(
        self,
        name: str,
        *,
        code: str,
        tests: dict[str, str],
        version: str = "1.0",
        dependencies: list[str] | None = None,
        group: list[str] | None = None,
        scripts: dict[str, str] | None = None,
    ) -> None:
        """Write a package."""
        module = name.replace("-", "_")
        said = "".join(f'{script} = "{target}"\n' for script, target in (scripts or {}).items())
        self.write(
            f"packages/{name}/pyproject.toml",
            dedent(
                f"""\
                [project]
                name = "{name}"
                version = "{version}"
                requires-python = ">=3.11"
                license-files = ["LICENSE"]
                dependencies = {dependencies or []}

                [dependency-groups]
                dev = {group or []}

                [build-system]
                requires = ["hatchling"]
                build-backend = "hatchling.build"

                [tool.hatch.build.targets.wheel]
                packages = ["src/{module}"]
                """
            )
            + (f"\n[project.scripts]\n{said}" if said else ""),
        )
        self.write(f"packages/{name}/LICENSE", "do what you like\n")
        self.write(f"packages/{name}/README.md", f"# {name}\n")
        self.write(f"packages/{name}/src/{module}/__init__.py", code)
        for file, text in tests.items():
            self.write(f"packages/{name}/tests/{file}", text)

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8")

    def replace(self, path: str, old: str, new: str) -> None:
        text = (self.root / path).read_text(encoding="utf-8")
        assert old in text, f"{path} has no {old!r}"
        self.write(path, text.replace(old, new))

    def release(self, *packages: str) -> None:
        """Commit, and note these packages as released in their present versions."""
        commit = self.commit("release")
        known = self.root / "releases.toml"
        text = known.read_text(encoding="utf-8") if known.exists() else ""
        for package in packages:
            project = (self.root / f"packages/{package}/pyproject.toml").read_text(encoding="utf-8")
            version = project.split('version = "')[1].split('"')[0]
            text += f'[[release]]\npackage = "{package}"\nversion = "{version}"\ncommit = "{commit}"\n\n'
        self.write("releases.toml", text)
        self.commit("releases")

    def commit(self, message: str) -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD").strip()

    def git(self, *arguments: str) -> str:
        identity = ("-c", "user.name=T", "-c", "user.email=t@localhost", "-c", "commit.gpgsign=false")
        finished = subprocess.run(
            ["git", *identity, *arguments], cwd=self.root, check=True, capture_output=True, text=True
        )
        return finished.stdout
