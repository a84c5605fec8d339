"""A service says which version of its API it speaks, and when something comes to its end.

    from clientsmith.server import ApiVersions, header_versions

    app = ApiVersions(app, header_versions("X-API-Version", versions=["2025-01-01", "2026-06-01"]))

- `ApiVersions` goes around an ASGI application, `WsgiApiVersions` around a WSGI one.
- `header_versions`, `query_versions`, `path_versions`, `microversions`, `semver_floor`, `simple_api`, `capability_list`
  and `fixed_version` are the schemes.
- `Lifecycle` announces a deprecation and a sunset.
- `api_version_of` tells the application which version a request is to be answered in, `media_type_of` which type.

Names are imported when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .asgi import ApiVersions as ApiVersions
    from .lifecycle import Lifecycle as Lifecycle
    from .refusals import openstack_errors as openstack_errors
    from .refusals import problem_details as problem_details
    from .schemes import capability_list as capability_list
    from .schemes import fixed_version as fixed_version
    from .schemes import header_versions as header_versions
    from .schemes import microversions as microversions
    from .schemes import path_versions as path_versions
    from .schemes import query_versions as query_versions
    from .schemes import semver_floor as semver_floor
    from .schemes import simple_api as simple_api
    from .schemes import simple_meta as simple_meta
    from .schemes import simple_meta_tag as simple_meta_tag
    from .seen import api_version_of as api_version_of
    from .seen import media_type_of as media_type_of
    from .values import Answer as Answer
    from .values import PassOn as PassOn
    from .values import Refusal as Refusal
    from .values import RequestFacts as RequestFacts
    from .values import VersionScheme as VersionScheme
    from .wsgi import WsgiApiVersions as WsgiApiVersions

if not TYPE_CHECKING:
    from clientsmith.core.lazy import lazy

    _TABLE = {
        "asgi": "ApiVersions",
        "lifecycle": "Lifecycle",
        "refusals": "openstack_errors problem_details",
        "schemes": "capability_list fixed_version header_versions microversions path_versions query_versions "
        "semver_floor simple_api simple_meta simple_meta_tag",
        "seen": "api_version_of media_type_of",
        "values": "Answer PassOn Refusal RequestFacts VersionScheme",
        "wsgi": "WsgiApiVersions",
    }
    __all__ = sorted(name for names in _TABLE.values() for name in names.split())
    __getattr__, __dir__ = lazy(__name__, _TABLE)
