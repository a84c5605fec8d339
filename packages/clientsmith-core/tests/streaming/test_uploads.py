"""Uploads: their length, their progress, and a second try."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from clientsmith.core.errors import ServiceRequestError
from clientsmith.core.operations import Operation, binary_body
from clientsmith.core.streaming import Upload
from clientsmith.core.testing import Answer

CONTENT = bytes(range(256)) * 500
PUT = Operation[Any]("PUT", "/backup", body=binary_body(), responses={200: None})


class Pipe(io.BytesIO):
    def seekable(self) -> bool:
        return False


def source_of(kind: str, tmp_path: Path) -> Any:
    path = tmp_path / "backup.bin"
    path.write_bytes(CONTENT)
    return {"path": path, "file": io.BytesIO(CONTENT), "bytes": CONTENT, "pipe": Pipe(CONTENT)}[kind]


@pytest.mark.parametrize("kind", ["path", "file", "bytes", "pipe"])
def test_an_upload_tells_how_far_it_is(colour: Any, tmp_path: Path, kind: str) -> None:
    """And how long it is, if it can be known."""
    length = None if kind == "pipe" else len(CONTENT)
    steps: list[tuple[int, int | None]] = []
    upload = Upload(source_of(kind, tmp_path), progress=lambda done, total: steps.append((done, total)))
    client = colour.client(Answer())
    colour.run(client._call(PUT, {}, body=upload, options={}))
    sent = client.transport.sent[0]
    assert sent.content == CONTENT
    assert sent.headers.get("Content-Length") == (None if length is None else str(length))
    assert steps == [(65536, length), (len(CONTENT), length)]
    assert repr(upload) == f"<Upload of {'unknown length' if length is None else f'{length} bytes'}>"


@pytest.mark.parametrize("kind", ["path", "file", "bytes"])
def test_an_upload_that_can_go_back_is_sent_again(colour: Any, tmp_path: Path, kind: str) -> None:
    """Retries begin at its beginning, and so does the progress."""
    steps: list[int] = []
    client = colour.client(Answer(503), Answer())
    body = Upload(source_of(kind, tmp_path), progress=lambda done, _: steps.append(done))
    colour.run(client._call(PUT, {}, body=body, options={}))
    assert [sent.content for sent in client.transport.sent] == [CONTENT, CONTENT]
    assert steps == [65536, len(CONTENT)] * 2


def test_an_upload_that_cannot_go_back_is_sent_once(colour: Any) -> None:
    """The error is the first one's."""
    client = colour.client(ServiceRequestError("reset"))
    with pytest.raises(ServiceRequestError, match="reset"):
        colour.run(client._call(PUT, {}, body=Upload(Pipe(CONTENT)), options={}))


def test_a_file_is_sent_from_where_it_stands(colour: Any) -> None:
    """The second time too."""
    file = io.BytesIO(b"head" + CONTENT)
    file.seek(4)
    client = colour.client(Answer(503), Answer())
    colour.run(client._call(PUT, {}, body=Upload(file), options={}))
    assert [sent.content for sent in client.transport.sent] == [CONTENT, CONTENT]


def test_a_file_that_is_not_there_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Upload(tmp_path / "no")
