"""Files: whole and right, or not there at all."""

from __future__ import annotations

import errno
import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from clientsmith.core.errors import (
    HttpResponseError,
    InsecureTransportError,
    ResourceNotFoundError,
    ServiceResponseError,
)
from clientsmith.core.rest import HttpRequest
from clientsmith.core.testing import Answer, ScriptedServer
from hypothesis import given, settings
from hypothesis import strategies as st
from simple_repository_client import (
    ExistingFileError,
    FileError,
    HashMismatchError,
    ProjectFile,
    SizeMismatchError,
    UnsafeFileNameError,
    UnverifiableFileError,
)
from simple_repository_client.download.file_names import place_for

NAME = "foo-1.0.tar.gz"


def ranges_of(client: Any) -> list[int | None]:
    """From which byte each request wanted the file, None for all of it."""
    ranges = [sent.headers.get("Range") for sent in client.transport.sent]
    return [wanted and int(wanted.removeprefix("bytes=").partition("-")[0]) for wanted in ranges]


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_comes_into_a_folder(colour: Any, a_file: Any, content: bytes, tmp_path: Path) -> None:
    """Which is made; the progress is told in bytes, and the request asks for the bytes as they are."""
    client, steps = colour.client(Answer(content=content)), []
    folder = tmp_path / "a" / "b"
    place = colour.run(client.download(a_file(), folder, progress=lambda done, total: steps.append((done, total))))
    assert (place, place.read_bytes(), files_in(folder)) == (folder / NAME, content, [NAME])
    assert steps[-1] == (len(content), len(content))
    assert [done for done, _ in steps] == sorted({done for done, _ in steps})
    assert client.transport.sent[0].headers["Accept-Encoding"] == "identity"


def test_a_file_that_is_there_is_not_downloaded_again(colour: Any, a_file: Any, content: bytes, tmp_path: Path) -> None:
    """If it is this one, by its hash."""
    (tmp_path / NAME).write_bytes(content)
    client, steps = colour.client(), []
    assert colour.run(client.download(a_file(), tmp_path, progress=lambda *step: steps.append(step))) == tmp_path / NAME
    assert (client.transport.sent, steps) == ([], [(len(content), len(content))])


@pytest.mark.parametrize("other", [b"another", None], ids=["of another size", "of the same size"])
def test_another_file_of_the_name_is_left_as_it_is(
    colour: Any, a_file: Any, content: bytes, tmp_path: Path, other: bytes | None
) -> None:
    """And nothing is sent."""
    there = content[::-1] if other is None else other
    (tmp_path / NAME).write_bytes(there)
    client = colour.client()
    with pytest.raises(ExistingFileError) as caught:
        colour.run(client.download(a_file(), tmp_path))
    assert isinstance(caught.value, FileExistsError)
    assert f"{tmp_path / NAME} is there already and is another file; move it away, or download" in str(caught.value)
    assert ((tmp_path / NAME).read_bytes(), client.transport.sent) == (there, [])


def test_a_folder_of_the_name_is_no_file(colour: Any, a_file: Any, tmp_path: Path) -> None:
    """It stays, too."""
    (tmp_path / NAME).mkdir()
    with pytest.raises(ExistingFileError, match="is there already and is no file"):
        colour.run(colour.client().download(a_file(), tmp_path))


def test_whoever_is_quicker_wins(colour: Any, a_file: Any, content: bytes, tmp_path: Path) -> None:
    """A file that comes into being while it is downloaded is taken if it is the same one, and left if it is not."""

    def meanwhile(there: bytes) -> Any:
        def answer(_request: HttpRequest) -> Answer:
            (tmp_path / NAME).write_bytes(there)
            return Answer(content=content)

        return answer

    assert colour.run(colour.client(meanwhile(content)).download(a_file(), tmp_path)).read_bytes() == content
    (tmp_path / NAME).unlink()
    with pytest.raises(ExistingFileError, match="is another file"):
        colour.run(colour.client(meanwhile(b"mine")).download(a_file(), tmp_path))
    assert ((tmp_path / NAME).read_bytes(), files_in(tmp_path)) == (b"mine", [NAME])


# --- right or wrong --------------------------------------------------------------------------------------------------


def test_wrong_bytes_never_get_the_name_and_are_removed(
    colour: Any, a_file: Any, content: bytes, tmp_path: Path
) -> None:
    """The error says what was expected and what was found, of which file."""
    wrong = content[:-1] + b"!"
    client = colour.client(Answer(content=wrong, headers={"ETag": '"1"'}))
    with pytest.raises(HashMismatchError) as caught:
        colour.run(client.download(a_file(), tmp_path))
    error = caught.value
    assert (error.algorithm, error.file_name) == ("sha256", NAME)
    assert (error.expected, error.found) == (hashlib.sha256(content).hexdigest(), hashlib.sha256(wrong).hexdigest())
    assert str(error).startswith(
        f"{NAME}: its sha256 is {error.found}, and the index says {error.expected}; what came was removed"
    )
    assert files_in(tmp_path) == []


@pytest.mark.parametrize("length", [-1, 1], ids=["too few", "too many"])
def test_a_size_that_is_not_the_indexs(colour: Any, a_file: Any, content: bytes, tmp_path: Path, length: int) -> None:
    """Too many bytes are not waited for."""
    size = len(content) - length
    client = colour.client(Answer(content=content))
    with pytest.raises(SizeMismatchError) as caught:
        colour.run(client.download(a_file(size=size), tmp_path))
    came = f"more than {size}" if length > 0 else str(len(content))
    assert f"{came} bytes came, and the index says {size}" in str(caught.value)
    assert files_in(tmp_path) == []


def test_the_strongest_hash_counts(colour: Any, a_file: Any, content: bytes, tmp_path: Path) -> None:
    """One is enough, and of several the strongest is checked."""
    right, wrong = hashlib.sha512(content).hexdigest(), "0" * 64
    hashes = {"md5": "0" * 32, "sha256": wrong, "SHA512": right.upper(), "sha999": "0"}
    assert colour.run(colour.client(Answer(content=content)).download(a_file(hashes=hashes), tmp_path)).exists()
    hashes = {"sha256": hashlib.sha256(content).hexdigest(), "sha512": "0" * 128}
    with pytest.raises(HashMismatchError, match=r"its sha512 is"):
        colour.run(colour.client(Answer(content=content)).download(a_file("bar-1.zip", hashes=hashes), tmp_path))


@pytest.mark.parametrize(
    ("hashes", "words"),
    [
        ({}, "the index gives no hash; pass allow_unverified=True to take what comes"),
        ({"crc32": "0" * 8}, "the index gives only crc32, which is not known here"),
        ({"md5": "0" * 32}, "the index gives no hash but md5, which others can match"),
        ({"sha1": "0" * 40, "md5": "0" * 32}, "the index gives no hash but sha1"),
        ({"sha256": "0" * 63}, "its sha256 is no sha256 in the index"),
        ({"sha256": "xyz" + "0" * 61}, "its sha256 is no sha256 in the index"),
    ],
    ids=["none", "an unknown one", "md5", "weak ones", "too short", "no digits"],
)
def test_what_cannot_be_verified_is_refused(
    colour: Any, a_file: Any, tmp_path: Path, hashes: dict[str, str], words: str
) -> None:
    """Before anything is sent."""
    client = colour.client()
    with pytest.raises(UnverifiableFileError, match=words) as caught:
        colour.run(client.download(a_file(hashes=hashes), tmp_path))
    assert (caught.value.algorithms, client.transport.sent) == (tuple(hashes), [])


def test_who_wants_to_takes_what_comes(colour: Any, a_file: Any, content: bytes, tmp_path: Path) -> None:
    """A weak hash is checked all the same; a file that is there cannot be compared, and is left."""
    take = {"allow_unverified": True}
    assert colour.run(colour.client(Answer(content=content)).download(a_file(hashes={}), tmp_path, **take)).exists()
    with pytest.raises(ExistingFileError, match="cannot be compared, for the index gives no hash"):
        colour.run(colour.client().download(a_file(hashes={}), tmp_path, **take))
    weak = a_file("bar-1.0.zip", hashes={"md5": hashlib.md5(content).hexdigest()})
    assert colour.run(colour.client(Answer(content=content)).download(weak, tmp_path, **take)).exists()
    wrong = a_file("baz-1.0.zip", hashes={"md5": "0" * 32})
    with pytest.raises(HashMismatchError, match="its md5 is"):
        colour.run(colour.client(Answer(content=content)).download(wrong, tmp_path, **take))


# --- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "../foo-1.0.tar.gz", "/etc/cron.d/foo.zip", "..\\foo-1.0.zip", "C:foo-1.0.zip", "foo/../../bar-1.0.zip", "", ".",
        "..", ".bashrc", "-rf.zip", "foo-1.0.zip\0.txt", "foo-1.0.zip\n", "foo 1.0.zip", "foo-1.0.pth", "sitecustomize.py",
        "NUL.zip", "com1.tar.gz", "fóo-1.0.zip", "foo‮.zip", "a" * 250 + ".zip", "foo-1.0.zip:stream", "$(rm).zip",
    ],
    ids=ascii,
)  # fmt: skip
def test_a_name_never_chooses_a_place(colour: Any, a_file: Any, tmp_path: Path, name: str) -> None:
    """Nothing is sent, and nothing written."""
    client = colour.client()
    with pytest.raises(UnsafeFileNameError, match="nothing is written under this name: ") as caught:
        colour.run(client.download(a_file(name, url="https://files.test/f"), tmp_path / "inner"))
    assert (client.transport.sent, files_in(tmp_path)) == ([], [])
    assert "\n" not in str(caught.value)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=40), st.from_regex(r"[.\\/a-z]{0,9}[.](zip|whl|tar\.gz)", fullmatch=True)))
def test_whatever_the_index_calls_a_file_it_stays_in_the_folder(name: str) -> None:
    """Or is refused."""
    folder, place, said = Path("/some/folder"), None, ""
    try:
        place = place_for(folder, name)
    except UnsafeFileNameError as error:
        said = str(error)
    assert said.isprintable()
    if place is not None:
        assert (place.parent, place.name, Path(os.path.normpath(place))) == (folder, name, place)


@pytest.mark.parametrize(
    "name",
    [
        "foo-1.0-py3-none-any.whl", "foo-1.0.tar.gz", "Foo.Bar_baz-1!2.0+local.1.zip", "_foo-0.tgz", "foo-1.0.win32.exe",
        "python-foo_1.0~rc1-1_all.deb",
    ],
)  # fmt: skip
def test_names_that_files_have(colour: Any, a_file: Any, content: bytes, tmp_path: Path, name: str) -> None:
    """Of wheels, source archives and what there was before."""
    assert colour.run(colour.client(Answer(content=content)).download(a_file(name), tmp_path)) == tmp_path / name


def test_the_address_does_not_name_the_file(colour: Any, a_file: Any, content: bytes, tmp_path: Path) -> None:
    """The index does, and the service's header has no say either."""
    answer = Answer(content=content, headers={"Content-Disposition": 'attachment; filename="../evil.zip"'})
    file = a_file(url="https://files.test/..%2F..%2Fevil.zip")
    assert colour.run(colour.client(answer).download(file, tmp_path)) == tmp_path / NAME


def test_a_link_that_leads_nowhere_is_not_followed(colour: Any, a_file: Any, tmp_path: Path) -> None:
    """The file would come into being somewhere else."""
    (tmp_path / NAME).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UnsafeFileNameError, match="is a link that leads nowhere"):
        colour.run(colour.client().download(a_file(), tmp_path))


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://files.test/f.zip", "https://files.test\\.other.test/f"])
def test_only_addresses_of_the_web_are_followed(colour: Any, a_file: Any, tmp_path: Path, url: str) -> None:
    """Others are for other programs."""
    with pytest.raises(FileError, match=r"^foo-1.0.tar.gz: nothing is asked for: .* only http and https are followed"):
        colour.run(colour.client().download(a_file(url=url), tmp_path))


def test_an_index_does_not_lead_from_https_to_http(colour: Any, a_file: Any, tmp_path: Path) -> None:
    """Where anybody could read what is downloaded."""
    client = colour.client()
    with pytest.raises(InsecureTransportError, match=r"http://files.test/f was not followed: the index is https"):
        colour.run(client.download(a_file(url="http://files.test/f"), tmp_path))
    assert client.transport.sent == []


# --- the road --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cut", [0, 1, 65_536, 200_000, 255_999])
@pytest.mark.parametrize("knows_ranges", [True, False], ids=["ranges", "no ranges"])
def test_a_break_is_gone_on_with_in_the_same_call(
    colour: Any, a_file: Any, content: bytes, file_store: Any, tmp_path: Path, cut: int, knows_ranges: bool
) -> None:
    """Wherever it is; the whole is checked in the end."""
    store = file_store(content, cut, knows_ranges=knows_ranges)
    client = colour.client(store, store)
    assert colour.run(client.download(a_file(), tmp_path)).read_bytes() == content
    assert ranges_of(client) == [None, cut]
    assert client.transport.sent[1].headers["If-Range"] == '"1"'


@pytest.mark.parametrize("cut", [1, 65_536, 200_000, 255_999])
def test_a_break_is_gone_on_with_by_a_later_call(
    colour: Any, a_file: Any, content: bytes, file_store: Any, tmp_path: Path, cut: int
) -> None:
    """Of another client, tomorrow: what has come waits in a hidden file."""
    with pytest.raises(ServiceResponseError, match="the body broke off") as caught:
        colour.run(colour.client(file_store(content, cut)).download(a_file(), tmp_path, max_retries=0))
    assert caught.value.attempts <= 1
    [hidden] = files_in(tmp_path)
    assert (hidden.startswith(f".{NAME}."), (tmp_path / hidden).stat().st_size) == (True, cut)
    client, steps = colour.client(*[file_store(content)] * 2), []
    place = colour.run(client.download(a_file(), tmp_path, progress=lambda done, total: steps.append((done, total))))
    assert (place.read_bytes(), files_in(tmp_path)) == (content, [NAME])
    assert ranges_of(client) == [None, cut]
    assert steps[0][0] > cut


def test_a_file_that_changed_between_two_calls_is_begun_anew(
    colour: Any, a_file: Any, content: bytes, file_store: Any, tmp_path: Path
) -> None:
    """Another entity tag is another content: nothing of the former one is used."""
    with pytest.raises(ServiceResponseError):
        colour.run(colour.client(file_store(b"x" * 300_000, 100_000)).download(a_file(), tmp_path, max_retries=0))
    client = colour.client(file_store(content, etag='"2"'))
    assert colour.run(client.download(a_file(), tmp_path)).read_bytes() == content
    assert ranges_of(client) == [None]


def test_a_file_that_changes_while_it_is_read_is_begun_anew(
    colour: Any, a_file: Any, content: bytes, file_store: Any, tmp_path: Path
) -> None:
    """And the hash with it."""
    client = colour.client(file_store(b"x" * 300_000, 100_000), file_store(content, etag='"2"'))
    assert colour.run(client.download(a_file(size=None), tmp_path)).read_bytes() == content
    assert files_in(tmp_path) == [NAME]


def test_what_an_earlier_call_left_may_be_what_is_wrong(
    colour: Any, a_file: Any, content: bytes, file_store: Any, tmp_path: Path
) -> None:
    """Once, it is begun anew: the disk, or whoever was there, may have changed it."""
    with pytest.raises(ServiceResponseError):
        colour.run(colour.client(file_store(content, 100_000)).download(a_file(), tmp_path, max_retries=0))
    [hidden] = files_in(tmp_path)
    with (tmp_path / hidden).open("r+b") as file:
        file.write(b"!")
    client = colour.client(*[file_store(content)] * 3)
    assert colour.run(client.download(a_file(), tmp_path)).read_bytes() == content
    assert ranges_of(client) == [None, 100_000, None]


def test_a_server_that_gives_other_bytes_is_asked_no_third_time(
    colour: Any, a_file: Any, content: bytes, file_store: Any, tmp_path: Path
) -> None:
    """Begun anew and wrong again, it is an error."""
    wrong = content[::-1]
    with pytest.raises(ServiceResponseError):
        colour.run(colour.client(file_store(wrong, 100_000)).download(a_file(), tmp_path, max_retries=0))
    client = colour.client(*[file_store(wrong)] * 3)
    with pytest.raises(HashMismatchError):
        colour.run(client.download(a_file(), tmp_path))
    assert (ranges_of(client), files_in(tmp_path)) == ([None, 100_000, None], [])


def test_a_server_that_calls_an_archive_compressed_sends_the_archive(
    colour: Any, a_file: Any, content: bytes, file_store: Any, tmp_path: Path
) -> None:
    """Apache says ``x-gzip`` of every ``.tar.gz`` and means the file: it is resumed, and named, as it is."""

    def store(*breaks: int) -> Any:
        inner = file_store(content, *breaks)

        def answer(request: HttpRequest) -> Answer:
            said = inner(request)
            said.headers["Content-Encoding"] = "x-gzip"
            return said

        return answer

    client = colour.client(store(1000), store())
    assert colour.run(client.download(a_file(), tmp_path)).read_bytes() == content
    assert ranges_of(client) == [None, 1000]


@pytest.mark.parametrize("coding", ["gzip", "x-gzip"])
def test_what_is_called_compressed_is_not_unpacked(colour: Any, tmp_path: Path, coding: str) -> None:
    """Over real sockets, by either client's own transport."""
    import gzip

    packed = gzip.compress(b"what is in the archive")
    file = {"filename": NAME, "hashes": {"sha256": hashlib.sha256(packed).hexdigest()}, "size": len(packed)}

    async def calls(server: ScriptedServer) -> Path:
        client = colour.client_class(f"{server.url}/simple/")
        place = client.download(ProjectFile(url=f"{server.url}/f", **file), tmp_path)
        place = await place if colour.is_async else place
        closed = client.close()
        if colour.is_async:
            await closed
        return place

    with ScriptedServer(Answer(content=packed, headers={"Content-Encoding": coding})) as server:
        assert colour.run(calls(server)).read_bytes() == packed


def test_what_is_whole_already_is_checked_and_named(
    colour: Any, a_file: Any, content: bytes, file_store: Any, tmp_path: Path
) -> None:
    """A program that died between the last byte and the name."""
    with pytest.raises(ServiceResponseError):
        colour.run(colour.client(file_store(content, 100_000)).download(a_file(), tmp_path, max_retries=0))
    [hidden] = files_in(tmp_path)
    (tmp_path / hidden).write_bytes(content)
    client = colour.client(file_store(content))
    assert colour.run(client.download(a_file(), tmp_path)).read_bytes() == content
    assert files_in(tmp_path) == [NAME]


def test_what_is_not_there_says_so(colour: Any, a_file: Any, tmp_path: Path) -> None:
    """With the address."""
    with pytest.raises(ResourceNotFoundError, match=r"https://files.test/foo-1.0.tar.gz answered 404 Not Found \(req"):
        colour.run(colour.client(Answer(404)).download(a_file(), tmp_path))
    with pytest.raises(HttpResponseError, match="answered 410"):
        colour.run(colour.client(Answer(410)).download(a_file(), tmp_path))
    assert files_in(tmp_path) == []


@pytest.mark.parametrize(
    "where", ["os.fsync", "clientsmith.core.streaming._files.PartFile.write"], ids=["end", "start"]
)
def test_a_full_disk_says_which_file(
    colour: Any, a_file: Any, content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """The system's own error, which does not name one by itself; under the name there is nothing."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(where, full)
    with pytest.raises(OSError, match="No space left on device") as caught:
        colour.run(colour.client(Answer(content=content)).download(a_file(), tmp_path))
    assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, str(tmp_path / NAME))
    assert not (tmp_path / NAME).exists()


@pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/full")
def test_a_folder_that_cannot_be_written_to(colour: Any, a_file: Any, content: bytes, tmp_path: Path) -> None:
    """A file in its place."""
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        colour.run(colour.client(Answer(content=content)).download(a_file(), tmp_path / "file"))


def test_errors_of_files_pickle(a_file: Any) -> None:
    """A pool of workers hands them on."""
    import pickle

    errors: list[FileError] = [
        HashMismatchError("sha256", "a", "b", file_name=NAME, url="https://u:p@files.test/f"),
        SizeMismatchError(1, 2, file_name=NAME),
        UnverifiableFileError("why", ("md5",), file_name=NAME),
        UnsafeFileNameError("why", file_name="../x"),
        ExistingFileError(Path("x"), "why", file_name=NAME),
    ]
    for error in errors:
        twin = pickle.loads(pickle.dumps(error))  # our own errors
        assert (type(twin), str(twin), vars(twin)) == (type(error), str(error), vars(error))
        assert "p@" not in str(error)


DOWNLOAD = """
import sys
from simple_repository_client import ProjectFile, SimpleRepositoryClient
url, digest, folder = sys.argv[1:]
file = ProjectFile("foo-1.0.tar.gz", url + "/f", {"sha256": digest})
with SimpleRepositoryClient(url + "/simple/") as client:
    print(client.download(file, folder))
"""


def test_two_processes_may_download_the_same_file(content: bytes, tmp_path: Path) -> None:
    """At the same time, into the same folder, from a slow server: both succeed, and the file is whole."""
    half = len(content) // 2
    answer = Answer(chunks=[content[:half], 0.5, content[half:]], headers={"ETag": '"1"'})
    digest = hashlib.sha256(content).hexdigest()
    with ScriptedServer(*[answer] * 4) as server:
        command = [sys.executable, "-c", DOWNLOAD, server.url, digest, str(tmp_path)]
        processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
        said = [process.communicate(timeout=60)[0].strip() for process in processes]
    assert said == [str(tmp_path / NAME)] * 2
    assert ((tmp_path / NAME).read_bytes(), files_in(tmp_path)) == (content, [NAME])
