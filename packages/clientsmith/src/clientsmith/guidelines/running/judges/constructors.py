"""What clients do with what they are made with: versions, settings and transports; and that they stay as they are."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from clientsmith.guidelines.annotations import annotation_names
from clientsmith.guidelines.members import ClientSource, Method
from clientsmith.guidelines.profiles import CLIENTSMITH
from clientsmith.guidelines.running.records import TRANSPORT, Answer, Sent
from clientsmith.guidelines.running.runner import Runner
from clientsmith.guidelines.source import parameters_of
from clientsmith.guidelines.verdicts import NotApplicable, Problem, Verdict, judged, problem

from .options import retry_setting

__all__ = ["api_version", "default_stack", "immutable", "policy_arguments", "transport_argument"]

_NONE: Final = "there is no client"
_BUSY: Final = (Answer(503, json={}, headers={"Retry-After": "5"}),)
_DOWN: Final = (Answer(503, json={}, headers={"Retry-After": "0"}),)
_PATIENCE: Final = 7.0


def _at(client: ClientSource, hint: str) -> Problem:
    cls, node = client.constructor or (client.cls, client.cls.node)
    return problem(cls.module.file, node, f"{client.name}(): {hint}")


def _first_driven(runner: Runner, client: ClientSource, *, reading: bool = False) -> Method | None:
    """Return a method that can be driven: one plain request if there is one; ``reading`` wants what is tried again."""
    methods = [method for owner, method in runner.driven if owner.cls.node is client.cls.node]
    plain = [each for each in methods if not each.is_read_later and not each.is_poller]
    safe = [each for each in methods if each.name.startswith(("get_", "list_"))] if reading else []
    return next(iter([*safe, *plain, *methods]), None)


# --- versions --------------------------------------------------------------------------------------------------------


def api_version(runner: Runner) -> Verdict:
    """`client-constructor-api-version-argument`: the default is sent, and so is what is given instead."""
    problems: list[Problem] = []
    evidence: list[str] = []
    for client in runner.side.clients:
        parameter = next((p for p in client.constructor_parameters if p.name == "api_version"), None)
        method = _first_driven(runner, client)
        default = _text_of(parameter.default if parameter is not None else None)
        if not default or method is None:
            continue
        other = _another(default)
        for version, settings in ((default, {}), (other, {"api_version": other})):
            attempt = runner.call(client, method, settings=settings)
            # The first request that is no question about versions: a page or a poll that follows may be at a URL that
            # the service gave.
            if attempt.requests and not any(_says(request, version) for request in attempt.requests[:2]):
                problems.append(_at(client, f"`api_version` {version!r} is not sent"))
        evidence.append(f"{client.name} sends {default!r}, or what it is given")
    return judged(problems, evidence, nothing=runner.nothing("no client has a version with a default that can be read"))


def _text_of(default: ast.expr | None) -> str:
    """Return a text, also one in a class of its own: ``DefaultVersion("2.104")``; "" for anything else."""
    if isinstance(default, ast.Call) and len(default.args) == 1 and not default.keywords:
        default = default.args[0]
    return default.value if isinstance(default, ast.Constant) and isinstance(default.value, str) else ""


def _another(version: str) -> str:
    """Return a version that is written like this one: its last number is the one before."""
    found = list(re.finditer("[0-9]+", version))
    if not found:
        return "1999-pinned"
    last = found[-1]
    number = int(last[0]) - 1 if int(last[0]) > 1 else int(last[0]) + 1
    return f"{version[: last.start()]}{number:0{len(last[0])}}{version[last.end() :]}"


def _says(request: Sent, version: str) -> bool:
    """Whether a request says a version: in a header field, alone or behind a word, in a media type, or in the URL."""
    in_header = any(
        value.split()[-1:] == [version] or f".{version}+" in value or f"-{version}+" in value
        for value in request.headers.values()
    )
    return in_header or re.search(rf"[=/]{re.escape(version)}(?=[/?&#]|$)", request.url) is not None


# --- settings --------------------------------------------------------------------------------------------------------


def policy_arguments(runner: Runner) -> Verdict:
    """`client-constructor-policy-arguments`: what the constructor is given holds for every request."""
    problems: list[Problem] = []
    evidence: list[str] = []
    for client in runner.side.clients if retry_setting(runner) else ():
        method = _first_driven(runner, client, reading=True)
        if method is None or not _takes_more(client):
            continue
        problems += [_at(client, f"the setting `{name}` has no effect") for name in _ignored(runner, client, method)]
        evidence.append(f"{client.name} obeys {retry_setting(runner)}, headers and the like")
    return judged(problems, evidence, nothing=runner.nothing("no client takes settings of a base that is known"))


def _takes_more(client: ClientSource) -> bool:
    """Whether a constructor takes settings that it does not name."""
    return any(p.kind == "rest" for _, node in client.constructors for p in parameters_of(node))


def _ignored(runner: Runner, client: ClientSource, method: Method) -> Iterator[str]:
    retries = retry_setting(runner)
    # Who says when to come back has done nothing yet, so it is safe to try again.
    tries = [len(runner.call(client, method, _DOWN, settings={retries: n}).requests) for n in (0, 2)]
    if tries != [1, 3] and (0 not in tries or runner.package.profile is CLIENTSMITH):
        yield retries
    marked = runner.call(client, method, settings={"headers": {"X-Default": "mine"}})
    if [each.headers.get("x-default") for each in marked.requests[:1]] not in (["mine"], []):
        yield "headers"
    bounded = runner.call(client, method, _BUSY, settings={"timeout": _PATIENCE})
    if runner.package.profile is CLIENTSMITH and sum(bounded.waits) > _PATIENCE:
        yield "timeout"


# --- what a client is made of ----------------------------------------------------------------------------------------


def transport_argument(runner: Runner) -> Verdict:
    """`client-constructor-transport-argument`: the transport that is given is used; the default is the base's."""
    wanted = runner.package.profile.transports.get(runner.side.colour.value)
    if wanted is None:
        return NotApplicable("its base names no default transport")
    problems: list[Problem] = []
    evidence: list[str] = []
    for client in runner.side.clients:
        given = _facts(runner, client, {"transport": TRANSPORT})
        own = _facts(runner, client, {})
        if given is None or own is None:
            continue
        if not given["uses_given"]:
            problems.append(_at(client, "the transport that is given is not used"))
        if (found := _first(own)) and found != wanted:
            problems.append(_at(client, f"the default transport is {found}; it should be {wanted}"))
        evidence.append(f"{client.name} makes a {wanted}")
    return judged(problems, evidence, nothing=_unmade(runner))


def default_stack(runner: Runner) -> Verdict:
    """`client-async-http-stack`: an async client makes itself a transport on aiohttp."""
    wanted = runner.package.profile.transports.get(runner.side.colour.value)
    if wanted is None or not runner.side.is_async:
        return NotApplicable("its base names no default transport for async clients")
    problems: list[Problem] = []
    evidence: list[str] = []
    for client in runner.side.clients:
        facts = _facts(runner, client, {})
        if facts is None:
            continue
        found = _first(facts)
        if found and found != wanted:
            hint = f"{client.name} makes {found} for itself; it should be {wanted}"
            problems.append(problem(client.file, client.cls.node, hint))
        evidence.append(f"{client.name} makes an {wanted}")
    return judged(problems, evidence, nothing=_unmade(runner))


def immutable(runner: Runner) -> Verdict:
    """`client-immutable`: nothing can be assigned to a client. Of other bases than ours only reading is judged."""
    if runner.package.profile is not CLIENTSMITH:
        return NotApplicable("Python lets anybody assign; only the source says whether a client changes itself")
    problems: list[Problem] = []
    evidence: list[str] = []
    for client in runner.side.clients:
        facts = _facts(runner, client, {})
        if facts is None:
            continue
        problems += [
            problem(
                client.file,
                client.cls.node,
                f"`{client.name}.{name}` can be assigned; derive from ServiceClient, or freeze it",
            )
            for name in facts["mutable"]
        ]
        evidence.append(f"{client.name} refuses assignment")
    return judged(problems, evidence, nothing=_unmade(runner))


def _facts(runner: Runner, client: ClientSource, settings: Mapping[str, Any]) -> Mapping[str, Any] | None:
    taken = [name for p in client.constructor_parameters for name in annotation_names(p.annotation)]
    if any(name.endswith("Client") for name in taken):
        return None  # it is made with another client, and uses what that one has
    attempt = runner.call(client, None, settings=settings)
    return None if attempt.unmade or attempt.error is not None else attempt.facts


def _first(facts: Mapping[str, Any]) -> str:
    return next(iter(facts["transports"]), "")


def _unmade(runner: Runner) -> str:
    reasons = [
        f"no {c.name} could be made: {attempt.unmade}"
        for c in runner.side.clients
        if (attempt := runner.call(c, None)).unmade
    ]
    return f"could not be driven because {reasons[0]}" if reasons else _NONE
