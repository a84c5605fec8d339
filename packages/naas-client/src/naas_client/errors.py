"""What can go wrong on a device, as errors that a program can act on.

    DeviceError                    the service did its work, the device did not do ours
    ├── DeviceTimeoutError           CONNECTION_TIMEOUT: not reached, or too slow to answer
    ├── DeviceConnectionError        SSH_ERROR: the session broke
    ├── DeviceAuthenticationError    AUTH_FAILURE: the device refused the login
    ├── ConfigurationRejectedError   CONFIG_REJECTED: the device refused a line
    ├── DeviceUnavailableError       CIRCUIT_OPEN: it failed too often lately and is left alone for a while
    └── PlatformDetectionError       AUTODETECT_FAILED: nobody knows what it is
    ServerVersionError             the server is older than NAAS 2.0, which this client needs

Everything else is an error of `clientsmith.core.errors`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, cast

from clientsmith.core.errors import ClientsmithError, HttpResponseError

if TYPE_CHECKING:
    from .models import JobResult

__all__ = [
    "ConfigurationRejectedError",
    "DeviceAuthenticationError",
    "DeviceConnectionError",
    "DeviceError",
    "DeviceTimeoutError",
    "DeviceUnavailableError",
    "PlatformDetectionError",
    "ServerVersionError",
    "reason_of",
]


class DeviceError(ClientsmithError):
    """A device did not do what the job asked.

    Attributes:
        job_id: The job.
        error_code: The service's code, for programs.
        is_retryable: Whether the same job may succeed if it is submitted again.
        message: What went wrong, for people.
        partial_results: What the device had answered before, by command; empty where there was nothing, or where an
            older server does not tell. It is in neither ``str`` nor ``repr``, for configuration holds secrets.
    """

    def __init__(self, job_id: str, error_code: str, message: str, is_retryable: bool) -> None:
        super().__init__(job_id, error_code, message, is_retryable)
        self.job_id, self.error_code, self.message, self.is_retryable = job_id, error_code, message, is_retryable
        self.partial_results: Mapping[str, Any] = {}

    def __str__(self) -> str:
        advice = "; it may work if submitted again" if self.is_retryable else ""
        return f"{self.message} ({self.error_code}, job {self.job_id}{advice})"

    @classmethod
    def from_result(cls, result: JobResult) -> DeviceError:
        """Return the error that a finished job's ``error`` stands for."""
        # By the wire: a server of another version may leave out what it does not have.
        wire: Mapping[str, Any] = result.as_dict()
        code = str(wire.get("error_code") or "UNKNOWN")
        message = wire.get("error") or "the device failed without saying why"
        kind = _BY_CODE.get(code, DeviceError)
        error = kind(str(wire.get("job_id")), code, str(message), bool(wire.get("error_retryable")))
        error.partial_results = wire.get("partial_results") or {}
        return error


class DeviceTimeoutError(DeviceError, TimeoutError):
    """The device was not reached, or did not answer in time."""


class DeviceConnectionError(DeviceError, ConnectionError):
    """The SSH session could not be set up, or broke."""


class DeviceAuthenticationError(DeviceError):
    """The device refused the login."""


class ConfigurationRejectedError(DeviceError):
    """The device refused a configuration line."""


class DeviceUnavailableError(DeviceError):
    """The device failed too often lately; the service leaves it alone for a while."""


class PlatformDetectionError(DeviceError):
    """The platform ``autodetect`` found nothing that it knows."""


_BY_CODE: Final[dict[str, type[DeviceError]]] = {
    "CONNECTION_TIMEOUT": DeviceTimeoutError,
    "SSH_ERROR": DeviceConnectionError,
    "AUTH_FAILURE": DeviceAuthenticationError,
    "CONFIG_REJECTED": ConfigurationRejectedError,
    "CIRCUIT_OPEN": DeviceUnavailableError,
    "AUTODETECT_FAILED": PlatformDetectionError,
}


class ServerVersionError(ClientsmithError):
    """The server is older than this client can speak with.

    Attributes:
        found: The server's version as it says it.
        needed: The oldest version that works.
    """

    def __init__(self, found: str, needed: str) -> None:
        super().__init__(found, needed)
        self.found, self.needed = found, needed

    def __str__(self) -> str:
        return (
            f"the NAAS server is version {self.found}, and this client needs {self.needed} or newer; "
            "upgrade the server, or use the client that belongs to it"
        )


def reason_of(error: HttpResponseError) -> str:
    """Return why the server refused, in one line and in its own words, whichever of its five shapes they came in.

    A list of fields and what is wrong with them; ``message``, ``error`` and ``status``; ``message`` alone; ``error``
    with ``retry_after``; a job's id with ``not_found`` or ``not_failed``; and problem details (RFC 9457). Where it
    says nothing, the status does. What a field held is not in it, for it may be a password.
    """
    document = _document(error.body)
    if isinstance(document, list):
        listed = "; ".join(filter(None, map(_problem, cast("list[object]", document))))
    else:
        listed = _said(cast("Mapping[str, Any]", document)) if isinstance(document, dict) else ""
    return " ".join((listed or error.service_message or f"{error.status_code} {error.reason}").split())


def _document(body: bytes) -> object:
    try:
        return json.loads(body) if body else None
    except ValueError:  # a proxy's page
        return None


def _said(document: Mapping[str, Any]) -> str:
    problems: object = document.get("errors")
    if isinstance(problems, list) and problems:
        return "; ".join(filter(None, map(_problem, cast("list[object]", problems))))
    told = _LOOKUPS.get(str(document.get("status")))
    if told and "job_id" in document and "message" not in document:
        return told.format(document["job_id"])
    return next((text for name in _WORDS if isinstance(text := document.get(name), str) and text), "")


_WORDS: Final = ("detail", "message", "error", "title")
_LOOKUPS: Final[Mapping[str, str]] = {
    "not_found": "there is no job {}",
    "not_failed": "job {} has not failed, so there is nothing to repeat",
}


def _problem(item: object) -> str:
    if not isinstance(item, dict):
        return ""
    fields = cast("dict[str, Any]", item)
    place = ".".join(str(each) for each in fields.get("loc") or () if each not in ("body", "query"))
    said = str(fields.get("msg") or fields.get("message") or "").removeprefix("Value error, ")
    return f"{place}: {said}" if place and said else said or place
