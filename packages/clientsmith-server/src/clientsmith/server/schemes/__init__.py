"""Schemes: how services speak of their versions, one module for each family."""

from .asked import fixed_version, header_versions, query_versions
from .capabilities import capability_list
from .floor import semver_floor
from .microversion import microversions
from .path import path_versions
from .simple import simple_api, simple_meta, simple_meta_tag

__all__ = [
    "capability_list",
    "fixed_version",
    "header_versions",
    "microversions",
    "path_versions",
    "query_versions",
    "semver_floor",
    "simple_api",
    "simple_meta",
    "simple_meta_tag",
]
