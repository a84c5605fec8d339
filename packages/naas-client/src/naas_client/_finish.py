"""What the hand-finished clients decide, without I/O: shared by the sync and the async one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypedDict

from clientsmith.core.models import Model
from clientsmith.core.serialization import merge_fields
from clientsmith.core.settings import PollOptions

from .errors import DeviceError, ServerVersionError
from .models import JobResult, SendCommandRequest, SendConfigRequest

__all__ = [
    "OLDEST_SERVER",
    "SendCommandOptions",
    "SendConfigOptions",
    "body_and_options",
    "checked_result",
    "checked_version",
]

OLDEST_SERVER: Final = "2.0"


class _DeviceFields(TypedDict, total=False):
    host: str
    port: int
    platform: str
    command_timeout: float
    connection_timeout: float
    enable: str | None
    context: str
    tags: Mapping[str, str] | None


class _CommandFields(_DeviceFields, total=False):
    commands: Sequence[str]
    expect_string: str | None


class _ConfigFields(_DeviceFields, total=False):
    config: Sequence[str]
    save_config: bool
    commit: bool


class SendCommandOptions(_CommandFields, PollOptions, total=False):
    """The fields of `SendCommandRequest` as keyword arguments, beside the options of every ``begin_`` method."""


class SendConfigOptions(_ConfigFields, PollOptions, total=False):
    """The fields of `SendConfigRequest` as keyword arguments, beside the options of every ``begin_`` method."""


# The wire calls these two as the options for the HTTP call are called; here each name means one thing.
_RENAMED: Final[Mapping[str, str]] = {"command_timeout": "read_timeout", "connection_timeout": "conn_timeout"}
_FIELDS: Final = {
    SendCommandRequest: frozenset(_CommandFields.__annotations__),
    SendConfigRequest: frozenset(_ConfigFields.__annotations__),
}


def body_and_options(
    kind: type[SendCommandRequest] | type[SendConfigRequest],
    request: Model | Mapping[str, Any] | None,
    options: Mapping[str, Any],
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Take the body's fields out of the options and merge them into the request; what is given explicitly wins."""
    names = _FIELDS[kind]
    fields = {_RENAMED.get(name, name): value for name, value in options.items() if name in names}
    body = merge_fields(kind, request, fields)
    return body, {name: value for name, value in options.items() if name not in names}


def checked_version(version: str | None) -> None:
    """Raise if a server that names its version is too old; one that does not is given the benefit of the doubt.

    Raises:
        ServerVersionError: The server is older than `OLDEST_SERVER`.
    """
    if version and _numbers(version) < _numbers(OLDEST_SERVER):
        raise ServerVersionError(version, OLDEST_SERVER)


def checked_result(result: JobResult) -> JobResult:
    """Return the result of a job that did what it should.

    The wire says ``finished`` also when the device failed; whoever only looks at the status would miss it.

    Raises:
        DeviceError: The device failed; the subclass says how.
        ServerVersionError: The server is too old.
    """
    checked_version(result.version)
    if result.error is not None or result.error_code is not None:
        raise DeviceError.from_result(result)
    return result


def _numbers(version: str) -> tuple[int, ...]:
    """Return the leading release numbers: (2, 3) of "2.3.0a1"."""
    numbers: list[int] = []
    for part in version.split(".")[:2]:
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        numbers.append(int(digits or 0))
    return tuple(numbers)
