"""What both clients are made of: the address, the credential, the cache, the scheme of versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from clientsmith.core.credentials import Basic, BasicCredential, Bearer
from clientsmith.core.credentials.schemes import AuthenticationScheme
from clientsmith.core.errors import UsageError
from clientsmith.core.pipeline import Policy
from clientsmith.core.policies.caching import CachingPolicy

from ._version import VERSION
from .addresses import Address, address_of, origin_of
from .cache import DiskCache
from .page_origins import PageOriginPolicy

__all__ = ["AUTHENTICATION", "PACKAGE", "Parts", "parts_of"]

PACKAGE: Final = f"simple-repository-client/{VERSION}"
AUTHENTICATION: Final[Sequence[AuthenticationScheme]] = (Basic(), Bearer())


class Parts(NamedTuple):
    """What a client is made of."""

    url: str
    credential: object | None
    origins: Sequence[str]
    settings: Mapping[str, Any]


def parts_of(
    index_url: str,
    credential: object | None,
    page_origins: Sequence[str],
    cache: DiskCache | CachingPolicy | None,
    options: Mapping[str, Any],
) -> Parts:
    """Return what a client is made of, as its constructor was told.

    Raises:
        UsageError: The index URL is none, a credential is given twice, or ``page_origins`` are no origins.
    """
    address = address_of(index_url)
    shown = _the_one(credential, address)
    origins: Sequence[str] = options.get("credential_origins", ())
    policies: list[Policy] = [*options.get("per_retry_policies", ()), PageOriginPolicy(address.url, page_origins)]
    if cache is not None:  # below: a page that was kept is no better than one that is asked for
        policies.append(_caching(cache, address.url, shown, origins))
    return Parts(address.url, shown, origins, {**options, "per_retry_policies": policies})


def _the_one(credential: object | None, address: Address) -> object | None:
    if address.credential is None:
        return credential
    if credential is not None:
        raise UsageError(
            f"two credentials: one in the index URL {address.url}, and one beside it; leave one of them out"
        )
    return address.credential


def _caching(
    cache: DiskCache | CachingPolicy, url: str, credential: object | None, origins: Sequence[str]
) -> CachingPolicy:
    """Return the policy that keeps answers: above what shows the credential, so that it never sees one."""
    if isinstance(cache, CachingPolicy):
        return cache
    private = frozenset(map(origin_of, (url, *origins))) | {None}
    group = "" if credential is None else _group(credential)
    return CachingPolicy(shelf=cache.shelf(lambda asked: group if group and origin_of(asked) in private else ""))


def _group(credential: object) -> str:
    """Return who asks, without any secret: answers of two credentials are never mixed up, see `cache.disk`."""
    who = f"\0{credential.username}" if isinstance(credential, BasicCredential) else ""
    return f"{type(credential).__name__}{who}"
