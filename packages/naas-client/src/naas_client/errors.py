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

from typing import TYPE_CHECKING, Final

from clientsmith.core.errors import ClientsmithError

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
]


class DeviceError(ClientsmithError):
    """A device did not do what the job asked.

    Attributes:
        job_id: The job.
        error_code: The service's code, for programs.
        is_retryable: Whether the same job may succeed if it is submitted again.
        message: What went wrong, for people.
    """

    def __init__(self, job_id: str, error_code: str, message: str, is_retryable: bool) -> None:
        super().__init__(job_id, error_code, message, is_retryable)
        self.job_id, self.error_code, self.message, self.is_retryable = job_id, error_code, message, is_retryable

    def __str__(self) -> str:
        advice = "; it may work if submitted again" if self.is_retryable else ""
        return f"{self.message} ({self.error_code}, job {self.job_id}{advice})"

    @classmethod
    def from_result(cls, result: JobResult) -> DeviceError:
        """Return the error that a finished job's ``error`` stands for."""
        code = str(getattr(result.error_code, "value", result.error_code) or "UNKNOWN")
        message = result.error or "the device failed without saying why"
        return _BY_CODE.get(code, DeviceError)(str(result.job_id), code, message, bool(result.error_retryable))


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
