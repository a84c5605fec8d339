"""Turns submissions of one job into orders that the service understands, or into a list of all that is wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeVar

from naas.api.jobs.wire import (
    CacheRequest,
    CheckRequest,
    ConfigOptions,
    DeviceLogin,
    RunOptions,
    SendCommandRequest,
    SendCommandStructuredRequest,
    SendConfigRequest,
    Submission,
)
from naas.api.rules import host_rule, line_rules, pattern_rule, platform_rule, secret_rule, tag_rules
from naas.api.validation import MOST_PROBLEMS, Raw, convert, renamed_keys
from naas.errors import FieldProblem, InvalidRequest
from naas.jobs import Check, CommandWork, ConfigWork, Device, StructuredWork, is_repeatable
from naas.parsing import StructuredOptions, check_template
from naas.services.orders import CacheWish, Order
from naas.vault import Login

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from naas.api.references import Resolver
    from naas.jobs import Work
    from naas.principals import Principal

__all__ = [
    "Asked",
    "body_login",
    "check_rules",
    "checked_submission",
    "config_work",
    "login_rules",
    "order_for",
    "problems_told",
    "read_command",
    "read_config",
    "read_structured",
    "run_rules",
    "structured_work",
    "template_rule",
    "work_limits",
]

_R = TypeVar("_R", bound=Submission)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of a request beside its body, and whom to ask about it.

    ``oldest_cached`` is the oldest result, in seconds, that the operator lets a caller accept; 0 for none.
    """

    principal: Principal
    platforms: Callable[[], Collection[str]]
    resolver: Resolver
    request_id: str | None = None
    idempotency_key: str | None = field(default=None, repr=False)
    trace: str | None = None
    oldest_cached: int = 0


async def read_command(raw: Raw, asked: Asked) -> Order:
    """Return the order that a send-command request means.

    Raises:
        InvalidRequest: With every problem that was found, up to a hundred.
        NotAllowed: It names something of the inventory, and the caller has none.
    """

    def rules(request: SendCommandRequest) -> Iterator[FieldProblem]:
        yield from line_rules("commands", request.commands)
        yield from pattern_rule(request.expect_string)

    request = checked_submission(raw, SendCommandRequest, asked, rules)
    work = CommandWork(tuple(request.commands), request.expect_string)
    return await order_for(request, work, asked, request.cache)


async def read_structured(raw: Raw, asked: Asked) -> Order:
    """Return the order that a send-command-structured request means.

    Raises:
        InvalidRequest, NotAllowed: As for `read_command`.
    """

    def rules(request: SendCommandStructuredRequest) -> Iterator[FieldProblem]:
        yield from line_rules("commands", request.commands)
        yield from template_rule(structured_work(request))

    request = checked_submission(raw, SendCommandStructuredRequest, asked, rules)
    return await order_for(request, structured_work(request), asked, request.cache)


async def read_config(raw: Raw, asked: Asked) -> Order:
    """Return the order that a send-config request means.

    Raises:
        InvalidRequest, NotAllowed: As for `read_command`.
    """

    def rules(request: SendConfigRequest) -> Iterator[FieldProblem]:
        if request.config is None and request.commands is None:
            yield FieldProblem("missing", ("config",), "one of 'config' and 'commands' is required")
        for name, lines in (("config", request.config), ("commands", request.commands)):
            yield from line_rules(name, lines or ())
        yield from check_rules(request)

    request = checked_submission(raw, SendConfigRequest, asked, rules)
    lines = request.config if request.config is not None else request.commands or []
    return await order_for(request, config_work(request, lines), asked, None)


# Checking


def checked_submission(
    raw: Raw, struct: type[_R], asked: Asked, rules_of_kind: Callable[[_R], Iterator[FieldProblem]]
) -> _R:
    """Return a body as the structure of its kind, every rule kept.

    Raises:
        InvalidRequest: With every problem that was found, up to a hundred.
    """
    named = [*renamed_keys(raw), *_place_named(raw)]
    try:
        request = convert(raw, struct)
    except InvalidRequest as exc:
        raise InvalidRequest([*named, *exc.problems]) from None
    problems_told(named, _rules(request, asked), rules_of_kind(request))
    return request


def problems_told(*sources: Iterable[FieldProblem]) -> None:
    """Return if no source has a problem.

    Raises:
        InvalidRequest: With all of them, up to a hundred.
    """
    problems = list(islice((problem for source in sources for problem in source), MOST_PROBLEMS))
    if problems:
        raise InvalidRequest(problems)


def _place_named(raw: Raw) -> Iterator[FieldProblem]:
    """Yield what is wrong with how the device is named; asked of the body as it came, so that it is told with the
    rest."""
    if raw.get("host") is None and raw.get("device") is None:
        yield FieldProblem("missing", ("host",), "this field is required")
    elif raw.get("host") is not None and raw.get("device") is not None:
        yield FieldProblem("conflict", ("device",), "give 'host' or 'device', not both")


def _rules(request: Submission, asked: Asked) -> Iterator[FieldProblem]:
    """Yield what types and bounds cannot say of the parts that all submissions have."""
    if request.host is not None:
        yield from host_rule(request.host)
    if request.device is None:
        yield from platform_rule(request.platform, asked.platforms())
    has_login = request.username is not None or request.password is not None
    # A device of the inventory has a login of its own; half of another one is a mistake all the same.
    if request.credential is None and (request.device is None or has_login):
        yield from login_rules(request, asked.principal)
    yield from run_rules(request)
    yield from secret_rule(request.enable, ("enable",))


def run_rules(request: RunOptions) -> Iterator[FieldProblem]:
    """Yield what is wrong with the options of a run."""
    yield from tag_rules(request.tags or {})
    if request.webhook_secret is not None and request.webhook_url is None:
        yield FieldProblem("missing", ("webhook_url",), "'webhook_secret' signs messages to a 'webhook_url'")


def login_rules(request: DeviceLogin, principal: Principal) -> Iterator[FieldProblem]:
    """Yield what a request with an API key lacks; one with a device login brings it along."""
    if principal.login is not None:
        return
    for name, value in (("username", request.username), ("password", request.password)):
        if value is None:
            rule = f"a request with an API key names the device login: give '{name}', or a stored 'credential'"
            yield FieldProblem("missing", (name,), rule)
        yield from secret_rule(value, (name,))


def template_rule(work: StructuredWork) -> Iterator[FieldProblem]:
    """Yield what is wrong with the template of a structured command."""
    if work.textfsm_template is not None and work.ttp_template is not None:
        yield FieldProblem("conflict", ("ttp_template",), "give 'textfsm_template' or 'ttp_template', not both")
        return
    options = StructuredOptions(work.textfsm_template, work.ttp_template, work.use_genie)
    if reason := check_template(options):
        name = "textfsm_template" if work.textfsm_template is not None else "ttp_template"
        yield FieldProblem("template", (name,), reason)


def check_rules(request: ConfigOptions) -> Iterator[FieldProblem]:
    """Yield what is wrong with the checks of a configuration."""
    for name, checks in (("pre_checks", request.pre_checks), ("post_checks", request.post_checks)):
        for index, check in enumerate(checks or ()):
            for problem in line_rules("command", [check.command]):
                yield FieldProblem(problem.kind, (name, index, "command"), problem.message)
            if not check.includes and not check.excludes:
                yield FieldProblem("missing", (name, index, "includes"), "give texts in 'includes' or 'excludes'")
    if request.dry_run and request.post_checks:
        yield FieldProblem("conflict", ("post_checks",), "a dry run changes nothing that could be checked afterwards")


# Making


def structured_work(request: SendCommandStructuredRequest) -> StructuredWork:
    """Return the work of a structured command."""
    return StructuredWork(tuple(request.commands), request.textfsm_template, request.ttp_template, request.use_genie)


def config_work(request: ConfigOptions, lines: Iterable[str]) -> ConfigWork:
    """Return the work of a configuration."""
    return ConfigWork(
        tuple(lines),
        save_config=request.save_config,
        commit=request.commit,
        dry_run=request.dry_run,
        want_diff=request.diff,
        checks_before=_checks(request.pre_checks),
        checks_after=_checks(request.post_checks),
    )


def _checks(checks: list[CheckRequest] | None) -> tuple[Check, ...]:
    return tuple(Check(check.command, tuple(check.includes), tuple(check.excludes)) for check in checks or ())


def body_login(request: DeviceLogin, principal: Principal) -> Login | None:
    """Return the login of a body; None if the caller's own is used, which a body never replaces."""
    if principal.login is not None or request.username is None or request.password is None:
        return None
    return Login(request.username, request.password)


async def order_for(request: Submission, work: Work, asked: Asked, cache: CacheRequest | None) -> Order:
    """Return the order for a checked submission and its work, with everything that it names resolved.

    Raises:
        InvalidRequest: A name means nothing, or the cache cannot be used like this.
        NotAllowed: It names something of the inventory, and the caller has none.
    """
    device, login, context = await _place(request, asked)
    return Order(
        device=device,
        work=work,
        login=login,
        enable=request.enable,
        context=context,
        request_id=asked.request_id,
        idempotency_key=asked.idempotency_key,
        cache=_cache_wish(cache, work, asked.oldest_cached),
        trace=asked.trace,
        **work_limits(request),
    )


def work_limits(request: RunOptions) -> dict[str, Any]:
    """Return what an order takes from the options of a run as they are."""
    return {
        "read_timeout": request.read_timeout,
        "conn_timeout": request.conn_timeout,
        "job_timeout": request.job_timeout,
        "priority": request.priority,
        "tags": request.tags or {},
        "webhook_url": request.webhook_url,
        "webhook_secret": request.webhook_secret,
    }


async def _place(request: Submission, asked: Asked) -> tuple[Device, Login | None, str]:
    """Return where the work is done, with which login (None: the caller's own), and in which context."""
    if request.device is not None:
        own = None if request.credential is not None else body_login(request, asked.principal)
        found = await asked.resolver.resolve(asked.principal, request.device, credential=request.credential, login=own)
        return found.device, found.login, found.context
    assert request.host is not None  # one of the two is there: `_rules`
    device = Device(request.host, request.port, request.platform, request.driver)
    if request.credential is None:
        return device, body_login(request, asked.principal), request.context
    login = await asked.resolver.login_for_host(asked.principal, request.credential, request.host, request.context)
    return device, login, request.context


_NOT_CACHEABLE: Final = "only commands that are known to read, such as 'show' and 'display', may be answered from cache"


def _cache_wish(cache: CacheRequest | None, work: Work, oldest: int) -> CacheWish | None:
    if cache is None:
        return None
    if not oldest:
        raise InvalidRequest([FieldProblem("not_offered", ("cache",), "this service keeps no results for others")])
    if cache.ttl > oldest:
        rule = f"at most {oldest} seconds in this service"
        raise InvalidRequest([FieldProblem("out_of_range", ("cache", "ttl"), rule, cache.ttl)])
    if not is_repeatable(work):
        raise InvalidRequest([FieldProblem("not_cacheable", ("cache",), _NOT_CACHEABLE)])
    return None if cache.refresh else CacheWish(cache.ttl)
