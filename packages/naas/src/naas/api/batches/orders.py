"""Turns a batch request into one order for each device, or into a list of all that is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast

import msgspec

from naas.api.asking import context_named, device_named
from naas.api.batches.wire import (
    BatchCommandRequest,
    BatchConfigRequest,
    BatchDevice,
    BatchRequest,
    BatchStructuredRequest,
    WaveOptions,
)
from naas.api.jobs.orders import (
    Asked,
    check_rules,
    config_work,
    problems_told,
    run_rules,
    template_rule,
    work_limits,
)
from naas.api.rules import host_rule, line_rules, pattern_rule, platform_rule, secret_rule
from naas.api.validation import Raw, convert
from naas.batches import Plan, Share, failure_limit, wave_sizes
from naas.errors import FieldProblem, InvalidRequest
from naas.jobs import CommandWork, Device, JobKind, StructuredWork
from naas.services.batches import BatchOrder
from naas.services.orders import Order
from naas.vault import Login

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from naas.jobs import Work

__all__ = [
    "BatchBounds",
    "contexts_named",
    "devices_named",
    "plan_of",
    "read_command_batch",
    "read_config_batch",
    "read_structured_batch",
    "wave_rules",
]

_R = TypeVar("_R", bound=BatchRequest)


@dataclass(frozen=True, slots=True)
class BatchBounds:
    """How many devices and commands a batch may have in this service."""

    devices: int
    commands: int


async def read_command_batch(raw: Raw, asked: Asked, bounds: BatchBounds) -> BatchOrder:
    """Return the batch that a send-command/batch request means.

    Raises:
        InvalidRequest: With every problem that was found, up to a hundred.
        NotAllowed: It names something of the inventory, and the caller has none.
    """

    def rules(request: BatchCommandRequest) -> Iterator[FieldProblem]:
        yield from _command_rules(request.commands, bounds)
        yield from pattern_rule(request.expect_string)

    request = _checked(raw, BatchCommandRequest, asked, bounds, rules)
    work = CommandWork(tuple(request.commands), request.expect_string)
    return await _batch(request, work, JobKind.SEND_COMMAND, raw, asked, bounds)


async def read_structured_batch(raw: Raw, asked: Asked, bounds: BatchBounds) -> BatchOrder:
    """Return the batch that a send-command-structured/batch request means.

    Raises:
        InvalidRequest, NotAllowed: As for `read_command_batch`.
    """

    def work_of(request: BatchStructuredRequest) -> StructuredWork:
        return StructuredWork(
            tuple(request.commands), request.textfsm_template, request.ttp_template, request.use_genie
        )

    def rules(request: BatchStructuredRequest) -> Iterator[FieldProblem]:
        yield from _command_rules(request.commands, bounds)
        yield from template_rule(work_of(request))

    request = _checked(raw, BatchStructuredRequest, asked, bounds, rules)
    return await _batch(request, work_of(request), JobKind.SEND_COMMAND_STRUCTURED, raw, asked, bounds)


async def read_config_batch(raw: Raw, asked: Asked, bounds: BatchBounds) -> BatchOrder:
    """Return the batch that a send-config/batch request means.

    Raises:
        InvalidRequest, NotAllowed: As for `read_command_batch`.
    """

    def rules(request: BatchConfigRequest) -> Iterator[FieldProblem]:
        if request.config is None and request.commands is None:
            yield FieldProblem("missing", ("commands",), "one of 'commands' and 'config' is required")
        for name, lines in (("config", request.config), ("commands", request.commands)):
            yield from _command_rules(lines or (), bounds, name)
        yield from check_rules(request)

    request = _checked(raw, BatchConfigRequest, asked, bounds, rules)
    lines = request.config if request.config is not None else request.commands or []
    return await _batch(request, config_work(request, lines), JobKind.SEND_CONFIG, raw, asked, bounds)


def devices_named(raw: Raw) -> list[str]:
    """Return the devices that a body names, before its fields are judged; text enough to count by."""
    port = {"port": raw["port"]} if "port" in raw else {}
    return [device_named({**port, **each}) for each in _listed(raw)] or [""]


def contexts_named(raw: Raw) -> set[str]:
    """Return the contexts that a body names, before its fields are judged."""
    shared = raw.get("context") or "default"
    named = [context for each in _listed(raw) for context in context_named(each, shared)]
    return {context for context in named if isinstance(context, str)}


def _listed(raw: Raw) -> list[Raw]:
    devices: Any = raw.get("devices")
    if not isinstance(devices, list):
        return []
    return [cast("Raw", each) if isinstance(each, dict) else {} for each in cast("list[object]", devices)]


def plan_of(request: WaveOptions, devices: int) -> Plan:
    """Return how so many devices are to go."""
    waves = tuple(share_of(wave) for wave in request.waves or ())
    limit = request.max_failures
    most = None if limit is None else share_of(limit)
    return Plan(
        wave_sizes(devices, waves, each=request.wave_size),
        request.wave_pause_seconds,
        failure_limit(devices, most, stop_on_failure=request.stop_on_failure),
    )


def share_of(wanted: int | str) -> int | Share:
    """Return a number of devices, or a part of all of them."""
    return Share(float(wanted.rstrip("%"))) if isinstance(wanted, str) else wanted


def wave_rules(request: WaveOptions) -> Iterator[FieldProblem]:
    """Yield what is wrong with the waves and limits of a batch."""
    if request.waves is not None and request.wave_size is not None:
        yield FieldProblem("conflict", ("wave_size",), "give 'waves' or 'wave_size', not both")
    if request.stop_on_failure and request.max_failures is not None:
        yield FieldProblem("conflict", ("max_failures",), "give 'max_failures' or 'stop_on_failure', not both")


# Checking


def _checked(
    raw: Raw,
    struct: type[_R],
    asked: Asked,
    bounds: BatchBounds,
    rules_of_kind: Callable[[_R], Iterator[FieldProblem]],
) -> _R:
    request = convert(raw, struct)
    problems_told(_rules(request, asked, bounds), rules_of_kind(request))
    return request


def _rules(request: BatchRequest, asked: Asked, bounds: BatchBounds) -> Iterator[FieldProblem]:
    if request.devices is None and request.group is None:
        yield FieldProblem("missing", ("devices",), "this field is required")
    elif request.devices is not None and request.group is not None:
        yield FieldProblem("conflict", ("group",), "give 'devices' or 'group', not both")
    devices = request.devices or []
    if len(devices) > bounds.devices:
        yield _too_many_devices(len(devices), bounds)
        return
    known = asked.platforms()
    if request.platform is not None:
        yield from platform_rule(request.platform, known)
    for index, device in enumerate(devices):
        yield from _device_rules(request, device, ("devices", index), asked, known)
    yield from run_rules(request)
    yield from wave_rules(request)
    yield from secret_rule(request.username, ("username",))
    yield from secret_rule(request.password, ("password",))
    yield from secret_rule(request.enable, ("enable",))


def _too_many_devices(devices: int, bounds: BatchBounds) -> FieldProblem:
    message = f"at most {bounds.devices} devices are allowed in a batch, {devices} were given"
    return FieldProblem("wrong_length", ("devices",), message)


def _device_rules(
    request: BatchRequest, device: BatchDevice, location: tuple[str | int, ...], asked: Asked, known: Any
) -> Iterator[FieldProblem]:
    if device.host is None and device.device is None:
        yield FieldProblem("missing", (*location, "host"), "this field is required")
    elif device.host is not None and device.device is not None:
        yield FieldProblem("conflict", (*location, "device"), "give 'host' or 'device', not both")
    if device.host is not None:
        yield from host_rule(device.host, (*location, "host"))
    if device.device is None:
        if device.platform is not None:
            yield from platform_rule(device.platform, known, (*location, "platform"))
        elif request.platform is None:
            rule = "this field is required, for the device or for the batch"
            yield FieldProblem("missing", (*location, "platform"), rule)
        if not _has_login(request, device, asked):
            rule = "give username and password, for the device or for the batch, or a stored 'credential'"
            yield FieldProblem("missing", (*location, "username"), rule)
    for name, secret in (("username", device.username), ("password", device.password), ("enable", device.enable)):
        yield from secret_rule(secret, (*location, name))


def _has_login(request: BatchRequest, device: BatchDevice, asked: Asked) -> bool:
    return (
        asked.principal.login is not None
        or (device.credential or request.credential) is not None
        or (device.username is not None and device.password is not None)
        or (request.username is not None and request.password is not None)
    )


def _command_rules(lines: Sequence[str], bounds: BatchBounds, name: str = "commands") -> Iterator[FieldProblem]:
    if len(lines) > bounds.commands:
        message = f"at most {bounds.commands} commands are allowed in a batch, {len(lines)} were given"
        yield FieldProblem("wrong_length", (name,), message)
    yield from line_rules(name, lines)


# Making


async def _batch(
    request: BatchRequest, work: Work, kind: JobKind, raw: Raw, asked: Asked, bounds: BatchBounds
) -> BatchOrder:
    places = await _places(request, asked, bounds)
    shared = work_limits(request)
    orders = [
        Order(device, work, login, enable=enable, context=context, trace=asked.trace, **shared)
        for device, login, enable, context in places
    ]
    return BatchOrder(
        orders,
        plan_of(request, len(orders)),
        kind,
        request.tags or {},
        idempotency_key=asked.idempotency_key,
        content=msgspec.json.encode([kind, raw], order="sorted"),
    )


_Place = tuple[Device, Login | None, str | None, str]


async def _places(request: BatchRequest, asked: Asked, bounds: BatchBounds) -> list[_Place]:
    """Return for each device: what it is, its login (None: the caller's own), its enable password, its context."""
    if request.group is not None:
        found = await asked.resolver.resolve_group(asked.principal, request.group)
        if len(found) > bounds.devices:
            raise InvalidRequest([_too_many_devices(len(found), bounds)])
        return [(each.device, each.login, request.enable, each.context) for each in found]
    places: list[_Place] = []
    for index, device in enumerate(request.devices or ()):
        try:
            places.append(await _place(request, device, asked))
        except InvalidRequest as exc:
            located = [
                FieldProblem(each.kind, ("devices", index, *each.location), each.message, each.shown, each.suggestions)
                for each in exc.problems
            ]
            raise InvalidRequest(located) from exc
    return places


async def _place(request: BatchRequest, device: BatchDevice, asked: Asked) -> _Place:
    enable = device.enable if device.enable is not None else request.enable
    credential = device.credential
    if credential is None and device.username is None:
        credential = request.credential
    if device.device is not None:
        # From the most particular: what this device is given here, its own in the inventory, what the batch shares.
        own = _login_in(device) if device.credential is None else None
        found = await asked.resolver.resolve(asked.principal, device.device, credential=credential, login=own)
        # The context of the inventory, always: its credential was judged for that one.
        return found.device, found.login, enable, found.context
    assert device.host is not None  # one of the two is there: `_device_rules`
    context = device.context or request.context
    platform = device.platform or request.platform
    assert platform is not None  # one of the two is there, too
    where = Device(device.host, device.port or request.port, platform, device.driver or request.driver)
    if credential is not None:
        login = await asked.resolver.login_for_host(asked.principal, credential, device.host, context)
        return where, login, enable, context
    return where, _login(request, device), enable, context


def _login(request: BatchRequest, device: BatchDevice) -> Login | None:
    """The login of the device, else of the batch, else None: that of the caller. The contract has this order."""
    return _login_in(device) or _login_in(request)


def _login_in(source: BatchRequest | BatchDevice) -> Login | None:
    """The login that is given there, if both halves of one are."""
    if source.username is None or source.password is None:
        return None
    return Login(source.username, source.password)
