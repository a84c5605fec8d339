"""Bodies that are read as they come: responses, server-sent events, JSON lines, downloads and uploads.

- `EventStream`, `JsonLines` and `ByteStream` are what the methods of a client return (twins in `streaming.aio`).
- `EventDecoder` and `LineDecoder` turn bytes in any split into events and lines, without any I/O.
- `StreamedResponse` and `AsyncStreamedResponse` are what ``send_request(…, stream=True)`` returns.
- `Check` is asked whether a download is what it should be, before it gets its name.
- `Upload` is a body with a length, a progress callback and a second chance.

Names are imported when they are first used: a transport needs the responses alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._files import Check as Check
    from .decoders import EventDecoder as EventDecoder
    from .decoders import LineDecoder as LineDecoder
    from .decoders import ServerSentEvent as ServerSentEvent
    from .faces import ByteStream as ByteStream
    from .faces import EventStream as EventStream
    from .faces import JsonLines as JsonLines
    from .ranges import ByteRange as ByteRange
    from .responses import AsyncBody as AsyncBody
    from .responses import AsyncByteIterator as AsyncByteIterator
    from .responses import AsyncStreamedResponse as AsyncStreamedResponse
    from .responses import Body as Body
    from .responses import ByteIterator as ByteIterator
    from .responses import StreamedResponse as StreamedResponse
    from .uploads import Upload as Upload

if not TYPE_CHECKING:
    from ..lazy import lazy

    _TABLE = {
        "_files": "Check",
        "decoders": "EventDecoder LineDecoder ServerSentEvent",
        "faces": "ByteStream EventStream JsonLines",
        "ranges": "ByteRange",
        "responses": "AsyncBody AsyncByteIterator AsyncStreamedResponse Body ByteIterator StreamedResponse",
        "uploads": "Upload",
    }
    __all__ = sorted(name for names in _TABLE.values() for name in names.split())
    __getattr__, __dir__ = lazy(__name__, _TABLE)
