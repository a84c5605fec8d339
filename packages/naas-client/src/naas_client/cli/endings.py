"""How a command ends: the exit codes, and one line for every error with what to do next."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from enum import IntEnum
from typing import Final

import click
from clientsmith.core.errors import (
    ClientAuthenticationError,
    ClientsmithError,
    CredentialError,
    DeadlineExceededError,
    HttpResponseError,
    InsecureTransportError,
    OperationFailedError,
    PollTimeoutError,
    RateLimitedError,
    ResourceExistsError,
    ResourceNotFoundError,
    ServiceRequestError,
    UsageError,
)
from clientsmith.core.terminal import Stop, escaped, style

from ..errors import DeviceError, ServerVersionError, reason_of

__all__ = ["CODES", "AuthenticationStop", "Exit", "JobStop", "TimeoutStop", "UsageStop", "errors_told", "note"]


class Exit(IntEnum):
    """The exit codes: those of the command line that NAAS has had before, and the shells' own for Ctrl-C."""

    DONE = 0
    JOB_FAILED = 1
    REFUSED = 2
    NOT_AUTHENTICATED = 3
    TIMEOUT = 4
    INTERRUPTED = 130


CODES: Final = """\b
Exit codes:
  0    done
  1    a job failed, or a device did not do what was asked
  2    wrong usage, or the server refused or was not reached
  3    the server did not accept who is calling
  4    the time was up before the job ended
  130  interrupted
"""


class UsageStop(Stop):
    """What was typed or configured cannot be meant, or the server refused."""

    exit_code = Exit.REFUSED


class AuthenticationStop(Stop):
    """The server does not accept who is calling, or nobody said who that is."""

    exit_code = Exit.NOT_AUTHENTICATED


class TimeoutStop(Stop):
    """The time was up."""

    exit_code = Exit.TIMEOUT


class JobStop(Stop):
    """A job failed."""

    exit_code = Exit.JOB_FAILED


def note(kind: str, text: str, colour: str = "yellow") -> None:
    """Say something beside the result, on standard error."""
    click.echo(f"{style(kind, fg=colour)}: {escaped(text)}", err=True)


@contextmanager
def errors_told() -> Generator[None]:
    """Whatever goes wrong with the server is one line, a hint, and the exit code of its kind; never a traceback."""
    try:
        yield
    except DeviceError as error:
        raise JobStop(str(error), _RETRY_HINT if error.is_retryable else "") from None
    except OperationFailedError as error:
        raise JobStop(reason_of(error)) from None
    except (PollTimeoutError, DeadlineExceededError) as error:
        raise TimeoutStop(str(error), "give --timeout SECONDS, or come back with `naas jobs watch JOB_ID`") from None
    except ClientAuthenticationError as error:
        raise AuthenticationStop(f"the server did not accept the credentials: {reason_of(error)}", _LOGIN) from None
    except InsecureTransportError as error:
        told = str(error).partition(";")[0]
        raise UsageStop(told, "use https; --allow-http, or `allow_http`, if the network in between is yours") from None
    except CredentialError as error:
        raise AuthenticationStop(str(error), _LOGIN) from None
    except HttpResponseError as error:
        raise _refusal(error) from None
    except ServiceRequestError as error:
        raise UsageStop(str(error), "is the server running, and is --url right? `naas profile show` tells") from None
    except (ServerVersionError, UsageError, ClientsmithError) as error:
        raise UsageStop(str(error)) from None


_RETRY_HINT: Final = "it may work if you send it again"
_LOGIN: Final = "check --username and the password, or the API key; `naas profile show` tells what is used"
_FORBIDDEN: Final = 403


# Part of an address → the command that lists what is there.
_LISTS: Final[Mapping[str, str]] = {
    "/jobs/": "naas jobs list", "/batches/": "naas batch list", "/devices/": "naas devices list",
    "/groups/": "naas groups list", "/credentials/": "naas credentials list", "/schedules/": "naas schedules list",
    "/backups/": "naas backups list", "/api-keys/": "naas keys list",
}  # fmt: skip


# What a server says that tells nothing more, and one before 2.3.
_UNTOLD_REASONS: Final = ("You are not currently allowed to access this resource", "Forbidden")


def _refusal(error: HttpResponseError) -> Stop:
    """Return how an answer that is an error ends the command."""
    told = reason_of(error)
    if error.status_code == _FORBIDDEN:
        # The wire says the same for what is somebody else's and for what does not exist, on purpose. Where it is about
        # a role, a context or a policy, it says so itself.
        hint = "it may be somebody else's, or not exist: the server does not tell which"
        return AuthenticationStop(told, hint if told.endswith(_UNTOLD_REASONS) else "")
    if isinstance(error, RateLimitedError):
        wait = error.retry_after if error.retry_after is not None else error.reset_after
        return UsageStop(told, f"try again in {wait:.0f} s" if wait is not None else "try again a little later")
    if isinstance(error, ResourceNotFoundError):
        listed = next((command for part, command in _LISTS.items() if part in error.url), "")
        return UsageStop(told, f"`{listed}` shows what there is" if listed else "")
    if isinstance(error, ResourceExistsError):
        return UsageStop(told, "look at its state first")
    return UsageStop(told)
