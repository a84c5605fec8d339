"""Sync and async: all that differs between the two colours of a client."""

from __future__ import annotations

from dataclasses import dataclass, replace
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
    binary_content: Symbol  # what can be sent as the bytes of a body
    file_part: Symbol  # … as a file in a multipart body
    streaming: str  # the module of the streams
    root: str  # how the client's module writes the package: "." or ".."
    operations: Symbol  # the module of the constants that its methods use

    def sibling(self, module: str, name: str = "") -> Symbol:
        """A module beside the package's ``__init__``, or a name of it."""
        if name:
            return Symbol(f"{self.root}{module}", name)
        return Symbol(self.root, module, module if module.startswith("_") else f"_{module}")

    def in_group(self, module: str) -> Colour:
        """Return the colour as the module of a group sees the package: it stands one folder deeper."""
        root = f"{self.root}."
        return replace(self, root=root, operations=Symbol(f"{root}_groups._operations", module, "_operations"))

    def awaited(self, code: Code) -> Code:
        return Code(("await ",)) + code if self.is_async else code


SYNC: Final = Colour(
    is_async=False,
    base=Symbol("clientsmith.core.client", "ServiceClient"),
    pager=Symbol("clientsmith.core.paging", "ItemPaged"),
    poller=Symbol("clientsmith.core.polling", "LROPoller"),
    transport=Symbol("clientsmith.core.transport.base", "Transport"),
    token_credential=Symbol("clientsmith.core.credentials", "TokenCredential"),
    binary_content=Symbol("clientsmith.core.rest", "BinaryContent"),
    file_part=Symbol("clientsmith.core.rest", "FilePart"),
    streaming="clientsmith.core.streaming",
    root=".",
    operations=Symbol(".", "_operations", "_operations"),
)
ASYNC: Final = Colour(
    is_async=True,
    base=Symbol("clientsmith.core.aio", "ServiceClient"),
    pager=Symbol("clientsmith.core.aio", "ItemPaged"),
    poller=Symbol("clientsmith.core.aio", "LROPoller"),
    transport=Symbol("clientsmith.core.transport.base", "AsyncTransport"),
    token_credential=Symbol("clientsmith.core.aio", "TokenCredential"),
    binary_content=Symbol("clientsmith.core.rest", "AsyncBinaryContent"),
    file_part=Symbol("clientsmith.core.rest", "AsyncFilePart"),
    streaming="clientsmith.core.streaming.aio",
    root="..",
    operations=Symbol("..", "_operations", "_operations"),
)
COLOURS: Final = (SYNC, ASYNC)
