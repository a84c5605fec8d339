"""Which base a client library stands on, and what that base calls a pager, a poller, a transport.

The guidelines say `azure`, and mean it for libraries of that house. Everywhere else the rule behind the word counts:
the base is then clientsmith's core or corehttp where the package depends on one, and else whatever it defines itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

__all__ = ["AZURE", "CLIENTSMITH", "COREHTTP", "GENERIC", "Profile", "profile_of"]

_PAGER: Final = r"(Async)?ItemPaged"
# What libraries without a common base call them, beside what they define themselves with the methods of a pager.
_ANY_PAGER: Final = r"\w*(ItemPaged|Pager|Paginator|Paged|CursorPage|AsyncPage|SyncPage|ListObject|SearchResultObject)"
_STREAM: Final = r"(Async)?(EventStream|JsonLines|ByteStream)|\w*(Stream|StreamDownloader|Iterator|Generator|Iterable)"
_POLLER: Final = r"\w*Poller"


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """A base of client libraries.

    Attributes:
        name: ``azure`` or ``generic``, as the option says it.
        base: What findings call the base: ``azure-core``, or ``the package`` where there is none.
        core: The modules of the base; "" for none, so what the package itself defines counts.
        namespace: The root namespace of the house, "" for none.
        pagers: A pattern for the names of what lists return; `pollers` and `streams` likewise.
        credentials: The modules that credentials come from, beside the base's own.
        transports: The default transport of each colour, ``{}`` where the base asks for none.
        passes_on: Whether the base takes transport and settings out of the ``**kwargs`` of a constructor.
        has_extras: Whether the async half may be an extra, ``[aio]``, by the habit of the house.
    """

    name: str
    base: str
    core: tuple[str, ...] = ()
    namespace: str = ""
    pagers: str = _ANY_PAGER
    pollers: str = _POLLER
    streams: str = _STREAM
    credentials: tuple[str, ...] = ()
    transports: Mapping[str, str] = field(default_factory=dict[str, str])
    passes_on: bool = False

    def is_core(self, dotted: str) -> bool:
        """Whether a name comes from the base."""
        return any(dotted == module or dotted.startswith(f"{module}.") for module in self.core)

    def is_credential(self, dotted: str) -> bool:
        """Whether a name is a credential that users know: of the base, or of a library made for credentials."""
        return self.is_core(dotted) or any(dotted.startswith(f"{module}.") for module in self.credentials)

    @property
    def has_core(self) -> bool:
        """Whether there is a base that other libraries share."""
        return bool(self.core)


_TRANSPORTS: Final = {"sync": "RequestsTransport", "aio": "AioHttpTransport"}

AZURE: Final = Profile(
    "azure",
    "azure-core",
    ("azure.core", "azure.mgmt.core", "azure.common"),
    "azure",
    pagers=rf"\w*{_PAGER}",
    credentials=("azure.identity", "azure.core"),
    transports={"sync": "RequestsTransport", "aio": "AioHttpTransport"},
    passes_on=True,
)
COREHTTP: Final = Profile(
    "generic", "corehttp", ("corehttp",), pagers=rf"\w*{_PAGER}", transports=_TRANSPORTS, passes_on=True
)
CLIENTSMITH: Final = Profile(
    "generic", "clientsmith.core", ("clientsmith.core",), pagers=_PAGER, transports=_TRANSPORTS
)
GENERIC: Final = Profile("generic", "the package")

_BY_DEPENDENCY: Final[Mapping[str, Profile]] = {
    "azure-core": AZURE,
    "azure-mgmt-core": AZURE,
    "clientsmith-core": CLIENTSMITH,
    "corehttp": COREHTTP,
}


def profile_of(requires: Iterable[str], chosen: str = "auto") -> Profile:
    """Return the profile of a package with these dependencies, as ``Requires-Dist`` writes them.

    ``chosen`` is a setting's value: ``auto``, ``azure``, or ``generic``, which takes the package for none of Azure's.
    """
    if chosen == "azure":
        return AZURE
    names = [re.split(r"[^A-Za-z0-9._-]", each.strip(), maxsplit=1)[0].lower().replace("_", "-") for each in requires]
    found = next((_BY_DEPENDENCY[name] for name in names if name in _BY_DEPENDENCY), GENERIC)
    return GENERIC if chosen == "generic" and found is AZURE else found
