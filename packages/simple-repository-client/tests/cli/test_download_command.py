"""`simple-repository download`: what is chosen, what is written, what is refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from packaging.version import Version
from simple_repository_client.cli.output import Stop, WrongUsage
from simple_repository_client.cli.platforms import expanded
from simple_repository_client.cli.selection import Choice, wanted
from simple_repository_client.names import FileKind
from simple_repository_client.pages import Answer, ProjectPage, read_project_page

from tools.model_index import JSON_V1, ModelIndex, Says, distributions

CONTENT = {file.filename: file.content for file in distributions()}


def test_of_each_name_the_newest_that_fits_is_written(shell: Any) -> None:
    result = shell("download", "HolyGrail", "parrot", "-o", "wheels")
    assert result.exit_code == 0, result.output
    names = ["holygrail-1.1-py3-none-any.whl", "parrot-0.2-py3-none-any.whl"]
    assert [Path(line).name for line in result.stdout.splitlines()] == names
    assert {path.name: path.read_bytes() for path in (shell.folder / "wheels").iterdir()} == {
        name: CONTENT[name] for name in names
    }


def test_all_files_of_a_version(shell: Any) -> None:
    result = shell("download", "holygrail==1.0", "--all", "-o", "out", "--format", "json", "--concurrency", "2")
    assert [one["filename"] for one in json.loads(result.stdout)] == [
        "holygrail-1.0.tar.gz",
        "holygrail-1.0-py3-none-any.whl",
    ]
    assert all(Path(one["path"]).read_bytes() == CONTENT[one["filename"]] for one in json.loads(result.stdout))


def test_source_distributions_only(shell: Any) -> None:
    result = shell("download", "holygrail", "--only", "sdist")
    assert (shell.folder / "holygrail-1.0.tar.gz").exists()
    assert result.exit_code == 0


def test_a_yanked_version_comes_only_where_it_is_named(shell: Any, refused: Any) -> None:
    result = shell("download", "parrot==0.1")
    assert result.exit_code == 0
    assert result.stderr == "warning: parrot-0.1-py3-none-any.whl is yanked: it is no more\n"
    assert "none of 1 file of parrot<0.2 fits: yanked" in refused(1, "download", "parrot<0.2")


def test_what_is_there_already_is_not_downloaded_again(shell: Any, index: ModelIndex) -> None:
    assert shell("download", "parrot").exit_code == 0
    index.asked.clear()
    assert shell("download", "parrot").exit_code == 0
    assert not [path for _, path, _ in index.asked if path.startswith("/files/")]


def test_a_file_that_is_not_what_the_index_says_is_refused(shell: Any, refused: Any, index: ModelIndex) -> None:
    index.says = Says(spoilt={"files": {"hashes": {"sha256": "0" * 64}}})
    said = refused(1, "download", "parrot", "-o", "out")
    assert "error: parrot-0.2-py3-none-any.whl: its sha256 is " in said
    assert [path.name for path in (shell.folder / "out").glob("*.whl")] == []


def test_a_file_without_a_hash_is_refused_unless_it_is_asked_for(shell: Any, refused: Any, index: ModelIndex) -> None:
    index.says = Says(spoilt={"files": {"hashes": {}}})
    said = refused(1, "download", "parrot")
    assert said == (
        "error: parrot-0.2-py3-none-any.whl: the index gives no hash\n  hint: --allow-unverified takes what comes\n"
    )
    assert shell("download", "parrot", "--allow-unverified").exit_code == 0


def test_a_version_that_is_not_there_names_those_that_are(refused: Any) -> None:
    assert refused(1, "download", "holygrail==9") == (
        "error: no version of holygrail fits holygrail==9\n  hint: there are 1.1, 1.0\n"
    )


def test_a_folder_that_cannot_be_made(shell: Any, refused: Any) -> None:
    (shell.folder / "taken").write_text("")
    said = refused(1, "download", "parrot", "-o", "taken/below")
    assert said.startswith("error: ")
    assert "taken" in said


def test_a_terminal_shows_bars_and_takes_them_away(index: ModelIndex, tmp_path: Path) -> None:
    """They go to standard error; standard output stays a list of files."""
    import pty

    ours, theirs = pty.openpty()
    program = Path(sys.executable).with_name("simple-repository")
    variables = {"SIMPLE_REPOSITORY_INDEX_URL": index.url, "HOME": str(tmp_path), "TERM": "xterm", "COLUMNS": "120"}
    done = subprocess.run(
        [program, "download", "parrot==0.1"],
        stdout=subprocess.PIPE,
        stderr=theirs,
        cwd=tmp_path,
        env=variables,
        check=True,
    )
    os.close(theirs)
    shown = os.read(ours, 65536).decode()
    os.close(ours)
    assert done.stdout.decode() == "parrot-0.1-py3-none-any.whl\n"
    assert "\x1b[33mwarning\x1b[0m: parrot-0.1-py3-none-any.whl is yanked" in shown
    assert "━" in shown


# --- the choice ------------------------------------------------------------------------------------------------------


def page(*files: str | dict[str, Any], name: str = "grail") -> ProjectPage:
    entries = [{"filename": one} if isinstance(one, str) else one for one in files]
    for entry in entries:
        entry |= {"url": entry["filename"], "hashes": {"sha256": "00" * 32}}
    body = json.dumps({"meta": {"api-version": "1.0"}, "name": name, "files": entries}).encode()
    return read_project_page(Answer(body, JSON_V1, "https://index.example/simple/grail/"))


LINUX = "manylinux_2_28_x86_64"
WHEELS = (
    "grail-1.0.tar.gz",
    "grail-1.0-py3-none-any.whl",
    "grail-1.0-cp312-abi3-manylinux_2_28_x86_64.whl",
    "grail-1.0-cp312-cp312-manylinux_2_28_x86_64.whl",
    "grail-1.0-cp313-cp313-manylinux_2_28_x86_64.whl",
    "grail-1.0-cp312-cp312-win_amd64.whl",
)


@pytest.mark.parametrize(
    ("choice", "chosen"),
    [
        (Choice(python="3.12", platforms=(LINUX,)), "grail-1.0-cp312-cp312-manylinux_2_28_x86_64.whl"),
        (Choice(python="3.13", platforms=(LINUX,)), "grail-1.0-cp313-cp313-manylinux_2_28_x86_64.whl"),
        (Choice(python="3.14", platforms=(LINUX,)), "grail-1.0-cp312-abi3-manylinux_2_28_x86_64.whl"),
        (
            Choice(python="3.12", platforms=("manylinux_2_39_x86_64",)),
            "grail-1.0-cp312-cp312-manylinux_2_28_x86_64.whl",
        ),
        (Choice(python="3.12", platforms=("win_amd64",)), "grail-1.0-cp312-cp312-win_amd64.whl"),
        (Choice(python="3.12", platforms=("macosx_11_0_arm64",)), "grail-1.0-py3-none-any.whl"),
        (Choice(FileKind.SDIST, python="3.12", platforms=(LINUX,)), "grail-1.0.tar.gz"),
    ],
    ids=["its own", "another Python", "stable ABI", "newer Linux", "another platform", "pure", "only the source"],
)
def test_the_wheel_that_fits_best_is_chosen(choice: Choice, chosen: str) -> None:
    """Also whatever the order of the page is."""
    for files in (WHEELS, WHEELS[::-1]):
        assert [file.filename for file in choice.files_of(page(*files), wanted("grail"))] == [chosen]


@pytest.mark.parametrize(
    ("platform", "tags"),
    [
        ("manylinux_2_6_x86_64", ["manylinux_2_6_x86_64", "manylinux_2_5_x86_64", "manylinux1_x86_64", "linux_x86_64"]),
        ("manylinux1_i686", ["manylinux1_i686", "manylinux_2_5_i686", "linux_i686"]),
        ("musllinux_1_2_aarch64", [f"musllinux_1_{minor}_aarch64" for minor in (2, 1, 0)]),
        ("win_amd64", ["win_amd64"]),
        ("any", ["any"]),
        ("manylinux_3_1_x86_64", ["manylinux_3_1_x86_64"]),
    ],
)
def test_a_platform_runs_what_is_made_for_older_ones(platform: str, tags: list[str]) -> None:
    assert list(expanded([platform, platform])) == tags


def test_a_newer_macos_runs_what_is_made_for_older_ones() -> None:
    tags = expanded(["macosx_13_0_arm64"])
    assert tags[0] == "macosx_13_0_arm64"
    assert {"macosx_12_0_arm64", "macosx_11_0_universal2"} <= set(tags)
    assert "macosx_14_0_arm64" not in tags


def test_of_builds_the_highest_is_chosen() -> None:
    files = ("grail-1.0-2-py3-none-any.whl", "grail-1.0-10-py3-none-any.whl", "grail-1.0-py3-none-any.whl")
    assert Choice().files_of(page(*files), wanted("grail"))[0].filename == "grail-1.0-10-py3-none-any.whl"


def test_an_older_version_is_chosen_where_the_newest_is_for_other_pythons() -> None:
    old, new = "grail-1.0-py3-none-any.whl", "grail-2.0-py3-none-any.whl"
    both = page(old, {"filename": new, "requires-python": ">=3.14"})
    assert Choice(python="3.12").files_of(both, wanted("grail"))[0].filename == old
    assert Choice(python="3.14").files_of(both, wanted("grail"))[0].filename == new
    assert Choice(python="3.12", ignores_requires_python=True).files_of(both, wanted("grail"))[0].filename == new


def test_all_takes_every_platform_unless_one_is_named() -> None:
    assert len(Choice(takes_all=True).files_of(page(*WHEELS), wanted("grail"))) == len(WHEELS)
    chosen = Choice(python="3.12", platforms=("win_amd64",), takes_all=True).files_of(page(*WHEELS), wanted("grail"))
    assert {file.filename for file in chosen} == {WHEELS[0], WHEELS[1], WHEELS[5]}


@pytest.mark.parametrize(
    ("files", "text", "reasons"),
    [
        (("grail-1.0-cp27-cp27m-win32.whl",), "grail", "none of 1 file of grail fits: for another platform or Python"),
        (("grail-1.0.exe", "grail-1.0-py3.egg"), "grail", "grail has 2 files on this index, and no name tells a"),
        ((), "grail", "grail has no files on this index"),
        (
            ({"filename": "grail-1.0.tar.gz", "requires-python": "<3"},),
            "grail",
            "none of 1 file of grail fits: not for Python 3",
        ),
    ],
    ids=["platform", "no distributions", "nothing", "Python"],
)
def test_nothing_that_fits_is_told_with_its_reason(files: tuple[Any, ...], text: str, reasons: str) -> None:
    with pytest.raises(Stop) as stopped:
        Choice().files_of(page(*files), wanted(text))
    assert stopped.value.message.startswith(reasons)
    assert stopped.value.hint


def test_a_version_of_python_that_is_none_is_wrong_usage() -> None:
    with pytest.raises(WrongUsage, match="'snake' is no version of Python"):
        Choice(python="snake")


@pytest.mark.parametrize(
    ("text", "is_exact"), [("a==1.0", True), ("a===1.0", True), ("a==1.*", False), ("a>=1", False), ("a", False)]
)
def test_only_one_version_is_exact(text: str, is_exact: bool) -> None:
    assert wanted(text).is_exact is is_exact


def test_versions_fit_newest_first() -> None:
    available = [Version(text) for text in ("1.0", "2.0", "3.0rc1", "1.5")]
    assert list(map(str, wanted("a<3").versions(available))) == ["2.0", "1.5", "1.0"]
    assert str(wanted("a", allows_pre=True).versions(available)[0]) == "3.0rc1"
