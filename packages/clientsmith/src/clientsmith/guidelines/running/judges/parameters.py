"""What becomes of arguments: empty keys, empty bodies, mappings beside models, and fields beside both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clientsmith.guidelines.annotations import alternatives
from clientsmith.guidelines.members import ClientSource, Method
from clientsmith.guidelines.profiles import CLIENTSMITH
from clientsmith.guidelines.running.records import Answer
from clientsmith.guidelines.running.runner import Runner
from clientsmith.guidelines.source import ClassSource, ParameterSource
from clientsmith.guidelines.verdicts import NotApplicable, Problem, Verdict, judged, problem

__all__ = ["client_validation", "deletes_what_is_gone", "flatten_args", "service_validation", "splat_args"]

_MARK = "qwertz"  # stands in no other place of a URL


def client_validation(runner: Runner) -> Verdict:
    """`params-client-validation`: an empty key raises before anything is sent."""
    problems: list[Problem] = []
    evidence: list[str] = []
    for client, method in runner.driven:
        # Of our own operations it is known what they refuse, and how; of others that they should refuse what is empty.
        is_known = runner.package.operation_of(method) is not None
        for parameter in _in_path(runner, client, method):
            for value in ("", None) if is_known else ("",):
                attempt = runner.call(client, method, arguments={parameter.name: value})
                if attempt.requests or (is_known and not _is_value_error(attempt.error)):
                    hint = f"{method.name}({parameter.name}={value!r}) has to raise ValueError before it sends anything"
                    problems.append(problem(method.file, parameter.node, hint))
            evidence.append(f"{method.name}({parameter.name}='')")
    return judged(problems, evidence, nothing=runner.nothing("no method has a part of the URL's path as an argument"))


def _is_value_error(error: Any) -> bool:
    return error is not None and error.is_a("ValueError")


def _in_path(runner: Runner, client: ClientSource, method: Method) -> list[ParameterSource]:
    """Return the parameters that become part of the path: by the operation, else by a value that is sent."""
    facts = runner.package.operation_of(method)
    if facts is not None:
        return [p for p in method.parameters if p.name in facts.path_names]
    found: list[ParameterSource] = []
    for parameter in method.parameters:
        if (
            parameter.kind == "positional"
            and not parameter.is_optional
            and alternatives(parameter.annotation) == ["str"]
        ):
            sent = runner.call(client, method, arguments={parameter.name: _MARK}).requests
            if sent and f"/{_MARK}" in sent[0].path:
                found.append(parameter)
    return found


def service_validation(runner: Runner) -> Verdict:
    """`params-service-validation`: an empty body is for the service to judge."""
    problems: list[Problem] = []
    evidence: list[str] = []
    # Also of methods that send nothing: that they refuse the smallest body may be why.
    for client, method in runner.side.called:
        bodies = [p for p in method.parameters if p.kind == "positional" and "Mapping" in alternatives(p.annotation)]
        if not bodies:
            continue
        error = runner.call(client, method, arguments={bodies[0].name: {}}).error
        if error is not None and (
            error.lineage[0] in ("ValueError", "TypeError") if _is_foreign(runner) else _is_refusal(error)
        ):
            hint = f"{method.name} refuses an empty body by itself ({error.message}); let the service judge it"
            problems.append(problem(method.file, method.node, hint))
        evidence.append(f"{method.name}({bodies[0].name}={{}})")
    return judged(problems, evidence, nothing=runner.nothing("no method takes a body as a mapping"))


def _is_foreign(runner: Runner) -> bool:
    return runner.package.profile is not CLIENTSMITH


def _is_refusal(error: Any) -> bool:
    return bool(error.is_a("ValueError") or error.is_a("TypeError"))


def deletes_what_is_gone(runner: Runner) -> Verdict:
    """`client-service-verbs`: deleting what is not there succeeds."""
    problems: list[Problem] = []
    evidence: list[str] = []
    for client, method in runner.driven:
        facts = runner.package.operation_of(method)
        is_deletion = facts.http_method == "DELETE" if facts is not None else _sends_delete(runner, client, method)
        if not method.name.startswith("delete_") or not is_deletion:
            continue
        attempt = runner.call(client, method, [Answer(404, json={})])
        if attempt.error is not None:
            hint = f"{method.name} has to succeed if there is nothing left"
            problems.append(problem(method.file, method.node, hint))
        evidence.append(f"{method.name} succeeds on 404")
    return judged(problems, evidence, nothing=runner.nothing("no method deletes anything"))


def _sends_delete(runner: Runner, client: ClientSource, method: Method) -> bool:
    return [each.method for each in runner.call(client, method).requests] == ["DELETE"]


# --- models and mappings ---------------------------------------------------------------------------------------------


def splat_args(runner: Runner) -> Verdict:
    """`client-splat-args`: a mapping sends what the model sends."""
    if runner.package.profile is not CLIENTSMITH:
        return NotApplicable("how its models are made from what comes over the wire is not known")
    problems: list[Problem] = []
    evidence: list[str] = []
    for client, method in runner.driven:
        for parameter in method.parameters:
            names = alternatives(parameter.annotation)
            model = _model_of(runner, parameter)
            if model is None or "Mapping" not in names:
                continue
            if not _sends_the_same(runner, client, method, parameter.name, model):
                hint = f"{method.name}: a mapping as `{parameter.name}` sends something else than the {model.name}"
                problems.append(problem(method.file, parameter.node, hint))
            evidence.append(f"{method.name}({parameter.name})")
    return judged(problems, evidence, nothing=runner.nothing("no method takes a model"))


def _model_of(runner: Runner, parameter: ParameterSource) -> ClassSource | None:
    by_name = {cls.name: cls for cls in runner.package.models}
    return next((by_name[name] for name in alternatives(parameter.annotation) if name in by_name), None)


def _fields(runner: Runner, model: ClassSource) -> Mapping[str, Mapping[str, Any]]:
    command = {"do": "fields", "module": model.module.name, "class": model.name}
    fields: Mapping[str, Mapping[str, Any]] = runner.driver.once(
        "fields", model.name, model.module.name, command=command
    ).get("fields", {})
    return {name: each for name, each in fields.items() if not each["is_read_only"]}


def _wire(runner: Runner, model: ClassSource) -> dict[str, str]:
    """Return a JSON object with every field of a model that callers send, each with a text that tells which it is."""
    return {each["wire"]: f"old {name}" for name, each in _fields(runner, model).items()}


def _sends_the_same(runner: Runner, client: ClientSource, method: Method, name: str, model: ClassSource) -> bool:
    wire = _wire(runner, model)
    as_mapping = runner.call(client, method, arguments={name: wire})
    given = {"$": "model", "module": model.module.name, "class": model.name, "wire": {}, "set": wire}
    as_model = runner.call(client, method, arguments={name: given})
    return bool(as_mapping.requests and as_model.requests and as_mapping.requests[0].form == as_model.requests[0].form)


def flatten_args(runner: Runner) -> Verdict:
    """`client-flatten-args`: a field that is given by keyword wins over the model beside it, and only that field."""
    if runner.package.profile is not CLIENTSMITH:
        return NotApplicable("how its models are made from what comes over the wire is not known")
    problems: list[Problem] = []
    evidence: list[str] = []
    for client, method in runner.driven:
        if not method.name.startswith("update_"):
            continue
        described = runner.package.said_of(client, method)
        for parameter in method.parameters:
            is_body = (
                parameter.name == described.body_name if described is not None else "Mapping" in parameter.annotation
            )
            model = _model_of(runner, parameter) if is_body else None
            if model is None:
                continue
            if not _explicit_wins(runner, client, method, parameter.name, model):
                hint = (
                    f"{method.name}: a field given by keyword has to win over `{parameter.name}`, and only that field"
                )
                problems.append(problem(method.file, method.node, hint))
            evidence.append(f"{method.name}({parameter.name})")
    return judged(
        problems, evidence, nothing=runner.nothing("the service has no operation that updates something in part")
    )


def _explicit_wins(runner: Runner, client: ClientSource, method: Method, body: str, model: ClassSource) -> bool:
    taken = {p.name for p in method.parameters if p.kind == "keyword" and "str" in alternatives(p.annotation)}
    fields = _fields(runner, model)
    name = next((name for name in fields if name in taken), None)
    if name is None:
        return True  # no field is a text: nothing that can be told apart on the wire
    old = _wire(runner, model)
    attempt = runner.call(client, method, [Answer(json={})], arguments={body: old, name: "new"})
    return bool(attempt.requests) and attempt.body() == {**old, fields[name]["wire"]: "new"}
