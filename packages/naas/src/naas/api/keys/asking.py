"""Who may manage keys and read the audit trail: whoever sends the admin secret as a Basic password, and admins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naas.api.asking import HttpRequest, runtime_of
from naas.principals import AuthMethod, Role

if TYPE_CHECKING:
    from naas.principals import Principal

__all__ = ["manager_of"]


async def manager_of(request: HttpRequest) -> Principal:
    """Return who manages.

    Raises:
        NotAuthenticated: Nobody that the service knows; or a Basic password that is not the admin secret.
        RoleTooLow: Somebody who is no admin.
        LockedOut: Too many attempts from their address were wrong.
    """
    security = runtime_of(request).security
    client = "" if request.client is None else request.client.host
    principal = await security.authenticator.authenticate_manager(request.headers, client)
    if principal.method is not AuthMethod.MANAGER:
        security.authorizer.require(principal, Role.ADMIN, f"{request.method} {request.scope['path']}")
    return principal
