"""The async twins of `clientsmith.core.openstack.fetch_catalog` and `clientsmith.core.openstack.fetch_endpoint`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from ..pipeline import Steps, drive_async
from ..rest import Call
from .discovery import endpoint_of

if TYPE_CHECKING:
    from ..transport.base import AsyncTransport
    from .catalog import Catalog
    from .credentials import KeystoneCredential

__all__ = ["fetch_catalog", "fetch_endpoint"]

T = TypeVar("T")


async def fetch_catalog(
    credential: KeystoneCredential, *, timeout: float | None = 120.0, transport: AsyncTransport | None = None
) -> Catalog:
    """Sign in, unless the credential has a token that works, and return the catalog that came with it.

    Arguments and errors as for `clientsmith.core.openstack.fetch_catalog`.
    """
    return await _run(credential.signed_in, timeout, transport)


async def fetch_endpoint(
    url: str, major: int, *, timeout: float | None = 120.0, transport: AsyncTransport | None = None
) -> str:
    """Ask a service where a major version of its API is, and return that address.

    Arguments and errors as for `clientsmith.core.openstack.fetch_endpoint`.
    """
    return await _run(lambda call: endpoint_of(url, major, call), timeout, transport)


async def _run(steps: Callable[[Call], Steps[T]], timeout: float | None, transport: AsyncTransport | None) -> T:
    from ..transport._default import default_async_transport  # those who bring one need none

    own = transport or default_async_transport({})
    try:
        deadline = None if timeout is None else own.monotonic() + timeout
        return await drive_async(steps(Call({}, deadline=deadline, clock=own.monotonic)), own)
    finally:
        if transport is None:
            await own.close()
