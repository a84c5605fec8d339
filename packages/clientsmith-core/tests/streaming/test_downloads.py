"""Downloads: whole, or not at all; gone on with where the road breaks off."""

from __future__ import annotations

import io
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from clientsmith.core.errors import (
    DecodeError,
    HttpResponseError,
    ResourceNotFoundError,
    ServiceResponseError,
    ServiceResponseTimeoutError,
)
from clientsmith.core.operations import BYTES_BODY, Operation, header
from clientsmith.core.rest import HttpRequest
from clientsmith.core.streaming import ByteRange
from clientsmith.core.streaming.ranges import ContentRange, strong_validator
from clientsmith.core.testing import Answer
from hypothesis import given, settings
from hypothesis import strategies as st

BACKUP = Operation[bytes]("GET", "/backup", responses={200: BYTES_BODY})
CONTENT = bytes(range(256)) * 1000  # more than one piece


@pytest.fixture(autouse=True)
def no_jitter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits are nothing at random."""
    monkeypatch.setattr("clientsmith.core.streaming._patience._jitter", lambda: 0.0)


def cut() -> ServiceResponseError:
    return ServiceResponseError("the body broke off")


class Store:
    """A service that knows ranges, and whose bodies break off after so many bytes, one number an answer."""

    def __init__(self, *breaks: int, content: bytes = CONTENT, etag: str = '"1"', knows_ranges: bool = True) -> None:
        self.breaks, self.content, self.etag, self.knows_ranges = list(breaks), content, etag, knows_ranges
        self.has_length = True

    def __call__(self, request: HttpRequest) -> Answer:
        wanted, condition = request.headers.get("Range"), request.headers.get("If-Range")
        headers = {"ETag": self.etag} if self.etag else {}
        status, first, stop, size = 200, 0, len(self.content), len(self.content)
        if wanted is not None and self.knows_ranges and condition in (None, self.etag):
            low, _, high = wanted.removeprefix("bytes=").partition("-")
            first = int(low) if low else size - int(high)
            stop = min(int(high) + 1, size) if low and high else size
            if first >= size:
                return Answer(416, headers={"Content-Range": f"bytes */{size}"})
            status = 206
            headers["Content-Range"] = f"bytes {first}-{stop - 1}/{size if self.has_length else '*'}"
        if self.has_length:
            headers["Content-Length"] = str(stop - first)
        body = self.content[first:stop]
        if not self.breaks:
            return Answer(status, chunks=[body], headers=headers)
        return Answer(status, chunks=[body[: self.breaks.pop(0)], cut()], headers=headers)


def download(colour: Any, *lines: Any, **options: Any) -> tuple[Any, Any]:
    client = colour.client(*lines)
    return client._download(BACKUP, {}, options=options), client.transport


def ranges_of(transport: Any) -> list[str | None]:
    return [sent.headers.get("Range") for sent in transport.sent]


def target_of(tmp_path: Path, kind: str) -> Any:
    return tmp_path / "backup.bin" if kind == "path" else (tmp_path / "backup.bin").open("w+b")


# --- reading ---------------------------------------------------------------------------------------------------------


def test_pieces_come_as_they_come(colour: Any) -> None:
    """And the request says that it wants the bytes as they are."""
    body, transport = download(colour, Answer(content=CONTENT))
    assert (body.total, body.done) == (None, 0)
    first = colour.next(body)
    assert (len(first), body.total, body.done) == (64 * 1024, len(CONTENT), 64 * 1024)
    assert first + b"".join(colour.items(body)) == CONTENT
    assert transport.sent[0].headers["Accept-Encoding"] == "identity"


def test_reading_by_size(colour: Any) -> None:
    """Up to so many, or all that is left; at the end nothing."""
    body, _ = download(colour, Answer(content=b"0123456789"))
    assert colour.run(body.read(4)) == b"0123"
    assert [len(piece) for piece in colour.items(body.iter_bytes(3))] == [3, 3]
    assert colour.run(body.read()) == b""
    assert colour.run(body.read(1)) == b""


def test_a_with_block_opens_and_closes(colour: Any) -> None:
    """So length and header are known before a byte is read."""
    body, transport = download(colour, Answer(content=CONTENT, headers={"ETag": '"1"'}))
    assert colour.inside(body, lambda body: (body.total, body.response.headers["ETag"])) == (len(CONTENT), '"1"')
    with pytest.raises(RuntimeError, match="the download is closed after 0 bytes; read it inside the `with` block"):
        colour.next(body)
    transport.assert_finished()


def test_what_was_read_to_its_end_may_be_closed(colour: Any) -> None:
    """And is at its end still."""
    body, _ = download(colour, Answer(content=b"x"))
    assert colour.run(body.read()) == b"x"
    colour.run(body.close())
    assert colour.run(body.read()) == b""


def test_an_error_of_the_service_is_raised(colour: Any) -> None:
    body, _ = download(colour, Answer(404))
    with pytest.raises(ResourceNotFoundError):
        colour.run(body.read())
    with pytest.raises(RuntimeError, match="call the method again after an error"):
        colour.run(body.read())


@pytest.mark.parametrize("breaks", [[100], [0, 0], [100_000, 65_536, 7]], ids=str)
@pytest.mark.parametrize("knows_ranges", [True, False], ids=["ranges", "no ranges"])
def test_a_broken_body_is_gone_on_with(colour: Any, breaks: list[int], knows_ranges: bool) -> None:
    """From where it broke off; a service without ranges sends all of it, and what we have is skipped."""
    lines = [Store(*breaks, knows_ranges=knows_ranges)]
    store = lines[0]
    if not knows_ranges:  # then each try has to come further than the one before
        store.breaks = [sum(breaks[: n + 1]) for n in range(len(breaks))]
    body, transport = download(colour, *[store] * (len(breaks) + 1))
    assert colour.run(body.read()) == CONTENT
    assert len(transport.sent) == len(breaks) + 1
    assert {sent.headers.get("If-Range") for sent in transport.sent[1:]} == {'"1"'}
    transport.assert_finished()


def test_a_body_that_ends_too_soon_is_a_broken_one(colour: Any) -> None:
    """Where the transport could not tell."""
    short = Answer(chunks=[CONTENT[:100]], headers={"Content-Length": str(len(CONTENT)), "ETag": '"1"'})
    body, transport = download(colour, short, Store())
    assert colour.run(body.read()) == CONTENT
    assert ranges_of(transport) == [None, f"bytes=100-{len(CONTENT) - 1}"]
    body, _ = download(colour, Answer(chunks=[b"x"], headers={"Content-Length": "3"}))
    with pytest.raises(ServiceResponseError, match=r"GET .*/backup: the body ended after 1 of 3 bytes"):
        colour.run(body.read())


def test_silence_is_a_break(colour: Any) -> None:
    """The call's `timeout` ended with the header."""
    slow = Answer(chunks=[b"x", 59.0, b"y", 61.0], headers={"Content-Length": "3", "ETag": '"1"'})
    body, transport = download(colour, slow, Store(content=b"xyz"), timeout=5)
    assert colour.run(body.read()) == b"xyz"
    assert transport.now == 59 + 60 + 1


@pytest.mark.parametrize(
    ("headers", "method"),
    [
        pytest.param({}, "GET", id="nothing tells whether it is the same"),
        pytest.param({"ETag": 'W/"1"'}, "GET", id="a weak entity tag"),
        pytest.param({"Last-Modified": "Sat, 21 Nov 2026 10:00:00 GMT"}, "GET", id="a date that nobody can judge"),
        pytest.param({"ETag": '"1"', "Content-Encoding": "gzip"}, "GET", id="compressed all the same"),
        pytest.param({"ETag": '"1"'}, "POST", id="POST"),
    ],
)
def test_what_may_not_be_the_same_is_not_gone_on_with(colour: Any, headers: dict[str, str], method: str) -> None:
    client = colour.client(Answer(chunks=[b"x", cut()], headers=headers))
    body = client._download(Operation[bytes](method, "/backup", responses={200: None}), {}, options={})
    with pytest.raises(ServiceResponseError, match="broke off"):
        colour.run(body.read())


def test_a_date_well_before_the_answer_is_good_enough(colour: Any) -> None:
    """RFC 9110, section 8.8.2.2."""
    headers = {
        "Last-Modified": "Sat, 21 Nov 2026 10:00:00 GMT",
        "Date": "Sat, 21 Nov 2026 10:00:01 GMT",
        "Content-Length": "2",
    }
    part = Answer(206, content=b"y", headers={**headers, "Content-Range": "bytes 1-1/2", "Content-Length": "1"})
    body, transport = download(colour, Answer(chunks=[b"x", cut()], headers=headers), part)
    assert colour.run(body.read()) == b"xy"
    assert transport.sent[1].headers["If-Range"] == headers["Last-Modified"]


def test_a_content_that_changed_is_not_mixed(colour: Any) -> None:
    """The first bytes are out already."""
    body, transport = download(colour, Store(100), Store(etag='"2"'))
    colour.next(body)
    with pytest.raises(
        ServiceResponseError, match="the content changed while it was read, after 100 bytes; begin again"
    ):
        colour.next(body)
    transport.assert_finished()


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Content-Range": "bytes 0-9/10"}, id="other bytes"),
        pytest.param({"Content-Range": "lines 1-2/3"}, id="no bytes"),
        pytest.param({}, id="no range"),
        pytest.param({"Content-Range": "bytes 1-9/10", "Content-Encoding": "gzip"}, id="compressed"),
    ],
)
def test_a_part_that_does_not_fit_is_refused(colour: Any, headers: dict[str, str]) -> None:
    """Better no file than a wrong one."""
    first = Answer(chunks=[b"0", cut()], headers={"ETag": '"1"', "Content-Length": "10"})
    body, transport = download(colour, first, Answer(206, content=b"123456789", headers=headers))
    with pytest.raises(DecodeError, match="the part"):
        colour.run(body.read())
    transport.assert_finished()


def test_a_part_of_another_content_is_refused(colour: Any) -> None:
    """A service that sends it in spite of `If-Range`."""
    first = Answer(chunks=[b"0", cut()], headers={"ETag": '"1"', "Content-Length": "2"})
    part = Answer(206, content=b"1", headers={"ETag": '"2"', "Content-Range": "bytes 1-1/2"})
    body, _ = download(colour, first, part)
    with pytest.raises(ServiceResponseError, match="the content changed"):
        colour.run(body.read())


def test_a_lost_end_of_unknown_length_is_found(colour: Any) -> None:
    """416 at the place where we are: nothing is missing."""
    store = Store(content=b"xyz")
    store.has_length, store.breaks = False, [3]
    body, transport = download(colour, store, store)
    assert colour.run(body.read()) == b"xyz"
    assert ranges_of(transport) == [None, "bytes=3-"]


def test_an_error_while_going_on_is_raised(colour: Any) -> None:
    body, _ = download(colour, Store(100), Answer(410))
    with pytest.raises(HttpResponseError, match="answered 410"):
        colour.run(body.read())


def test_too_many_breaks_without_a_byte_are_an_error(colour: Any) -> None:
    body, transport = download(colour, Store(100), *[Store(0) for _ in range(3)])
    with pytest.raises(ServiceResponseError, match="broke off"):
        colour.run(body.read())
    assert len(transport.sent) == 4
    transport.assert_finished()


@given(st.lists(st.integers(1, 60), max_size=6), st.integers(0, 100), st.integers(1, 40), st.booleans())
@settings(max_examples=60)
def test_whatever_breaks_the_bytes_are_right(breaks: list[int], size: int, piece: int, has_length: bool) -> None:
    """Any length, any breaks, any size of pieces."""
    from clientsmith.core import ServiceClient
    from clientsmith.core.testing import ScriptedTransport

    store = Store(*breaks, content=os.urandom(size))
    store.has_length = has_length
    client = ServiceClient("https://example.test", transport=ScriptedTransport(store, repeat=True))
    assert b"".join(client._download(BACKUP, {}, options={}).iter_bytes(piece)) == store.content


# --- parts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("knows_ranges", [True, False], ids=["ranges", "no ranges"])
@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param(ByteRange(10, 19), CONTENT[10:20], id="from, to"),
        pytest.param(ByteRange(255_990), CONTENT[255_990:], id="from"),
        pytest.param(ByteRange(-7), CONTENT[-7:], id="the last ones"),
        pytest.param(ByteRange(255_999, 900_000), CONTENT[-1:], id="beyond the end"),
    ],
)
def test_a_part_of_it(colour: Any, wanted: ByteRange, expected: bytes, knows_ranges: bool) -> None:
    """A service without ranges sends all of it, and the rest is thrown away."""
    body, transport = download(colour, Store(knows_ranges=knows_ranges), byte_range=wanted)
    assert colour.run(body.read()) == expected
    assert body.total == len(expected)
    assert ranges_of(transport) == [str(wanted)]
    transport.assert_finished()


def test_a_part_is_gone_on_with_too(colour: Any) -> None:
    """Up to its own end."""
    body, transport = download(colour, Store(5), Store(), byte_range=ByteRange(10, 19))
    assert colour.run(body.read()) == CONTENT[10:20]
    assert ranges_of(transport) == ["bytes=10-19", "bytes=15-19"]


def test_a_part_that_is_not_there_is_the_service_s_error(colour: Any) -> None:
    body, _ = download(colour, Store(), byte_range=ByteRange(900_000))
    with pytest.raises(HttpResponseError, match="answered 416"):
        colour.run(body.read())


def test_a_range_is_a_value_for_a_header_too() -> None:
    """An operation may have it as a parameter; it pickles, and shows what it is."""
    partly = Operation[bytes]("GET", "/backup", parameters={"part": header("Range")}, responses={200: BYTES_BODY})
    part = ByteRange(0, 9)
    assert partly.request({"part": part}).headers["Range"] == "bytes=0-9"
    assert (ByteRange(5), ByteRange(-5)) == ("bytes=5-", "bytes=-5")
    again = pickle.loads(pickle.dumps(part))
    assert (again, again.first, again.last, repr(again)) == (part, 0, 9, "ByteRange(0, 9)")


@pytest.mark.parametrize(("first", "last"), [(5, 4), (-1, 3), (-3, -1)], ids=str)
def test_a_range_that_cannot_be_is_told_at_once(first: int, last: int) -> None:
    with pytest.raises(ValueError, match=f"there are no bytes from {first} to {last}"):
        ByteRange(first, last)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("bytes 0-0/1", ContentRange(0, 1, 1), id="a byte"),
        pytest.param("Bytes 5-9/*", ContentRange(5, 10, None), id="of unknown size"),
        pytest.param("bytes */10", ContentRange(0, 0, 10), id="none of them"),
        pytest.param("bytes 5-4/10", None, id="backwards"),
        pytest.param("bytes 5-10/10", None, id="beyond the end"),
        pytest.param("bytes ٥-٩/10", None, id="digits of other scripts"),
        pytest.param("bytes 1-2", None, id="without size"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_content_ranges(value: str, expected: ContentRange | None) -> None:
    """RFC 9110, section 14.4."""
    if expected is None:
        with pytest.raises(ValueError, match="Content-Range is"):
            ContentRange.parse(value)
    else:
        assert ContentRange.parse(value) == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        pytest.param({"ETag": '"1"'}, '"1"', id="strong"),
        pytest.param({"ETag": 'W/"1"', "Last-Modified": "x"}, None, id="weak, and no date instead"),
        pytest.param({"ETag": "1"}, None, id="no entity tag"),
        pytest.param({"Last-Modified": "yesterday", "Date": "today"}, None, id="no dates"),
        pytest.param({"Last-Modified": "Sat, 21 Nov 2026 10:00:00 GMT", "Date": "Sat, 21 Nov 2026 10:00:00 GMT"}, None, id="may change again in this second"),
        pytest.param({}, None, id="nothing"),
    ],
)  # fmt: skip
def test_what_tells_for_sure_that_it_is_the_same(headers: dict[str, str], expected: str | None) -> None:
    assert strong_validator(headers) == expected


# --- files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["path", "file"])
def test_a_download_is_written_to_a_file(colour: Any, tmp_path: Path, kind: str) -> None:
    """With its progress; nothing else is left in the folder."""
    target = target_of(tmp_path, kind)
    steps: list[tuple[int, int | None]] = []
    body, _ = download(colour, Store())
    assert colour.run(body.write_to(target, progress=lambda done, total: steps.append((done, total)))) == len(CONTENT)
    if kind == "file":
        target.close()
    assert (tmp_path / "backup.bin").read_bytes() == CONTENT
    assert [path.name for path in tmp_path.iterdir()] == ["backup.bin"]
    assert steps == [(min((n + 1) * 65536, len(CONTENT)), len(CONTENT)) for n in range(4)]


@pytest.mark.parametrize("kind", ["path", "file"])
def test_breaks_and_changes_do_not_show_in_a_file(colour: Any, tmp_path: Path, kind: str) -> None:
    """A content that changed is begun anew; what was written of the old one is gone."""
    target = target_of(tmp_path, kind)
    newer = b"new" * 50_000
    body, transport = download(colour, Store(2_000), Store(200_000), Store(content=newer, etag='"2"'))
    assert colour.run(body.write_to(target)) == len(newer)
    if kind == "file":
        target.close()
    assert (tmp_path / "backup.bin").read_bytes() == newer
    assert len(list(tmp_path.iterdir())) == 1
    transport.assert_finished()


def test_a_file_is_written_to_from_where_it_stands(colour: Any) -> None:
    """What was there stays, also when the content is begun anew."""
    file = io.BytesIO(b"head")
    file.seek(4)
    body, _ = download(colour, Store(3), Store(content=b"new", etag='"2"'))
    colour.run(body.write_to(file))
    assert file.getvalue() == b"headnew"


def test_a_file_that_cannot_go_back_is_not_written_twice(colour: Any) -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    body, _ = download(colour, Store(300_000, content=bytes(2**21)), Store(content=b"new", etag='"2"'))
    with pytest.raises(OSError, match="cannot go back"):
        colour.run(body.write_to(Pipe()))


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        pytest.param(lambda: [Store(100), Answer(410)], HttpResponseError, id="the service"),
        pytest.param(lambda: [Answer(chunks=[b"x", 100.0])], ServiceResponseTimeoutError, id="the road"),
    ],
)  # fmt: skip
def test_a_failed_download_leaves_the_old_file_and_nothing_else(
    colour: Any, tmp_path: Path, trouble: Callable[[], list[Any]], error: type[Exception]
) -> None:
    target = tmp_path / "backup.bin"
    target.write_bytes(b"old")
    body, transport = download(colour, *trouble())
    with pytest.raises(error):
        colour.run(body.write_to(target))
    assert target.read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 1
    transport.assert_finished()


def test_trouble_of_the_caller_s_own_gives_everything_up(colour: Any, tmp_path: Path) -> None:
    """A progress callback that raises, a folder that is not there."""

    def stop(done: int, total: int | None) -> None:
        raise KeyError("enough")

    body, transport = download(colour, Store())
    with pytest.raises(KeyError):
        colour.run(body.write_to(tmp_path / "backup.bin", progress=stop))
    assert list(tmp_path.iterdir()) == []
    transport.assert_finished()
    body, transport = download(colour, Store())
    with pytest.raises(FileNotFoundError):
        colour.run(body.write_to(tmp_path / "no" / "backup.bin"))
    transport.assert_finished()


def test_a_file_does_not_begin_in_the_middle(colour: Any, tmp_path: Path) -> None:
    """What was read already would be missing."""
    body, transport = download(colour, Store())
    colour.next(body)
    with pytest.raises(RuntimeError, match="65536 bytes were read already"):
        colour.run(body.write_to(tmp_path / "backup.bin"))
    assert list(tmp_path.iterdir()) == []
    transport.assert_finished()


def test_a_link_goes_on_leading_to_the_file(colour: Any, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "file").write_bytes(b"old")
    (tmp_path / "link").symlink_to(tmp_path / "real" / "file")
    body, _ = download(colour, Store())
    colour.run(body.write_to(tmp_path / "link"))
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "file").read_bytes() == CONTENT


# --- going on another day --------------------------------------------------------------------------------------------


def interrupted(colour: Any, target: Path, store: Callable[..., Any] | None = None) -> None:
    body, _ = download(colour, store or Store(100_000), Answer(410))
    with pytest.raises(HttpResponseError):
        colour.run(body.write_to(target, resume=True))


def test_a_download_goes_on_another_day(colour: Any, tmp_path: Path) -> None:
    """The first answer tells the version; only what is missing is loaded."""
    target = tmp_path / "backup.bin"
    interrupted(colour, target)
    assert [path.name for path in tmp_path.iterdir()] != ["backup.bin"]
    steps: list[int] = []
    body, transport = download(colour, Store(), Store())
    assert colour.run(body.write_to(target, resume=True, progress=lambda done, _: steps.append(done))) == len(CONTENT)
    assert target.read_bytes() == CONTENT
    assert ranges_of(transport) == [None, f"bytes=100000-{len(CONTENT) - 1}"]
    assert steps[0] > 100_000
    assert [path.name for path in tmp_path.iterdir()] == ["backup.bin"]
    transport.assert_finished()


def test_another_content_is_begun_anew_another_day(colour: Any, tmp_path: Path) -> None:
    """The version is in the hidden file's name."""
    target = tmp_path / "backup.bin"
    interrupted(colour, target)
    body, transport = download(colour, Store(content=b"new", etag='"2"'))
    colour.run(body.write_to(target, resume=True))
    assert target.read_bytes() == b"new"
    assert ranges_of(transport) == [None]


def test_a_content_that_changes_between_asking_and_going_on(colour: Any, tmp_path: Path) -> None:
    target = tmp_path / "backup.bin"
    interrupted(colour, target)
    body, transport = download(colour, Store(), Store(content=b"newer", etag='"2"'))
    colour.run(body.write_to(target, resume=True))
    assert target.read_bytes() == b"newer"
    assert [path.name for path in tmp_path.iterdir()] == ["backup.bin"]
    transport.assert_finished()


def test_what_is_complete_already_is_only_given_its_name(colour: Any, tmp_path: Path) -> None:
    """The machine went down between the last byte and the new name."""
    target = tmp_path / "backup.bin"
    interrupted(colour, target)
    hidden = next(tmp_path.iterdir())
    hidden.write_bytes(CONTENT)
    body, transport = download(colour, Store())
    assert colour.run(body.write_to(target, resume=True)) == len(CONTENT)
    assert target.read_bytes() == CONTENT
    assert len(transport.sent) == 1
    hidden.write_bytes(CONTENT + b"too much")
    body, transport = download(colour, Store())
    colour.run(body.write_to(target, resume=True))
    assert target.read_bytes() == CONTENT
    transport.assert_finished()


def test_without_a_version_nothing_is_kept_for_another_day(colour: Any, tmp_path: Path) -> None:
    body, _ = download(colour, Answer(chunks=[b"x", cut()]))
    with pytest.raises(ServiceResponseError):
        colour.run(body.write_to(tmp_path / "backup.bin", resume=True))
    assert list(tmp_path.iterdir()) == []
