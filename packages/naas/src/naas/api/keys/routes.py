"""The routes of API keys."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from litestar import Response, delete, get, post

from naas import __version__
from naas.api.answers import answer, no_content
from naas.api.asking import HttpRequest, optional_body_of, runtime_of
from naas.api.keys.asking import manager_of
from naas.api.keys.wire import (
    ApiKeyCreateRequest,
    ApiKeyCreateResponse,
    ApiKeyListItem,
    ApiKeyListResponse,
    ApiKeyRotateRequest,
)
from naas.api.validation import convert

if TYPE_CHECKING:
    from datetime import datetime

    from naas.security.api_keys import ApiKey, Issued

__all__ = ["ROUTES"]

# The one answer in which a token stands: no cache keeps it, whatever else answers say of themselves.
_NO_STORE: Final = {"Cache-Control": "no-store"}


@post("/v2/api-keys", status_code=HTTPStatus.CREATED)
async def create_api_key(request: HttpRequest) -> Response[bytes]:
    """Make a key."""
    manager = await manager_of(request)
    asked = convert(await optional_body_of(request), ApiKeyCreateRequest)
    security = runtime_of(request).security
    issued = await security.keys.create(
        role=asked.role, by=manager, contexts=asked.contexts, ttl=asked.ttl, name=asked.name, form=asked.format
    )
    key = issued.key
    security.audit.write(
        "apikey.created",
        manager,
        key_id=key.id,
        role=key.role.value,
        contexts=key.contexts,
        name=key.name or None,
        expires_at=_moment(key.expires_at) or None,
        created_by=manager.name,
    )
    return answer(_issued(issued), HTTPStatus.CREATED, _NO_STORE)


@get("/v2/api-keys")
async def list_api_keys(request: HttpRequest) -> Response[bytes]:
    """List the keys."""
    await manager_of(request)
    keys = [_listed(key) for key in await runtime_of(request).security.keys.all()]
    return answer(ApiKeyListResponse(keys=keys, app="naas", version=__version__), headers=_NO_STORE)


@delete("/v2/api-keys/{key_id:str}", status_code=HTTPStatus.NO_CONTENT)
async def delete_api_key(request: HttpRequest) -> Response[None]:
    """Revoke a key."""
    manager = await manager_of(request)
    security = runtime_of(request).security
    key = await security.keys.revoke(request.path_params["key_id"], manager)
    security.audit.write("apikey.revoked", manager, key_id=key.id, revoked_by=manager.name)
    return no_content()


@post("/v2/api-keys/{key_id:str}/rotate", status_code=HTTPStatus.CREATED)
async def rotate_api_key(request: HttpRequest) -> Response[bytes]:
    """Replace a key."""
    manager = await manager_of(request)
    asked = convert(await optional_body_of(request), ApiKeyRotateRequest)
    security, old = runtime_of(request).security, request.path_params["key_id"]
    issued = await security.keys.rotate(old, manager, asked.overlap_seconds)
    security.audit.write(
        "apikey.rotated",
        manager,
        old_key_id=old,
        new_key_id=issued.key.id,
        rotated_by=manager.name,
        overlap_seconds=asked.overlap_seconds,
    )
    return answer(_issued(issued), HTTPStatus.CREATED, _NO_STORE)


ROUTES: Final = (create_api_key, list_api_keys, delete_api_key, rotate_api_key)


def _issued(issued: Issued) -> ApiKeyCreateResponse:
    key = issued.key
    return ApiKeyCreateResponse(
        key_id=key.id,
        token=issued.token,
        role=key.role,
        contexts=list(key.contexts),
        expires_at=_moment(key.expires_at),
        name=key.name,
        created_at=_moment(key.created_at),
        app="naas",
        version=__version__,
    )


def _listed(key: ApiKey) -> ApiKeyListItem:
    return ApiKeyListItem(
        key_id=key.id,
        role=key.role,
        contexts=list(key.contexts),
        created_at=_moment(key.created_at),
        expires_at=_moment(key.expires_at),
        created_by=key.created_by,
        name=key.name,
        last_used_at=_moment(key.last_used_at) or None,
        replaced_by=key.replaced_by,
        format=key.form,
    )


def _moment(time: datetime | None) -> str:
    """The form in which the existing service writes the times of keys."""
    return "" if time is None else time.strftime("%Y-%m-%dT%H:%M:%SZ")
