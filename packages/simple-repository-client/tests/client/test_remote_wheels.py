"""Metadata out of a wheel that stays where it is: a few parts are asked for, and nothing is believed."""

from __future__ import annotations

import io
import struct
import zipfile
from typing import Any

import pytest
from clientsmith.core.errors import HttpResponseError, InsecureTransportError, ResourceNotFoundError
from clientsmith.core.rest import HttpRequest
from clientsmith.core.testing import Answer
from hypothesis import given, settings
from hypothesis import strategies as st
from simple_repository_client import MetadataUnavailableError
from simple_repository_client.wheels import _metadata_in, _MissingBytesError, _Sparse

METADATA = b"Metadata-Version: 2.1\nName: foo\nVersion: 1.0\n"
WHEEL = "foo-1.0-py3-none-any.whl"


def wheel(
    metadata: bytes = METADATA,
    files: int = 5,
    size: int = 30_000,
    *,
    first: bool = False,
    kind: int = zipfile.ZIP_DEFLATED,
    **more: bytes,
) -> bytes:
    """Return a wheel; its metadata is at the end, as it should be, unless it is ``first``."""
    import random

    noise = random.Random(7)  # what does not get shorter when it is compressed
    entries = [(f"foo/{number}.py", noise.randbytes(size)) for number in range(files)]
    about = [
        ("foo-1.0.dist-info/METADATA", metadata),
        *((name.replace("__", "/"), data) for name, data in more.items()),
    ]
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", kind) as archive:
        for name, data in (about + entries) if first else (entries + about):
            archive.writestr(name, data)
    return written.getvalue()


class Server:
    """A server of one file that gives parts, and remembers which."""

    def __init__(self, content: bytes, *, etags: tuple[str, ...] = (), knows_ranges: bool = True) -> None:
        self.content, self.etags, self.knows_ranges = content, list(etags), knows_ranges
        self.sent = 0

    def __call__(self, request: HttpRequest) -> Answer:
        headers = {"ETag": self.etags.pop(0) if self.etags else '"1"'}
        size = len(self.content)
        if not self.knows_ranges:
            self.sent += size
            return Answer(content=self.content, headers=headers)
        if not size:
            return Answer(416, headers={"Content-Range": "bytes */0"})
        low, _, high = request.headers["Range"].removeprefix("bytes=").partition("-")
        first = int(low) if low else max(0, size - int(high))
        stop = min(int(high) + 1, size) if low and high else size
        self.sent += stop - first
        headers["Content-Range"] = f"bytes {first}-{stop - 1}/{size}"
        return Answer(206, content=self.content[first:stop], headers=headers)


def ask(colour: Any, a_file: Any, server: Any, times: int = 9, **parts: Any) -> tuple[Any, Any]:
    client = colour.client(*[server] * times)
    parts.setdefault("size", len(server.content))
    file = a_file(parts.pop("name", WHEEL), **parts)
    return client, lambda: colour.run(client.get_metadata(file, from_wheel=True))


@pytest.mark.parametrize("knows_size", [True, False], ids=["the index says the size", "it does not"])
@pytest.mark.parametrize(
    ("content", "requests"),
    [
        (wheel(), 1),
        (wheel(files=0), 1),
        (wheel(kind=zipfile.ZIP_STORED), 1),
        (wheel(first=True), 2),
        (wheel(files=400, size=10), 2),
        (wheel(files=400, size=10, first=True), 3),
    ],
    ids=["as it should be", "a small one", "stored", "metadata first", "many files", "many files, metadata first"],
)
def test_a_few_parts_are_enough(colour: Any, a_file: Any, content: bytes, requests: int, knows_size: bool) -> None:
    """Of a wheel as large as you like."""
    server = Server(content)
    client, question = ask(colour, a_file, server, size=len(content) if knows_size else None)
    found = question()
    assert (found.content, found.source, found.verified_by) == (METADATA, "wheel", "")
    assert str(found.parsed.version) == "1.0"
    assert len(client.transport.sent) <= requests
    assert server.sent <= requests * 16 * 1024 + 70_000
    assert client.transport.open_bodies == 0


def test_what_the_index_gives_by_itself_is_taken(colour: Any, a_file: Any) -> None:
    """It is shorter, and may have a hash."""
    client = colour.client(Answer(content=METADATA))
    found = colour.run(client.get_metadata(a_file(WHEEL, core_metadata=True), from_wheel=True))
    assert (found.source, client.transport.sent[0].url) == ("index", f"https://files.test/{WHEEL}.metadata")


def test_the_whole_is_never_sent(colour: Any, a_file: Any) -> None:
    """A server that gives no parts is left at its header."""
    client, question = ask(colour, a_file, Server(wheel(), knows_ranges=False))
    with pytest.raises(
        MetadataUnavailableError, match="its server gives no parts of files; download the file to read it"
    ):
        question()
    assert (len(client.transport.sent), client.transport.open_bodies) == (1, 0)


def test_an_archive_of_sources_has_no_such_place(colour: Any, a_file: Any) -> None:
    """Nothing is sent."""
    client, question = ask(colour, a_file, Server(b""), name="foo-1.0.tar.gz")
    with pytest.raises(MetadataUnavailableError, match="only wheels have their metadata in a place"):
        question()
    assert client.transport.sent == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"no archive at all" * 2000, "it is no wheel that can be read (File is not a zip file)"),
        (b"", "answered 416"),
        (wheel(**{"bar-2.0.dist-info__METADATA": METADATA}), "there are 2 files in it that are called METADATA"),
        (wheel(b"hello"), "what the wheel gives as its metadata is none"),
        (wheel(b"\0" * 9_000_000), "its metadata is said to have 9000000 bytes"),
        (wheel(kind=zipfile.ZIP_LZMA), "its metadata is compressed in a way that wheels are not (14)"),
        (wheel()[:-500], "it is no wheel that can be read"),
    ],
    ids=["no archive", "nothing", "two of them", "no metadata", "a bomb", "another compression", "cut off"],
)
def test_what_is_no_wheel_is_told(colour: Any, a_file: Any, content: bytes, words: str) -> None:
    """With the file's name, and no traceback of another library in front."""
    _, question = ask(colour, a_file, Server(content), size=None, project=None)
    with pytest.raises((MetadataUnavailableError, HttpResponseError)) as caught:
        question()
    assert words in str(caught.value)
    assert WHEEL in str(caught.value)


def test_the_metadata_of_another_project_is_not_taken(colour: Any, a_file: Any) -> None:
    """That a wheel carries along."""
    content = wheel(**{"bar-2.0.dist-info__METADATA": METADATA})
    _, question = ask(colour, a_file, Server(content), project="foo")
    assert question().content == METADATA


def test_a_bomb_that_lies_about_its_size(colour: Any, a_file: Any) -> None:
    """It is unpacked only as far as it says that it goes."""
    content = bytearray(wheel(b"A" * 20_000_000))
    place = content.index(b"PK\x01\x02", content.index(b"foo-1.0.dist-info/METADATA"))
    while b"METADATA" not in content[place : place + 80]:
        place = content.index(b"PK\x01\x02", place + 1)
    content[place + 24 : place + 28] = struct.pack("<I", 100)
    _, question = ask(colour, a_file, Server(bytes(content)), size=None)
    with pytest.raises(MetadataUnavailableError):
        question()


def test_two_contents_are_not_mixed(colour: Any, a_file: Any) -> None:
    """The file was replaced between two parts."""
    _, question = ask(colour, a_file, Server(wheel(first=True), etags=('"1"', '"2"')))
    with pytest.raises(MetadataUnavailableError, match="it changed while it was read"):
        question()


def test_a_wheel_that_is_not_there(colour: Any, a_file: Any) -> None:
    """The server's own answer."""
    client = colour.client(Answer(404))
    with pytest.raises(ResourceNotFoundError, match="answered 404"):
        colour.run(client.get_metadata(a_file(WHEEL), from_wheel=True))


def test_not_from_https_to_http(colour: Any, a_file: Any) -> None:
    """As for a download."""
    with pytest.raises(InsecureTransportError):
        colour.run(colour.client().get_metadata(a_file(WHEEL, url="http://files.test/f.whl"), from_wheel=True))


@settings(max_examples=60, deadline=None)
@given(place=st.integers(0, 3000), change=st.integers(1, 255), part=st.integers(1, 4000))
def test_a_damaged_wheel_is_an_error_of_ours_or_readable(place: int, change: int, part: int) -> None:
    """Whatever byte of it is another, and however much of it is here."""
    from simple_repository_client import ProjectFile

    content = bytearray(wheel(files=2, size=500))
    content[place % len(content)] ^= change
    sparse = _Sparse(len(content))
    sparse.add(max(0, len(content) - part), bytes(content[-part:]))
    file = ProjectFile(WHEEL, f"https://files.test/{WHEEL}")
    allowed = (_MissingBytesError, MetadataUnavailableError, zipfile.BadZipFile, ValueError, RuntimeError, EOFError)
    import zlib

    try:
        assert isinstance(_metadata_in(sparse, file), bytes)
    except (*allowed, zlib.error):
        pass
