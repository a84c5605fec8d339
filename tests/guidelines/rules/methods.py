"""Rules about what the methods of a client are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from clientsmith.core.testing import Answer

from .package import Method, Package, Side
from .rule import side_rule
from .running import Runner
from .verdicts import NotApplicable, Problem, Verdict, judged, problem

__all__ = ["client_service_verbs", "feature_support", "lro_prefix", "paged_prefix"]

_VERBS: Final = ("create", "upsert", "set", "update", "replace", "append", "add", "get", "list", "delete", "remove")
_NO_RESULT: Final = ("None",)


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


def method_for(package: Package, side: Side, http_method: str, path: str) -> Method | None:
    """Return the method that calls an operation of the description, None if there is none."""
    for _, method in side.methods:
        operation = package.operation_of(method)
        if operation is not None and operation.http_method == http_method and path.endswith(operation.path):
            return method
    return None


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
        if method_for(side.package, side, http_method, path) or f'poll_path="{path}"' in polled:
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
        is_preferred = verb in _VERBS or method.name.endswith("_exists")
        if not is_preferred and not method.name.startswith("begin_"):
            hint = f"{method.name}: prefer one of {', '.join(_VERBS)}, …_exists or begin_…"
            problems.append(problem(method.file, method.node, hint))
        problems += [problem(method.file, method.node, f"{method.name} {what}") for what in _broken_promises(method)]
        if verb == "delete" and not _succeeds_when_gone(Runner(side), client, method):
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
        caller = method_for(side.package, side, http_method, path)
        if "202" in definition.get("responses", {}) and caller and not caller.name.startswith("begin_"):
            hint = f"{http_method} {path} answers 202, it goes on after its answer: call it begin_{caller.name}"
            problems.append(problem(caller.file, caller.node, hint))
    return judged(problems, evidence, nothing="no operation of the service is long running")


@side_rule(
    "paged-prefix", "SD", "A method that lists things begins with `list_`, also where the service has no pages yet."
)
def paged_prefix(side: Side) -> Verdict:
    problems: list[Problem] = []
    evidence: list[str] = []
    for _, method in side.methods:
        is_list = method.is_pager or method.returned_names[:1] in (["list"], ["Sequence"], ["Iterable"], ["Iterator"])
        if is_list and not method.name.startswith("list_"):
            problems.append(problem(method.file, method.node, f"{method.name} returns many things: call it list_…"))
        elif method.name.startswith("list_"):
            evidence.append(method.name)
    for http_method, path, definition in operations_of(side.package.spec or {}):
        caller = method_for(side.package, side, http_method, path)
        is_array = http_method == "GET" and _answers_array(side.package.spec or {}, definition)
        if is_array and caller and not caller.name.startswith("list_"):
            hint = f"{http_method} {path} answers an array: the method that calls it should begin with list_"
            problems.append(problem(caller.file, caller.node, hint))
    return judged(problems, evidence, nothing="no operation of the service lists anything")


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
