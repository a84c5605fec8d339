"""The operations of the inventory, as the document describes them: the same for devices, groups and credentials."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from naas.api import wire
from naas.api.describe import OperationDoc, ResponseDoc, TagDoc, refused
from naas.api.inventory import wire as inventory
from naas.principals import Role

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import msgspec

__all__ = ["OPERATIONS", "TAG", "entry_refusals"]

TAG: Final = TagDoc("inventory", "Devices, groups and credentials by name. Needs an API key or a token.")

_NOT_FOUND: Final = ResponseDoc("There is no entry of this name.", wire.RecordLookupError)
_TAKEN: Final = ResponseDoc("The name is taken.", wire.MessageError)
_IN_USE: Final = ResponseDoc("Other entries name this one.", wire.MessageError)
_CHANGED: Final = ResponseDoc("It was changed since it was read; read it again.", wire.MessageError)


@dataclass(frozen=True, slots=True)
class _Kind:
    one: str
    many: str
    request: type[msgspec.Struct]
    answer: type[msgspec.Struct]
    listed: type[msgspec.Struct]
    query: type[msgspec.Struct]
    about: str


_KINDS: Final = (
    _Kind(
        "device",
        "devices",
        inventory.DeviceRequest,
        inventory.DeviceAnswer,
        inventory.DeviceList,
        inventory.ListDevicesParameters,
        "A job may name a device instead of host, platform and login.",
    ),
    _Kind(
        "group",
        "groups",
        inventory.GroupRequest,
        inventory.GroupAnswer,
        inventory.GroupList,
        inventory.ListEntriesParameters,
        "Devices say themselves to which groups they belong; a group gives them a credential.",
    ),
    _Kind(
        "credential",
        "credentials",
        inventory.CredentialRequest,
        inventory.CredentialAnswer,
        inventory.CredentialList,
        inventory.ListEntriesParameters,
        "Secrets are encrypted at rest, used by reference, and never shown.",
    ),
)


def entry_refusals(*, found: bool = True, changes: bool = False) -> Mapping[int, ResponseDoc]:
    """Return the refusals of an operation on an entry: ``found`` where it must be there, ``changes`` with a body."""
    refusals = dict(refused(401, 403, 422, 503))
    if found:
        refusals[404] = _NOT_FOUND
    if changes:
        refusals |= refused(400, 413, 415)
    return refusals


def _operations(kind: _Kind) -> Iterator[OperationDoc]:
    name, path, one = kind.one.title(), f"/v2/{kind.many}", f"/v2/{kind.many}/{{name}}"
    shown = ResponseDoc(f"The {kind.one}.", kind.answer, ("ETag",))
    created = ResponseDoc(f"The {kind.one} is new.", kind.answer, ("ETag",))
    yield OperationDoc(
        method="get",
        path=path,
        operation_id=f"list{kind.many.title()}",
        tag=TAG.name,
        summary=f"List {kind.many}",
        description=f"List {kind.many} by name, page by page. {kind.about}",
        responses={
            200: ResponseDoc(f"One page of {kind.many}.", kind.listed, ("Link",)),
            **refused(401, 403, 422, 503),
        },
        query=kind.query,
    )
    yield OperationDoc(
        method="post",
        path=path,
        operation_id=f"create{name}",
        tag=TAG.name,
        summary=f"Enter a {kind.one}",
        description=f"Enter a {kind.one}; one of this name must not be there yet.",
        responses={
            201: ResponseDoc(f"The {kind.one} is new.", kind.answer, ("ETag", "Location")),
            **entry_refusals(found=False, changes=True),
            409: _TAKEN,
        },
        body=kind.request,
        role=Role.ADMIN,
    )
    yield OperationDoc(
        method="get",
        path=one,
        operation_id=f"get{name}",
        tag=TAG.name,
        summary=f"Get a {kind.one}",
        description=f"Read one {kind.one}.",
        responses={200: shown, **entry_refusals()},
    )
    yield OperationDoc(
        method="put",
        path=one,
        operation_id=f"put{name}",
        tag=TAG.name,
        summary=f"Enter or replace a {kind.one}",
        description=f"Enter a {kind.one}, or replace the one of this name; the name in the body is ignored.",
        responses={
            200: shown,
            201: created,
            **entry_refusals(found=False, changes=True),
            409: _TAKEN,
            412: _CHANGED,
        },
        header_parameters=("If-Match", "If-None-Match"),
        body=kind.request,
        role=Role.ADMIN,
    )
    yield OperationDoc(
        method="delete",
        path=one,
        operation_id=f"delete{name}",
        tag=TAG.name,
        summary=f"Forget a {kind.one}",
        description=f"Forget a {kind.one}. Jobs that are on their way go on.",
        responses={
            204: ResponseDoc(f"The {kind.one} is forgotten."),
            **entry_refusals(),
            409: _IN_USE,
            412: _CHANGED,
        },
        header_parameters=("If-Match",),
        role=Role.ADMIN,
    )


_IMPORT: Final = OperationDoc(
    method="post",
    path="/v2/devices/import",
    operation_id="importDevices",
    tag=TAG.name,
    summary="Enter many devices",
    description="Enter devices, or replace those of the same names. All are checked before the first is entered.",
    responses={
        200: ResponseDoc("How many there were.", inventory.ImportAnswer),
        **entry_refusals(found=False, changes=True),
    },
    body=inventory.ImportRequest,
    role=Role.ADMIN,
)

_PATCH: Final = OperationDoc(
    method="patch",
    path="/v2/devices/{name}",
    operation_id="updateDevice",
    tag=TAG.name,
    summary="Change a device",
    description="Change the fields that the body names; null brings a default back (RFC 7396).",
    responses={
        200: ResponseDoc("The device.", inventory.DeviceAnswer, ("ETag",)),
        **entry_refusals(changes=True),
        412: _CHANGED,
    },
    header_parameters=("If-Match",),
    body=inventory.DeviceUpdate,
    role=Role.ADMIN,
)

OPERATIONS: Final = (*(operation for kind in _KINDS for operation in _operations(kind)), _IMPORT, _PATCH)
