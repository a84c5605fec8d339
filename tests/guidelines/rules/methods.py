"""Rules about what the methods of a client are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from clientsmith.core.testing import Answer

from .package import ClientSource, Method, Package, Side, without_names
from .rule import side_rule
from .running import Runner
from .source import alternatives
from .verdicts import NotApplicable, Problem, Verdict, judged, problem

__all__ = ["client_service_verbs", "feature_support", "lro_prefix", "paged_prefix"]

_VERBS: Final = ("create", "upsert", "set", "update", "replace", "append", "add", "get", "list", "delete", "remove")
_NO_RESULT: Final = ("None",)
_MANY: Final = frozenset({"list", "Sequence", "Iterable", "Iterator"})
_WATCHED: Final = frozenset({"operation-location", "azure-asyncoperation"})


def operations_of(spec: Mapping[str, Any]) -> list[tuple[str, str, Mapping[str, Any]]]:
    """Return HTTP method, path template and definition of every operation of an OpenAPI description."""
    names = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
    base = str(spec.get("basePath", "")).rstrip("/")
    return [
        (name.upper(), base + path, item[name])
        for path, item in spec.get("paths", {}).items()
        for name in names
        if name in item
    ]


def method_for(side: Side, http_method: str, path: str) -> tuple[ClientSource, Method] | None:
    """Return the method that calls an operation of the description, None if there is none.

    The base path is part of the endpoint, and a parameter of the path may have a better name in the package.
    """
    wanted = without_names(path)
    callers = side.callers.get(http_method, ())
    return next(((client, method) for client, method, called in callers if wanted.endswith(called)), None)


@side_rule("feature-support", "D", "Every operation of the service has a method.")
def feature_support(side: Side) -> Verdict:
    spec = side.package.spec
    if spec is None:
        return NotApplicable("the service has no description to compare with")
    # What only serves a poller counts as supported: the poller calls it.
    polled = "".join(module.file.read_text(encoding="utf-8") for module in side.package.source.modules.values())
    problems: list[Problem] = []
    evidence: list[str] = []
    for http_method, path, _ in operations_of(spec):
        if method_for(side, http_method, path) or f'poll_path="{path}"' in polled:
            evidence.append(f"{http_method} {path}")
        else:
            problems.append(problem(side.file, None, f"no method calls {http_method} {path}"))
    return judged(problems, evidence, nothing="the service has no operation")


@side_rule(
    "client-service-verbs",
    "SR",
    "Methods are named by the preferred verbs (create, get, list, delete …), and take, return and do what these promise.",
)
def client_service_verbs(side: Side) -> Verdict:
    problems: list[Problem] = []
    evidence: list[str] = []
    for client, method in side.methods:
        verb = method.name.removeprefix("begin_").split("_")[0]
        is_preferred = verb in _VERBS or method.name.endswith("_exists") or side.package.calls_itself(client, method)
        is_preferred |= (
            verb == "stream" and method.is_read_later and not method.is_pager
        )  # of an operation's two answers
        if not is_preferred and not method.name.startswith("begin_"):
            hint = f"{method.name}: prefer one of {', '.join(_VERBS)}, …_exists or begin_…"
            problems.append(problem(method.file, method.node, hint))
        described = side.package.said_of(client, method)
        if described is None:  # else they return what the service answers, and take what its path has
            broken = _broken_promises(method)
            problems += [problem(method.file, method.node, f"{method.name} {what}") for what in broken]
        is_deletion = described is None or (described.operation.method == "DELETE" and not method.is_poller)
        if verb == "delete" and is_deletion and not _succeeds_when_gone(Runner(side), client, method):
            problems.append(problem(method.file, method.node, f"{method.name} has to succeed if there is nothing left"))
        evidence.append(method.name)
    return judged(problems, evidence, nothing="there is no method")


def _broken_promises(method: Method) -> list[str]:
    returns = method.returns
    if method.name.endswith("_exists") and returns != "bool":
        return ["has to return a bool"]
    if method.name.startswith("delete_") and returns not in _NO_RESULT:
        return ["has to return None"]
    if method.name.startswith("get_") and returns in _NO_RESULT:
        return ["has to return the item"]
    keys = [p for p in method.parameters if p.kind == "positional"]
    if method.name.startswith(("delete_", "replace_")) and not keys:
        return ["has to take the key of the item"]
    return []


def _succeeds_when_gone(runner: Runner, client: Any, method: Method) -> bool:
    return runner.call(client, method, [Answer(404, json={})]).error is None


@side_rule("lro-prefix", "SD", "A method that starts a long running operation begins with `begin_`, and no other does.")
def lro_prefix(side: Side) -> Verdict:
    problems: list[Problem] = []
    evidence: list[str] = []
    for _, method in side.methods:
        if method.is_poller != method.name.startswith("begin_"):
            what = "returns a poller: prefix it with begin_" if method.is_poller else "returns no poller"
            problems.append(problem(method.file, method.node, f"{method.name} {what}"))
        elif method.is_poller:
            evidence.append(method.name)
    for http_method, path, definition in operations_of(side.package.spec or {}):
        caller = method_for(side, http_method, path)
        if (
            caller is None
            or caller[1].name.startswith("begin_")
            or not _goes_on(side, caller[0], caller[1], definition)
        ):
            continue
        method = caller[1]
        hint = f"{http_method} {path} answers 202, it goes on after its answer: call it begin_{method.name}"
        problems.append(problem(method.file, method.node, hint))
    return judged(problems, evidence, nothing="no operation of the service is long running")


def _goes_on(side: Side, client: ClientSource, method: Method, definition: Mapping[str, Any]) -> bool:
    """Whether an operation answers 202 and is to be watched; where its document does not say how, nobody can."""
    answer = definition.get("responses", {}).get("202")
    if answer is None or side.package.said_of(client, method) is None:
        return answer is not None
    headers = {str(name).lower() for name in _resolved(side.package.spec or {}, answer).get("headers", {})}
    return bool(headers & _WATCHED) or "x-ms-long-running-operation" in definition


@side_rule(
    "paged-prefix", "SD", "A method that lists things begins with `list_`, also where the service has no pages yet."
)
def paged_prefix(side: Side) -> Verdict:
    problems: list[Problem] = []
    evidence: list[str] = []
    for client, method in side.methods:
        is_list = method.is_pager or (set(alternatives(method.returns)) <= _MANY and _reads(side, method))
        if is_list and not method.name.startswith("list_") and not _has_own_verb(side.package, client, method):
            problems.append(problem(method.file, method.node, f"{method.name} returns many things: call it list_…"))
        elif method.name.startswith("list_"):
            evidence.append(method.name)
    for http_method, path, definition in operations_of(side.package.spec or {}):
        if http_method != "GET" or not _answers_array(side.package.spec or {}, definition):
            continue
        caller = method_for(side, http_method, path)
        if caller is not None and not caller[1].name.startswith("list_") and not _has_own_verb(side.package, *caller):
            hint = f"{http_method} {path} answers an array: the method that calls it should begin with list_"
            problems.append(problem(caller[1].file, caller[1].node, hint))
    return judged(problems, evidence, nothing="no operation of the service lists anything")


def _has_own_verb(package: Package, client: ClientSource, method: Method) -> bool:
    """Whether the service has a word of its own for what the method does, such as `search`.

    Or whether it has two operations that would be called alike: `get_permissions` beside `list_permissions`.
    """
    verb, _, noun = method.name.partition("_")
    return package.calls_itself(client, method) and (verb not in _VERBS or f"list_{noun}" in client.methods)


def _reads(side: Side, method: Method) -> bool:
    """Whether a method only looks at what there is; a `PUT` that answers with all that it has set is no list."""
    operation = side.package.operation_of(method)
    return operation is None or operation.http_method == "GET"


def _answers_array(spec: Mapping[str, Any], definition: Mapping[str, Any]) -> bool:
    answer = _resolved(spec, definition.get("responses", {}).get("200", {}))
    content: Mapping[str, Any] = answer.get("content", {}).get("application/json", answer)
    return _resolved(spec, content.get("schema", {})).get("type") == "array"


def _resolved(spec: Mapping[str, Any], node: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in node:
        found: Any = spec
        for key in str(node["$ref"]).removeprefix("#/").split("/"):
            found = found[key]
        node = found
    return node
