"""Sets up the logs of a process: one line an event on stderr, for people or for machines.

Everything logs with the standard library. A message in the style of this project, ``old jobs forgotten count=%d``,
becomes an event and its fields. Fields that are bound (`naas.observability.fields`) stand on every line. Whatever a
caller sent can neither begin a line of its own nor become a field.

The formatter is our own: what is particular here (the pairs, the bound fields, the escaping) is most of it, and a log
library around it cost half the time of each line and nine megabytes of every process (structlog 26, measured).
"""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TextIO, cast

from naas.observability.fields import bound_fields

if TYPE_CHECKING:
    from collections.abc import Mapping

    from naas.config import Settings

__all__ = ["LineFormatter", "set_up_logs"]

# They tell of every handshake, and of every failed one with a traceback; a job says that in a line.
_TALKATIVE: Final = ("paramiko", "netmiko", "asyncssh", "ncclient", "scrapli", "nats", "httpx", "httpcore")
# What they say below a warning is for their own developers.
_CHATTY: Final = ("alembic", "asyncio", "granian", "_granian")


def set_up_logs(settings: Settings, stream: TextIO | None = None) -> None:
    """Send what the settings ask for to stderr, or to ``stream``; what was set up before is replaced."""
    out = stream or sys.stderr
    as_json = settings.log_format == "json" or (settings.log_format == "auto" and not out.isatty())
    handler = logging.StreamHandler(out)
    handler.setFormatter(LineFormatter(as_json=as_json, environment=settings.app_environment))
    logging.basicConfig(level=settings.log_level.upper(), handlers=[handler], force=True)
    logging.captureWarnings(True)
    is_debug = settings.log_level == "debug"
    for names, level in ((_TALKATIVE, logging.CRITICAL), (_CHATTY, logging.WARNING)):
        for name in names:
            logging.getLogger(name).setLevel(logging.NOTSET if is_debug else level)


class LineFormatter(logging.Formatter):
    """Makes a line of a record: JSON, or text such as ``2026-11-21T12:00:00.000Z INFO naas.server stopping by=signal``.

    The names ``timestamp``, ``level``, ``logger`` and ``message`` are those of the existing service.
    """

    def __init__(self, *, as_json: bool, environment: str) -> None:
        super().__init__()
        self._as_json, self._environment = as_json, environment

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; as text, a traceback follows on lines of its own."""
        fields: dict[str, object] = {
            "timestamp": _timestamp(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        fields["message"] = ""  # so that it stands here
        fields.update(bound_fields())
        message, given = _split(record)
        fields["message"] = message
        for name, value in (*given, *_extra(record)):
            fields.setdefault(name, "***" if _is_secret(name) else value)
        traces = [self.formatException(record.exc_info)] if record.exc_info else []
        traces += [self.formatStack(record.stack_info)] if record.stack_info else []
        return self._json(fields, traces) if self._as_json else _text(fields, traces)

    def _json(self, fields: dict[str, object], traces: list[str]) -> str:
        fields["environment"] = self._environment
        if traces:
            fields["exception"] = "\n".join(traces)
        # ASCII: what some readers take for the end of a line is escaped as well.
        return json.dumps(fields, default=str)


@lru_cache(maxsize=4)
def _second(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))


def _timestamp(created: float) -> str:
    return f"{_second(int(created))}.{int(created % 1 * 1000):03}Z"


# Fields

# What every record has; the rest came as `extra=`.
_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

# A net under the rule that secrets are not logged.
_SECRET: Final = re.compile(r"(?i)password|passphrase|secret|token|authorization|private_key|api_key$|^enable$")


@lru_cache(maxsize=1024)
def _is_secret(name: str) -> bool:
    return _SECRET.search(name) is not None


# `name=value` at the end of the text of a call to the log, the value with or without placeholders.
_PAIRS: Final = re.compile(r"(?:\s[a-z_][a-z0-9_]*=\S+)+$")
_PLACEHOLDER: Final = re.compile(r"%[-#0 +]*\d*(?:\.\d+)?[sdrfg]")


@dataclass(frozen=True, slots=True)
class _Pair:
    """``name=value`` in the text of a call; ``wanted`` is how many placeholders the value has."""

    name: str
    value: str
    wanted: int

    def read(self, given: tuple[object, ...]) -> object:
        """Return the value; a number stays one."""
        if self.value in {"%s", "%r", "%d", "%g"}:
            return given[0] if isinstance(given[0], int | float) else str(given[0])
        return self.value % given


@dataclass(frozen=True, slots=True)
class _Text:
    """The text of a call to the log, taken apart."""

    event: str
    wanted: int
    pairs: tuple[_Pair, ...]


# There are some hundred calls.
@lru_cache(maxsize=1024)
def _parse(text: str) -> _Text:
    found = _PAIRS.search(text)
    event = text if found is None else text[: found.start()]
    parts = [] if found is None else [pair.partition("=") for pair in found[0].split()]
    pairs = [_Pair(name, value, len(_PLACEHOLDER.findall(value))) for name, _, value in parts]
    return _Text(event, len(_PLACEHOLDER.findall(event)), tuple(pairs))


def _split(record: logging.LogRecord) -> tuple[str, list[tuple[str, object]]]:
    """Return the event, and the fields that our messages end in. Other libraries' messages stay as they are.

    Read from the text as the code has it, not from the finished line: what a caller sent cannot become a field.
    """
    is_ours = record.name.startswith("naas") and isinstance(record.msg, str) and isinstance(record.args, tuple | None)
    if not is_ours:
        return record.getMessage(), []
    values = list(cast("tuple[object, ...]", record.args or ()))
    # The last one may bring fields of its own, as the audit trail does.
    extra: Mapping[str, object] | None = getattr(values[-1], "log_fields", None) if values else None
    text = _parse(record.msg.removesuffix(" %s") if extra is not None else record.msg)
    if not values:  # then a percent sign is one, as in logging itself
        return text.event, [(pair.name, pair.value) for pair in text.pairs]
    if extra is None and not text.pairs:
        return record.getMessage(), []
    given = iter(values if extra is None else values[:-1])
    event = text.event % tuple(islice(given, text.wanted))
    pairs = [(pair.name, pair.read(tuple(islice(given, pair.wanted)))) for pair in text.pairs]
    return event, [*pairs, *(extra or {}).items()]


def _extra(record: logging.LogRecord) -> list[tuple[str, Any]]:
    given = vars(record)
    return [(name, given[name]) for name in given if name not in _STANDARD]


# Text

# What could begin another line, or move the cursor of a terminal.
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_FIRST: Final = ("timestamp", "level", "logger", "message")


def _text(fields: Mapping[str, object], traces: list[str]) -> str:
    line = f"{fields['timestamp']} {str(fields['level']).upper()} {fields['logger']} {fields['message']}"
    line += "".join(f" {name}={_word(value)}" for name, value in fields.items() if name not in _FIRST)
    return "\n".join([_CONTROL.sub(_escape, line), *traces])


def _word(value: object) -> str:
    text = str(value)
    return repr(text) if not text or " " in text else text


def _escape(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")
