"""All areas, in the order of the report."""

from __future__ import annotations

from . import azure, collections, complex, http, long_running, paging, scalars, urls, versions, xml

AREAS = (
    *paging.AREAS,
    *long_running.AREAS,
    *scalars.AREAS,
    *collections.AREAS,
    *complex.AREAS,
    *http.AREAS,
    *urls.AREAS,
    *azure.AREAS,
    *versions.AREAS,
    *xml.AREAS,
)
