"""What workspaces are worked on with: git, builds, environments, programs, an index on loopback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

import pytest
from clientsmith.findings import InputError
from clientsmith.workspace import git
from clientsmith.workspace.building import build
from clientsmith.workspace.environments import Environment
from clientsmith.workspace.index import LoopbackIndex, project_of, serving
from clientsmith.workspace.processes import Processes, StoppedError
from simple_repository_client import SimpleRepositoryClient
from tiny_workspace import TinyWorkspace

# --- git -------------------------------------------------------------------------------------------------------------


def test_a_tree_is_exported_as_it_was(tiny: TinyWorkspace, tmp_path: Path) -> None:
    first = git.head(tiny.root)
    tiny.write("README.md", "# Other\n")
    tiny.commit("other")
    whole = git.export(tiny.root, first, tmp_path / "whole")
    assert (whole / "README.md").read_text() == "# Tiny\n"
    part = git.export(tiny.root, "HEAD", tmp_path / "part", "packages/tiny-core")
    assert sorted(path.name for path in part.iterdir()) == ["LICENSE", "README.md", "pyproject.toml", "src", "tests"]
    assert git.show(tiny.root, first, "README.md") == "# Tiny\n"
    assert git.show(tiny.root, first, "gone.md") is None


def test_what_is_not_committed_is_seen(tiny: TinyWorkspace) -> None:
    assert not git.is_dirty(tiny.root)
    tiny.write("packages/tiny-core/new.txt", "")
    assert git.is_dirty(tiny.root)
    assert git.is_dirty(tiny.root, "packages/tiny-core")
    assert not git.is_dirty(tiny.root, "packages/tiny-client")
    assert git.changed_paths(tiny.root, "HEAD") == ("packages/tiny-core/new.txt",)


def test_names_with_spaces_and_umlauts_are_paths_as_they_are(tiny: TinyWorkspace) -> None:
    tiny.write("docs/über uns.md", "")
    assert git.changed_paths(tiny.root, "HEAD") == ("docs/über uns.md",)
    assert "docs/über uns.md" in git.files(tiny.root)


def test_files_are_without_those_that_are_ignored_or_gone(tiny: TinyWorkspace) -> None:
    tiny.write("dist/x.whl", "")
    (tiny.root / "README.md").unlink()
    assert not {"dist/x.whl", "README.md"} & set(git.files(tiny.root))


@pytest.mark.parametrize(
    ("revision", "message"),
    [("nowhere", "knows no revision 'nowhere'"), ("--output=x", "'--output=x' is no revision")],
)
def test_a_revision_that_is_none_is_one_message(tiny: TinyWorkspace, revision: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        git.export(tiny.root, revision, tiny.root / "x")
    assert message in caught.value.message


def test_a_folder_without_a_repository_is_one_message(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is in no git repository"):
        git.repository_root(tmp_path)


# --- builds ----------------------------------------------------------------------------------------------------------


def test_the_same_input_gives_the_same_bytes(tiny: TinyWorkspace, tmp_path: Path) -> None:
    """Dated with the commit, whenever it is built."""
    one, other = (build(tiny.root / "packages/tiny-core", tmp_path / name) for name in ("one", "other"))
    assert [path.name for path in one] == ["tiny_core-1.0-py3-none-any.whl", "tiny_core-1.0.tar.gz"]
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in other]
    assert sorted(path.name for path in (tmp_path / "one").iterdir()) == sorted(path.name for path in one)
    assert zipfile.ZipFile(one[0]).infolist()[0].date_time[0] >= 2020


def test_a_backend_that_is_not_here_is_one_message(tiny: TinyWorkspace, tmp_path: Path) -> None:
    """Nothing is fetched for a build."""
    tiny.replace("packages/tiny-core/pyproject.toml", '"hatchling.build"', '"missing_backend.api"')
    with pytest.raises(InputError) as caught:
        build(tiny.root / "packages/tiny-core", tmp_path / "built")
    assert caught.value.message.endswith("its backend 'missing_backend' is not installed")
    assert list((tmp_path / "built").iterdir()) == []


# --- programs --------------------------------------------------------------------------------------------------------


def test_a_program_is_run_to_its_end() -> None:
    code = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"
    finished = Processes().run([sys.executable, "-u", "-c", code])
    assert (finished.code, finished.output, finished.errors) == (3, "out\nerr\n", "")
    apart = Processes().run([sys.executable, "-u", "-c", code], apart=True)
    assert (apart.output, apart.errors) == ("out\n", "err\n")


def test_a_program_that_takes_too_long_ends_with_what_it_started(tmp_path: Path) -> None:
    finished = Processes().run([sys.executable, "-c", _with_child(tmp_path)], seconds=1.0)
    assert finished.code < 0
    assert "it was not done within 1 s" in finished.output
    assert not _is_there(int((tmp_path / "child").read_text()))


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="the system does not tell environments")
def test_stopping_ends_also_what_left_the_group(tmp_path: Path) -> None:
    """A server that a test started in a session of its own."""
    processes = Processes()
    raised: list[BaseException] = []

    def run() -> None:
        try:
            processes.run([sys.executable, "-c", _with_child(tmp_path, detached=True)])
        except StoppedError as problem:
            raised.append(problem)

    thread = threading.Thread(target=run)
    thread.start()
    ready = threading.Event()
    while not (tmp_path / "child").exists():
        ready.wait(0.02)
    processes.stop()
    thread.join(20)
    assert len(raised) == 1
    assert not _is_there(int((tmp_path / "child").read_text()))
    with pytest.raises(StoppedError):
        processes.run([sys.executable, "--version"])


def test_a_program_that_is_not_there_is_one_message() -> None:
    with pytest.raises(InputError, match="cannot run `missing-program`"):
        Processes().run(["missing-program"])


def _with_child(folder: Path, *, detached: bool = False) -> str:
    return (
        "import pathlib, subprocess, sys\n"
        f"child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(3600)'], start_new_session={detached})\n"
        f"path = pathlib.Path({str(folder)!r}, 'writing'); path.write_text(str(child.pid)); path.rename(path.with_name('child'))\n"
        "child.wait()\n"
    )


def _is_there(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{number}/stat").read_text().split()[2] != "Z"


# --- environments and index ------------------------------------------------------------------------------------------


def test_a_name_that_the_index_knows_is_looked_up_nowhere_else(
    tiny: TinyWorkspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even if no version of it is there: the index of the user may have somebody else's."""
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    core, client = (
        build(tiny.root / "packages" / name, tmp_path, ("wheel",))[0] for name in ("tiny-core", "tiny-client")
    )
    with LoopbackIndex() as ours, LoopbackIndex() as theirs:
        monkeypatch.setenv("UV_DEFAULT_INDEX", theirs.view([core, client]))
        environment = Environment.create(tmp_path / "environment")
        refused = environment.install("tiny-client", index=ours.view([client], names=["tiny-core"]))
        assert refused.code == 1
        assert "there are no versions of tiny-core" in " ".join(refused.output.split())
        assert theirs.requests == []
        environment.install("tiny-client", index=ours.view([client, core]))
        assert environment.run("python", "-c", "import tiny_client").is_good


def test_an_environment_is_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither our packages nor a PYTHONPATH reach into it."""
    (tmp_path / "path").mkdir()
    (tmp_path / "path" / "from_outside.py").write_text("")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "path"))
    environment = Environment.create(tmp_path / "environment")
    for name in ("from_outside", "clientsmith.core", "pytest"):
        assert "No module named" in environment.run("python", "-c", f"import {name}").output


def test_the_index_speaks_both_languages_of_the_simple_api(tiny: TinyWorkspace, tmp_path: Path) -> None:
    files = build(tiny.root / "packages/tiny-core", tmp_path)
    with serving(tmp_path, names=["reserved"]) as url:
        with SimpleRepositoryClient(url) as client:
            page = client.get_project("tiny-core")
            assert sorted(file.filename for file in page.files) == sorted(path.name for path in files)
            wheel = next(file for file in page.files if file.kind == "wheel")
            (tmp_path / "downloaded").mkdir()
            assert client.download(wheel, tmp_path / "downloaded").read_bytes() == files[0].read_bytes()
        page = urllib.request.urlopen(f"{url}tiny-core/").read().decode()
        assert f'href="{files[0].name}#sha256=' in page
        listed = urllib.request.Request(url, headers={"Accept": "application/vnd.pypi.simple.v1+json"})
        projects = json.load(urllib.request.urlopen(listed))["projects"]
        assert projects == [{"name": "reserved"}, {"name": "tiny-core"}]
        for path in ("tiny-client/", "tiny-core/../../etc/passwd", "tiny-core/other.whl"):
            with pytest.raises(urllib.error.HTTPError, match="404"):
                urllib.request.urlopen(f"{url}{path}")


def test_views_have_files_of_their_own(tiny: TinyWorkspace, tmp_path: Path) -> None:
    """Two wheels of one name and version: their URLs differ, so that no cache takes one for the other."""
    (one,) = build(tiny.root / "packages/tiny-core", tmp_path / "one", ("wheel",))
    tiny.write("packages/tiny-core/src/tiny_core/more.py", "")
    (other,) = build(tiny.root / "packages/tiny-core", tmp_path / "other", ("wheel",))
    with LoopbackIndex() as index:
        urls = [index.view([wheel]) for wheel in (one, other)]
        assert urls[0] != urls[1]
        assert urllib.request.urlopen(f"{urls[0]}tiny-core/{one.name}").read() == one.read_bytes()
        assert urllib.request.urlopen(f"{urls[1]}tiny-core/{one.name}").read() == other.read_bytes()
        assert index.view([one]) == urls[0]
        with pytest.raises(ValueError, match="neither a wheel nor an sdist"):
            index.view([tmp_path / "notes.txt"])


def test_files_are_told_apart_by_their_names() -> None:
    assert project_of(Path("Tiny_Core-1.0-py3-none-any.whl")) == "tiny-core"
    assert project_of(Path("tiny_core-1.0.tar.gz")) == "tiny-core"
    assert project_of(Path("notes.txt")) == ""


def test_git_is_run_with_input_and_variables(tiny: TinyWorkspace) -> None:
    digest = git.git(tiny.root, "hash-object", "--stdin", input="hello\n").strip()
    assert digest == "ce013625030ba8dba906f756967f9e9ca394464a"
    assert git.git(tiny.root, "var", "GIT_EDITOR", variables={"GIT_EDITOR": "nobody"}).strip() == "nobody"
    with pytest.raises(InputError, match="git frobnicate"):
        git.git(tiny.root, "frobnicate")


def test_tags_are_annotated(tiny: TinyWorkspace, monkeypatch: pytest.MonkeyPatch) -> None:
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "T")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "t@localhost")
    git.tag(tiny.root, "tiny-core-1.0", message="Tiny")
    assert git.tags(tiny.root) == ("tiny-core-1.0",)
    assert subprocess.check_output(["git", "cat-file", "-t", "tiny-core-1.0"], cwd=tiny.root, text=True) == "tag\n"
    with pytest.raises(InputError, match="cannot make the tag"):
        git.tag(tiny.root, "tiny-core-1.0")
