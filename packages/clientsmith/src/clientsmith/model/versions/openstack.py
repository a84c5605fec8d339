"""OpenStack's microversions: the header, the service's type in it, and the range that a document describes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

from clientsmith.core.versioning import VersionFormat
from clientsmith.openapi.extensions import version_range

from ..ir import Api, ApiVersionIn, Parameter, VersionScheme
from .reading import newest_of, read, values_of

__all__ = ["microversions"]

_COMMON: Final = "openstack-api-version"
_OWN: Final = re.compile(r"(?i)x-openstack-([a-z-]+)-api-version")
_TYPE: Final = re.compile(r"[a-z][a-z0-9-]{0,60}")
# What services call themselves in the header, by their projects and by the titles of their documents.
_TYPES: Final[Mapping[str, str]] = {
    "nova": "compute",
    "compute": "compute",
    "placement": "placement",
    "ironic": "baremetal",
    "bare metal": "baremetal",
    "baremetal": "baremetal",
    "cinder": "volume",
    "block storage": "volume",
    "manila": "shared-file-system",
    "shared file system": "shared-file-system",
    "magnum": "container-infra",
    "container infrastructure": "container-infra",
}
_OLDER: Final = {"compute": ("X-OpenStack-Nova-API-Version",), "baremetal": ("X-OpenStack-Ironic-API-Version",)}


def microversions(api: Api, declared: Iterable[Parameter], answers: Counter[str]) -> ApiVersionIn | None:
    """Return the scheme of a service of OpenStack that has microversions, None of any other."""
    spoken = [p for p in declared if _is_header(p.wire_name)]
    headers = list(dict.fromkeys([*(p.wire_name for p in spoken), *filter(_is_header, answers)]))
    words = [text.split() for p in spoken for text in values_of(p, api)]
    newest = newest_of((one[-1] for one in words if one), VersionFormat.MICROVERSION) or newest_of(
        (api.version,), VersionFormat.MICROVERSION
    )
    kind = next((one[0] for one in words if len(one) == 2 and _TYPE.fullmatch(one[0])), "") or _type_of(
        api.title, headers
    )
    if not newest or not kind or not (headers or _speaks_of_them(api)):
        return None
    own = tuple(dict.fromkeys(name for name in headers if _OWN.fullmatch(name)))
    said = f"the header {headers[0]}" if headers else f"the title {api.title!r}, and a text that says microversion"
    return ApiVersionIn(
        VersionScheme.MICROVERSION,
        "OpenStack-API-Version",
        default=newest,
        evidence=f"{said}, service type {kind}",
        oldest=_oldest(api.extensions, newest),
        service_type=kind,
        older_headers=own or (() if headers else _OLDER.get(kind, ())),
    )


def _is_header(name: str) -> bool:
    return name.lower() == _COMMON or _OWN.fullmatch(name) is not None


def _type_of(title: str, headers: Iterable[str]) -> str:
    """Return the service's type by its own header, or by its document's title."""
    projects = (found[1].lower() for name in headers if (found := _OWN.fullmatch(name)) is not None)
    named = next((_TYPES[project] for project in projects if project in _TYPES), "")
    words = title.lower()
    return named or next((kind for name, kind in _TYPES.items() if re.search(rf"\b{name}\b", words)), "")


def _speaks_of_them(api: Api) -> bool:
    if "openstack" not in api.title.lower():
        return False
    texts = (text for one in api.operations for text in (one.summary, one.description))
    return any("microversion" in text.lower() for text in (api.description, *texts))


def _oldest(extensions: Mapping[str, Any], newest: str) -> str:
    """Return the oldest version that is described: said at the document's root, else that of the same major."""
    said = version_range(extensions).since
    return said if read(said, VersionFormat.MICROVERSION) else f"{newest.partition('.')[0]}.0"
