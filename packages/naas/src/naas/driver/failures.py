"""From what SSH libraries raise to one :class:`DeviceFailure` that a caller can act on.

Text that comes from elsewhere (device, library, the caller's own lines) passes :func:`redact` before it enters a
message.
"""

from __future__ import annotations

import re
import socket
from typing import Final

import paramiko
from netmiko.exceptions import (
    ConfigInvalidException,
    NetmikoTimeoutException,
    ReadException,
    ReadTimeout,
    WriteException,
)

from naas.driver.base import DeviceFailure, DeviceTarget, ErrorCode, JumpHost
from naas.driver.errors import JumpHostRefused, OutputTooLong
from naas.driver.hostkeys import HostKeyRefused
from naas.driver.keys import BadPrivateKey
from naas.driver.patterns import PatternTooSlow

CONFIG_ERROR: Final = (
    r"(?im)^[ \t]*(?:% ?(?:invalid|incomplete|ambiguous|error)|error:|invalid input|syntax error|unknown command).*$"
)
"""A line by which a device refuses configuration. At the start of a line only: a description may speak of errors."""

HIDDEN: Final = "***"

_SECRET_IN_LINE: Final = re.compile(
    r"(?i)\b(password|passwd|secret|community|key-string|pre-shared-key|authentication-key|md5|key)\b"
    r"((?:\s+(?:\d{1,2}|encrypted|ascii-text|sha512|hex))*)\s+.*"
)
_REJECTED: Final = re.compile(r"at command: (?P<line>.*?), matched error: (?P<text>.*)", re.DOTALL)


def complaint_in(answer: str) -> str | None:
    """Return the line by which a device refused a whole command, if its answer begins so."""
    found = re.search(CONFIG_ERROR, answer)
    # Cisco points at the wrong word with a caret on the line before.
    if found is None or answer[: found.start()].strip("^ \t\r\n"):
        return None
    return found.group().strip()


def redact(text: str, target: DeviceTarget) -> str:
    """Return ``text`` without the target's secrets and without what follows words such as ``password``."""
    for secret in target.secrets:
        text = text.replace(secret, HIDDEN)
    return _SECRET_IN_LINE.sub(rf"\1\2 {HIDDEN}", text)


def failure_from(error: Exception, *, doing: str, target: DeviceTarget, jump: JumpHost | None = None) -> DeviceFailure:
    """Return the failure that ``error`` means.

    ``doing`` says what was attempted and continues "while ...": "running 'show version'". ``jump`` is given when it
    was the jump host that failed, not the device.
    """
    code, reason, advice = _judge(error, target, jump)
    return DeviceFailure(code, f"{target.address}: {reason} while {doing}; {advice}")


def rejected(error: ConfigInvalidException, target: DeviceTarget, *, has_candidate: bool) -> DeviceFailure:
    """Return the failure that Netmiko's complaint about a configuration line means."""
    found = _REJECTED.search(str(error))
    line, text = (found["line"], found["text"]) if found else ("unknown", str(error))
    return refused_line(line, text, target, has_candidate=has_candidate)


def refused_line(line: str, text: str, target: DeviceTarget, *, has_candidate: bool) -> DeviceFailure:
    """The device refused a configuration line: say which, with which words, and what is in force now."""
    aftermath = "nothing was committed" if has_candidate else "the lines before it are in force"
    message = (
        f"{target.address}: the device refused the configuration line {redact(line.strip(), target)!r}: "
        f"{redact(text.strip(), target)}; correct the line and send again ({aftermath})"
    )
    return DeviceFailure(ErrorCode.CONFIG_REJECTED, message)


def _judge(error: Exception, target: DeviceTarget, jump: JumpHost | None) -> tuple[ErrorCode, str, str]:
    """The code of ``error``, what happened, and what to do next. The order is from special to general."""
    text = redact(_first_line(error), target)
    who, user = ("the device", target.username) if jump is None else ("the jump host", jump.username)
    match error:
        case HostKeyRefused():
            return ErrorCode.SSH_ERROR, f"{who} was not trusted: {error.reason}", error.advice
        case BadPrivateKey():
            advice = "give the key as PEM or OpenSSH text, with its `passphrase` if it is encrypted"
            return ErrorCode.AUTH_FAILURE, f"the private key for {who} cannot be used ({error})", advice
        case JumpHostRefused():
            return ErrorCode.CONNECTION_TIMEOUT, str(error), "check `host` and `port` as the jump host sees them"
        case paramiko.AuthenticationException():
            reason = f"{who} refused user {user!r}"
            return (
                ErrorCode.AUTH_FAILURE,
                reason,
                "check user name and password or key, and that the account may use it",
            )
        case ReadTimeout():
            reason = "no answer in time"
            return ErrorCode.CONNECTION_TIMEOUT, reason, "check the device, or give it more time"
        case NetmikoTimeoutException() if isinstance(error.__context__, paramiko.SSHException):
            reason = f"SSH could not be negotiated ({redact(_first_line(error.__context__), target)})"
            return ErrorCode.SSH_ERROR, reason, "check that SSH answers on this port and which algorithms it offers"
        case OutputTooLong():
            return ErrorCode.UNKNOWN, f"the device answered {text}", "ask for less with each job"
        case PatternTooSlow():
            return ErrorCode.UNKNOWN, text, "write `expect_string` without repeats inside repeats"
        case socket.gaierror():
            return ErrorCode.CONNECTION_TIMEOUT, "the host name cannot be resolved", "check `host` and DNS"
        case ConnectionRefusedError():
            advice = "check `port` and that SSH is enabled on the device"
            return ErrorCode.CONNECTION_TIMEOUT, "the connection was refused", advice
        case NetmikoTimeoutException() | TimeoutError():
            advice = "check that the device is up and reachable, or raise `conn_timeout`"
            return ErrorCode.CONNECTION_TIMEOUT, f"{who} did not answer in time", advice
        case ReadException() | WriteException() | paramiko.SSHException() | EOFError() | ConnectionError():
            return ErrorCode.SSH_ERROR, f"the SSH session broke ({text})", "try again"
        case OSError():
            return ErrorCode.CONNECTION_TIMEOUT, f"no connection ({text})", "check `host`, `port` and the route"
        case _:
            reason = f"unexpected {type(error).__name__} ({text})"
            return ErrorCode.UNKNOWN, reason, "check that `platform` fits the device"


def _first_line(error: BaseException) -> str:
    """The first line of an error's text that says something: libraries like to add essays."""
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
