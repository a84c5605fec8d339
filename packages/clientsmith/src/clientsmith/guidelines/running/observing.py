"""Running a package for all rules at once: which judge looks at what, and what to say where it cannot be driven."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Lock
from typing import Final

from clientsmith.guidelines.package import Package
from clientsmith.guidelines.rule import Rule
from clientsmith.guidelines.sides import Side
from clientsmith.guidelines.verdicts import NotApplicable, Verdict, together

from .environment import opened_session
from .judges import conditional, constructors, errors, hierarchy, models, options, parameters, responses
from .runner import Driver, Runner
from .session import Bounds, Session, SessionLost
from .telling import Steps, Telling

__all__ = ["observe"]

_OF_A_HALF: Final[Mapping[str, Callable[[Runner], Verdict]]] = {
    "client-immutable": constructors.immutable,
    "client-constructor-api-version-argument": constructors.api_version,
    "client-constructor-policy-arguments": constructors.policy_arguments,
    "client-constructor-transport-argument": constructors.transport_argument,
    "client-service-verbs": parameters.deletes_what_is_gone,
    "client-service-per-call-args": options.per_call_args,
    "params-client-validation": parameters.client_validation,
    "params-service-validation": parameters.service_validation,
    "client-service-args": options.service_args,
    "client-splat-args": parameters.splat_args,
    "client-flatten-args": parameters.flatten_args,
    "response-exception-on-failure": responses.exception_on_failure,
    "response-paged-protocol": responses.paged_protocol,
    "lro-poller": responses.poller,
    "method-conditional-request": conditional.explicit_etag_wins,
    "client-hier-vend": hierarchy.vends_quietly,
    "errors-rich-info": errors.rich_info,
    "client-async-http-stack": constructors.default_stack,
}
_OF_THE_WHOLE: Final[Mapping[str, Callable[[Driver], Verdict]]] = {
    "models-repr": models.repr_tells,
    "models-repr-length": models.repr_length,
    "models-enum-string": models.enum_string,
}


def observe(
    package: Package,
    rules: Sequence[Rule],
    *,
    python: str = "",
    bounds: Bounds | None = None,
    telling: Telling | None = None,
) -> Mapping[str, Verdict]:
    """Drive a package in subprocesses, and return what that shows, by guideline; what is not in it was not looked at.

    Args:
        package: The package; nothing of it is imported into this process.
        rules: The rules that want to know: those of the others are not run.
        python: The interpreter that knows its dependencies. "" for our own, or a temporary environment with them.
        bounds: What it may use.
        telling: Who is told how far it is, and why nothing could be driven.
    """
    telling = telling or Telling()
    wanted = [rule.id for rule in rules if rule.runs and rule.id in (*_OF_A_HALF, *_OF_THE_WHOLE)]
    if not wanted:
        return {}
    try:
        with opened_session(package, python, bounds, telling) as session:
            return _driven(package, session, wanted, telling)
    except SessionLost as problem:
        telling.noting(f"nothing of it was run: {problem}")
        return dict.fromkeys(wanted, NotApplicable(f"could not be driven because {problem}"))


def _driven(package: Package, session: Session, wanted: Sequence[str], telling: Telling) -> Mapping[str, Verdict]:
    """Drive both halves at the same time: each in a subprocess of its own, where nearly all of the time is spent."""
    sides = [side for side in package.sides.values() if not side.is_async or package.has_async]
    whole = [id for id in wanted if id in _OF_THE_WHOLE]
    half = [id for id in wanted if id in _OF_A_HALF]
    steps, turns = Steps(len(whole) + len(half) * len(sides), telling), Lock()
    with ExitStack() as stack:
        sessions = [session, *(stack.enter_context(session.another()) for _ in sides[1:])]
        drivers = [Driver(package, each, turns, steps) for each in sessions]
        with ThreadPoolExecutor(len(sides)) as threads:
            looks = [
                threads.submit(_looked, driver, side, [*half, *(whole if driver is drivers[0] else [])], steps)
                for driver, side in zip(drivers, sides, strict=True)
            ]
            try:
                seen = [look.result() for look in looks]
            except BaseException:
                for driver in drivers:
                    driver.give_up("it was interrupted")
                raise
    return {id: together([each[id] for each in seen if id in each]) for id in wanted}


def _looked(driver: Driver, side: Side, wanted: Sequence[str], steps: Steps) -> dict[str, Verdict]:
    """Return what one half shows; with what is the same for both, if that is wanted of it."""
    verdicts: dict[str, Verdict] = {}
    with driver.turns:
        runner = Runner(driver, side)
        for id in wanted:
            steps.begin(id)
            verdicts[id] = _OF_THE_WHOLE[id](driver) if id in _OF_THE_WHOLE else _OF_A_HALF[id](runner)
    return verdicts
