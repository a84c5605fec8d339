"""What it costs to read the pages of an index: a project with 5,000 files, and the list of 700,000 projects.

Ours beside pypi-simple, pip's own parser, and the floor: the parser alone, with nothing made of what it finds. Of a
project page every field of ten files is looked at. Each contender runs in a process of its own, ours in this
environment, peers in `.venv-bench` (see requirements.txt). Rounds are interleaved, ratios are taken inside a round,
medians are told. A list is read once by a fresh process: its memory is the high-water mark of the process (VmHWM), with
the interpreter, its modules and the body in it.

    python benchmarks/simple/pages.py [--rounds 15] [--list-rounds 3] [--parsers] [--format json]

`--parsers` compares HTML parsers instead, which is how ours was chosen. Exit code 1 if a budget is exceeded: a page at
least 5 x as fast as pypi-simple reads it, a list in at most a third of its memory.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
PEERS: Final = ROOT / ".venv-bench" / "bin" / "python"
PAGE_URL: Final = "https://index.example/simple/big-project/"
LIST_URL: Final = "https://index.example/simple/"
TYPES: Final = {"json": "application/vnd.pypi.simple.v1+json", "html": "application/vnd.pypi.simple.v1+html"}
FASTER: Final = 5.0  # than pypi-simple, a page
SMALLER: Final = 1 / 3  # of pypi-simple's memory, a list


# --- pages as warehouse writes them ----------------------------------------------------------------------------------


def project(count: int = 5_000) -> list[dict[str, Any]]:
    """Return the files of a project: an sdist and four wheels a version."""
    rng = random.Random(629)
    files = []
    for number in range(count):
        version = f"{number // 500}.{number // 50 % 10}.{number // 5 % 10}"
        is_wheel = number % 5 > 0
        tags = f"cp31{number % 5}-cp31{number % 5}-manylinux_2_17_x86_64.manylinux2014_x86_64"
        name = f"big_project-{version}-{tags}.whl" if is_wheel else f"big_project-{version}.tar.gz"
        place, metadata = rng.randbytes(32).hex(), {"sha256": rng.randbytes(32).hex()} if is_wheel else False
        files.append(
            {
                "core-metadata": metadata,
                "data-dist-info-metadata": metadata,
                "filename": name,
                "hashes": {"sha256": rng.randbytes(32).hex()},
                "provenance": f"{LIST_URL}integrity/{version}/{name}/provenance" if number % 5 == 1 else None,
                "requires-python": ">=3.9",
                "size": rng.randrange(10**4, 10**8),
                "upload-time": f"2026-{1 + number % 12:02}-{1 + number % 28:02}T08:00:00.{number:06}Z",
                "url": f"https://files.example/packages/{place[:2]}/{place[2:4]}/{place[4:]}/{name}",
                "yanked": "broken on Windows" if number % 97 == 0 else False,
            }
        )
    return files


def page_in_json(files: Sequence[Mapping[str, Any]]) -> bytes:
    """Return the page of a project in JSON."""
    meta = {"_last-serial": 31_000_000, "api-version": "1.4"}
    versions = sorted({file["filename"].split("-")[1].removesuffix(".tar.gz") for file in files})
    page = {"alternate-locations": [], "files": files, "meta": meta, "name": "big-project"}
    return json.dumps({**page, "project-status": {"status": "active"}, "versions": versions}).encode()


def page_in_html(files: Sequence[Mapping[str, Any]]) -> bytes:
    """Return the page of a project in HTML."""
    links = []
    for file in files:
        attributes = {"href": f"{file['url']}#sha256={file['hashes']['sha256']}", "data-requires-python": ">=3.9"}
        if file["core-metadata"]:
            metadata = f"sha256={file['core-metadata']['sha256']}"
            attributes |= {"data-dist-info-metadata": metadata, "data-core-metadata": metadata}
        if file["yanked"]:
            attributes["data-yanked"] = file["yanked"]
        if file["provenance"]:
            attributes["data-provenance"] = file["provenance"]
        written = " ".join(f'{name}="{escape(value)}"' for name, value in attributes.items())
        links.append(f"    <a {written} >{file['filename']}</a><br />\n")
    return in_html("".join(links))


def in_html(body: str) -> bytes:
    """Return a page around some links."""
    head = '<meta name="pypi:repository-version" content="1.4">\n    <title>Links</title>'
    page = f"<!DOCTYPE html>\n<html>\n  <head>\n    {head}\n  </head>\n  <body>\n{body}  </body>\n</html>\n"
    return f"{page}<!--SERIAL 31000000-->".encode()


def names(count: int = 700_000) -> Iterator[str]:
    """Yield names of projects."""
    rng = random.Random(503)
    words = ("py", "lib", "tool", "django", "flask", "data", "aio", "Core", "utils", "x", "client", "sdk", "auto", "ml")
    for number in range(count):
        yield f"{rng.choice(words)}{rng.choice('-_.')}{rng.choice(words)}-{number:x}"


def list_in_json() -> bytes:
    """Return the list of all projects in JSON."""
    projects = [{"_last-serial": 10_000_000 + place, "name": name} for place, name in enumerate(names())]
    meta = {"_last-serial": 31_000_000, "api-version": "1.4"}
    return json.dumps({"meta": meta, "projects": projects}).encode()


def list_in_html() -> bytes:
    """Return the list of all projects in HTML."""
    slug = str.maketrans("_.", "--")
    return in_html("".join(f'    <a href="/simple/{name.lower().translate(slug)}/">{name}</a>\n' for name in names()))


# --- contenders: each returns what reads a body ----------------------------------------------------------------------

Read = Callable[[bytes], object]

TEN: Final = range(0, 5000, 500)


def ours_page(form: str) -> Read:
    """Every field of ten files, and what it tells by its name and its requirement."""
    from dataclasses import fields

    from simple_repository_client.pages import Answer, ProjectFile, read_project_page

    attributes = [field.name for field in fields(ProjectFile)]

    def read(body: bytes) -> object:
        page = read_project_page(Answer(body, TYPES[form], PAGE_URL))
        files = [page.files[place] for place in TEN]
        return page, [(file.version, file.metadata_url, [getattr(file, name) for name in attributes]) for file in files]

    return read


def pypi_simple_page(form: str) -> Read:
    """The same with pypi-simple."""
    from dataclasses import fields

    from pypi_simple import DistributionPackage, ProjectPage

    attributes = [field.name for field in fields(DistributionPackage)]

    def read(body: bytes) -> object:
        if form == "json":
            page = ProjectPage.from_json_data(json.loads(body), PAGE_URL)
        else:
            page = ProjectPage.from_html("big-project", body, PAGE_URL)
        files = [page.packages[place] for place in TEN]
        return page, [(file.metadata_url, [getattr(file, name) for name in attributes]) for file in files]

    return read


def pip_page(form: str) -> Read:
    """The same with what pip reads pages with."""
    parse = pip_links(form)

    def read(body: bytes) -> object:
        links: Any = parse(body)
        ten = [links[place] for place in TEN]
        asked = [(link.filename, link.url_without_fragment, link.hash, link.requires_python) for link in ten]
        return links, asked, [(link.is_yanked, link.yanked_reason, link.metadata_link()) for link in ten]

    return read


def pip_links(form: str) -> Read:
    """Links as pip has them; it reads no lists of projects, so in HTML it is given one as if it were a page."""
    from pip._internal.index.collector import IndexContent, parse_links

    what = {"content_type": TYPES[form], "encoding": "utf-8", "url": PAGE_URL, "cache_link_parsing": False}
    return lambda body: list(parse_links(IndexContent(body, **what)))


def ours_list(form: str) -> Read:
    """A list, and its length."""
    from simple_repository_client.pages import Answer, read_project_list

    def read(body: bytes) -> object:
        projects = read_project_list(Answer(body, TYPES[form], LIST_URL))
        assert len(projects) == 700_000
        return projects

    return read


def pypi_simple_list(form: str) -> Read:
    """The same with pypi-simple."""
    from pypi_simple import IndexPage

    def read(body: bytes) -> object:
        projects = IndexPage.from_json_data(json.loads(body)) if form == "json" else IndexPage.from_html(body)
        assert len(projects.projects) == 700_000
        return projects

    return read


def floor(form: str) -> Read:
    """The parser alone: nothing is made of what it finds, in HTML not even kept."""
    return json.loads if form == "json" else lxml_events("html")


def lxml_events(_form: str) -> Read:
    """Events into nothing: lxml's parser with a target, fed in pieces."""
    from lxml import etree

    class Nothing:
        def start(self, tag: str, attributes: Mapping[str, str]) -> None: ...
        def data(self, text: str) -> None: ...
        def end(self, tag: str) -> None: ...
        def close(self) -> None: ...

    def read(body: bytes) -> object:
        parser = etree.HTMLParser(target=Nothing(), huge_tree=True, encoding="utf-8")
        for start in range(0, len(body), 65_536):
            parser.feed(body[start : start + 65_536])
        return parser.close()

    return read


def lxml_tree(_form: str) -> Read:
    """A tree, and the links in it."""
    from lxml import etree

    def read(body: bytes) -> object:
        return list(etree.fromstring(body, etree.HTMLParser(huge_tree=True, encoding="utf-8")).iter("a"))

    return read


def lxml_pull(_form: str) -> Read:
    """Elements one by one, each dropped when it was seen."""
    from lxml import etree

    def read(body: bytes) -> object:
        parser = etree.HTMLPullParser(events=("end",), tag="a", huge_tree=True, encoding="utf-8")
        links = []
        for start in range(0, len(body), 65_536):
            parser.feed(body[start : start + 65_536])
            for _, element in parser.read_events():
                links.append((element.get("href"), element.text))
                while element.getprevious() is not None:
                    del element.getparent()[0]
        parser.close()
        return links

    return read


def selectolax_tree(_form: str) -> Read:
    """A tree, and the links in it."""
    from selectolax.lexbor import LexborHTMLParser

    def read(body: bytes) -> object:
        tree = LexborHTMLParser(body)
        return tree, tree.css("a")

    return read


def stdlib_events(_form: str) -> Read:
    """Events of the standard library's parser, into nothing."""
    from html.parser import HTMLParser

    def read(body: bytes) -> object:
        parser = HTMLParser()
        parser.feed(body.decode())
        return parser.close()

    return read


OURS, PEER = "ours", "pypi-simple"
PAGES: Final = {OURS: ours_page, PEER: pypi_simple_page, "pip": pip_page, "the parser alone": floor}
LISTS: Final = {OURS: ours_list, PEER: pypi_simple_list, "pip": pip_links, "the parser alone": floor}
PARSERS: Final = {
    "lxml, events": lxml_events,
    "lxml, tree": lxml_tree,
    "lxml, pulled": lxml_pull,
    "selectolax, tree": selectolax_tree,
    "html.parser, events": stdlib_events,
}
KINDS: Final[Mapping[str, Mapping[str, Callable[[str], Read]]]] = {"page": PAGES, "list": LISTS, "parsers": PARSERS}
IN_PEERS: Final = (PEER, "pip")


# --- one process a contender -----------------------------------------------------------------------------------------


def work(kind: str, name: str, form: str, body: Path) -> None:
    """Be the child: read the body once for each line that comes in, and answer with CPU seconds and MiB."""
    content = body.read_bytes()
    try:
        read = KINDS[kind][name](form)
    except ImportError as error:
        print(f"not installed ({error.name})", flush=True)
        return
    print("ready", flush=True)
    for _ in sys.stdin:
        began = time.process_time()
        read(content)
        print(json.dumps([time.process_time() - began, high_water()]), flush=True)


def high_water() -> float:
    """Return how many MiB this process has had at most. `getrusage` would count what its parent had, too."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


class Child:
    """A process that reads one body in one way."""

    def __init__(self, kind: str, name: str, form: str, body: Path) -> None:
        python = str(PEERS) if name in IN_PEERS and PEERS.exists() else sys.executable
        command = [python, __file__, "--worker", kind, name, form, str(body)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.greeting = self._line()

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip() or "it failed, see above"

    def ask(self) -> tuple[float, float]:
        """Return CPU seconds of one reading, and MiB."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        seconds, mebibytes = json.loads(self._line())
        return seconds, mebibytes

    def end(self) -> None:
        """Let it end."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)


@contextmanager
def child(kind: str, name: str, form: str, body: Path) -> Iterator[Child]:
    """Run a process while it is needed."""
    process = Child(kind, name, form, body)
    try:
        yield process
    finally:
        process.end()


# --- measuring -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """What one contender costs, and in ratio to pypi-simple in the same rounds (0: it did not take part)."""

    what: str
    name: str
    seconds: float = 0.0
    mebibytes: float = 0.0
    times_faster: float = 0.0
    times_memory: float = 0.0
    note: str = ""


Figures = Mapping[str, Sequence[tuple[float, float]]]


def measure_page(kind: str, form: str, body: Path, rounds: int) -> list[Row]:
    """Let everybody read the page in turns, each in a process that goes on."""
    with ExitStack() as stack:
        children = {name: stack.enter_context(child(kind, name, form, body)) for name in KINDS[kind]}
        notes = {name: process.greeting for name, process in children.items() if process.greeting != "ready"}
        running = {name: process for name, process in children.items() if name not in notes}
        for process in running.values():
            process.ask()  # warm
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in running}
        for _ in range(rounds):
            for name, process in running.items():
                found[name].append(process.ask())
    return rows(f"page, {form}", found, notes)


def measure_list(kind: str, form: str, body: Path, rounds: int) -> list[Row]:
    """Let everybody read the list in turns, each time in a fresh process."""
    found: dict[str, list[tuple[float, float]]] = {}
    notes: dict[str, str] = {}
    for _ in range(rounds):
        for name in KINDS[kind]:
            if name in notes or (name == "pip" and form == "json"):  # which has no files in it, so pip reads nothing
                continue
            with child(kind, name, form, body) as process:
                if process.greeting == "ready":
                    found.setdefault(name, []).append(process.ask())
                else:
                    notes[name] = process.greeting
    return rows(f"list, {form}", found, notes)


def rows(what: str, found: Figures, notes: Mapping[str, str]) -> list[Row]:
    """Return medians, and the medians of the ratios inside the rounds."""
    made = []
    base = found.get(PEER, [])
    for name, values in found.items():
        seconds, mebibytes = (statistics.median(value[which] for value in values) for which in (0, 1))
        pairs = list(zip(values, base, strict=False))
        faster = statistics.median(other[0] / mine[0] for mine, other in pairs) if pairs else 0.0
        memory = statistics.median(mine[1] / other[1] for mine, other in pairs) if pairs else 0.0
        made.append(Row(what, name, seconds, mebibytes, faster, memory))
    return made + [Row(what, name, note=note) for name, note in notes.items()]


def exceeded(found: Sequence[Row]) -> list[str]:
    """Return what is over budget, in words."""
    over = []
    for row in found:
        if row.name != OURS or not row.times_faster:
            continue
        if row.what.startswith("page") and row.times_faster < FASTER:
            over.append(f"{row.what}: {row.times_faster:.1f} x as fast as {PEER}, wanted {FASTER:g} x")
        if row.what.startswith("list") and row.times_memory > SMALLER:
            over.append(f"{row.what}: {row.times_memory:.2f} of the memory of {PEER}, wanted {SMALLER:.2f}")
    return over


def table(found: Sequence[Row]) -> str:
    """Return the figures as a table."""
    lines = [f"{'':12}{'':22}{'ms':>9}{'MiB':>8}{'speed':>10}{'memory':>9}   in ratio to {PEER}"]
    for row in found:
        figures = f"{row.seconds * 1e3:9.1f}{row.mebibytes:8.0f}"
        if row.times_faster:
            figures += f"{row.times_faster:8.1f} x{row.times_memory:9.2f}"
        lines.append(f"{row.what:12}{row.name:22}{figures if not row.note else '  ' + row.note}")
    return "\n".join(lines)


def main() -> int:
    """Measure, print, and say by the exit code whether the budgets hold."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--list-rounds", type=int, default=3)
    parser.add_argument("--parsers", action="store_true", help="compare HTML parsers instead")
    parser.add_argument("--format", choices=["text", "json"], default="text")
    parser.add_argument("--worker", nargs=4, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        kind, name, form, body = arguments.worker
        work(kind, name, form, Path(body))
        return 0

    found: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        body = Path(folder) / "body"
        for form in ("html",) if arguments.parsers else ("json", "html"):
            body.write_bytes(page_in_json(project()) if form == "json" else page_in_html(project()))
            found += measure_page("parsers" if arguments.parsers else "page", form, body, arguments.rounds)
            body.write_bytes(list_in_json() if form == "json" else list_in_html())
            found += measure_list("parsers" if arguments.parsers else "list", form, body, arguments.list_rounds)
    over = exceeded(found)
    if arguments.format == "json":
        print(json.dumps({"rows": [asdict(row) for row in found], "exceeded": over}))
    else:
        print(table(found))
    for line in over:
        print(f"over budget: {line}", file=sys.stderr)
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
