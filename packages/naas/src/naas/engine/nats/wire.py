"""What goes through NATS, as msgpack. Long messages are compressed. The login of a job comes here sealed."""

from __future__ import annotations

import dataclasses
import zlib
from typing import Any, Final, TypeVar

import msgspec

from naas.engine.base import JobEvent, JobProgress, WorkerInfo
from naas.errors import EngineUnavailable
from naas.jobs import Ending, Job

__all__ = [
    "EventMessage",
    "OwnerRecord",
    "RenewMessage",
    "ReportMessage",
    "StartAnswer",
    "StartQuestion",
    "WorkerRecord",
    "pack",
    "unpack",
    "without_secrets",
]

# The first byte tells what follows. Below this length compression costs more than it saves: a job with one command
# is about 500 bytes.
_PLAIN: Final = b"\x00"
_DEFLATED: Final = b"\x01"
_WORTH_DEFLATING: Final = 4096

# What a message may grow to when it is inflated, in bytes: a guard, far above what a device answers.
_LONGEST: Final = 512 * 1024 * 1024

T = TypeVar("T")

_encoder = msgspec.msgpack.Encoder()


class WorkerRecord(msgspec.Struct, frozen=True):
    """A worker's sign of life. ``out`` counts its deliveries by context; a closing one takes no more partitions."""

    name: str
    contexts: tuple[str, ...]
    info: WorkerInfo | None = None
    out: dict[str, int] = {}
    closing: bool = False


class OwnerRecord(msgspec.Struct, frozen=True):
    """Who owns a partition; an empty name means nobody.

    ``generation`` counts owners and is part of the names of the consumers, so that an owner of yesterday cannot
    acknowledge anything. ``takeovers`` counts those that were not handed over in peace: what was in the stream at the
    last one, up to ``last_sequence``, may have been out before.
    """

    worker: str = ""
    generation: int = 0
    takeovers: int = 0
    last_sequence: int = 0


class EventMessage(msgspec.Struct, frozen=True):
    """An event: one of the two."""

    state: JobEvent | None = None
    progress: JobProgress | None = None


class StartQuestion(msgspec.Struct, frozen=True):
    """May this job start? ``asked_before``: this worker has asked for this delivery, and never heard an answer."""

    job: Job
    attempt: int
    worker: str
    lease_seconds: float
    asked_before: bool = False


class StartAnswer(msgspec.Struct, frozen=True):
    """What `naas.ledger.Permission` says; or, in ``unavailable``, why nobody can say anything now."""

    verdict: str = ""
    reason: str = ""
    ending: Ending | None = None
    unavailable: str | None = None


class RenewMessage(msgspec.Struct, frozen=True):
    """The worker lives, and so do its jobs."""

    worker: str
    lease_seconds: float


class ReportMessage(msgspec.Struct, frozen=True):
    """How a job ended. The job comes without its secrets.

    A report that is too long for a message is put elsewhere, in ``pieces``, under the name ``place``, and one without
    an ending refers to it.
    """

    job: Job
    ending: Ending | None = None
    pieces: int = 0
    place: str = ""


def pack(value: Any) -> bytes:
    """Return the value as bytes."""
    plain = _encoder.encode(value)
    if len(plain) < _WORTH_DEFLATING:
        return _PLAIN + plain
    return _DEFLATED + zlib.compress(plain, level=1)


_decoders: dict[Any, msgspec.msgpack.Decoder[Any]] = {}


def unpack(content: bytes, kind: type[T]) -> T:
    """Return the value that `pack` made into bytes.

    Raises:
        EngineUnavailable: Somebody of another version, or somebody else, has written it.
    """
    decoder = _decoders.get(kind)
    if decoder is None:
        decoder = _decoders[kind] = msgspec.msgpack.Decoder(kind)
    try:
        value: T = decoder.decode(_inflated(content))
    except (msgspec.MsgspecError, zlib.error, ValueError) as exc:
        raise EngineUnavailable(
            f"a NATS message is not a {kind.__name__} that this version understands ({len(content)} bytes); "
            "run the same version of naas everywhere"
        ) from exc
    return value


def _inflated(content: bytes) -> bytes:
    mark, rest = content[:1], content[1:]
    if mark == _PLAIN:
        return rest
    if mark != _DEFLATED:
        raise ValueError(mark)
    inflater = zlib.decompressobj()
    plain = inflater.decompress(rest, _LONGEST)
    if not inflater.eof:
        raise ValueError("too long, or cut off")
    return plain


def without_secrets(job: Job) -> Job:
    """Return the job as a report needs it: who and where, without what it was allowed to use."""
    return dataclasses.replace(job, sealed_login=None, sealed_webhook_secret=None)
