"""Rules about how a client is made."""

from __future__ import annotations

import ast
import re
from typing import Any

from clientsmith.core.rest import HttpRequest
from clientsmith.core.testing import Answer

from .package import ClientSource, Colour, Method, Side
from .rule import side_rule
from .running import Runner
from .source import ParameterSource, parameters_of
from .verdicts import Met, Problem, Verdict, judged, problem

__all__ = [
    "client_connection_string",
    "client_constructor_api_version_argument",
    "client_constructor_form",
    "client_constructor_policy_arguments",
    "client_constructor_transport_argument",
]

_DEFAULT_TRANSPORTS = {Colour.SYNC: "RequestsTransport", Colour.ASYNC: "AioHttpTransport"}


def _parameter(client: ClientSource, name: str) -> ParameterSource | None:
    return next((p for p in client.constructor_parameters if p.name == name), None)


def _at(client: ClientSource, hint: str) -> Problem:
    cls, node = client.constructor or (client.cls, client.cls.node)
    return problem(cls.module.file, node, f"{client.name}(): {hint}")


def _first_call(client: ClientSource) -> Method:
    """Return a method whose success is one plain answer, where there is one."""
    methods = list(client.methods.values())
    return next((each for each in methods if not each.is_read_later and not each.is_poller), methods[0])


@side_rule(
    "client-constructor-form",
    "S",
    "A constructor takes what it is bound to and the credential by position, `transport` and the settings by keyword.",
)
def client_constructor_form(side: Side) -> Verdict:
    problems: list[Problem] = []
    for client in side.clients:
        parameters = client.constructor_parameters
        positional = [p for p in parameters if p.kind == "positional"]
        if not positional or positional[0].name in ("credential", "transport"):
            problems.append(_at(client, "the first argument says which service: an endpoint, a parent, a name"))
        if not any(p.name == "credential" for p in positional):
            problems.append(_at(client, "`credential` has to be positional"))
        if not any(p.name == "transport" and p.kind == "keyword" for p in parameters):
            problems.append(_at(client, "`transport` has to be a keyword-only argument"))
        if not any(p.kind == "rest" for p in parameters):
            problems.append(_at(client, "take the settings of the policies as `**options`"))
        unexpected = [p.name for p in positional if p.is_optional and p.name not in ("endpoint", "credential")]
        if unexpected:
            problems.append(_at(client, f"make {', '.join(unexpected)} keyword-only: it is optional"))
    evidence = [f"{c.name}({', '.join(p.name for p in c.constructor_parameters)})" for c in side.clients]
    return judged(problems, evidence, nothing="there is no client")


@side_rule(
    "client-constructor-api-version-argument",
    "SR",
    "Every constructor takes a keyword-only `api_version` text with a default; the version given is the version sent.",
)
def client_constructor_api_version_argument(side: Side) -> Verdict:
    problems: list[Problem] = []
    evidence: list[str] = []
    for client in side.clients:
        parameter = _parameter(client, "api_version")
        if parameter is None or parameter.kind != "keyword" or parameter.annotation.split(" | ")[0] != "str":
            problems.append(_at(client, "take a keyword-only `api_version: str`"))
            continue
        default = _text_of(parameter.default)
        if not default:
            problems.append(_at(client, "give `api_version` the newest version that the library knows as its default"))
            continue
        other = _another(default)
        versions = ((default, {}), (other, {"api_version": other})) if client.methods else ()
        for version, settings in versions:
            if not _is_sent(Runner(side), client, version, settings):
                problems.append(_at(client, f"`api_version` {version!r} is not sent"))
        evidence.append(f"{client.name} sends {default!r}, or what it is given")
    return judged(problems, evidence, nothing="there is no client")


def _text_of(default: ast.expr | None) -> str:
    """Return a text, also one in a class of its own: ``DefaultVersion("2.104")``; "" for anything else."""
    if isinstance(default, ast.Call) and len(default.args) == 1 and not default.keywords:
        default = default.args[0]
    return default.value if isinstance(default, ast.Constant) and isinstance(default.value, str) else ""


def _another(version: str) -> str:
    """Return a version that is written like this one: its last number is the one before."""
    *_, last = re.finditer("[0-9]+", version) if re.search("[0-9]", version) else [None]
    if last is None:
        return "1999-pinned"
    number = int(last[0]) - 1 if int(last[0]) > 1 else int(last[0]) + 1
    return f"{version[: last.start()]}{number:0{len(last[0])}}{version[last.end() :]}"


def _is_sent(runner: Runner, client: ClientSource, version: str, settings: dict[str, Any]) -> bool:
    attempt = runner.call(client, _first_call(client), settings=settings)
    # The first request that is no question about versions: a page or a poll that follows may be at a URL that the
    # service gave.
    return any(_says(request, version) for request in attempt.requests[:2])


def _says(request: HttpRequest, version: str) -> bool:
    """Whether a request says a version: in a header field, alone or behind a word, in a media type, or in the URL."""
    in_header = any(
        value.split()[-1:] == [version] or f".{version}+" in value or f"-{version}+" in value
        for value in request.headers.values()
    )
    return in_header or re.search(rf"[=/]{re.escape(version)}(?=[/?&#]|$)", request.url) is not None


@side_rule(
    "client-constructor-policy-arguments",
    "SR",
    "The constructor takes defaults for every request (`timeout`, `max_retries`, `headers` …) and the policies obey them.",
)
def client_constructor_policy_arguments(side: Side) -> Verdict:
    problems: list[Problem] = []
    for client in side.clients:
        if not any(p.kind == "rest" for p in client.constructor_parameters):
            problems.append(_at(client, "take the settings of the policies as `**options`"))
            continue
        # A client that only hands out others sends nothing itself.
        broken = _ignored_settings(Runner(side), client, _retried(client)) if client.methods else []
        problems += [_at(client, f"the setting `{name}` has no effect") for name in broken]
    evidence = [f"{client.name} obeys max_retries, headers, timeout" for client in side.clients]
    return judged(problems, evidence, nothing="there is no client")


def _retried(client: ClientSource) -> Method:
    """Return a method that may be sent again: reading is always safe."""
    reading = [m for m in client.methods.values() if m.name.startswith(("get_", "list_"))]
    return reading[0] if reading else _first_call(client)


def _ignored_settings(runner: Runner, client: ClientSource, method: Method) -> list[str]:
    down = [Answer(503, headers={"Retry-After": "0"})] * 12  # who says when to come back has done nothing yet
    tries = [len(runner.call(client, method, down, settings={"max_retries": n}).requests) for n in (0, 2)]
    marked = runner.call(client, method, settings={"headers": {"X-Default": "mine"}})
    busy = [Answer(503, headers={"Retry-After": "5"})] * 12
    bounded = runner.call(client, method, busy, settings={"timeout": 7.0})
    return [
        *(["max_retries"] if tries != [1, 3] else []),
        *(["headers"] if [r.headers.get("X-Default") for r in marked.requests[:1]] != ["mine"] else []),
        *(["timeout"] if sum(bounded.waits) > 7.0 else []),
    ]


@side_rule(
    "client-constructor-transport-argument",
    "SR",
    "`transport=` takes any transport; the default is RequestsTransport for sync clients, AioHttpTransport for async ones.",
)
def client_constructor_transport_argument(side: Side) -> Verdict:
    problems: list[Problem] = []
    wanted = _DEFAULT_TRANSPORTS[side.colour]
    for client in side.clients:
        parameter = _parameter(client, "transport")
        if parameter is None or parameter.kind != "keyword" or not parameter.is_optional:
            problems.append(_at(client, "take an optional keyword-only `transport`"))
            continue
        runner = Runner(side)
        given = runner.transport()
        if given not in vars(runner.client(client, transport=given)).values():
            problems.append(_at(client, "the transport that is given is not used"))
        if (found := default_transport(runner, client)) != wanted:
            problems.append(_at(client, f"the default transport is {found}; it should be {wanted}"))
    return judged(problems, [f"{c.name} makes a {wanted}" for c in side.clients], nothing="there is no client")


def default_transport(runner: Runner, client: ClientSource) -> str:
    """Return the class name of the transport that a client makes for itself, "none" if it makes none."""
    instance = runner.client(client)
    names = [type(value).__name__ for value in vars(instance).values() if type(value).__name__.endswith("Transport")]
    return names[0] if names else "none"


@side_rule(
    "client-connection-string",
    "S",
    "No constructor takes a connection string; a client that knows them has the class method `from_connection_string`.",
)
def client_connection_string(side: Side) -> Verdict:
    problems: list[Problem] = []
    factories: list[str] = []
    for client in side.clients:
        for parameter in client.constructor_parameters:
            if parameter.name.startswith("conn") and parameter.name.endswith(("str", "string")):
                problems.append(_at(client, f"move `{parameter.name}` to a class method from_connection_string"))
        if "from_connection_string" in client.public_functions:
            problems += _factory_problems(client)
            factories.append(f"{client.name}.from_connection_string")
    if not problems and side.clients and not factories:
        return Met("no constructor takes a connection string, and the service has none")
    return judged(problems, factories, nothing="there is no client")


def _factory_problems(client: ClientSource) -> list[Problem]:
    cls, node = client.public_functions["from_connection_string"]
    problems: list[Problem] = []
    if not any(ast.unparse(decorator) == "classmethod" for decorator in node.decorator_list):
        problems.append(problem(cls.module.file, node, "make from_connection_string a class method"))
    taken = {p.name for p in parameters_of(node)}
    has_rest = any(p.kind == "rest" for p in parameters_of(node))
    lost = [p.name for p in client.constructor_parameters if p.kind == "keyword" and p.name not in taken]
    if lost and not has_rest:
        hint = f"from_connection_string should take what the constructor takes: {', '.join(lost)} and `**options`"
        problems.append(problem(cls.module.file, node, hint))
    return problems
