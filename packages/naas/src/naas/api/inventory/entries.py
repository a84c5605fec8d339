"""Between the wire and the records of the inventory."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from msgspec import UNSET

from naas.api.answers import moment, moment_or_none
from naas.api.inventory.wire import (
    CredentialAnswer,
    CredentialRequest,
    DeviceAnswer,
    DeviceRequest,
    GroupAnswer,
    GroupRequest,
    JumpRequest,
    LastJob,
)
from naas.api.jobs.orders import problems_told
from naas.api.rules import host_rule, platform_rule, secret_rule, tag_rules
from naas.errors import FieldProblem
from naas.inventory import CredentialRecord, DeviceRecord, GroupRecord
from naas.vault import JumpLogin, Login

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from naas.jobs import Job
    from naas.store.base import Record

__all__ = [
    "credential_answer",
    "credential_of",
    "device_answer",
    "device_of",
    "group_answer",
    "group_of",
    "last_job_of",
    "login_of",
]


def device_of(request: DeviceRequest, platforms: Collection[str], at: tuple[str | int, ...] = ()) -> DeviceRecord:
    """Return the record that a request means; ``at`` leads to the request in a larger body.

    Raises:
        InvalidRequest: With every rule that it breaks.
    """
    problems_told(
        host_rule(request.host, (*at, "host")),
        platform_rule(request.platform, platforms, (*at, "platform")),
        tag_rules(request.tags),
    )
    return DeviceRecord(
        id=request.name,
        host=request.host,
        port=request.port,
        platform=request.platform,
        driver=request.driver,
        context=request.context,
        credential=request.credential,
        groups=tuple(dict.fromkeys(request.groups)),
        tags=request.tags,
        description=request.description,
    )


def device_answer(record: Record[DeviceRecord], last_job: LastJob | None = None) -> DeviceAnswer:
    """Return a device as the wire shows it."""
    value = record.value
    return DeviceAnswer(
        name=value.id,
        host=value.host,
        port=value.port,
        platform=value.platform,
        driver=value.driver,
        context=value.context,
        credential=value.credential,
        groups=list(value.groups),
        tags=value.tags,
        description=value.description,
        last_job=last_job,
        **_kept(record),
    )


def last_job_of(job: Job) -> LastJob:
    """Return what a job came to."""
    failure = job.outcome.failure
    return LastJob(
        job_id=job.id,
        status=job.state,
        error_code=failure.code if failure else None,
        created_at=moment(job.created_at),
        ended_at=moment_or_none(job.ended_at),
    )


def group_of(request: GroupRequest) -> GroupRecord:
    """Return the record that a request means."""
    return GroupRecord(id=request.name, credential=request.credential, description=request.description)


def group_answer(record: Record[GroupRecord]) -> GroupAnswer:
    """Return a group as the wire shows it."""
    value = record.value
    return GroupAnswer(name=value.id, credential=value.credential, description=value.description, **_kept(record))


def credential_of(request: CredentialRequest) -> CredentialRecord:
    """Return the record that a request means, without its login."""
    return CredentialRecord(
        id=request.name,
        username=request.username,
        sealed=b"",
        contexts=tuple(request.contexts),
        hosts=tuple(request.hosts),
        description=request.description,
    )


def credential_answer(record: Record[CredentialRecord]) -> CredentialAnswer:
    """Return a credential as the wire shows it: without secrets."""
    value = record.value
    return CredentialAnswer(
        name=value.id,
        username=value.username,
        has_private_key=value.has_private_key,
        has_enable=value.has_enable,
        jump_host=value.jump_host,
        contexts=list(value.contexts),
        hosts=list(value.hosts),
        description=value.description,
        **_kept(record),
    )


def login_of(request: CredentialRequest, present: Login | None) -> Login:
    """Return the login that a request means; what it leaves out stays as it is at ``present``.

    Raises:
        InvalidRequest: It has neither password nor private key, or a field holds control characters.
    """
    old = present or Login(request.username, "")
    password = old.password if request.password is UNSET else request.password or ""
    private_key = old.private_key if request.private_key is UNSET else request.private_key
    problems_told(_secret_rules(request), _way_in_rule(password, private_key))
    return Login(
        username=request.username,
        password=password,
        enable=old.enable if request.enable is UNSET else request.enable,
        private_key=private_key,
        passphrase=old.passphrase if request.passphrase is UNSET else request.passphrase,
        jump=old.jump if request.jump is UNSET else _jump_of(request.jump),
    )


def _jump_of(request: JumpRequest | None) -> JumpLogin | None:
    if request is None:
        return None
    return JumpLogin(
        host=request.host,
        port=request.port,
        username=request.username,
        password=request.password or "",
        private_key=request.private_key,
        passphrase=request.passphrase,
    )


def _secret_rules(request: CredentialRequest) -> Iterator[FieldProblem]:
    yield from secret_rule(request.username, ("username",))
    for name in ("password", "enable", "passphrase"):
        value = getattr(request, name)
        if isinstance(value, str):
            yield from secret_rule(value, (name,))
    if isinstance(request.jump, JumpRequest):
        yield from _jump_rules(request.jump)


def _jump_rules(jump: JumpRequest) -> Iterable[FieldProblem]:
    return chain(
        host_rule(jump.host, ("jump", "host")),
        secret_rule(jump.username, ("jump", "username")),
        secret_rule(jump.password, ("jump", "password")),
        _way_in_rule(jump.password or "", jump.private_key, ("jump", "password")),
    )


def _way_in_rule(
    password: str, private_key: str | None, location: tuple[str | int, ...] = ("password",)
) -> Iterator[FieldProblem]:
    if not password and not private_key:
        yield FieldProblem("missing", location, "give a password or a private key")


def _kept(record: Record[Any]) -> dict[str, Any]:
    return {
        "revision": record.revision,
        "created_at": moment(record.created_at),
        "updated_at": moment(record.updated_at),
    }
