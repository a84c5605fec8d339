"""Start index servers that nobody here wrote, on the same three projects, and write down how they differ.

python -m tools.servers install pypiserver proxpi simpleindex devpi
python -m tools.indexes           the table for the guide
python -m tools.indexes write     … into docs/guide/index-conformance.md
python -m tools.indexes check     exit 1 if the guide says something else

"""

from __future__ import annotations

import sys
import tempfile
from base64 import b64encode
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Final

from clientsmith.core import HttpRequest, ServiceClient
from clientsmith.core.multipart import Part, multipart
from simple_repository_client.conformance import Level, Outcome, Report, check_index
from simple_repository_client.conformance.advertised import FEATURES

from tools.bootstrap import ROOT
from tools.model_index import Distribution, ModelIndex, distributions, write_to
from tools.servers import SERVERS
from tools.serving import NotInstalledError, ServerError, environment_of, free_port, prepared, running, wsgi

__all__ = ["INDEXES", "PAGE", "devpi", "differences", "examined", "proxpi", "pypiserver", "simpleindex", "table_in"]

PAGE: Final = ROOT / "docs" / "guide" / "index-conformance.md"
BEGIN, END = "<!-- made by `python -m tools.indexes write` -->", "<!-- end -->"
DEVPI_PASSWORD: Final = "root-password"  # noqa: S105  # of an index that lives for a test


# --- servers ---------------------------------------------------------------------------------------------------------


@contextmanager
def pypiserver(folder: Path) -> Generator[str]:
    """pypiserver over a folder of files; gives the URL of its list. It is told to redirect nobody to a public index."""
    write_to(folder / "packages", distributions())
    (folder / "pypi_app.py").write_text(
        f"import pypiserver\napp = pypiserver.app(roots=[{str(folder / 'packages')!r}], disable_fallback=True)\n"
    )
    with wsgi("pypiserver", "pypi_app:app", folder, {"PYTHONPATH": str(folder)}) as url:
        yield f"{url}/simple/"


@contextmanager
def simpleindex(folder: Path) -> Generator[str]:
    """simpleindex over a folder for each project; it has no list of projects."""
    write_to(folder / "packages", distributions(), by_project=True)
    configuration = folder / "simpleindex.toml"
    configuration.write_text(
        '[routes."{project}"]\nsource = "path"\nto = "packages/{project}"\n[server]\nhost = "127.0.0.1"\nport = 0\n'
    )
    program = environment_of("simpleindex") / "bin" / "simpleindex"
    command = _speaking([str(program), str(configuration)])
    with running(command, folder / "simpleindex.log", ready="Uvicorn running on") as said:
        yield said[-1].partition("running on ")[2].split()[0] + "/"


@contextmanager
def proxpi(folder: Path) -> Generator[str]:
    """proxpi before an index that does everything; it caches pages and files."""
    environment_of("proxpi")
    with ModelIndex() as upstream:
        variables = {
            "PROXPI_INDEX_URL": upstream.url,
            "PROXPI_CACHE_DIR": str(folder / "cache"),
            "PROXPI_LOGGING_LEVEL": "ERROR",
        }
        (folder / "cache").mkdir()
        with wsgi("proxpi", "proxpi.server:app", folder, variables) as url:
            yield f"{url}/index/"


@contextmanager
def devpi(folder: Path) -> Generator[str]:
    """devpi with one index of its own, to which the files were uploaded as any tool does it."""
    state = prepared("devpi", folder)
    port = free_port()
    program = environment_of("devpi") / "bin" / "devpi-server"
    options = ["--serverdir", str(state), "--host", "127.0.0.1", "--port", str(port), "--enable-core-metadata"]
    with running(_speaking([str(program), *options]), folder / "devpi.log", ready="Serving on"):
        url = f"http://127.0.0.1:{port}"
        answer = _call_devpi("POST", f"{url}/+login", {"user": "root", "password": DEVPI_PASSWORD}, {})
        token = _base64(f"root:{answer['result']['password']}")
        _call_devpi("PUT", f"{url}/root/dev", {"bases": [], "volatile": True}, {"X-Devpi-Auth": token})
        for file in distributions():
            _upload(f"{url}/root/dev/", file, f"Basic {_base64(f'root:{DEVPI_PASSWORD}')}")
        yield f"{url}/root/dev/+simple/"


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode()


def _speaking(command: Sequence[str]) -> list[str]:
    """A server that says on standard error that it is ready, as one that says it on standard output."""
    return ["/bin/sh", "-c", 'exec "$@" 2>&1', "sh", *command]


def _call_devpi(method: str, url: str, data: object, headers: Mapping[str, str]) -> dict[str, Any]:
    with ServiceClient(url) as client:
        response = client.send_request(HttpRequest(method, url, json=data, headers=headers))
    if not response.is_success:
        raise ServerError(f"devpi answered {response.status_code} to {method} {url}: {response.text()[:500]}")
    answer: dict[str, Any] = response.json()
    return answer


def _upload(url: str, file: Distribution, authorization: str) -> None:
    """Upload a file as twine does it."""
    fields = {":action": "file_upload", "name": file.project, "version": file.version, "metadata_version": "2.1"}
    fields |= {
        "filetype": "bdist_wheel" if file.is_wheel else "sdist",
        "pyversion": "py3" if file.is_wheel else "source",
    }
    if file.requires_python:
        fields["requires_python"] = file.requires_python
    body, kind = multipart({**fields, "content": Part(file.content, filename=file.filename)})
    request = HttpRequest("POST", url, headers={"Authorization": authorization, "Content-Type": kind}, content=body)
    with ServiceClient(url) as client:
        response = client.send_request(request)
    if not response.is_success:
        raise ServerError(f"devpi answered {response.status_code} to an upload: {response.text()[:500]}")


# In the order of the table; all but the last start within a second.
INDEXES: Final[Mapping[str, Callable[[Path], AbstractContextManager[str]]]] = {
    "pypiserver": pypiserver,
    "simpleindex": simpleindex,
    "proxpi": proxpi,
    "devpi": devpi,
}


# --- the table -------------------------------------------------------------------------------------------------------

# Rules whose outcome tells servers apart, beside what each serialization offers.
_TOLD: Final = {
    "list": "list of projects",
    "accept-quality": "prefers by `;q=`",
    "accept-unknown": "an unknown type: 406, or a page",
    "format-parameter": "`?format=`",
    "vary": "`Vary: Accept`",
    "url-without-slash": "redirects to the slash",
    "url-not-normalized": "redirects to the normalized name",
    "missing": "404 for what it does not have",
    "validator-heeded": "heeds `If-None-Match`",
    "head": "HEAD",
    "html-hash": "hashes in links",
    "metadata": "metadata are where they should be",
}
_WORDS: Final = {"kept": "yes", "broken": "no", "nothing to judge": "-"}


def differences(reports: Mapping[str, Report]) -> str:
    """Return the tables of the guide: what each server offers in each serialization, and what it breaks."""
    columns = [(name, one.serialization) for name, report in reports.items() for one in report.advertised]
    lines = [_row("", *(f"{name} {_version_of(name)}<br>{serialization}" for name, serialization in columns))]
    lines.append("|---" * (len(columns) + 1) + "|")
    for feature in FEATURES:
        offers = (reports[name].offer(serialization, feature.name) for name, serialization in columns)
        lines.append(_row(f"{feature.name} ({feature.source})", *offers))
    lines += ["", _row("", *reports), "|---" * (len(reports) + 1) + "|"]
    for rule, text in _TOLD.items():
        lines.append(_row(text, *(_WORDS[_outcome(report, rule).verdict] for report in reports.values())))
    for level in (Level.MUST, Level.SHOULD):
        broken = (", ".join(f"`{one.rule.id}`" for one in report.broken(level)) for report in reports.values())
        lines.append(_row(f"broken: {level}", *(ids or "nothing" for ids in broken)))
    return "\n".join(lines)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _outcome(report: Report, rule: str) -> Outcome:
    return next(one for one in report.outcomes if one.rule.id == rule)


def _version_of(name: str) -> str:
    return SERVERS[name].requirements[0].partition("==")[2]


def examined(url: str) -> Report:
    """Examine a server that runs."""
    with ServiceClient(url) as client:
        return check_index(client, url, sorted({file.project for file in distributions()}))


def _all_examined() -> dict[str, Report]:
    """Start servers one after the other, and examine each."""
    reports: dict[str, Report] = {}
    for name, start in INDEXES.items():
        with tempfile.TemporaryDirectory() as folder, start(Path(folder)) as url:
            reports[name] = examined(url)
    return reports


def table_in(page: str) -> str:
    """Return the tables that a text of the guide holds."""
    return page.partition(BEGIN)[2].partition(END)[0].strip()


def main(arguments: list[str]) -> int:
    """Print, write or check the tables; the exit code is 1 if the guide says something else, 2 for wrong usage."""
    if arguments not in ([], ["write"], ["check"]):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        tables = differences(_all_examined())
    except NotInstalledError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    if not arguments:
        print(tables)
        return 0
    page = PAGE.read_text(encoding="utf-8")
    if table_in(page) == tables:
        return 0
    if arguments == ["check"]:
        print(f"{PAGE.relative_to(ROOT)} is not what the servers say: python -m tools.indexes write", file=sys.stderr)
        return 1
    before, after = page.partition(BEGIN)[0], page.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}\n\n{tables}\n\n{END}{after}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
