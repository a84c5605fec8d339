"""What a package does with the arguments that every method takes, and with the settings of its clients."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from clientsmith.guidelines.members import ClientSource, Method
from clientsmith.guidelines.profiles import CLIENTSMITH
from clientsmith.guidelines.running.records import HOOK, Answer
from clientsmith.guidelines.running.runner import Runner
from clientsmith.guidelines.verdicts import NotApplicable, Verdict, judged
from clientsmith.guidelines.views import lacking

__all__ = ["per_call_args", "retry_setting", "service_args", "takes"]

_NOTHING: Final = "no method takes arguments of requests"
_PATIENCE: Final = 7.0  # seconds of a deadline, beside answers that ask to come back in 5
_BUSY: Final = (Answer(503, json={}, headers={"Retry-After": "5"}),)


def takes(method: Method, name: str) -> bool:
    """Whether a method can be called with a keyword argument of this name."""
    return any(p.kind == "rest" or p.name == name for p in method.parameters)


def retry_setting(runner: Runner) -> str:
    """Return what the base of the package calls the number of retries, "" where there is no base."""
    if not runner.package.profile.has_core:
        return ""
    return "max_retries" if runner.package.profile is CLIENTSMITH else "retry_total"


def service_args(runner: Runner) -> Verdict:
    """`client-service-args`: headers and request ids are sent, hooks are called, and a deadline ends the call."""
    looked: list[tuple[Method, list[str]]] = []
    for client, method in runner.driven:
        taken = [check for name, check in _CHECKS.items() if takes(method, name)]
        if taken:
            looked.append((method, [what for check in taken for what in check(runner, client, method)]))
    evidence = [method.name for method, _ in looked]
    return judged(lacking(runner.side, looked, "; ".join), evidence, nothing=runner.nothing(_NOTHING))


def _answers(runner: Runner, client: ClientSource, method: Method) -> tuple[Answer, ...]:
    """Return what lets the method succeed, else a refusal: what is sent can be seen all the same."""
    return runner.success(client, method) or (Answer(400, json={}),)


def _headers(runner: Runner, client: ClientSource, method: Method) -> Iterator[str]:
    answers = _answers(runner, client, method)
    attempt = runner.call(client, method, answers, headers={"X-Mine": "yes"})
    if not attempt.requests:
        yield f"with `headers` it sends nothing; it raises {attempt.error or attempt.unmade}"
        return
    silent = [request for request in attempt.requests if request.headers.get("x-mine") != "yes"]
    if silent:
        yield f"`headers` is missing from {silent[0].method} {silent[0].path}"


def _hook(runner: Runner, client: ClientSource, method: Method) -> Iterator[str]:
    answers = runner.success(client, method)
    if not answers:
        return
    attempt = runner.call(client, method, response_hook=HOOK)
    if attempt.unmade:
        return
    if attempt.error is not None:
        yield f"with `response_hook` it raises {attempt.error}"
    elif runner.package.profile is CLIENTSMITH:
        # Where an answer only leads elsewhere, that one is heard (`raw_response_hook` hears both).
        led_on = sum(300 <= answer.status < 400 for answer in answers)
        if not attempt.heard or attempt.heard != len(attempt.requests) - led_on:
            yield "`response_hook` has to be called with every response and its headers"
    elif attempt.requests and not attempt.heard:
        yield "`response_hook` is taken and never called"


def _request_id(runner: Runner, client: ClientSource, method: Method) -> Iterator[str]:
    answers = _answers(runner, client, method)
    attempt = runner.call(client, method, answers, client_request_id="id-of-mine")
    if not attempt.requests:
        yield f"with `client_request_id` it sends nothing; it raises {attempt.error or attempt.unmade}"
        return
    names = [name for name, value in attempt.requests[0].headers.items() if value == "id-of-mine"]
    if not names or any(request.headers.get(names[0]) != "id-of-mine" for request in attempt.requests):
        yield "`client_request_id` has to be sent as given"
        return
    made = [
        request.headers.get(names[0]) for _ in range(2) for request in runner.call(client, method, answers).requests[:1]
    ]
    if len(set(made)) != len(made) or not all(made):
        yield f"without `client_request_id` a new {names[0]} has to be made"


def _timeout(runner: Runner, client: ClientSource, method: Method) -> Iterator[str]:
    attempt = runner.call(client, method, _BUSY, timeout=_PATIENCE)
    if attempt.unmade or not attempt.requests:
        return
    if attempt.error is None or _is_late(runner, attempt.waits):
        yield "it goes on after its `timeout`"


def _is_late(runner: Runner, waits: tuple[float, ...]) -> bool:
    """Whether somebody waits beyond the deadline; by other bases it is enough if nothing is begun after it."""
    return sum(waits if runner.package.profile is CLIENTSMITH else waits[:-1]) > _PATIENCE


def _continuation_token(runner: Runner, client: ClientSource, method: Method) -> Iterator[str]:
    answers = runner.success(client, method)
    # Elsewhere nobody knows which answers make two pages; and of one page there is no place to go on from.
    if not method.is_pager or runner.package.profile is not CLIENTSMITH or len(answers) < 2:
        return
    whole = runner.call(client, method)
    tokens = runner.call(client, method, way="pages").facts.get("tokens") or [None]
    rest = runner.call(client, method, answers[1:], continuation_token=tokens[0])
    if not rest.is_good or not tokens[0] or rest.requests[0].url != whole.requests[1].url:
        yield "`continuation_token` has to begin with the page that it stands for"


_CHECKS: Final[Mapping[str, Callable[[Runner, ClientSource, Method], Iterator[str]]]] = {
    "headers": _headers,
    "response_hook": _hook,
    "client_request_id": _request_id,
    "timeout": _timeout,
    "continuation_token": _continuation_token,
}


def per_call_args(runner: Runner) -> Verdict:
    """`client-service-per-call-args`: what one call is given wins over what its client was given."""
    if not retry_setting(runner):
        return NotApplicable("its base is not known, nor what the settings of requests are called there")
    looked = [
        (method, list(_not_overridden(runner, client, method)))
        for client, method in runner.driven
        if any(p.kind == "rest" for p in method.parameters)
    ]
    problems = lacking(runner.side, looked, lambda names: f"{_listed(names)} of the call has to win over the client's")
    return judged(problems, [method.name for method, _ in looked], nothing=runner.nothing(_NOTHING))


def _listed(names: Sequence[str]) -> str:
    return " and ".join(f"`{name}`" for name in names)


def _not_overridden(runner: Runner, client: ClientSource, method: Method) -> Iterator[str]:
    answers = _answers(runner, client, method)

    def both(of_client: dict[str, Any], of_call: dict[str, Any], said: tuple[Answer, ...]) -> Any:
        return runner.call(client, method, said, settings=of_client, **of_call)

    retries = retry_setting(runner)
    tries = both({retries: 5}, {retries: 1}, _BUSY)
    if tries.requests and len(tries.requests) > 2:
        yield retries
    if runner.package.profile is CLIENTSMITH:
        if len(tries.requests) < 2:
            yield retries
        if sum(both({"timeout": 500.0}, {"timeout": _PATIENCE}, _BUSY).waits) > _PATIENCE:
            yield "timeout"
    marked = both({"headers": {"X-Who": "client"}}, {"headers": {"X-Who": "call"}}, answers)
    if marked.requests and {request.headers.get("x-who") for request in marked.requests} != {"call"}:
        yield "headers"
    agent = both({"user_agent": "of-client"}, {"user_agent": "of-call"}, answers)
    if agent.requests and not all("of-call" in request.headers.get("user-agent", "") for request in agent.requests):
        yield "user_agent"
