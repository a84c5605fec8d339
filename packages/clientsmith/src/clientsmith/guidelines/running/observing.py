"""Running a package for all rules at once: which judge looks at what, and what to say where it cannot be driven."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from clientsmith.guidelines.package import Package
from clientsmith.guidelines.rule import Rule
from clientsmith.guidelines.verdicts import NotApplicable, Verdict, together

from .environment import opened_session
from .judges import conditional, constructors, errors, hierarchy, models, options, parameters, responses
from .runner import Driver, Runner
from .session import Bounds, SessionLost

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
    package: Package, rules: Sequence[Rule], *, python: str = "", bounds: Bounds | None = None
) -> Mapping[str, Verdict]:
    """Drive a package in a subprocess, and return what that shows, by guideline; what is not in it was not looked at.

    Args:
        package: The package; nothing of it is imported into this process.
        rules: The rules that want to know: those of the others are not run.
        python: The interpreter that knows its dependencies. "" for our own, or a temporary environment with them.
        bounds: What it may use.
    """
    wanted = [rule.id for rule in rules if rule.runs and rule.id in (*_OF_A_HALF, *_OF_THE_WHOLE)]
    if not wanted:
        return {}
    try:
        with opened_session(package, python, bounds) as session:
            driver = Driver(package, session)
            return {id: _observed(driver, id) for id in wanted}
    except SessionLost as problem:
        return dict.fromkeys(wanted, NotApplicable(f"could not be driven because {problem}"))


def _observed(driver: Driver, id: str) -> Verdict:
    if id in _OF_THE_WHOLE:
        return _OF_THE_WHOLE[id](driver)
    return together([_OF_A_HALF[id](runner) for runner in driver.sides])
