"""Downloads as steps without I/O: what is asked for, what an answer is good for, where it is gone on after a break.

Rules:

- Bytes are asked for as they are stored (``Accept-Encoding: identity``): a compressed body has other positions.
- A body that breaks off, is silent for longer than ``read_timeout`` or ends before its length is asked for again from
  where it broke off (``Range``), on condition that it still is the same (``If-Range`` with a strong validator; without
  one the break is an error). Waits and the number of openings are those of `_patience`.
- 206 goes on, if its ``Content-Range`` begins where we are. 200 is the whole again: of the same entity tag, what we
  have is skipped; of another one, a file is begun anew, and an iteration, whose first bytes are out already, fails.
- 416 at the very end means that nothing is missing: the size was not known, and the end got lost.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from ..errors import HttpResponseError, ServiceResponseError, TransportError
from ..pipeline import Steps
from ..rest import HttpResponse
from ._patience import Patience
from .ranges import ByteRange, ContentRange, strong_validator
from .responses import CHUNK_SIZE
from .source import Opened, Source, decode_error

__all__ = ["ByteSteps", "Progress"]

Progress: TypeAlias = Callable[[int, "int | None"], object]
"""Called with the bytes so far and with how many there will be, None if the service does not say."""


class ByteSteps:
    """A body being read.

    Attributes:
        position: Number of the next byte to come, counted from the beginning of the resource.
        first: Number of the first byte of what is asked for.
        stop: Number of the byte after the last one; None if not known.
        validator: What tells this content from an other, None if the service gives nothing.
        restarts: How often the content had to be begun anew.
        resumed_at: How many bytes an earlier download had, which this one went on with; 0: it began at the beginning.
        is_over: Whether everything was read. What was closed, or failed, is not over: half of it must not look whole.
    """

    def __init__(self, source: Source, byte_range: ByteRange | None = None) -> None:
        self.position = self.first = 0
        self.stop: int | None = None
        self.validator: str | None = None
        self.restarts = 0
        self.resumed_at = 0
        self.is_over = False
        self.response: HttpResponse | None = None
        self._is_closed = False
        self._source, self._range = source, byte_range
        self._patience = Patience(source)
        self._opened: Opened | None = None
        self._skip = 0
        self._may_restart = False

    @property
    def total(self) -> int | None:
        """How many bytes there will be, None if not known."""
        return None if self.stop is None else self.stop - self.first

    @property
    def can_resume(self) -> bool:
        """Whether what broke off can be gone on with, being the same for sure."""
        return self.validator is not None and self._source.is_safe

    def open(self) -> Steps[None]:
        """Send the request if it has not been sent.

        Raises:
            HttpResponseError: The service answered with an error.
            DecodeError: The answer is about other bytes than those asked for.
            RuntimeError: It was closed before its end.
        """
        if self._is_closed:
            raise RuntimeError(
                f"the download is closed after {self.position - self.first} bytes; read it inside the `with` block, "
                "and call the method again after an error"
            )
        if self.response is not None:
            return
        wanted = {} if self._range is None else {"Range": self._range}
        self._is_closed = True  # should it fail
        opened = yield from self._source.open({**_AS_STORED, **wanted})
        self._is_closed = False
        self._begin(opened)

    def go_to(self, position: int) -> Steps[None]:
        """Go on from a position further ahead: what is before it, the caller has from an earlier time."""
        self._close()
        self.position = self.resumed_at = position
        if position == self.stop:
            self.is_over = True
        else:
            yield from self._reopen()

    def restartable(self) -> ByteSteps:
        """Begin anew where the content changed meanwhile; what came before is no use then, see ``restarts``."""
        self._may_restart = True
        return self

    def read(self, size: int = CHUNK_SIZE) -> Steps[bytes]:
        """Return up to ``size`` bytes as soon as there are any, b"" at the end.

        Raises:
            TransportError: The body broke off, and could not be gone on with.
            HttpResponseError: The service answered with an error when it was to go on.
            RuntimeError: It was closed before its end.
        """
        while not self.is_over:
            yield from self.open()
            if self._opened is None:
                yield from self._reopen()
                continue
            failure: TransportError | None = None
            try:
                chunk = yield from self._opened.read(size)
            except TransportError as error:
                failure, chunk = error, b""
            except BaseException:
                self.abandon()
                raise
            if not chunk:
                yield from self._ended(failure)
                continue
            self._patience.progressed()
            chunk = self._unskipped(chunk)
            if chunk:
                self.position += len(chunk)
                return chunk
        return b""

    def abandon(self) -> None:
        """Give the body up."""
        self._is_closed = not self.is_over
        self._close()

    # --- decisions ---

    def _begin(self, opened: Opened) -> None:
        """Take the first answer, or the first of a new content."""
        response = opened.response
        self._opened, self.response = opened, response
        self.validator = strong_validator(response.headers) if self._is_plain(response) else None
        if response.status_code == 206:
            here = self._content_range(opened)
            asked = self._range or ByteRange()
            if asked.first >= 0 and here.first != asked.first:
                raise self._other_bytes(opened, here)
            self.first, self.stop, self._skip = here.first, here.stop, 0
        else:  # all of it: the service knows no ranges, or not here
            self.first, self.stop = _inside(self._range or ByteRange(), self._length_of(response))
            self._skip = self.first
        self.position = self.first

    def _reopen(self) -> Steps[None]:
        if self.validator is None:
            raise AssertionError("only a body that can be gone on with is asked for again")
        last = None if self.stop is None else self.stop - 1
        wanted = {"Range": ByteRange(self.position, last), "If-Range": self.validator}
        self._is_closed = True  # should it fail
        try:
            opened = yield from self._source.open({**_AS_STORED, **wanted})
        except HttpResponseError as error:
            self.is_over = self._is_complete(error)
            if self.is_over:
                return
            raise
        self._is_closed = False
        response = opened.response
        found = strong_validator(response.headers)
        if response.status_code == 206 and found in (None, self.validator):
            here = self._content_range(opened)
            if here.first != self.position:
                raise self._other_bytes(opened, here)
            self._opened, self.response, self._skip = opened, response, 0
        elif found == self.validator:
            self._opened, self.response, self._skip = opened, response, self.position
        elif self._may_restart and response.status_code != 206:
            self.restarts += 1
            self.resumed_at = 0
            self._begin(opened)
        else:
            opened.abandon()
            self.abandon()
            raise ServiceResponseError(
                f"the content changed while it was read, after {self.position - self.first} bytes; begin again",
                request=response.request,
            )

    def _ended(self, failure: TransportError | None) -> Steps[None]:
        """The body is over: that is all, or it is gone on with, or it is an error."""
        self._close()
        self.is_over = failure is None if self.stop is None else self.position >= self.stop
        if self.is_over:
            return
        if failure is None:
            failure = ServiceResponseError(
                f"the body ended after {self.position - self.first} of {self.total} bytes",
                request=self.response.request if self.response else None,
            )
        was_closed, self._is_closed = self._is_closed, True  # the first: by another thread, while it was read
        if was_closed or not self.can_resume or not failure.is_transient:
            raise failure
        yield from self._patience.pause(failure)
        self._is_closed = False

    def _unskipped(self, chunk: bytes) -> bytes:
        """Return what of a chunk was asked for and has not been read before."""
        if self._skip:
            skipped = min(self._skip, len(chunk))
            self._skip -= skipped
            chunk = chunk[skipped:]
        if self.stop is not None and self.position + len(chunk) > self.stop:
            self.is_over = True  # more comes than was asked for
            self._close()
            chunk = chunk[: self.stop - self.position]
        return chunk

    def _is_complete(self, error: HttpResponseError) -> bool:
        if error.status_code != 416 or self.stop is not None:
            return False
        try:
            return ContentRange.parse(error.headers.get("Content-Range", "")).size == self.position
        except ValueError:
            return False

    def _content_range(self, opened: Opened) -> ContentRange:
        try:
            if not self._is_plain(opened.response):
                raise ValueError("it is a part of something compressed")
            return ContentRange.parse(opened.response.headers.get("Content-Range", ""))
        except ValueError as error:
            self.abandon()
            opened.abandon()
            raise decode_error(opened.response, f"the part of the content cannot be placed: {error}") from error

    def _other_bytes(self, opened: Opened, here: ContentRange) -> HttpResponseError:
        self.abandon()
        opened.abandon()
        asked = opened.response.request.headers.get("Range", "no part")
        return decode_error(opened.response, f"the part begins at byte {here.first}, asked for was {asked}")

    def _length_of(self, response: HttpResponse) -> int | None:
        """Return the length of a whole body; None if it is not known, or is that of a compressed one."""
        text = response.headers.get("Content-Length", "")
        return int(text) if self._is_plain(response) and text.isascii() and text.isdigit() else None

    def _is_plain(self, response: HttpResponse) -> bool:
        """Whether what is read are the bytes that the service counts: none that are decompressed on their way."""
        return self._source.as_stored or response.headers.get("Content-Encoding", "identity").lower() == "identity"

    def _close(self) -> None:
        if self._opened is not None:
            self._opened.abandon()
            self._opened = None


_AS_STORED = {"Accept": "*/*", "Accept-Encoding": "identity"}


def _inside(wanted: ByteRange, size: int | None) -> tuple[int, int | None]:
    """Return first and stop of a part of a whole body; of one of unknown size no last bytes can be told."""
    if wanted.first < 0:
        return (0, None) if size is None else (max(0, size + wanted.first), size)
    stop = size if wanted.last is None else wanted.last + 1
    return wanted.first, stop if size is None or stop is None else min(stop, size)
