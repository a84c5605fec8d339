"""Whether a known caller may do what they ask: by role and by context. Ownership is judged where the job is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naas.errors import ContextRefused, RoleTooLow
from naas.principals import AuthMethod, Role

if TYPE_CHECKING:
    from naas.principals import Principal
    from naas.security.audit import Audit

__all__ = ["Authorizer", "require", "require_context"]


def require(principal: Principal, needed: Role) -> None:
    """Return if the caller's role reaches so far.

    Raises:
        RoleTooLow: It does not. The admin secret reaches nothing but keys and the audit trail, which do not ask here.
    """
    if principal.method is AuthMethod.MANAGER:
        raise RoleTooLow(principal.method.value, needed.value)
    if not principal.role.includes(needed):
        raise RoleTooLow(principal.role.value, needed.value)


def require_context(principal: Principal, context: str) -> None:
    """Return if the caller's jobs may run in the context.

    Raises:
        ContextRefused: They may not.
    """
    if not principal.may_use(context):
        raise ContextRefused(context, sorted(principal.contexts))


class Authorizer:
    """The same decisions, with refusals written to the audit trail."""

    def __init__(self, audit: Audit) -> None:
        self._audit = audit

    def require(self, principal: Principal, needed: Role, endpoint: str = "") -> None:
        """As `require`; ``endpoint`` is for the audit trail."""
        try:
            require(principal, needed)
        except RoleTooLow as exc:
            self._audit.write(
                "auth.rbac_denied",
                principal,
                identity=principal.name,
                role=exc.role,
                required_role=exc.needed,
                endpoint=endpoint,
            )
            raise

    def require_context(self, principal: Principal, context: str) -> None:
        """As `require_context`."""
        try:
            require_context(principal, context)
        except ContextRefused as exc:
            self._audit.write(
                "auth.context_denied",
                principal,
                identity=principal.name,
                context=context,
                allowed_contexts=exc.allowed,
            )
            raise
