"""Downloads that are checked before they get their name, that replace nothing, and that two may do at a time."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from clientsmith.core.errors import ServiceResponseError
from clientsmith.core.operations import BYTES_BODY, Operation
from clientsmith.core.rest import HttpRequest
from clientsmith.core.streaming._files import PartFile, place_new, try_lock
from clientsmith.core.testing import Answer

BACKUP = Operation[bytes]("GET", "/backup", responses={200: BYTES_BODY})
CONTENT = bytes(range(256)) * 1000
TAG = {"ETag": '"1"', "Content-Length": str(len(CONTENT))}


class Seen:
    """A check that remembers what it saw, and may say no."""

    def __init__(self, wrong: Exception | None = None, most: int | None = None) -> None:
        self.begun, self.data, self.finished = 0, b"", 0
        self._wrong, self._most = wrong, most

    def begin(self) -> None:
        self.begun, self.data = self.begun + 1, b""

    def update(self, data: bytes, /) -> None:
        self.data += data
        if self._most is not None and len(self.data) > self._most:
            raise ValueError("too much")

    def finish(self) -> None:
        self.finished += 1
        if self._wrong is not None:
            raise self._wrong


def save(colour: Any, target: Any, *lines: Any, **options: Any) -> Any:
    client = colour.client(*lines)
    return colour.run(client._download(BACKUP, {}, options={}).write_to(target, **options))


def cut_at(position: int) -> Answer:
    return Answer(chunks=[CONTENT[:position], ServiceResponseError("cut", is_transient=False)], headers=TAG)


def rest_of(request: HttpRequest) -> Answer:
    first = int(request.headers["Range"].removeprefix("bytes=").partition("-")[0])
    headers = {"ETag": '"1"', "Content-Range": f"bytes {first}-{len(CONTENT) - 1}/{len(CONTENT)}"}
    return Answer(206, content=CONTENT[first:], headers=headers)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_check_sees_every_byte_in_its_order(colour: Any, tmp_path: Path) -> None:
    """And has the last word, before the file has its name."""
    check = Seen()
    save(colour, tmp_path / "b", Answer(content=CONTENT), check=check)
    assert (check.begun, check.data, check.finished) == (1, CONTENT, 1)


@pytest.mark.parametrize("resume", [True, False])
@pytest.mark.parametrize(
    "check", [lambda: Seen(ValueError("no")), lambda: Seen(most=1000)], ids=["at the end", "at once"]
)
def test_what_a_check_does_not_like_is_removed(colour: Any, tmp_path: Path, check: Any, resume: bool) -> None:
    """Also where what has come would be kept for the next time."""
    with pytest.raises(ValueError, match=r"no|too much"):
        save(colour, tmp_path / "b", Answer(content=CONTENT, headers=TAG), check=check(), resume=resume)
    assert names(tmp_path) == []


def test_a_check_sees_what_an_earlier_download_has_written(colour: Any, tmp_path: Path) -> None:
    """It judges the whole."""
    with pytest.raises(ServiceResponseError):
        save(colour, tmp_path / "b", cut_at(100_000), check=Seen(), resume=True)
    check = Seen()
    save(colour, tmp_path / "b", Answer(content=CONTENT, headers=TAG), rest_of, check=check, resume=True)
    assert (check.begun, check.data, (tmp_path / "b").read_bytes()) == (1, CONTENT, CONTENT)


def test_a_check_begins_again_with_the_content(colour: Any, tmp_path: Path) -> None:
    """Which changed while it was read."""
    check = Seen()
    broken = Answer(
        chunks=[b"old " * 1000, ServiceResponseError("cut")], headers={"ETag": '"0"', "Content-Length": "9999"}
    )
    save(colour, tmp_path / "b", broken, Answer(content=CONTENT, headers=TAG), check=check)
    assert (check.begun, check.data) == (2, CONTENT)


def test_a_file_that_the_caller_opened_is_checked_as_well(colour: Any, tmp_path: Path) -> None:
    """What to do with wrong bytes is his to say then."""
    with (tmp_path / "b").open("w+b") as file, pytest.raises(ValueError, match="no"):
        save(colour, file, Answer(content=CONTENT), check=Seen(ValueError("no")))
    assert (tmp_path / "b").read_bytes() == CONTENT


# --- what is there already -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("resume", [True, False])
def test_a_file_may_have_to_stay(colour: Any, tmp_path: Path, resume: bool) -> None:
    """Then what came is of no use, and removed."""
    (tmp_path / "b").write_bytes(b"mine")
    with pytest.raises(FileExistsError, match="there is a file of this name already"):
        save(colour, tmp_path / "b", Answer(content=CONTENT, headers=TAG), overwrite=False, resume=resume)
    assert (names(tmp_path), (tmp_path / "b").read_bytes()) == (["b"], b"mine")
    save(colour, tmp_path / "c", Answer(content=CONTENT), overwrite=False)
    assert (names(tmp_path), (tmp_path / "c").read_bytes()) == (["b", "c"], CONTENT)


@pytest.mark.parametrize("has_links", [True, False], ids=["links", "no links"])
def test_of_many_who_want_one_name_one_gets_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_links: bool
) -> None:
    """Where the file system has links, always; elsewhere nearly."""
    if not has_links:

        def refuse(*_: object) -> None:
            raise PermissionError(1, "no links here")

        monkeypatch.setattr(Path, "hardlink_to", refuse)
    parts = [tmp_path / f"part{number}" for number in range(8 if has_links else 2)]
    for part in parts:
        part.write_text(part.name)
    refused: list[Path] = []

    def place(part: Path) -> None:
        try:
            place_new(part, tmp_path / "wanted")
        except FileExistsError:
            refused.append(part)

    if has_links:
        threads = [threading.Thread(target=place, args=(part,)) for part in parts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    else:
        for part in parts:
            place(part)
    assert len(refused) == len(parts) - 1
    [winner] = set(parts) - set(refused)
    assert ((tmp_path / "wanted").read_text(), winner.exists()) == (winner.name, False)


# --- two at a time ---------------------------------------------------------------------------------------------------


def test_a_hidden_file_belongs_to_one_download(tmp_path: Path) -> None:
    """Another one takes a new name, and both end well."""
    first, second = (PartFile(tmp_path / "b", "version") for _ in range(2))
    assert len(names(tmp_path)) == 2
    first.write([CONTENT]), second.write([CONTENT])
    first.finish(), second.finish()
    assert (names(tmp_path), (tmp_path / "b").read_bytes()) == (["b"], CONTENT)


def _link(part: Path, other: Path) -> None:
    part.symlink_to(other)


def _hard_link(part: Path, other: Path) -> None:
    part.hardlink_to(other)


def _pipe(part: Path, _: Path) -> None:
    os.mkfifo(part)


def _folder(part: Path, _: Path) -> None:
    part.mkdir()


@pytest.mark.skipif(os.name == "nt", reason="links and pipes are made otherwise there")
@pytest.mark.parametrize("plant", [_link, _hard_link, _pipe, _folder])
def test_what_somebody_planted_under_the_hidden_name_is_left_alone(
    tmp_path: Path, plant: Callable[[Path, Path], None]
) -> None:
    """The name can be foretold; in a folder of many users it could lead to any file of ours."""
    precious, target = tmp_path / "precious", tmp_path / "backup"
    precious.write_bytes(b"mine")
    plant(tmp_path / ".backup.v1.part", precious)
    part = PartFile(target, "v1")
    assert part.size == 0
    part.write([b"bytes"])
    part.finish()
    assert target.read_bytes() == b"bytes"
    assert precious.read_bytes() == b"mine"


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="files have no such owners there")
def test_what_another_user_began_is_not_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """He could change it after the check."""
    (tmp_path / ".backup.v1.part").write_bytes(b"his")
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    part = PartFile(tmp_path / "backup", "v1")
    assert part.size == 0
    part.give_up()
    assert names(tmp_path) == [".backup.v1.part"]


def test_what_got_its_name_meanwhile_is_not_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hidden file was opened, and before it was locked it had become the file itself."""
    first = PartFile(tmp_path / "b", "version")
    first.write([CONTENT])

    def late(file: Any) -> bool:
        monkeypatch.undo()
        first.finish()
        return try_lock(file)

    monkeypatch.setattr("clientsmith.core.streaming._files.try_lock", late)
    second = PartFile(tmp_path / "b", "version")
    second.write([b"other"])
    second.give_up()
    assert (names(tmp_path), (tmp_path / "b").read_bytes()) == (["b"], CONTENT)


LOCK = """
import sys
from pathlib import Path
from clientsmith.core.streaming._files import PartFile
part = PartFile(Path(sys.argv[1]), "version")
print(part.size, flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(os.name == "nt", reason="there an open file cannot be renamed, so nobody needs a lock")
def test_a_process_that_dies_leaves_no_lock(tmp_path: Path) -> None:
    """What it wrote is gone on with."""
    part = PartFile(tmp_path / "b", "version")
    part.write([b"x" * 100])
    part.give_up()
    process = subprocess.Popen([sys.executable, "-c", LOCK, str(tmp_path / "b")], stdin=-1, stdout=-1, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "100"
    other = PartFile(tmp_path / "b", "version")
    assert other.size == 0
    other.give_up()
    process.kill()
    process.communicate()
    again = PartFile(tmp_path / "b", "version")
    assert again.size == 100
    again.give_up()


def test_a_file_system_without_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is used as if nobody else were there."""
    fcntl = pytest.importorskip("fcntl")

    def unsupported(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", unsupported)
    part = PartFile(tmp_path / "b", "version")
    part.write([b"x"])
    part.finish()
    assert names(tmp_path) == ["b"]
