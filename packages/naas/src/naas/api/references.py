"""What a request may name instead of spelling it out: devices, groups and credentials of the inventory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from naas.jobs import Device
    from naas.principals import Principal
    from naas.vault import Login

__all__ = ["ResolvedDevice", "Resolver"]


class ResolvedDevice(Protocol):
    """A device of the inventory: what a job takes from it."""

    @property
    def device(self) -> Device:
        """Where the work is done."""
        ...

    @property
    def login(self) -> Login:
        """With which login."""
        ...

    @property
    def context(self) -> str:
        """By which workers."""
        ...


class Resolver(Protocol):
    """Turns names into devices and logins; `naas.services.inventory.InventoryService` is one.

    Every method raises `naas.errors.InvalidRequest` if the name means nothing or may not be used like this, and
    `naas.errors.NotAllowed` if the caller has no inventory.
    """

    async def resolve(
        self, principal: Principal, name: str, *, credential: str | None = None, login: Login | None = None
    ) -> ResolvedDevice:
        """Return a device, with the given login, that of the named credential, or of its own."""
        ...

    async def resolve_group(self, principal: Principal, group: str) -> Sequence[ResolvedDevice]:
        """Return every device of a group."""
        ...

    async def login_for_host(self, principal: Principal, credential: str, host: str, context: str) -> Login:
        """Return the login of a credential for a host that is not in the inventory."""
        ...
