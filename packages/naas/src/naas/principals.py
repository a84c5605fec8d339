"""Who asks, and what they may do: a value that `naas.api.auth` makes once for each request.

Three roles, each may do what the ones before it may: a viewer reads, an operator runs jobs, an admin sees everybody's
jobs and manages keys, schedules of others and the audit log. Whoever comes with a device login instead of a key
(pass-through Basic) is an operator who sees their own jobs only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from naas.vault import Login

__all__ = ["ALL_CONTEXTS", "AuthMethod", "Principal", "Role"]

ALL_CONTEXTS: Final = "*"


class Role(StrEnum):
    """What a caller may do, from least to most."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"

    def includes(self, needed: Role) -> bool:
        """Whether this role may do what ``needed`` may."""
        return _RANKS[self] >= _RANKS[needed]


_RANKS: Final = {Role.VIEWER: 0, Role.OPERATOR: 1, Role.ADMIN: 2}


class AuthMethod(StrEnum):
    """How a caller proved who they are."""

    BASIC = "basic"
    API_KEY = "api_key"
    JWT = "jwt"
    OIDC = "oidc"
    MANAGER = "manager"
    """The admin secret of the service, which manages keys and does nothing else."""


@dataclass(frozen=True, slots=True)
class Principal:
    """One caller.

    Attributes:
        subject: Marks what is theirs. A rotated key keeps the subject of the key it replaces.
        name: What people know them by, for logs and the audit trail. Never a secret.
        role: What they may do.
        contexts: Where their jobs may run; ``*`` means anywhere.
        method: How they proved who they are.
        login: The device login that came with the request (pass-through Basic); None for everybody else.
        key_id: The API key in use, if one is.
    """

    subject: str
    name: str
    role: Role
    method: AuthMethod
    contexts: frozenset[str] = frozenset({ALL_CONTEXTS})
    login: Login | None = field(default=None, repr=False)
    key_id: str | None = None

    @property
    def is_verified(self) -> bool:
        """Whether the service itself knows who this is. A pass-through login is judged by the device alone, so whoever
        brings one gets no stored credential, no inventory and no schedule."""
        return self.method is not AuthMethod.BASIC

    @property
    def sees_everything(self) -> bool:
        """Whether they see what belongs to others."""
        return self.role is Role.ADMIN

    def may_see(self, owner: str) -> bool:
        """Whether they may see what belongs to ``owner``."""
        return self.sees_everything or self.subject == owner

    def may_use(self, context: str) -> bool:
        """Whether their jobs may run in ``context``."""
        return ALL_CONTEXTS in self.contexts or context in self.contexts
