"""Answers on disk: for the next run, for other processes, and never for somebody else."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import stat
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from clientsmith.core.credentials import BasicCredential, KeyCredential
from clientsmith.core.errors import UsageError
from clientsmith.core.policies.caching import CachingPolicy
from clientsmith.core.policies.shelves import Kept
from clientsmith.core.rest import Headers, HttpRequest
from clientsmith.core.testing import Answer, ScriptedTransport
from hypothesis import given, settings
from hypothesis import strategies as st
from simple_repository_client import DiskCache, SimpleRepositoryClient
from simple_repository_client.cache.disk import DiskShelf
from simple_repository_client.cache.entries import pack, unpack

JSON = "application/vnd.pypi.simple.v1+json"


def page(*versions: str, etag: str = '"1"', **headers: str) -> Answer:
    """A page with an entity tag."""
    body = {"meta": {"api-version": "1.4"}, "name": "foo", "versions": list(versions), "files": []}
    return Answer(json=body, headers={"Content-Type": JSON, "ETag": etag, "Vary": "Accept", **headers})


UNCHANGED = Answer(304, headers={"ETag": '"1"'})


def asked(client: Any) -> list[str | None]:
    return [sent.headers.get("If-None-Match") for sent in client.transport.sent]


def entries(cache: DiskCache) -> list[Path]:
    return sorted(path for path in cache.folder.rglob("*") if path.is_file())


@pytest.fixture
def cache(tmp_path: Path) -> DiskCache:
    return DiskCache(tmp_path / "cache")


# --- what is asked ---------------------------------------------------------------------------------------------------


def test_the_next_program_only_asks_whether_it_still_holds(colour: Any, cache: DiskCache) -> None:
    """Another client, another cache object, the same folder."""
    colour.run(colour.client(page("1.0"), cache=cache).get_project("foo"))
    client = colour.client(UNCHANGED, cache=DiskCache(cache.folder))
    assert colour.run(client.get_project("foo")).said_versions == ("1.0",)
    assert asked(client) == ['"1"']


def test_within_max_age_nobody_is_asked(colour: Any, cache: DiskCache) -> None:
    """Which PyPI's software says to be ten minutes."""
    colour.run(colour.client(page("1.0", **{"Cache-Control": "max-age=600, public"}), cache=cache).get_project("foo"))
    client = colour.client(cache=DiskCache(cache.folder))
    assert colour.run(client.get_project("foo")).said_versions == ("1.0",)
    assert client.transport.sent == []


def test_what_changed_replaces_what_was_kept(colour: Any, cache: DiskCache) -> None:
    """There is one file for it, then as before."""
    client = colour.client(page("1.0"), page("1.0", "2.0", etag='"2"'), Answer(304), cache=cache)
    for versions in (("1.0",), ("1.0", "2.0"), ("1.0", "2.0")):
        assert colour.run(client.get_project("foo")).said_versions == versions
    assert (asked(client), len(entries(cache))) == ([None, '"1"', '"2"'], 1)


@pytest.mark.parametrize("directive", ["no-store", "no-store, max-age=600"])
def test_what_must_not_be_kept_is_not(colour: Any, cache: DiskCache, directive: str) -> None:
    """The index says so."""
    colour.run(colour.client(page(**{"Cache-Control": directive}), cache=cache).get_project("foo"))
    assert entries(cache) == []


def test_forms_are_kept_apart(colour: Any, cache: DiskCache) -> None:
    """``Vary: Accept``: whoever asks for HTML does not get the JSON that is kept."""
    html = Answer(
        content=b"<html></html>", headers={"Content-Type": "text/html", "ETag": '"h"', "Cache-Control": "max-age=60"}
    )
    fresh = {"Cache-Control": "max-age=60"}
    colour.run(colour.client(page(**fresh), cache=cache, serialization="json").get_project("foo"))
    assert colour.run(colour.client(html, cache=cache, serialization="html").get_project("foo")).serialization == "html"
    for form in ("json", "html"):
        client = colour.client(cache=cache, serialization=form)
        assert colour.run(client.get_project("foo")).serialization == form


def test_the_cache_can_be_left_out_for_a_call(colour: Any, cache: DiskCache) -> None:
    """A setting like any other."""
    fresh = {"Cache-Control": "max-age=60"}
    client = colour.client(page(**fresh), page("2.0"), cache=cache)
    colour.run(client.get_project("foo"))
    assert colour.run(client.get_project("foo", cache_enabled=False)).said_versions == ("2.0",)


def test_pages_are_kept_where_they_really_are(colour: Any, cache: DiskCache) -> None:
    """The redirect is asked about each time, the page behind it is not sent again; addresses stay right."""
    moved = Answer(301, headers={"Location": "https://mirror.test/foo/"})
    client = colour.client(moved, page(), moved, UNCHANGED, cache=cache, page_origins=["https://mirror.test"])
    assert [colour.run(client.get_project("foo")).url for _ in range(2)] == ["https://mirror.test/foo/"] * 2
    assert asked(client) == [None, None, None, '"1"']


def test_files_are_never_kept(colour: Any, a_file: Any, content: bytes, cache: DiskCache, tmp_path: Path) -> None:
    """They are where the caller wants them, and that is enough."""
    answer = Answer(content=content, headers={"ETag": '"1"', "Cache-Control": "max-age=600"})
    colour.run(colour.client(answer, cache=cache).download(a_file(), tmp_path / "files"))
    assert entries(cache) == []


def test_memory_will_do_as_well(colour: Any) -> None:
    """The core's own shelf."""
    client = colour.client(page("1.0"), UNCHANGED, cache=CachingPolicy())
    assert [colour.run(client.get_project("foo")).said_versions for _ in range(2)] == [("1.0",)] * 2
    assert asked(client) == [None, '"1"']


# --- whose it is -----------------------------------------------------------------------------------------------------

FRESH = {"Cache-Control": "max-age=600"}


@pytest.mark.parametrize(
    "second",
    [None, BasicCredential("you", "x"), KeyCredential("x")],
    ids=["nobody", "another user", "another kind"],
)
def test_what_was_said_to_one_is_not_said_to_another(colour: Any, cache: DiskCache, second: Any) -> None:
    """Not even a question is put about it."""
    mine = colour.client(page("1.0+private", **FRESH), credential=BasicCredential("me", "SECRET"), cache=cache)
    colour.run(mine.get_project("foo"))
    client = colour.client(page("1.0", etag='"public"'), credential=second, cache=cache)
    assert colour.run(client.get_project("foo")).said_versions == ("1.0",)
    assert asked(client) == [None]


def test_what_was_said_to_a_credential_is_always_asked_about(colour: Any, cache: DiskCache) -> None:
    """With ``max-age`` too: the cache cannot know whether the password is still the right one."""
    colour.run(
        colour.client(page("1.0", **FRESH), credential=BasicCredential("me", "SECRET"), cache=cache).get_project("foo")
    )
    right = colour.client(UNCHANGED, credential=BasicCredential("me", "SECRET"), cache=cache)
    assert colour.run(right.get_project("foo")).said_versions == ("1.0",)
    wrong = colour.client(Answer(401), credential=BasicCredential("me", "WRONG"), cache=cache)
    with pytest.raises(Exception, match="401"):
        colour.run(wrong.get_project("foo"))
    assert asked(right) == asked(wrong) == ['"1"']


def test_a_date_alone_does_not_tell_two_tokens_apart(colour: Any, cache: DiskCache) -> None:
    """They may see different things that were changed at the same time: without an entity tag nothing is kept."""
    when = {"Last-Modified": "Sat, 21 Nov 2026 10:00:00 GMT"}
    dated = Answer(json={"meta": {}, "name": "foo", "files": []}, headers={"Content-Type": JSON, **when})
    for credential in (KeyCredential("a"), KeyCredential("b")):
        client = colour.client(dated, credential=credential, cache=cache)
        colour.run(client.get_project("foo"))
        assert "If-Modified-Since" not in client.transport.sent[0].headers
    assert entries(cache) == []
    colour.run(colour.client(dated, cache=cache).get_project("foo"))
    assert len(entries(cache)) == 1


def test_what_another_origin_says_is_nobodys(colour: Any, a_file: Any, cache: DiskCache) -> None:
    """It does not see the credential, so its answers are the same for all: metadata is kept for good."""
    body = b"Metadata-Version: 2.1\nName: foo\nVersion: 1.0\n"
    answer = Answer(content=body, headers={"ETag": '"1"', "Cache-Control": "max-age=365000000, immutable, public"})
    file = a_file(core_metadata=True)
    client = colour.client(answer, credential=BasicCredential("me", "SECRET"), cache=cache)
    for _ in range(2):
        assert colour.run(client.get_metadata(file)).content == body
    assert len(client.transport.sent) == 1
    assert colour.run(colour.client(cache=cache).get_metadata(file)).content == body


@pytest.mark.parametrize("name", ["Authorization", "Cookie"])
def test_who_brings_a_secret_with_the_call_passes_by(colour: Any, cache: DiskCache, name: str) -> None:
    """The cache would have to write it down."""
    client = colour.client(page(**FRESH), page(**FRESH), cache=cache)
    for _ in range(2):
        colour.run(client.get_project("foo", headers={name: "SECRET"}))
    assert (len(client.transport.sent), entries(cache)) == (2, [])


def test_no_secret_is_on_the_disk(colour: Any, cache: DiskCache) -> None:
    """Neither the credential, nor cookies, nor the URL, which may have a token in its path."""
    answer = page(**FRESH, **{"Set-Cookie": "session=SECRET"})
    colour.run(colour.client(answer, url="https://me:SECRET@index.test/SECRET/", cache=cache).get_project("foo"))
    [entry] = entries(cache)
    assert b"SECRET" not in entry.read_bytes()
    assert "SECRET" not in str(entry)


def test_the_folder_is_its_owners_alone(cache: DiskCache, colour: Any) -> None:
    """Folders 0700, entries 0600."""
    colour.run(colour.client(page(), cache=cache).get_project("foo"))
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (cache.folder, *cache.folder.rglob("*")) if path.is_dir()}
    assert modes == {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in entries(cache)} == {0o600}


def test_a_folder_that_others_may_write_into_is_refused(cache: DiskCache) -> None:
    """They could choose what is installed. One that they may read is closed."""
    [inner] = cache.folder.iterdir()
    inner.chmod(0o755)
    DiskCache(cache.folder)
    assert stat.S_IMODE(inner.stat().st_mode) == 0o700
    inner.chmod(0o770)
    refused = r"others may write into the cache folder .*; take another folder, or empty this"
    with pytest.raises(UsageError, match=refused):
        DiskCache(cache.folder)
    inner.chmod(0o700)
    cache.folder.chmod(0o777)  # there they could exchange the one that is in it
    with pytest.raises(UsageError, match=refused):
        DiskCache(cache.folder)
    cache.folder.chmod(0o1777)  # as /tmp: everybody may add, and nobody exchange
    DiskCache(cache.folder)


def test_a_cache_without_room_is_a_mistake(tmp_path: Path) -> None:
    """Whoever wants none gives none."""
    with pytest.raises(UsageError, match="max_bytes=0 leaves no room for anything; leave the cache out"):
        DiskCache(tmp_path, max_bytes=0)


# --- what may happen to it -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "harm",
    [
        lambda data: b"",
        lambda data: data[: len(data) // 2],
        lambda data: data[:-1],
        lambda data: data + b"!",
        lambda data: data.replace(b"foo", b"bar"),
        lambda data: data.replace(b"etag", b"Etag").replace(b"ETag", b"XTag"),
        lambda data: b"simple-repository-cache 2" + data[25:],
        lambda data: os.urandom(len(data)),
    ],
    ids=["empty", "half", "one short", "one more", "other bytes", "other fields", "another version", "noise"],
)
def test_what_is_damaged_is_as_if_it_were_not_there(colour: Any, cache: DiskCache, harm: Any) -> None:
    """Asked for anew, and replaced; never an error."""
    colour.run(colour.client(page("1.0", **FRESH), cache=cache).get_project("foo"))
    [entry] = entries(cache)
    entry.write_bytes(harm(entry.read_bytes()))
    client = colour.client(page("2.0", **FRESH), cache=cache)
    assert [colour.run(client.get_project("foo")).said_versions for _ in range(2)] == [("2.0",)] * 2
    assert asked(client) == [None]


def test_a_folder_that_goes_away_comes_back(colour: Any, cache: DiskCache) -> None:
    """Somebody cleaned up while the program ran."""
    import shutil

    client = colour.client(*[page(**FRESH)] * 2, cache=cache)
    colour.run(client.get_project("foo"))
    shutil.rmtree(cache.folder)
    for _ in range(3):
        colour.run(client.get_project("foo"))
    assert len(client.transport.sent) == 2
    assert {stat.S_IMODE(path.stat().st_mode) for path in cache.folder.rglob("*") if path.is_dir()} == {0o700}


def test_what_cannot_be_written_is_not_kept(colour: Any, cache: DiskCache, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk costs the cache, not the call; nothing half is left."""

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    client = colour.client(page("1.0"), page("1.0"), cache=cache)
    assert [colour.run(client.get_project("foo")).said_versions for _ in range(2)] == [("1.0",)] * 2
    assert entries(cache) == []


def kept(content: bytes = b"x", fresh_until: float = 0.0) -> Kept:
    return Kept(Headers({"ETag": '"1"'}), content, {"accept": None, "authorization": None}, fresh_until)


def request(number: int = 0) -> HttpRequest:
    return HttpRequest("GET", f"https://index.test/{number}")


def shelf_of(cache: DiskCache, **options: Any) -> DiskShelf:
    return cache.shelf(lambda _url: "", **options)


def yes() -> bool:
    return True


def test_a_clock_that_was_set_back_keeps_nothing_fresh(cache: DiskCache) -> None:
    """What is from the future is to be asked about."""
    shelf_of(cache, clock=lambda: 1000.0).put(request(), kept(fresh_until=1600.0), yes)
    found = {now: shelf_of(cache, clock=lambda now=now: now).find(request()) for now in (1000.0, 999.0)}
    assert [one and one.fresh_until for one in found.values()] == [1600.0, 0.0]


def test_a_change_drops_what_is_kept_of_its_url(cache: DiskCache) -> None:
    """Of all forms, and of nothing else."""
    shelf = shelf_of(cache)
    for accept in ("a", "b"):
        shelf.put(request().with_headers({"Accept": accept}), kept(), yes)
    shelf.put(request(1), kept(), yes)
    shelf.drop(request().url)
    assert [shelf.find(request().with_headers({"Accept": accept})) for accept in ("a", "b")] == [None, None]
    assert shelf.find(request(1)) is not None
    shelf.clear()
    assert entries(cache) == []


@pytest.mark.parametrize("answers", [[False], [True, False]], ids=["before", "while it was written"])
def test_a_read_that_a_change_overtook_is_not_kept(cache: DiskCache, answers: list[bool]) -> None:
    """Whenever the change came."""
    shelf = shelf_of(cache)
    shelf.put(request(), kept(), lambda: answers.pop(0))
    assert shelf.find(request()) is None


@settings(max_examples=200, deadline=None)
@given(
    headers=st.dictionaries(st.from_regex(r"[A-Za-z-]{1,10}", fullmatch=True), st.text(max_size=20), max_size=5),
    content=st.binary(max_size=200),
    place=st.integers(0, 400),
    change=st.integers(1, 255),
)
def test_an_entry_is_what_was_packed_or_nothing(
    headers: dict[str, str], content: bytes, place: int, change: int
) -> None:
    """Whatever one byte of it becomes."""
    entry = Kept(Headers.received(headers), content, {"accept": "x"}, 7.0)
    data = b"".join(pack(entry, 1.0))
    found = unpack(data, 1.0)
    assert found is not None
    assert (found.content, found.selected, found.fresh_until) == (content, {"accept": "x"}, 7.0)
    place %= len(data)
    damaged = data[:place] + bytes([data[place] ^ change]) + data[place + 1 :]
    assert unpack(damaged, 1.0) is None
    assert unpack(data[:place], 1.0) is None


# --- how much there is -----------------------------------------------------------------------------------------------


def test_what_was_not_used_for_the_longest_time_goes_first(cache: DiskCache) -> None:
    """And what is bigger than the whole cache does not enter it."""
    small = DiskCache(cache.folder, max_bytes=4 * 14_096)
    shelf = shelf_of(small)
    for number in range(4):
        shelf.put(request(number), kept(b"x" * 9_500), yes)
        for entry in entries(small):  # as if an hour had passed
            about = entry.stat()
            os.utime(entry, (about.st_atime - 3600, about.st_mtime - 3600))
    assert shelf.find(request(0)) is not None
    shelf.put(request(4), kept(b"x" * 9_500), yes)
    assert [shelf.find(request(number)) is not None for number in range(5)] == [True, False, True, True, True]
    shelf.put(request(5), kept(b"x" * 100_000), yes)
    assert shelf.find(request(5)) is None


def test_the_limit_holds(tmp_path: Path) -> None:
    """Over any number of answers, but for a sixteenth."""
    cache = DiskCache(tmp_path, max_bytes=1_000_000)
    shelf = shelf_of(cache)
    for number in range(300):
        shelf.put(request(number), kept(b"x" * 10_000), yes)
    taken = sum(path.stat().st_size for path in entries(cache))
    assert 500_000 < taken < 1_000_000 * 17 / 16


def test_what_a_dead_process_left_is_cleared_away(tmp_path: Path) -> None:
    """An hour later; what somebody is writing now is left alone."""
    cache = DiskCache(tmp_path)
    shelf_of(cache).put(request(), kept(), yes)
    [entry] = entries(cache)
    old, new = entry.with_name(".old"), entry.with_name(".new")
    old.write_bytes(b"x"), new.write_bytes(b"x")
    os.utime(old, (time.time() - 7200, time.time() - 7200))
    shelf_of(DiskCache(tmp_path)).put(request(1), kept(), yes)
    assert (old.exists(), new.exists()) == (False, True)


# --- at the same time ------------------------------------------------------------------------------------------------


def test_threads_share_a_cache(cache: DiskCache) -> None:
    """They see the former answer or the new one, and never a mixture."""
    wrong: list[object] = []

    def work(seed: int) -> None:
        shelf = shelf_of(cache)
        for step in range(60):
            content = f"{seed}:{step};".encode() * 3000
            shelf.put(request(step % 3), kept(content), yes)
            found = shelf.find(request((step + 1) % 3))
            if found is not None and found.content != found.content.partition(b";")[0].join([b"", b";"]) * 3000:
                wrong.append(found.content[:40])

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(entries(cache)) == 3


def hammer(folder: str, seed: int, failures: Any) -> None:
    """Write and read in a process of its own, in a cache with room for a few answers."""
    shelf = shelf_of(DiskCache(folder, max_bytes=400_000))
    for step in range(80):
        content = bytes([seed]) * 30_000
        shelf.put(request(step % 10), kept(content), yes)
        found = shelf.find(request((step * 7) % 10))
        if found is not None and len(set(found.content)) != 1:
            failures.put(step)


def test_processes_share_a_cache(tmp_path: Path) -> None:
    """Each writes, reads and removes under the others' hands."""
    context = multiprocessing.get_context("fork")
    failures = context.Queue()
    processes = [context.Process(target=hammer, args=(str(tmp_path), seed, failures)) for seed in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0] * 3
    assert failures.empty()
    assert sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()) < 400_000 * (1 + 3 / 16)


def test_many_calls_of_one_client_share_it(cache: DiskCache) -> None:
    """Tasks of a loop; the disk is read in threads."""
    from clientsmith.core.testing import AsyncScriptedTransport
    from simple_repository_client import aio

    async def main() -> list[Any]:
        transport = AsyncScriptedTransport(*[page("1.0", **FRESH)] * 20)
        async with aio.SimpleRepositoryClient("https://index.test/simple/", cache=cache, transport=transport) as client:
            return await asyncio.gather(*(client.get_project("foo") for _ in range(20)))

    assert {one.said_versions for one in asyncio.run(main())} == {("1.0",)}
    assert len(entries(cache)) == 1


def test_a_cache_shows_where_it_is(cache: DiskCache) -> None:
    """And nothing that is in it."""
    assert repr(cache) == f"DiskCache({str(cache.folder)!r}, max_bytes=268435456)"
    SimpleRepositoryClient("https://index.test/simple/", cache=cache, transport=ScriptedTransport()).close()
