"""What is asked of a cloud before there are clients, in the sync colour."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from ..pipeline import Steps, drive
from ..rest import Call
from .discovery import endpoint_of

if TYPE_CHECKING:
    from ..transport.base import Transport
    from .catalog import Catalog
    from .credentials import KeystoneCredential

__all__ = ["fetch_catalog", "fetch_endpoint"]

T = TypeVar("T")


def fetch_catalog(
    credential: KeystoneCredential, *, timeout: float | None = 120.0, transport: Transport | None = None
) -> Catalog:
    """Sign in, unless the credential has a token that works, and return the catalog that came with it.

    The token stays with the credential: the clients that it is given to do not sign in again.

    Args:
        credential: Who signs in.
        timeout: Seconds that it may take, None for no limit.
        transport: Sends the request. By default what clients open for themselves, closed again afterwards.

    Raises:
        TokenRefusedError: Keystone says why there is no token.
        TokenUnavailableError: It could not be asked.
        DeadlineExceededError: It took longer than ``timeout``.
    """
    return _run(credential.signed_in, timeout, transport)


def fetch_endpoint(url: str, major: int, *, timeout: float | None = 120.0, transport: Transport | None = None) -> str:
    """Ask a service where a major version of its API is, and return that address: ``https://image.example/v2``.

    Nothing is shown to the service, and of what it says only the path counts: scheme, host and port stay those of
    ``url``.

    Args:
        url: The service's address, from the catalog for example. A version at its end does not matter.
        major: 2 for ``/v2`` and ``/v2.1``.
        timeout: Seconds that it may take, None for no limit.
        transport: Sends the request. By default what clients open for themselves, closed again afterwards.

    Raises:
        ValueError: ``url`` is no absolute URL.
        UnsupportedApiVersionError: The service has no such version.
        HttpResponseError: It has no version document.
        TransportError: It could not be asked.
    """
    return _run(lambda call: endpoint_of(url, major, call), timeout, transport)


def _run(steps: Callable[[Call], Steps[T]], timeout: float | None, transport: Transport | None) -> T:
    from ..transport._default import default_transport  # those who bring one need none

    own = transport or default_transport({})
    try:
        deadline = None if timeout is None else own.monotonic() + timeout
        return drive(steps(Call({}, deadline=deadline, clock=own.monotonic)), own)
    finally:
        if transport is None:
            own.close()
