"""What can be asked of a device, by Python name, and how it travels: decisions without I/O, for both colours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypedDict, cast

from clientsmith.core.errors import UsageError
from clientsmith.core.settings import CallOptions, PollOptions

__all__ = [
    "BackUpOptions",
    "BatchOptions",
    "DeviceOptions",
    "SendCommandOptions",
    "SendCommandStructuredOptions",
    "SendConfigOptions",
    "devices_of",
    "fields_and_rest",
    "split_batch",
]


class _Login(TypedDict, total=False):
    username: str | None
    password: str | None
    enable: str | None
    credential: str | None


class _Run(TypedDict, total=False):
    command_timeout: float
    connection_timeout: float
    job_timeout: float | None
    priority: str
    tags: Mapping[str, str] | None
    webhook_url: str | None
    webhook_secret: str | None


class _Device(_Login, _Run, total=False):
    host: str | None
    device: str | None
    port: int
    platform: str
    context: str


class _Commands(TypedDict, total=False):
    commands: Sequence[str]
    cache: Mapping[str, Any] | None


class _Plain(_Commands, total=False):
    expect_string: str | None


class _Structured(_Commands, total=False):
    textfsm_template: str | None
    ttp_template: str | None
    use_genie: bool


class _Config(TypedDict, total=False):
    config: Sequence[str]
    save_config: bool
    commit: bool
    dry_run: bool
    diff: bool
    pre_checks: Sequence[Mapping[str, Any]] | None
    post_checks: Sequence[Mapping[str, Any]] | None


class SendCommandOptions(_Device, _Plain, PollOptions, total=False):
    """The fields of `SendCommandRequest` as keyword arguments, beside the options of every ``begin_`` method."""


class SendCommandStructuredOptions(_Device, _Structured, PollOptions, total=False):
    """The fields of `SendCommandStructuredRequest` as keyword arguments, beside those of every ``begin_`` method."""


class SendConfigOptions(_Device, _Config, PollOptions, total=False):
    """The fields of `SendConfigRequest` as keyword arguments, beside the options of every ``begin_`` method."""


class DeviceOptions(_Login, _Run, total=False):
    """What holds for every job of one device."""

    port: int
    platform: str
    context: str


class BackUpOptions(_Device, PollOptions, total=False):
    """The fields of `BackupRequest` as keyword arguments, beside the options of every ``begin_`` method."""

    startup: bool


class _Batch(_Login, _Run, total=False):
    port: int
    platform: str
    context: str
    is_structured: bool
    wave_size: int | None
    waves: Sequence[int | str] | None
    wave_pause_seconds: float
    max_failures: int | str | None
    stop_on_failure: bool


class BatchOptions(_Batch, _Plain, _Structured, _Config, CallOptions, total=False):
    """What holds for every device of a batch, and the options of the calls."""


# The wire calls these two as the options for the HTTP call are called; here each name means one thing.
_RENAMED: Final[Mapping[str, str]] = {"command_timeout": "read_timeout", "connection_timeout": "conn_timeout"}


def _names(*kinds: type) -> frozenset[str]:
    return frozenset(name for kind in kinds for name in kind.__annotations__)


_JOB_FIELDS: Final = _names(_Device, _Plain, _Structured, _Config) | {"startup"}
_BATCH_FIELDS: Final = _names(_Batch, _Plain, _Structured, _Config) - {"is_structured"}


def fields_and_rest(options: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the fields of a job's body by their wire names, and the options of the call."""
    fields = {_RENAMED.get(name, name): value for name, value in options.items() if name in _JOB_FIELDS}
    return fields, {name: value for name, value in options.items() if name not in _JOB_FIELDS}


def split_batch(options: Mapping[str, Any]) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """Return the kind of work, what holds for every device by wire name, and the options of the calls.

    Raises:
        UsageError: There are neither commands nor configuration, or both.
    """
    rest = dict(options)
    is_structured = bool(rest.pop("is_structured", False))
    shared = {
        _RENAMED.get(name, name): rest.pop(name)
        for name in list(rest)
        if name in _BATCH_FIELDS and rest[name] is not None
    }
    has_commands, has_config = bool(shared.get("commands")), bool(shared.get("config"))
    if has_commands == has_config:
        raise UsageError("a batch is either of commands or of config; give one of them, and not an empty one")
    for name in ("commands", "config"):
        if isinstance(shared.get(name), str):
            raise UsageError(f"{name} is a text, and has to be a list of them; write [{shared[name]!r}]")
    kind = "send-config" if has_config else "send-command-structured" if is_structured else "send-command"
    if has_config:
        # The batches of NAAS 2.3 have configuration lines under the name of commands; later ones take both.
        shared["commands"] = list(cast("Sequence[str]", shared.pop("config")))
    return kind, shared, {name: value for name, value in rest.items() if name not in _BATCH_FIELDS}


def devices_of(devices: Sequence[str | Mapping[str, Any]], shared: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return each device as the wire has it, with the platform, which the wire wants of each.

    Raises:
        UsageError: There is none, or one has no host.
    """
    if isinstance(devices, str) or not devices:
        raise UsageError("a batch needs a list of devices, with at least one in it")
    found: list[dict[str, Any]] = []
    for number, device in enumerate(devices):
        fields = {"host": device} if isinstance(device, str) else {k: v for k, v in device.items() if v is not None}
        if not fields.get("host") and not fields.get("device"):
            raise UsageError(f"device {number} of the batch has no host")
        if "device" not in fields:
            fields.setdefault("platform", shared.get("platform", "cisco_ios"))
        found.append(fields)
    return found
