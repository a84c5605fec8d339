"""The operation of contexts, as the document describes it."""

from __future__ import annotations

from typing import Final

from naas.api.contexts.wire import ContextsResponse
from naas.api.describe import OperationDoc, ResponseDoc, TagDoc, not_modified, refused

__all__ = ["OPERATIONS", "TAG"]

TAG: Final = TagDoc("contexts", "Groups of workers.")

OPERATIONS: Final = (
    OperationDoc(
        method="get",
        path="/v2/contexts",
        operation_id="listContexts",
        tag=TAG.name,
        summary="List contexts",
        description="List the contexts that jobs may ask for, with the workers that serve them and the jobs that wait.",
        responses={
            200: ResponseDoc("The contexts.", ContextsResponse, ("ETag",)),
            **not_modified(),
            **refused(401, 403, 503),
        },
        header_parameters=("If-None-Match",),
    ),
)
