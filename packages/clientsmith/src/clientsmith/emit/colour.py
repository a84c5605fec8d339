"""Sync and async: all that differs between the two colours of a client."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from clientsmith.emit.code import Code, Symbol

__all__ = ["ASYNC", "COLOURS", "SYNC", "Colour"]


@dataclass(frozen=True, slots=True)
class Colour:
    """Sync or async: where the runtime's classes are, where the package's root is, and whether to await."""

    is_async: bool
    base: Symbol
    pager: Symbol
    poller: Symbol
    transport: Symbol
    token_credential: Symbol
    streaming: str  # the module of the streams
    root: str  # how the client's module writes the package: "." or ".."

    def sibling(self, module: str, name: str = "") -> Symbol:
        """A module beside the package's ``__init__``, or a name of it."""
        if name:
            return Symbol(f"{self.root}{module}", name)
        return Symbol(self.root, module, module if module.startswith("_") else f"_{module}")

    def awaited(self, code: Code) -> Code:
        return Code(("await ",)) + code if self.is_async else code


SYNC: Final = Colour(
    is_async=False,
    base=Symbol("clientsmith.core.client", "ServiceClient"),
    pager=Symbol("clientsmith.core.paging", "ItemPaged"),
    poller=Symbol("clientsmith.core.polling", "LROPoller"),
    transport=Symbol("clientsmith.core.transport.base", "Transport"),
    token_credential=Symbol("clientsmith.core.credentials", "TokenCredential"),
    streaming="clientsmith.core.streaming",
    root=".",
)
ASYNC: Final = Colour(
    is_async=True,
    base=Symbol("clientsmith.core.aio", "ServiceClient"),
    pager=Symbol("clientsmith.core.aio", "ItemPaged"),
    poller=Symbol("clientsmith.core.aio", "LROPoller"),
    transport=Symbol("clientsmith.core.transport.base", "AsyncTransport"),
    token_credential=Symbol("clientsmith.core.aio", "TokenCredential"),
    streaming="clientsmith.core.streaming.aio",
    root="..",
)
COLOURS: Final = (SYNC, ASYNC)
