"""What pypiserver, simpleindex, proxpi and devpi really send, and that the client copes with each.

The facts stand in `FACTS`; `docs/guide/index-conformance.md` has the table that is made of a run.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from clientsmith.core import HttpRequest, ServiceClient
from clientsmith.core.errors import ResourceNotFoundError
from simple_repository_client import MetadataUnavailableError, ProjectNotFoundError, UnverifiableFileError
from simple_repository_client.cli.commands import cli
from simple_repository_client.conformance import Level

from tools.indexes import PAGE, differences, examined, table_in
from tools.indexes import main as indexes_main
from tools.model_index import distributions

# One worker has all of them, so that each server starts once.
pytestmark = pytest.mark.xdist_group("index servers")

OFFERED = {file.filename: file for file in distributions()}


@dataclass(frozen=True)
class Facts:
    """What a server does.

    Attributes:
        serializations: Those that it has, the one that it prefers first.
        content_types: What it calls them.
        said: The version that its project pages say.
        hashes: Of each file.
        requires_python: What 1.0 and 1.1 of HolyGrail say.
        has_metadata: Whether wheels have their metadata beside them.
        knows_yanked: Whether it tells who was yanked.
        has_list: Whether there is a list of projects.
        names: How the list spells HolyGrail.
    """

    serializations: tuple[str, ...] = ("html",)
    content_types: tuple[str, ...] = ("text/html",)
    said: tuple[str | None, ...] = (None,)
    hashes: frozenset[str] = frozenset({"sha256"})
    requires_python: tuple[str | None, str | None] = (None, None)
    has_metadata: bool = False
    knows_yanked: bool = False
    has_list: bool = True
    names: frozenset[str] = frozenset({"holygrail", "parrot", "spam-eggs"})


JSON = "application/vnd.pypi.simple.v1+json"
FACTS = {
    "pypiserver": Facts(),
    "simpleindex": Facts(hashes=frozenset(), has_list=False),
    "proxpi": Facts(
        serializations=("json", "html"),
        content_types=(JSON, "text/html"),
        said=("1.0", "1.0"),
        requires_python=(None, ">=3.8"),
        has_metadata=True,
        knows_yanked=True,
    ),
    "devpi": Facts(
        serializations=("json", "html"),
        content_types=(JSON, "text/html"),
        said=("1.0", None),
        requires_python=("", ">=3.8"),
        has_metadata=True,
    ),
}
EACH = [pytest.param(name, marks=pytest.mark.real) if name == "devpi" else name for name in FACTS]
SERVERS = pytest.mark.parametrize("name", EACH)


@SERVERS
def test_what_it_sends(name: str, url_of: Any) -> None:
    """Content types, and whether an unknown one is refused."""
    facts, url = FACTS[name], f"{url_of(name)}holygrail/"
    with ServiceClient(url) as client:
        for content_type in facts.content_types:
            answer = client.send_request(HttpRequest("GET", url, headers={"Accept": content_type}))
            assert (answer.status_code, answer.content_type) == (200, content_type)
        unknown = client.send_request(
            HttpRequest("GET", url, headers={"Accept": "application/vnd.pypi.simple.v9+json"})
        )
    if name == "proxpi":
        assert unknown.status_code == 406
    elif name == "devpi":
        # A slip of the pen in 6.20.3: neither text/html nor any other type that the Simple API has.
        assert (unknown.status_code, unknown.content_type) == (200, "text_html")
    else:
        assert (unknown.status_code, unknown.content_type) == (200, "text/html")


@SERVERS
async def test_the_list_of_projects(name: str, url_of: Any, colour: Any) -> None:
    async with colour.client(url_of(name)) as client:
        if FACTS[name].has_list:
            projects = await colour.done(client.list_projects())
            assert set(projects) == FACTS[name].names
            assert "Spam.Eggs" in projects
        else:
            with pytest.raises(ResourceNotFoundError):
                await colour.done(client.list_projects())


@pytest.mark.parametrize(
    ("name", "serialization"),
    [
        pytest.param(name, serialization, marks=[pytest.mark.real] if name == "devpi" else [])
        for name, facts in FACTS.items()
        for serialization in facts.serializations
    ],
)
async def test_a_project_page(name: str, serialization: str, url_of: Any, colour: Any) -> None:
    """The same project in each serialization that a server has."""
    facts = FACTS[name]
    async with colour.client(url_of(name), serialization=serialization) as client:
        page = await colour.done(client.get_project("HolyGrail"))
        other = await colour.done(client.get_project("parrot"))
    assert page.serialization == serialization
    assert page.said_version == facts.said[facts.serializations.index(serialization)]
    assert str(page.api_version) == "1.0"
    assert {file.filename for file in page.files} == {one for one in OFFERED if one.startswith("holygrail")}
    assert [str(version) for version in page.versions] == ["1.0", "1.1"]
    for file in page.files:
        assert set(file.hashes) == facts.hashes
        assert not file.hashes or file.hashes["sha256"] == sha256(OFFERED[file.filename].content).hexdigest()
        wanted = facts.requires_python[file.version == page.versions[1]]
        assert (file.requires_python or None) == (wanted or None)
        assert file.supports_python("3.12")
        assert file.has_metadata == (facts.has_metadata and file.filename.endswith(".whl"))
    assert {file.filename for file in other.files if file.yanked} == (
        {"parrot-0.1-py3-none-any.whl"} if facts.knows_yanked else set()
    )


@SERVERS
async def test_without_a_choice_the_better_serialization_comes(name: str, url_of: Any, colour: Any) -> None:
    async with colour.client(url_of(name)) as client:
        page = await colour.done(client.get_project("spam_eggs"))
    assert page.serialization == FACTS[name].serializations[0]
    assert page.name == "spam-eggs"


@SERVERS
async def test_a_project_that_is_not_there(name: str, url_of: Any, colour: Any) -> None:
    async with colour.client(url_of(name)) as client:
        with pytest.raises(ProjectNotFoundError, match="no project 'no-such-project'"):
            await colour.done(client.get_project("no-such-project"))


@SERVERS
async def test_metadata(name: str, url_of: Any, colour: Any) -> None:
    async with colour.client(url_of(name)) as client:
        page = await colour.done(client.get_project("holygrail"))
        wheel = next(file for file in page.files if file.filename == "holygrail-1.1-py3-none-any.whl")
        if not FACTS[name].has_metadata:
            with pytest.raises(MetadataUnavailableError):
                await colour.done(client.get_metadata(wheel))
            return
        metadata = await colour.done(client.get_metadata(wheel))
    assert metadata.content == OFFERED[wheel.filename].metadata
    assert str(metadata.parsed.requires_python) == ">=3.8"
    # devpi says that there are metadata, and not what their hash is.
    assert metadata.verified_by == ("" if name == "devpi" else "sha256")


@SERVERS
async def test_download(name: str, url_of: Any, colour: Any, tmp_path: Path) -> None:
    """Checked by the hash of the index; where there is none, only on demand."""
    async with colour.client(url_of(name)) as client:
        page = await colour.done(client.get_project("holygrail"))
        if not FACTS[name].hashes:
            with pytest.raises(UnverifiableFileError, match="no hash"):
                await colour.done(client.download(page.files[0], tmp_path))
        paths = await colour.done(
            client.download_all(page.files, tmp_path, concurrency=3, allow_unverified=not FACTS[name].hashes)
        )
    assert {path.name: path.read_bytes() for path in paths} == {
        one: OFFERED[one].content for one in OFFERED if one.startswith("holygrail")
    }


BROKEN = {"pypiserver": [], "simpleindex": ["list"], "proxpi": [], "devpi": ["accept-unknown"]}


@SERVERS
def test_which_rules_it_breaks(name: str, url_of: Any) -> None:
    assert [one.rule.id for one in examined(url_of(name)).broken(Level.MUST)] == BROKEN[name]


@SERVERS
def test_the_command_line(name: str, url_of: Any, tmp_path: Path) -> None:
    """The whole road: a page, a choice, a file."""
    arguments = ["download", "spam_eggs", "--index-url", url_of(name), "--no-cache", "-o", str(tmp_path)]
    if not FACTS[name].hashes:
        arguments.append("--allow-unverified")
    done = CliRunner().invoke(cli, arguments)
    assert (done.exit_code, done.output) == (0, f"{tmp_path}/spam_eggs-2.0-py3-none-any.whl\n")
    assert (tmp_path / "spam_eggs-2.0-py3-none-any.whl").read_bytes() == OFFERED[
        "spam_eggs-2.0-py3-none-any.whl"
    ].content


def test_the_table_is_made_by_three_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert indexes_main(["make"]) == 2
    assert "python -m tools.indexes write" in capsys.readouterr().err


@pytest.mark.real
def test_the_table_of_the_guide_is_what_the_servers_say(url_of: Any) -> None:
    """`python -m tools.indexes write` brings it up to date."""
    reports = {name: examined(url_of(name)) for name in FACTS}
    assert table_in(PAGE.read_text(encoding="utf-8")) == differences(reports)
