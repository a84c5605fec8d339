"""Many files at a time: all are tried, and what failed is told together."""

from __future__ import annotations

import os
import pickle
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from clientsmith.core.errors import ArgumentError, ResourceNotFoundError
from clientsmith.core.rest import HttpRequest
from clientsmith.core.testing import Answer
from simple_repository_client import DownloadsFailedError, HashMismatchError, UnsafeFileNameError, UnverifiableFileError


def body(number: int) -> bytes:
    return f"file {number}".encode() * 1000


def script(*missing: int, wrong: tuple[int, ...] = ()) -> Any:
    """Answers each request by the number in its address."""

    def answer(request: HttpRequest) -> Answer:
        number = int(request.url.rpartition("-")[2].partition(".")[0])
        if number in missing:
            return Answer(404)
        return Answer(content=b"?" if number in wrong else body(number))

    return answer


def some(a_file: Any, count: int) -> list[Any]:
    return [a_file(f"foo-{n}.zip", content=body(n), size=None) for n in range(count)]


@pytest.mark.parametrize("concurrency", [1, 3, 50])
def test_all_files_come_in_their_order(colour: Any, a_file: Any, tmp_path: Path, concurrency: int) -> None:
    """However many at a time; each is told of with its progress."""
    client, told = colour.client(*[script()] * 20), set()
    files = some(a_file, 20)
    places = colour.run(
        client.download_all(
            files, tmp_path, concurrency=concurrency, progress=lambda file, done, total: told.add((file.filename, done))
        )
    )
    assert [place.name for place in places] == [file.filename for file in files]
    assert [place.read_bytes() for place in places] == [body(n) for n in range(20)]
    assert told == {(f"foo-{n}.zip", len(body(n))) for n in range(20)}


def test_no_more_than_so_many_at_a_time(colour: Any, a_file: Any, tmp_path: Path) -> None:
    """Threads or tasks, as many as asked for and no more than there are files."""
    at_once, most, mutex = 0, 0, threading.Lock()
    gate = threading.Barrier(3, timeout=10) if not colour.is_async else None

    def answer(request: HttpRequest) -> Answer:
        nonlocal at_once, most
        with mutex:
            at_once += 1
            most = max(most, at_once)
        if gate is not None:
            gate.wait()
        with mutex:
            at_once -= 1
        return script()(request)

    client = colour.client(*[answer] * 6)
    assert len(colour.run(client.download_all(some(a_file, 6), tmp_path, concurrency=3))) == 6
    assert most <= 3


def test_what_fails_is_told_when_all_were_tried(colour: Any, a_file: Any, tmp_path: Path) -> None:
    """The others are there; each error is under its file's name, and all are in one group."""
    client = colour.client(*[script(1, wrong=(3,))] * 5)
    with pytest.raises(DownloadsFailedError) as caught:
        colour.run(client.download_all(some(a_file, 5), tmp_path, concurrency=2))
    error = caught.value
    assert str(error).startswith("2 of 5 files were not downloaded: foo-1.zip, foo-3.zip")
    assert {name: type(one) for name, one in error.failed.items()} == {
        "foo-1.zip": ResourceNotFoundError,
        "foo-3.zip": HashMismatchError,
    }
    assert error.done == {f"foo-{n}.zip": tmp_path / f"foo-{n}.zip" for n in (0, 2, 4)}
    assert error.failed["foo-1.zip"].__notes__ == ["while foo-1.zip was downloaded"]
    twin = pickle.loads(pickle.dumps(error))  # our own error
    assert (str(twin), twin.done) == (str(error), error.done)


def test_a_group_is_taken_apart_by_kind(colour: Any, a_file: Any, tmp_path: Path) -> None:
    """With ``except*``."""
    seen: list[str] = []
    try:
        colour.run(colour.client(*[script(0)] * 1).download_all(some(a_file, 1), tmp_path))
    except* ResourceNotFoundError as group:
        seen = [type(one).__name__ for one in group.exceptions]
    assert seen == ["ResourceNotFoundError"]


def test_no_files_are_nothing_to_do(colour: Any, tmp_path: Path) -> None:
    """And no error."""
    assert colour.run(colour.client().download_all([], tmp_path)) == []


def test_a_file_that_is_there_twice_is_downloaded_once(colour: Any, a_file: Any, tmp_path: Path) -> None:
    """Its place is there twice."""
    [file] = some(a_file, 1)
    client = colour.client(script())
    places = colour.run(client.download_all([file, file], tmp_path))
    assert (places, len(client.transport.sent)) == ([tmp_path / "foo-0.zip"] * 2, 1)


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (
            lambda f: [f("foo-1.zip"), f("foo-1.zip", content=b"x")],
            ArgumentError,
            "foo-1.zip and foo-1.zip have one name and are not the same file",
        ),
        (lambda f: [f("Foo-1.zip"), f("foo-1.zip")], ArgumentError, "Foo-1.zip and foo-1.zip have one name"),
        (lambda f: [f("foo-1.zip"), f("../x.zip")], UnsafeFileNameError, "nothing is written under this name"),
        (lambda f: [f("foo-1.zip"), f("foo-2.zip", hashes={})], UnverifiableFileError, "the index gives no hash"),
    ],
    ids=["one name, two files", "names that differ in case", "an unsafe name", "no hash"],
)
def test_what_is_wrong_beforehand_is_told_before_anything_is_sent(
    colour: Any, a_file: Any, tmp_path: Path, make: Any, error: Any, words: str
) -> None:
    """For all files at once."""
    client = colour.client()
    with pytest.raises(error, match=words):
        colour.run(client.download_all(make(a_file), tmp_path))
    assert client.transport.sent == []


def test_some_are_needed_at_a_time(colour: Any, tmp_path: Path) -> None:
    """None would never end."""
    with pytest.raises(ArgumentError, match="concurrency is 0; it has to be 1 or more"):
        colour.run(colour.client().download_all([], tmp_path, concurrency=0))


class Interrupted(BaseException):
    """Ctrl-C, and its like."""


def test_an_interruption_ends_all_of_them(a_file: Any, tmp_path: Path) -> None:
    """Nothing more is begun, and what has begun ends at its next piece."""
    from clientsmith.core.testing import ScriptedTransport
    from simple_repository_client import SimpleRepositoryClient

    begun: list[str] = []

    def answer(request: HttpRequest) -> Answer:
        begun.append(request.url)
        return script()(request)

    def progress(*_: object) -> None:
        raise Interrupted

    client = SimpleRepositoryClient("https://index.test/simple/", transport=ScriptedTransport(*[answer] * 50))
    with pytest.raises(Interrupted):
        client.download_all(some(a_file, 50), tmp_path, concurrency=2, progress=progress)
    assert len(begun) <= 4
    assert list(tmp_path.glob("foo*")) == []


@pytest.mark.skipif(os.name == "nt", reason="a process sends itself no SIGINT there")
def test_an_interruption_does_not_wait_for_a_silent_server(
    a_file: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be minutes: the timeout, and once more for each try."""
    from clientsmith.core.testing import ScriptedTransport
    from simple_repository_client import SimpleRepositoryClient

    monkeypatch.setattr("simple_repository_client.client._GRACE_SECONDS", 0.01)
    begun, is_over = threading.Semaphore(0), threading.Event()

    def silent(request: HttpRequest) -> Answer:
        begun.release()
        if request.url.endswith("1.zip"):
            begun.acquire(), begun.acquire()  # both wait
            os.kill(os.getpid(), signal.SIGINT)
        is_over.wait(60)
        return script()(request)

    client = SimpleRepositoryClient("https://index.test/simple/", transport=ScriptedTransport(*[silent] * 2))
    began = time.monotonic()
    try:
        with pytest.raises(KeyboardInterrupt):
            client.download_all(some(a_file, 2), tmp_path)
    finally:
        is_over.set()
    assert time.monotonic() - began < 20


async def test_a_cancelled_task_leaves_nothing_under_the_names(a_file: Any, tmp_path: Path) -> None:
    """And the connections are closed."""
    import asyncio

    from clientsmith.core.testing import AsyncScriptedTransport
    from simple_repository_client.aio import SimpleRepositoryClient

    transport = AsyncScriptedTransport(*[script()] * 20)
    client = SimpleRepositoryClient("https://index.test/simple/", transport=transport)
    task = asyncio.create_task(client.download_all(some(a_file, 20), tmp_path, concurrency=2))
    await asyncio.sleep(0.005)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert transport.open_bodies == 0
    assert all(place.read_bytes().startswith(b"file") for place in tmp_path.glob("foo*"))
