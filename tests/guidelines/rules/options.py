"""Rules about the arguments that every method takes, whatever it does."""

from __future__ import annotations

from typing import Any

from clientsmith.core.testing import Answer

from .package import ClientSource, Method, Side
from .rule import side_rule
from .running import Runner
from .verdicts import Problem, Verdict, judged, problem

__all__ = ["client_service_args", "client_service_per_call_args"]


@side_rule(
    "client-service-args",
    "SR",
    "Every method takes `timeout`, `headers`, `client_request_id` and `response_hook`; a list `continuation_token` too.",
)
def client_service_args(side: Side) -> Verdict:
    problems: list[Problem] = []
    evidence: list[str] = []
    runner = Runner(side)
    for client, method in side.called:
        if not any(parameter.kind == "rest" for parameter in method.parameters):
            hint = f"{method.name}: take the common arguments as `**options`"
            problems.append(problem(method.file, method.node, hint))
            continue
        broken = [
            *_headers_and_hook(runner, client, method),
            *_request_id(runner, client, method),
            *_timeout(runner, client, method),
            *(_continuation_token(runner, client, method) if method.is_pager else []),
        ]
        problems += [problem(method.file, method.node, f"{method.name}: {what}") for what in broken]
        evidence.append(method.name)
    return judged(problems, evidence, nothing="there is no method")


def _headers_and_hook(runner: Runner, client: ClientSource, method: Method) -> list[str]:
    heard: list[tuple[Any, Any]] = []
    attempt = runner.call(
        client, method, headers={"X-Mine": "yes"}, response_hook=lambda *arguments: heard.append(arguments)
    )
    if attempt.error is not None:
        return [f"with `headers` and `response_hook` it raises {type(attempt.error).__name__}: {attempt.error}"]
    silent = [request for request in attempt.requests if request.headers.get("X-Mine") != "yes"]
    # Where an answer only leads elsewhere, that one is heard (`raw_response_hook` hears both).
    led_on = sum(300 <= answer.status_code < 400 for answer in runner.success(client, method))
    has_heard_all = heard and len(heard) == len(attempt.requests) - led_on
    return [
        *([f"`headers` is missing from {silent[0].method} {silent[0].url}"] if silent else []),
        *([] if has_heard_all else ["`response_hook` has to be called with every response and its headers"]),
    ]


def _request_id(runner: Runner, client: ClientSource, method: Method) -> list[str]:
    given = runner.call(client, method, client_request_id="id-of-mine").requests
    own = [runner.call(client, method).requests[:1] for _ in range(2)]
    names = [name for request in given[:1] for name, value in request.headers.items() if value == "id-of-mine"]
    if not names or any(request.headers.get(names[0]) != "id-of-mine" for request in given):
        return ["`client_request_id` has to be sent as given"]
    made = [request.headers.get(names[0]) for requests in own for request in requests]
    return [] if len(set(made)) == 2 and all(made) else [f"without `client_request_id` a new {names[0]} has to be made"]


def _timeout(runner: Runner, client: ClientSource, method: Method) -> list[str]:
    busy = [Answer(503, headers={"Retry-After": "5"})] * 12
    attempt = runner.call(client, method, busy, timeout=7.0)
    return ["it goes on after its `timeout`"] if sum(attempt.waits) > 7.0 or attempt.error is None else []


def _continuation_token(runner: Runner, client: ClientSource, method: Method) -> list[str]:
    answers = runner.success(client, method)
    if len(answers) == 1:
        return []  # the whole list comes in one page, so there is no place to go on from
    whole = runner.call(client, method).requests
    token = runner.second_page_token(client, method)
    rest = runner.call(client, method, answers[1:], continuation_token=token)
    if rest.error is not None or not token or rest.requests[0].url != whole[1].url:
        return ["`continuation_token` has to begin with the page that it stands for"]
    return []


@side_rule(
    "client-service-per-call-args",
    "SR",
    "Every setting of a request can be given to a single call, under the constructor's name, and wins there.",
)
def client_service_per_call_args(side: Side) -> Verdict:
    problems: list[Problem] = []
    evidence: list[str] = []
    runner = Runner(side)
    for client, method in side.called:
        broken = _not_overridden(runner, client, method)
        problems += [
            problem(method.file, method.node, f"{method.name}: `{name}` of the call has to win over the client's")
            for name in broken
        ]
        evidence.append(method.name)
    return judged(problems, evidence, nothing="there is no method")


def _not_overridden(runner: Runner, client: ClientSource, method: Method) -> list[str]:
    refused = [Answer(503, headers={"Retry-After": "5"})] * 12
    tries = runner.call(client, method, refused, settings={"max_retries": 5}, max_retries=1)
    bounded = runner.call(client, method, refused, settings={"timeout": 500.0}, timeout=7.0)
    marked = runner.call(client, method, settings={"headers": {"X-Who": "client"}}, headers={"X-Who": "call"})
    agent = runner.call(client, method, settings={"user_agent": "of-client"}, user_agent="of-call")
    return [
        *(["max_retries"] if len(tries.requests) != 2 else []),
        *(["timeout"] if sum(bounded.waits) > 7.0 else []),
        *(["headers"] if {r.headers.get("X-Who") for r in marked.requests} != {"call"} else []),
        *(["user_agent"] if not all("of-call" in r.headers.get("User-Agent", "") for r in agent.requests) else []),
    ]
