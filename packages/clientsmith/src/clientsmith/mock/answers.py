"""What a response says: an example of the document, else a value of the schema, in a media type."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from clientsmith.model.ir import Stream
from clientsmith.model.media import choose_media_type, is_events, is_json, is_lines, is_text
from clientsmith.openapi.data import is_array, is_object

from .bodies import FORM
from .description import Media
from .exchange import Wishes
from .parameters import Kinds
from .schemas import Schema
from .validation import Direction, Validator
from .values import ValueMaker
from .xml import write_xml

__all__ = ["Answers", "Written", "acceptable"]

_BOUNDARY: Final = "clientsmith-mock"
_PIECES: Final = 3  # of a stream
# The smallest files of their kinds, so that what opens them is content.
_FILES: Final = {
    "image/png": bytes.fromhex(
        "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000"
        "000a49444154789c636000000002000148afa4710000000049454e44ae426082"
    ),
    "image/gif": bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c000000000100010000020144003b"),
    "application/zip": b"PK\x05\x06" + bytes(18),
    "application/pdf": b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n",
}  # fmt: skip


class Written:
    """A body in its media type, and what there is to say about it."""

    def __init__(self, content: bytes, media_type: str, finding: str = "", pieces: Iterable[bytes] = ()) -> None:
        self.content, self.media_type, self.finding, self.pieces = content, media_type, finding, tuple(pieces)


class Answers:
    """Makes the bodies of responses."""

    def __init__(self, maker: ValueMaker, validator: Validator, kinds: Kinds) -> None:
        self.maker, self.validator, self.kinds = maker, validator, kinds
        self._usual: dict[tuple[str, str, str], tuple[Any, str]] = {}
        self._dynamic = 0

    def value(self, media: Media, wishes: Wishes, key: tuple[str, str, str]) -> tuple[Any, str]:
        """Return the value of a response, and what is wrong with the document's example of it.

        Raises:
            LookupError: There is no example of the name that was wished for.
        """
        if wishes.example:
            return media.examples[wishes.example], ""
        if wishes.is_dynamic:
            self._dynamic += 1
            return self.maker.make(media.schema, variation=self._dynamic, examples=False), ""
        if key not in self._usual:
            self._usual[key] = self._usual_value(media)
        return self._usual[key]

    def _usual_value(self, media: Media) -> tuple[Any, str]:
        finding = ""
        for name, example in media.examples.items():
            mistakes = (
                self.validator.mistakes(example, media.schema, Direction.ANSWER) if is_json(media.media_type) else []
            )
            if not mistakes:
                return example, ""
            what = f"the example {name!r}" if name else "the example"
            finding = finding or f"{what} does not fit its schema: #{mistakes[0].pointer} {mistakes[0].message}"
        return self.maker.make(media.schema), finding

    # --- in a media type ---

    def written(self, value: Any, media: Media, stream: Stream | None = None) -> Written:
        """Return a value as bytes of its media type."""
        kind = _plain(media.media_type)
        if is_events(kind):
            return self._pieces(self._events(value, media, stream), media)
        if is_lines(kind):
            mark = "\x1e" if kind == "application/json-seq" else ""
            return self._pieces([f"{mark}{_dumped(item)}\n".encode() for item in self._items(value, media)], media)
        if is_json(kind):
            return Written(_dumped(value).encode(), _json_type(media.media_type))
        if kind == FORM:
            return Written(urlencode(value if is_object(value) else {}, doseq=True).encode(), kind)
        if kind.startswith("multipart/"):
            return Written(_multipart(value), f"{kind}; boundary={_BOUNDARY}")
        if kind.endswith(("/xml", "+xml")) and not isinstance(value, str):
            return Written(write_xml(value, media.schema, self.kinds), media.media_type)
        if is_text(kind) or kind.startswith("text/"):
            return Written(value.encode() if isinstance(value, str) else _dumped(value).encode(), media.media_type)
        return Written(_file(kind, value), "application/octet-stream" if "*" in kind else media.media_type)

    def _pieces(self, pieces: list[bytes], media: Media) -> Written:
        return Written(b"".join(pieces), media.media_type, pieces=pieces)

    def _items(self, value: Any, media: Media) -> list[Any]:
        """Return what a stream gives: the items of an example, else some that are made."""
        if is_array(value) and media.item is None:
            return value
        item = media.item if media.item is not None else self._item_of(media.schema)
        return [self.maker.make(item, variation=number) for number in range(_PIECES)]

    def _item_of(self, schema: Schema) -> Schema:
        return self.kinds.items(schema) if "array" in self.kinds.of(schema) else schema

    def _events(self, value: Any, media: Media, stream: Stream | None) -> list[bytes]:
        if isinstance(value, str) and any(line.startswith("data:") for line in value.splitlines()):
            return [f"{event}\n\n".encode() for event in value.replace("\r\n", "\n").strip("\n").split("\n\n")]
        item = media.item if media.item is not None else self._item_of(media.schema)
        properties = self.kinds.properties(item)
        is_event = "data" in properties and bool({"event", "id", "retry"} & properties.keys())
        events: list[bytes] = []
        for number in range(_PIECES):
            if is_event:
                events.append(self._event(self.maker.make(item, variation=number), properties, number))
            else:
                made = self.maker.make(item, variation=number)
                events.append(_event_text({"data": made if isinstance(made, str) else _dumped(made)}))
        over = [_event_text({"data": stream.done_data})] if stream is not None and stream.done_data else []
        return [*events, *over]

    def _event(self, made: Any, properties: dict[str, Schema], number: int) -> bytes:
        fields = dict(made) if is_object(made) else {}
        inner = next(
            (part["contentSchema"] for part in self.kinds.parts(properties["data"]) if "contentSchema" in part), None
        )
        data = fields.get("data", "") if inner is None else self.maker.make(inner, variation=number)
        fields["data"] = data if isinstance(data, str) else _dumped(data)
        return _event_text({name: fields[name] for name in ("event", "id", "data") if fields.get(name) is not None})


def acceptable(contents: Sequence[Media], accept: str) -> Media | None:
    """Return the content that the caller likes best (RFC 9110, section 12.5.1), None if it takes none of them.

    Among those that it likes equally JSON comes first, as clients of most services expect.
    """
    preferred = choose_media_type([media.media_type for media in contents])
    ordered = sorted(contents, key=lambda media: media.media_type != preferred)
    weighed = [(_weight(media.media_type, accept), media) for media in ordered]
    best = max((weight for weight, _ in weighed), default=0.0)
    return next((media for weight, media in weighed if weight == best), None) if best > 0 else None


def _weight(media_type: str, accept: str) -> float:
    if not accept.strip():
        return 1.0
    kind = _plain(media_type)
    found: list[tuple[int, float]] = []
    for part in accept.split(","):
        wanted, *parameters = part.split(";")
        quality = 1.0
        for parameter in parameters:
            name, _, text = parameter.partition("=")
            if name.strip().lower() == "q":
                try:
                    quality = float(text)
                except ValueError:
                    quality = 0.0
        if (specific := _fits(_plain(wanted), kind)) is not None:
            found.append((specific, quality))
    return max(found)[1] if found else 0.0


def _fits(wanted: str, kind: str) -> int | None:
    if wanted == kind or kind == "*/*":
        return 2
    if wanted.endswith("/*") and kind.startswith(wanted[:-1]):
        return 1
    return 0 if wanted == "*/*" else None


def _plain(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()


def _json_type(media_type: str) -> str:
    return "application/json" if "*" in media_type else media_type


def _dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _event_text(fields: dict[str, Any]) -> bytes:
    lines = [f"{name}: {line}" for name, text in fields.items() for line in str(text).split("\n")]
    return ("\n".join(lines) + "\n\n").encode()


def _multipart(value: object) -> bytes:
    parts = value if is_object(value) else {"value": value}
    written: list[str] = []
    for name, part in parts.items():
        kind = "text/plain" if isinstance(part, str) else "application/json"
        text = part if isinstance(part, str) else _dumped(part)
        disposition = f'Content-Disposition: form-data; name="{name}"'
        written.append(f"--{_BOUNDARY}\r\n{disposition}\r\nContent-Type: {kind}\r\n\r\n{text}\r\n")
    return ("".join(written) + f"--{_BOUNDARY}--\r\n").encode()


def _file(kind: str, value: object) -> bytes:
    if kind in _FILES:
        return _FILES[kind]
    return value.encode() if isinstance(value, str) else b"some bytes\x00\xff"
