"""The routes of the inventory: devices, groups, credentials.

All three have the same five operations. An ETag is the revision of an entry; with ``If-Match`` a change is made only to
the revision that was read, with ``If-None-Match: *`` only if there is none yet.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, cast

import msgspec
from litestar import Response, delete, get, patch, post, put

from naas import __version__
from naas.api.answers import answer, next_page_link, no_content
from naas.api.asking import HttpRequest, body_of, principal_of, query_of, runtime_of
from naas.api.inventory.entries import (
    credential_answer,
    credential_of,
    device_answer,
    device_of,
    group_answer,
    group_of,
    last_job_of,
    login_of,
)
from naas.api.inventory.wire import (
    CredentialAnswer,
    CredentialList,
    CredentialRequest,
    DeviceList,
    DeviceRequest,
    GroupAnswer,
    GroupList,
    GroupRequest,
    ImportAnswer,
    ImportRequest,
    LastJob,
    ListDevicesParameters,
    ListEntriesParameters,
)
from naas.api.revisions import etag_of, expected_revision
from naas.api.validation import Raw, convert
from naas.errors import RecordNotFound
from naas.inventory import CredentialRecord, DeviceRecord, GroupRecord, matching
from naas.principals import Role
from naas.store.base import JobQuery, Record, RecordValue

if TYPE_CHECKING:
    from collections.abc import Sequence

    from naas.principals import Principal
    from naas.runtime import Runtime

__all__ = ["ROUTES"]

MOST_WITH_LAST_JOB: Final = 100

_V = TypeVar("_V", bound=RecordValue)
_R = TypeVar("_R", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class _Kind(Generic[_V, _R]):
    """What tells the three kinds of entries apart. ``shown`` is the request that would make the entry as it is."""

    record: type[_V]
    request: type[_R]
    answer: Callable[[Record[_V]], msgspec.Struct]
    keep: Callable[[Runtime, Principal, _R, int | None], Awaitable[int]]


async def _keep_device(runtime: Runtime, principal: Principal, request: DeviceRequest, expected: int | None) -> int:
    return await runtime.inventory.put(principal, device_of(request, runtime.platforms()), expected=expected)


async def _keep_group(runtime: Runtime, principal: Principal, request: GroupRequest, expected: int | None) -> int:
    return await runtime.inventory.put(principal, group_of(request), expected=expected)


async def _keep_credential(
    runtime: Runtime, principal: Principal, request: CredentialRequest, expected: int | None
) -> int:
    try:
        present = await runtime.inventory.get(principal, CredentialRecord, request.name)
    except RecordNotFound:
        login = login_of(request, None)
    else:
        login = login_of(request, await runtime.inventory.login_of(present.value))
    return await runtime.inventory.put_credential(principal, credential_of(request), login, expected=expected)


_DEVICES: Final = _Kind(DeviceRecord, DeviceRequest, device_answer, _keep_device)
_GROUPS: Final = _Kind(GroupRecord, GroupRequest, group_answer, _keep_group)
_CREDENTIALS: Final = _Kind(CredentialRecord, CredentialRequest, credential_answer, _keep_credential)


# Devices


@get("/v2/devices")
async def list_devices(request: HttpRequest) -> Response[bytes]:
    """List devices by name."""
    principal = await principal_of(request)
    asked = query_of(request, ListDevicesParameters)
    limit = min(asked.limit, MOST_WITH_LAST_JOB) if asked.last_job else asked.limit
    found, after = await _devices(request, principal, asked, limit)
    jobs = [await _last_job(request, principal, each.value) if asked.last_job else None for each in found]
    devices = [device_answer(each, job) for each, job in zip(found, jobs, strict=True)]
    return _listed(request, DeviceList(devices=devices, next=after, app="naas", version=__version__), after)


async def _devices(
    request: HttpRequest, principal: Principal, asked: ListDevicesParameters, limit: int
) -> tuple[Sequence[Record[DeviceRecord]], str | None]:
    """Return a page of devices, and where the next one begins."""
    if asked.group is None:
        return await _page(request, principal, DeviceRecord, asked.after, limit)
    # The group stands in the value: every device is looked at, some thousands at most.
    inventory, after, found = runtime_of(request).inventory, asked.after, list[Record[DeviceRecord]]()
    while len(found) <= limit:
        page = await inventory.page(principal, DeviceRecord, after=after, limit=1000)
        members = {value.id for value in matching([each.value for each in page], group=asked.group)}
        found += [each for each in page if each.value.id in members]
        if len(page) < 1000:
            break
        after = page[-1].value.id
    return found[:limit], found[limit - 1].value.id if len(found) > limit else None


@post("/v2/devices", status_code=HTTPStatus.CREATED)
async def create_device(request: HttpRequest) -> Response[bytes]:
    """Enter a device."""
    return await _create(request, _DEVICES)


@post("/v2/devices/import", status_code=HTTPStatus.OK)
async def import_devices(request: HttpRequest) -> Response[bytes]:
    """Enter many devices at once."""
    principal = await principal_of(request, Role.ADMIN)
    runtime = runtime_of(request)
    wanted = convert(await body_of(request), ImportRequest).devices
    platforms = runtime.platforms()
    records = [device_of(each, platforms, ("devices", index)) for index, each in enumerate(wanted)]
    revisions = await runtime.inventory.put_all(principal, records)
    created = sum(revision == 1 for revision in revisions)
    return answer(ImportAnswer(total=len(records), created=created, app="naas", version=__version__))


@get("/v2/devices/{name:str}")
async def get_device(request: HttpRequest) -> Response[bytes]:
    """Read one device with its newest job."""
    principal = await principal_of(request)
    record = await runtime_of(request).inventory.get(principal, DeviceRecord, request.path_params["name"])
    shown = device_answer(record, await _last_job(request, principal, record.value))
    return answer(shown, headers={"ETag": etag_of(record.revision)})


@put("/v2/devices/{name:str}")
async def put_device(request: HttpRequest) -> Response[bytes]:
    """Enter or replace a device."""
    return await _put(request, _DEVICES)


@patch("/v2/devices/{name:str}")
async def patch_device(request: HttpRequest) -> Response[bytes]:
    """Change some fields of a device."""
    return await _patch(request, _DEVICES)


@delete("/v2/devices/{name:str}", status_code=HTTPStatus.NO_CONTENT)
async def delete_device(request: HttpRequest) -> Response[None]:
    """Forget a device."""
    return await _delete(request, _DEVICES)


async def _last_job(request: HttpRequest, principal: Principal, device: DeviceRecord) -> LastJob | None:
    query = JobQuery(None, per_page=1, host=device.host, context=device.context, want_total=False)
    page = await runtime_of(request).jobs.page(principal, query)
    return last_job_of(page.jobs[0]) if page.jobs else None


# Groups


@get("/v2/groups")
async def list_groups(request: HttpRequest) -> Response[bytes]:
    """List groups by name."""
    principal = await principal_of(request)
    asked = query_of(request, ListEntriesParameters)
    found, after = await _page(request, principal, GroupRecord, asked.after, asked.limit)
    groups: list[GroupAnswer] = [group_answer(each) for each in found]
    return _listed(request, GroupList(groups=groups, next=after, app="naas", version=__version__), after)


@post("/v2/groups", status_code=HTTPStatus.CREATED)
async def create_group(request: HttpRequest) -> Response[bytes]:
    """Enter a group."""
    return await _create(request, _GROUPS)


@get("/v2/groups/{name:str}")
async def get_group(request: HttpRequest) -> Response[bytes]:
    """Read one group."""
    return await _get(request, _GROUPS)


@put("/v2/groups/{name:str}")
async def put_group(request: HttpRequest) -> Response[bytes]:
    """Enter or replace a group."""
    return await _put(request, _GROUPS)


@delete("/v2/groups/{name:str}", status_code=HTTPStatus.NO_CONTENT)
async def delete_group(request: HttpRequest) -> Response[None]:
    """Forget a group; its devices stay."""
    return await _delete(request, _GROUPS)


# Credentials


@get("/v2/credentials")
async def list_credentials(request: HttpRequest) -> Response[bytes]:
    """List credentials by name, without their secrets."""
    principal = await principal_of(request)
    asked = query_of(request, ListEntriesParameters)
    found, after = await _page(request, principal, CredentialRecord, asked.after, asked.limit)
    credentials: list[CredentialAnswer] = [credential_answer(each) for each in found]
    shown = CredentialList(credentials=credentials, next=after, app="naas", version=__version__)
    return _listed(request, shown, after)


@post("/v2/credentials", status_code=HTTPStatus.CREATED)
async def create_credential(request: HttpRequest) -> Response[bytes]:
    """Enter a credential."""
    return await _create(request, _CREDENTIALS)


@get("/v2/credentials/{name:str}")
async def get_credential(request: HttpRequest) -> Response[bytes]:
    """Read one credential, without its secrets."""
    return await _get(request, _CREDENTIALS)


@put("/v2/credentials/{name:str}")
async def put_credential(request: HttpRequest) -> Response[bytes]:
    """Enter or change a credential; secrets that are left out stay."""
    return await _put(request, _CREDENTIALS)


@delete("/v2/credentials/{name:str}", status_code=HTTPStatus.NO_CONTENT)
async def delete_credential(request: HttpRequest) -> Response[None]:
    """Forget a credential that nothing uses."""
    return await _delete(request, _CREDENTIALS)


ROUTES: Final = (
    *(list_devices, create_device, import_devices, get_device, put_device, patch_device, delete_device),
    *(list_groups, create_group, get_group, put_group, delete_group),
    *(list_credentials, create_credential, get_credential, put_credential, delete_credential),
)


# What the kinds have in common


async def _page(
    request: HttpRequest, principal: Principal, kind: type[_V], after: str | None, limit: int
) -> tuple[Sequence[Record[_V]], str | None]:
    found = await runtime_of(request).inventory.page(principal, kind, after=after, limit=limit + 1)
    return found[:limit], found[limit - 1].value.id if len(found) > limit else None


def _listed(request: HttpRequest, body: msgspec.Struct, after: str | None) -> Response[bytes]:
    return answer(body, headers=next_page_link(request, {"after": after}) if after is not None else None)


async def _get(request: HttpRequest, kind: _Kind[_V, Any]) -> Response[bytes]:
    principal = await principal_of(request)
    return await _shown(request, principal, kind, request.path_params["name"])


async def _create(request: HttpRequest, kind: _Kind[Any, Any]) -> Response[bytes]:
    principal = await principal_of(request, Role.ADMIN)
    wanted = convert(await body_of(request), kind.request)
    await kind.keep(runtime_of(request), principal, wanted, 0)
    location = f"/v2/{kind.record.collection}/{wanted.name}"
    return await _shown(request, principal, kind, wanted.name, HTTPStatus.CREATED, {"Location": location})


async def _put(request: HttpRequest, kind: _Kind[Any, Any]) -> Response[bytes]:
    principal = await principal_of(request, Role.ADMIN)
    name = request.path_params["name"]
    wanted = convert({**await body_of(request), "name": name}, kind.request)
    revision = await kind.keep(runtime_of(request), principal, wanted, expected_revision(request))
    return await _shown(request, principal, kind, name, HTTPStatus.CREATED if revision == 1 else HTTPStatus.OK)


async def _patch(request: HttpRequest, kind: _Kind[Any, Any]) -> Response[bytes]:
    """Change the fields that the body names (RFC 7396, JSON Merge Patch)."""
    principal = await principal_of(request, Role.ADMIN)
    name = request.path_params["name"]
    present = await runtime_of(request).inventory.get(principal, kind.record, name)
    fields = {info.encode_name for info in msgspec.structs.fields(kind.request)}
    shown: Raw = {key: value for key, value in msgspec.to_builtins(kind.answer(present)).items() if key in fields}
    wanted = convert({**_merged(shown, await body_of(request)), "name": name}, kind.request)
    expected = expected_revision(request)
    await kind.keep(runtime_of(request), principal, wanted, present.revision if expected is None else expected)
    return await _shown(request, principal, kind, name)


async def _delete(request: HttpRequest, kind: _Kind[Any, Any]) -> Response[None]:
    principal = await principal_of(request, Role.ADMIN)
    inventory, name = runtime_of(request).inventory, request.path_params["name"]
    await inventory.delete(principal, kind.record, name, expected=expected_revision(request))
    return no_content()


async def _shown(
    request: HttpRequest,
    principal: Principal,
    kind: _Kind[Any, Any],
    name: str,
    status: HTTPStatus = HTTPStatus.OK,
    headers: dict[str, str] | None = None,
) -> Response[bytes]:
    record = await runtime_of(request).inventory.get(principal, kind.record, name)
    return answer(kind.answer(record), status, {**(headers or {}), "ETag": etag_of(record.revision)})


def _merged(target: Raw, change: Raw) -> Raw:
    merged = dict(target)
    for key, value in change.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, dict) and isinstance(present := merged.get(key), dict):
            merged[key] = _merged(cast("Raw", present), cast("Raw", value))
        else:
            merged[key] = value
    return merged
