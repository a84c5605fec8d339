"""The operations of API keys, as the document describes them."""

from __future__ import annotations

from typing import Final

from naas.api.describe import OperationDoc, ResponseDoc, TagDoc, refused
from naas.api.keys.wire import (
    ApiKeyCreateRequest,
    ApiKeyCreateResponse,
    ApiKeyListResponse,
    ApiKeyRotateRequest,
)
from naas.api.wire import RecordLookupError
from naas.principals import Role

__all__ = ["OPERATIONS", "TAG"]

TAG: Final = TagDoc("api-keys", "Keys that programs and people come with.")

_WHO: Final = "Takes the admin secret of the service as Basic password, with any user name, or the key of an admin."
_UNKNOWN: Final = {404: ResponseDoc("There is no such key, or it has expired.", RecordLookupError)}

OPERATIONS: Final = (
    OperationDoc(
        method="post",
        path="/v2/api-keys",
        operation_id="createApiKey",
        tag=TAG.name,
        summary="Make an API key",
        description=f"Make a key. Its token is in the answer and is never shown again. {_WHO}",
        responses={
            201: ResponseDoc("The key with its token.", ApiKeyCreateResponse),
            **refused(400, 401, 403, 413, 415, 422, 503),
        },
        body=ApiKeyCreateRequest,
        body_required=False,
        role=Role.ADMIN,
    ),
    OperationDoc(
        method="get",
        path="/v2/api-keys",
        operation_id="listApiKeys",
        tag=TAG.name,
        summary="List API keys",
        description=f"List every key that is valid, without tokens. {_WHO}",
        responses={200: ResponseDoc("The keys.", ApiKeyListResponse), **refused(401, 403, 503)},
        role=Role.ADMIN,
    ),
    OperationDoc(
        method="delete",
        path="/v2/api-keys/{key_id}",
        operation_id="deleteApiKey",
        tag=TAG.name,
        summary="Revoke an API key",
        description=(
            "Make a key worthless at once, and within seconds in every other process of the service. Jobs of its "
            f"holder stay. {_WHO}"
        ),
        responses={204: ResponseDoc("The key is worthless."), **refused(401, 403, 503), **_UNKNOWN},
        role=Role.ADMIN,
    ),
    OperationDoc(
        method="post",
        path="/v2/api-keys/{key_id}/rotate",
        operation_id="rotateApiKey",
        tag=TAG.name,
        summary="Rotate an API key",
        description=(
            "Replace a key by a new one that may do the same for as long again, and to which the jobs of the old one "
            f"belong too. The old one is worthless at once, or after `overlap_seconds`. {_WHO}"
        ),
        responses={
            201: ResponseDoc("The new key with its token.", ApiKeyCreateResponse),
            **refused(400, 401, 403, 413, 415, 422, 503),
            **_UNKNOWN,
        },
        body=ApiKeyRotateRequest,
        body_required=False,
        role=Role.ADMIN,
    ),
)  # fmt: skip
