"""What an application sees of a decision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from clientsmith.core.versioning import ApiVersion

from .values import PassOn

__all__ = ["KEY", "api_version_of", "media_type_of"]

KEY = "clientsmith.server"
"""Where the decision is, in a scope or an environ."""


def api_version_of(request: object) -> ApiVersion | None:
    """Return the version that a request is to be answered in, None where it has none.

    Args:
        request: The request object of a framework (Starlette, FastAPI, Litestar, Django, Flask, Falcon), an ASGI scope,
            or a WSGI environ.

    Raises:
        LookupError: The request did not come through `ApiVersions`.
    """
    return _decision(request).version


def media_type_of(request: object) -> str:
    """Return the media type that a request is to be answered with, "" where that was not negotiated.

    Raises:
        LookupError: The request did not come through `ApiVersions`.
    """
    return _decision(request).media_type


def _decision(request: object) -> PassOn:
    # Django's requests have `META`, Falcon's `env`; a Starlette request is a mapping itself, over the same scope.
    for holder in (*(getattr(request, name, None) for name in ("scope", "environ", "env", "META")), request):
        if isinstance(holder, Mapping):
            found = cast("Mapping[str, object]", holder).get(KEY)
            if isinstance(found, PassOn):
                return found
    raise LookupError(
        f"this {type(request).__name__} did not come through ApiVersions; wrap the application in it, "
        "or check that the path is not below another application"
    )
