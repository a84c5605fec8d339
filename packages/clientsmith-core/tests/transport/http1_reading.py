"""Two readings of the same bytes, ours and h11's, made comparable: for property tests and for the fuzzer."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import pairwise

import h11
from clientsmith.core.transport._decompression import DecompressError
from clientsmith.core.transport.stdlib.bodies import Answer, AnswerBody
from clientsmith.core.transport.stdlib.http1 import AnswerError, CutError, Fields

__all__ = ["Read", "cut", "read_by_h11", "read_by_us"]


@dataclass(frozen=True)
class Read:
    """What somebody made of the bytes that came from a connection until its end.

    ``problem`` is "" for an answer that came whole; else the rest says nothing, and ``words`` say why.
    """

    problem: str = ""
    status: int = 0
    fields: tuple[tuple[bytes, bytes], ...] = ()
    content: bytes = b""
    words: str = field(default="", compare=False)

    @property
    def is_decompressed(self) -> bool:
        """Whether the content is not what was on the wire; h11 does not decompress."""
        return any(name == b"content-encoding" for name, _ in self.fields)

    def without_framing(self) -> Read:
        """What h11 shows otherwise left out: it puts the fields that frame in order, and spaces before a fold stay."""
        kept = tuple(
            (name, b" ".join(re.split(rb"[ \t]+", value)))
            for name, value in self.fields
            if name not in (b"content-length", b"transfer-encoding")
        )
        return replace(self, fields=kept)


def cut(data: bytes, places: Iterable[int]) -> list[bytes]:
    """Return the data in pieces."""
    edges = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[start:end] for start, end in pairwise(edges)]


def read_by_us(pieces: list[bytes], method: str = "GET", sizes: Iterable[int] = ()) -> Read:
    """Read as our transports do: whole, or as a stream in pieces of at most these sizes, the last one for the rest."""
    coming = iter([*pieces, b""])
    answer, body = Answer(method), None
    try:
        while body is None:
            body = answer.feed(next(coming))
        wanted = list(sizes)
        content = _streamed(body, coming, wanted) if wanted else None
        while content is None:
            content = body.gather()
            if content is None:
                body.feed(next(coming))
    except (AnswerError, CutError, DecompressError) as error:
        return Read(problem=type(error).__name__, words=str(error))
    head = body.head
    list(Fields(head))  # decodes them all
    return Read("", head.status, tuple((name.lower(), value.rstrip(b" \t")) for name, value in head.fields), content)


def _streamed(body: AnswerBody, coming: Iterable[bytes], sizes: list[int]) -> bytes:
    found = b""
    while True:
        size = sizes.pop(0) if len(sizes) > 1 else sizes[0]
        piece = body.read(size)
        if piece is None:
            body.feed(next(iter(coming)))
            continue
        assert len(piece) <= size
        if not piece:
            return found
        found += piece


def read_by_h11(data: bytes, method: str = "GET") -> Read:
    """Read with h11, which nobody here wrote."""
    connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=512 * 1024)
    connection.send(h11.Request(method=method, target="/", headers=[("Host", "x")]))
    connection.send(h11.EndOfMessage())
    status, fields, content = 0, (), b""
    try:
        connection.receive_data(data)
        connection.receive_data(b"")
        while True:
            event = connection.next_event()
            match event:
                case h11.InformationalResponse() if event.status_code != 101:
                    continue
                case h11.InformationalResponse() | h11.Response():
                    status = event.status_code
                    fields = tuple((bytes(name), bytes(value)) for name, value in event.headers)
                    if status == 101:
                        return Read("", status, fields, b"")
                case h11.Data():
                    content += event.data
                case h11.EndOfMessage():
                    return Read("", status, fields, content)
                case _:
                    return Read(problem=repr(event))
    except h11.RemoteProtocolError as error:
        return Read(problem=str(error) or type(error).__name__)
