"""The catalog of a cloud: which services it has, and where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from .._origin import origin_of
from ..errors import EndpointNotFoundError
from ..versioning.sources import without_version
from .service_types import names_of

__all__ = ["Catalog", "CatalogEndpoint"]


@dataclass(frozen=True, slots=True)
class CatalogEndpoint:
    """An address of a service.

    Attributes:
        service_type: Its kind, as the catalog calls it: ``compute``, ``volumev3``.
        service_name: What the cloud calls it, "" if it does not.
        interface: Who it is for: ``public``, ``internal`` or ``admin``.
        region: Where it is, None in a cloud without regions.
        url: The address itself.
    """

    service_type: str
    service_name: str
    interface: str
    region: str | None
    url: str


class Catalog:
    """The services of a cloud, as they came with a token: those that its owner may use.

    It comes from keystone, so its addresses are trusted with the token. What a service says about its own addresses is
    not: see `clientsmith.core.openstack.fetch_endpoint`.
    """

    __slots__ = ("_endpoints",)

    def __init__(self, endpoints: Iterable[CatalogEndpoint] = ()) -> None:
        self._endpoints = tuple(endpoints)

    @classmethod
    def from_token(cls, document: Mapping[str, Any]) -> Catalog:
        """Read the ``catalog`` of a token. What is no endpoint is left out; a token without a scope has none."""
        found: list[CatalogEndpoint] = []
        for service in _objects(document.get("catalog")):
            for endpoint in _objects(service.get("endpoints")):
                kind, url, interface = service.get("type"), endpoint.get("url"), endpoint.get("interface")
                region = endpoint.get("region_id") or endpoint.get("region")
                if isinstance(kind, str) and isinstance(url, str) and isinstance(interface, str):
                    name = str(service.get("name") or "")
                    found.append(CatalogEndpoint(kind, name, interface, str(region) if region else None, url))
        return cls(found)

    def endpoint(
        self, service_type: str, *, interface: str = "public", region: str | None = None, is_versioned: bool = True
    ) -> str:
        """Return the address of a service: what a client is constructed with.

        Args:
            service_type: Its kind, by the official name or an older one: ``block-storage`` finds ``volumev3``.
            interface: ``public``, ``internal`` or ``admin``.
            region: Needed where the cloud has several.
            is_versioned: Whether a version at the end of the address stays, as in ``https://cloud.example/v3``. A
                client whose operations have it in their paths is given the address without it.

        Raises:
            EndpointNotFoundError: There is none; or it is in several regions, and which one was not said.
        """
        interface = interface.removesuffix("URL")  # as older programs say it
        names = names_of(service_type)
        offered = [one for one in self._endpoints if _normal(one.service_type) in names]
        fitting = [one for one in offered if one.interface == interface and region in (None, one.region)]
        if not fitting:
            raise EndpointNotFoundError(service_type, interface, region, self._what_there_is(offered))
        best = min(names.index(_normal(one.service_type)) for one in fitting)
        chosen = [one for one in fitting if names.index(_normal(one.service_type)) == best]
        regions = sorted({one.region or "" for one in chosen})
        if len(regions) > 1:
            reason = f"it is in the regions {', '.join(regions)}; say which with region=…"
            raise EndpointNotFoundError(service_type, interface, region, reason)
        url = chosen[0].url.rstrip("/")
        if not _is_address(url):
            raise EndpointNotFoundError(service_type, interface, region, f"the catalog says {url!r}, which is no URL")
        return url if is_versioned else without_version(url)

    def _what_there_is(self, offered: Sequence[CatalogEndpoint]) -> str:
        if offered:
            there = sorted({f"{one.interface} in {one.region}" if one.region else one.interface for one in offered})
            return f"it has {', '.join(there)}"
        if not self._endpoints:
            return "the catalog is empty; the token has no scope, so say project_name=… when signing in"
        return f"the catalog has {', '.join(sorted({one.service_type for one in self._endpoints}))}"

    def __iter__(self) -> Iterator[CatalogEndpoint]:
        return iter(self._endpoints)

    def __len__(self) -> int:
        return len(self._endpoints)

    def __repr__(self) -> str:
        return f"Catalog({', '.join(sorted({one.service_type for one in self._endpoints}))})"


def _is_address(url: str) -> bool:
    try:
        return origin_of(url).scheme in ("https", "http")
    except ValueError:
        return False


def _normal(service_type: str) -> str:
    return service_type.lower().replace("_", "-")


def _objects(values: object) -> Iterator[Mapping[str, Any]]:
    for value in cast("list[object]", values) if isinstance(values, list) else []:
        if isinstance(value, Mapping):
            yield cast("Mapping[str, Any]", value)
