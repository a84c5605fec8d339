"""The operations of the depot as data."""

from __future__ import annotations

from collections.abc import Sequence

from clientsmith.core.credentials import AuthenticationScheme, KeyInHeader
from clientsmith.core.operations import ListOperation, LongRunningOperation, Operation, header, json_body, path
from clientsmith.core.paging import NextLink, SinglePage
from clientsmith.core.polling import Polling
from clientsmith.core.serialization import as_codec

from . import models as _models

AUTHENTICATION: Sequence[AuthenticationScheme] = (KeyInHeader("api-key"),)

LIST_SHELVES: ListOperation[_models.Shelf] = ListOperation(
    "GET", "/shelves", responses={200: None}, paging=NextLink(items=("value",), item=lambda: _models.Shelf)
)

LIST_LABELS: ListOperation[str] = ListOperation("GET", "/labels", responses={200: None}, paging=SinglePage())

CREATE_SHELF: Operation[_models.Shelf] = Operation(
    "POST", "/shelves", body=json_body(), responses={201: lambda: _models.Shelf}
)

UPDATE_SHELF: Operation[_models.Shelf] = Operation(
    "PATCH",
    "/shelves/{name}",
    parameters={"name": path("name"), "if_match": header("If-Match")},
    body=json_body(),
    responses={200: lambda: _models.Shelf},
)

DELETE_SHELF: Operation[None] = Operation(
    "DELETE", "/shelves/{name}", parameters={"name": path("name")}, responses={204: None}, missing_is_success=True
)

COUNT_SHELF: LongRunningOperation[_models.Count] = LongRunningOperation(
    "POST",
    "/shelves/{name}/count",
    parameters={"name": path("name")},
    responses={202: None},
    polling=Polling(succeeded=("done",), failed=("failed",), codec=lambda: _models.Count),
)

GET_WEIGHT: Operation[float] = Operation(
    "GET", "/shelves/{name}/weight", parameters={"name": path("name")}, responses={200: as_codec(None)}
)

GET_PART: Operation[str] = Operation(
    "GET",
    "/shelves/{name}/parts/{part}",
    parameters={"name": path("name"), "part": path("part")},
    responses={200: as_codec(None)},
)
