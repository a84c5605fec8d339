"""The routes of the document: the JSON that programs read, and a page for people under the two names that they know.

The page is ours and whole: it asks no other host for anything, so it works where there is no way out.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any, Final

from litestar import MediaType, Response, get

from naas.api.answers import encode

__all__ = ["ROUTES"]

_PAGE_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


@get("/apidoc/openapi.json", sync_to_thread=False)
def api_document() -> Response[bytes]:
    """Return the OpenAPI document."""
    from naas.api.document import openapi_document  # it is made of all resources, this one among them

    return Response(encode(openapi_document()), media_type=MediaType.JSON)


@get(["/apidoc/swagger", "/apidoc/redoc"], sync_to_thread=False)
def page() -> Response[bytes]:
    """Return the page that shows the document."""
    return Response(_part("page.html"), media_type="text/html", headers=_PAGE_HEADERS)


@get("/apidoc/page.js", sync_to_thread=False)
def page_script() -> Response[bytes]:
    """Return what the page does."""
    return Response(_part("page.js"), media_type="text/javascript", headers=_PAGE_HEADERS)


@get("/apidoc/page.css", sync_to_thread=False)
def page_style() -> Response[bytes]:
    """Return what the page looks like."""
    return Response(_part("page.css"), media_type="text/css", headers=_PAGE_HEADERS)


ROUTES: Final[tuple[Any, ...]] = (api_document, page, page_script, page_style)


@cache
def _part(name: str) -> bytes:
    return resources.files("naas.api.documentation").joinpath(name).read_bytes()
