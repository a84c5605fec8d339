"""The shapes of contexts on the wire."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from naas.api.wire import App, Version

__all__ = ["ContextInfo", "ContextsResponse"]


class ContextInfo(Struct, kw_only=True, frozen=True):
    """One context: a group of workers that jobs may ask for by name."""

    name: Annotated[str, Meta(description="Its name.")]
    workers: Annotated[int, Meta(ge=0, description="Workers that serve it now; without any, jobs are refused.")]
    queue_depth: Annotated[int, Meta(ge=0, description="Jobs that wait in it.")]


class ContextsResponse(Struct, kw_only=True, frozen=True):
    """Every context of the service, by name."""

    contexts: Annotated[list[ContextInfo], Meta(description="The contexts.")]
    app: App
    version: Version
