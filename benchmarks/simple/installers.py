"""What pip, uv, pypi-simple and this client do with the versions that an index may say (PEP 629), in JSON and in HTML.

Each is given the same index on loopback, which says another thing each time, and asked to install one wheel (the
library pypi-simple: to download it). Peers live in `.venv-bench`, see benchmarks/README.md; where one is missing, it is
said.

    python benchmarks/simple/installers.py             the table, as Markdown
    python benchmarks/simple/installers.py --details   … and what each said, word for word
"""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]

sys.path.insert(0, str(ROOT))  # the workspace's tools are no package that is installed

from clientsmith.core.errors import ClientsmithError  # noqa: E402
from simple_repository_client import SimpleRepositoryClient, aio  # noqa: E402

from tools.model_index import Distribution, ModelIndex, Says  # noqa: E402

PEERS: Final = ROOT / ".venv-bench"
PROJECT: Final = Distribution("holygrail", "1.0")
SECONDS: Final = 60


@dataclass(frozen=True)
class Case:
    """What an index says, in each serialization; it has one of them only, unless it is about both."""

    name: str
    json: Says
    html: Says


def _version(said: str | None, name: str = "") -> Case:
    return Case(
        name or f"`{said}`",
        Says(json=said, serializations=("json",)),
        Says(html=said, serializations=("html",)),
    )


def _status(status: int) -> Case:
    return Case(
        f"status {status}",
        Says(status=status, serializations=("json",)),
        Says(status=status, serializations=("html",)),
    )


CASES: Final = (
    _version("1.0"),
    _version("1.4"),
    _version("1.10"),
    _version("1.99"),
    _version("2.0"),
    _version(None, "nothing"),
    _version("bad"),
    _version("1.4.2"),
    _version("1"),
    Case(
        "a `v2` content type",
        Says(json="2.0", json_type="application/vnd.pypi.simple.v2+json", serializations=("json",)),
        Says(html="2.0", html_type="application/vnd.pypi.simple.v2+html", serializations=("html",)),
    ),
    _status(406),
    _status(300),
    # An index whose other serialization is of a version that nobody can read: each answer counts for itself.
    Case(
        "`1.4`, the other one `2.0`",
        Says(json="1.4", html="2.0"),
        Says(json="2.0", html="1.4", serializations=("html",)),
    ),
)


@dataclass(frozen=True)
class Outcome:
    """What came of it: ``installs``, ``installs, warns`` or ``refuses``, and the words."""

    verdict: str
    words: str = ""

    @property
    def cell(self) -> str:
        return f"{self.verdict}: {self.words}" if self.words else self.verdict


Client = Callable[[str, Path], Outcome]


# --- clients ---------------------------------------------------------------------------------------------------------


def ours(url: str, folder: Path) -> Outcome:
    """This client: page, choice, download with its check."""

    def run() -> object:
        with SimpleRepositoryClient(url, max_retries=0) as client:
            page = client.get_project(PROJECT.project)
            return client.download(page.files[0], folder)

    return _told(run)


def ours_async(url: str, folder: Path) -> Outcome:
    """Its async twin."""

    async def run() -> object:
        async with aio.SimpleRepositoryClient(url, max_retries=0) as client:
            page = await client.get_project(PROJECT.project)
            return await client.download(page.files[0], folder)

    return _told(lambda: asyncio.run(run()))


def _told(run: Callable[[], object]) -> Outcome:
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        try:
            run()
        except ClientsmithError as error:
            return Outcome("refuses", f"{type(error).__name__}: {error}")
    told = [f"{type(one.message).__name__}: {one.message}" for one in heard]
    return Outcome("installs, warns", told[0]) if told else Outcome("installs")


def pip(url: str, folder: Path) -> Outcome:
    """pip, as anybody calls it."""
    options = ["--no-deps", "--no-cache-dir", "--disable-pip-version-check", "--target", str(folder), "--retries", "0"]
    return _command([str(PEERS / "bin" / "python"), "-m", "pip", "install", *options, "--index-url", url], folder)


def uv(url: str, folder: Path) -> Outcome:
    """uv, as anybody calls it."""
    options = ["--no-deps", "--no-cache", "--target", str(folder), "--python", sys.executable, "--no-config"]
    return _command([str(PEERS / "bin" / "uv"), "pip", "install", *options, "--default-index", url], folder)


def _command(command: Sequence[str], folder: Path) -> Outcome:
    # Nothing of who runs this: no configuration, no other index, no proxy.
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_"))}
    variables = {**kept, "PIP_CONFIG_FILE": os.devnull, "NO_COLOR": "1", "UV_HTTP_RETRIES": "0"}
    finished = subprocess.run(
        [*command, PROJECT.project], capture_output=True, text=True, check=False, timeout=SECONDS, env=variables
    )
    said = [line.strip() for line in finished.stderr.splitlines() if line.strip()]
    # Where it ran and how fast says nothing about the index.
    telling = [line for line in said if line.lower().startswith(("error", "warning", "×", "╰─▶", "caused by"))]
    words = _plain(" ".join(telling))
    if finished.returncode or not (folder / "holygrail.py").exists():
        return Outcome("refuses", words or _plain(" ".join(said)))
    return Outcome("installs, warns", words) if telling else Outcome("installs")


PYPI_SIMPLE: Final = """\
import sys, warnings
from pypi_simple import PyPISimple
warnings.showwarning = lambda message, kind, *_: print(f"warning: {kind.__name__}: {message}", file=sys.stderr)
warnings.simplefilter("always")
with PyPISimple(sys.argv[1]) as client:
    try:
        page = client.get_project_page("holygrail")
        client.download_package(page.packages[0], sys.argv[2] + "/holygrail.py")
    except Exception as error:
        first = str(error).splitlines()[0] if str(error) else ""
        sys.exit(f"error: {type(error).__module__}.{type(error).__name__}: {first}")
"""


def pypi_simple(url: str, folder: Path) -> Outcome:
    """pypi-simple, in the words of its own documentation."""
    command = [str(PEERS / "bin" / "python"), "-c", PYPI_SIMPLE, url, str(folder)]
    finished = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
    words = _plain(" ".join(line for line in finished.stderr.splitlines() if line.strip()))
    if finished.returncode:
        return Outcome("refuses", words.removeprefix("error: "))
    return Outcome("installs, warns", words.removeprefix("warning: ")) if words else Outcome("installs")


def _plain(text: str) -> str:
    return " ".join(text.replace("×", "").replace("╰─▶", "").split())


CLIENTS: Final[Mapping[str, Client]] = {"pip": pip, "uv": uv, "pypi-simple": pypi_simple, "this client": ours}


def version_of(name: str) -> str:
    """Return the version of a peer, "" if it is not installed."""
    program = {
        "pip": ["-m", "pip", "--version"],
        "pypi-simple": ["-c", "import pypi_simple as p; print(p.__version__)"],
    }
    command = (
        [str(PEERS / "bin" / "uv"), "--version"] if name == "uv" else [str(PEERS / "bin" / "python"), *program[name]]
    )
    try:
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    except (OSError, subprocess.CalledProcessError):
        return ""
    return said[0] if name == "pypi-simple" else said[1]


# --- the table -------------------------------------------------------------------------------------------------------


def outcome(client: Client, case: Case, serialization: str) -> Outcome:
    """Return what a client does with what an index says in a serialization."""
    says = case.json if serialization == "JSON" else case.html
    with ModelIndex([PROJECT], says) as index, tempfile.TemporaryDirectory() as folder:
        result = client(index.url, Path(folder))
        # What differs from run to run: ports, folders, the names of requests.
        words = re.sub(r" \(request id [^)]*\)", "", result.words).replace(index.url, "…/simple/").replace(folder, "…")
        return Outcome(result.verdict, words)


def table(clients: Mapping[str, Client], *, details: bool = False) -> list[str]:
    """Return the lines of the table: a row for what an index says, a column for each client and serialization."""
    columns = [(name, serialization) for name in clients for serialization in ("JSON", "HTML")]
    titles = {name: name if name == "this client" else f"{name} {version_of(name)}" for name in clients}
    lines = [_row("the index says", *(f"{titles[name]}<br>{serialization}" for name, serialization in columns))]
    lines.append("|---" * (len(columns) + 1) + "|")
    told: list[str] = []
    for case in CASES:
        results = [outcome(clients[name], case, serialization) for name, serialization in columns]
        lines.append(_row(case.name, *(result.verdict for result in results)))
        for (name, serialization), result in zip(columns, results, strict=True):
            if result.words:
                told.append(f"- {case.name}, {name}, {serialization}: {result.words}")
    return [*lines, "", *told] if details else lines


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def main(arguments: Sequence[str]) -> int:
    """Print the table; the exit code is 2 for wrong usage."""
    if list(arguments) not in ([], ["--details"]):
        print(__doc__, file=sys.stderr)
        return 2
    missing = [name for name in CLIENTS if name != "this client" and not version_of(name)]
    for name in missing:
        print(f"{name} is not installed in {PEERS.name}, see benchmarks/README.md", file=sys.stderr)
    clients = {name: client for name, client in CLIENTS.items() if name not in missing}
    print("\n".join(table(clients, details=bool(arguments))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
