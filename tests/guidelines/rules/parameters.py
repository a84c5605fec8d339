"""Rules about what methods take, and what they check of it."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Mapping
from typing import Any, TypeGuard

from clientsmith.core.testing import Answer

from .package import ClientSource, Method, Package, Side
from .rule import package_rule, side_rule
from .running import Runner, models_of
from .source import ParameterSource, alternatives, annotation_names
from .verdicts import Problem, Verdict, judged, problem

__all__ = [
    "client_flatten_args",
    "client_optional_arguments_keyword_only",
    "client_parameter_validation",
    "client_splat_args",
    "params_client_validation",
    "params_service_validation",
]


@side_rule(
    "client-optional-arguments-keyword-only",
    "S",
    "What a method can do without is given by keyword; but for a body whose fields can be given one by one instead.",
)
def client_optional_arguments_keyword_only(side: Side) -> Verdict:
    problems = [
        problem(method.file, parameter.node, f"{method.name}: make `{parameter.name}` keyword-only, it is optional")
        for _, method in side.methods
        for parameter in method.parameters
        if parameter.kind == "positional" and parameter.is_optional and not _is_body_of_flattened(method, parameter)
    ]
    return judged(problems, [method.name for _, method in side.methods], nothing="there is no method")


def _is_body_of_flattened(method: Method, parameter: ParameterSource) -> bool:
    # The operation needs a body all the same: the default only says that the fields may come one by one.
    has_fields = any(p.kind == "keyword" for p in method.parameters) or bool(method.overrides)
    return "Mapping" in parameter.annotation and has_fields


@side_rule(
    "params-client-validation",
    "SR",
    "What becomes part of a URL is checked before anything is sent: an empty key would address another resource.",
)
def params_client_validation(side: Side) -> Verdict:
    problems: list[Problem] = []
    evidence: list[str] = []
    for client, method in side.called:
        facts = side.package.operation_of(method)
        in_path = [p for p in method.parameters if facts is not None and p.name in facts.path_names]
        runner = Runner(side)
        for parameter in in_path:
            for value in ("", None):
                attempt = runner.call(client, method, arguments={parameter.name: value})
                if attempt.requests or not isinstance(attempt.error, ValueError):
                    hint = f"{method.name}({parameter.name}={value!r}) has to raise ValueError before it sends anything"
                    problems.append(problem(method.file, parameter.node, hint))
            evidence.append(f"{method.name}({parameter.name}='')")
    return judged(problems, evidence, nothing="no method has a part of the URL's path as an argument")


@side_rule(
    "params-service-validation",
    "SR",
    "What only travels to the service is not checked: the service knows its own rules, and they change.",
)
def params_service_validation(side: Side) -> Verdict:
    problems: list[Problem] = []
    evidence: list[str] = []
    for client, method in side.called:
        problems += _checks_in(side.package, method)
        bodies = [p for p in method.parameters if p.kind == "positional" and "Mapping" in p.annotation]
        if bodies:
            error = Runner(side).call(client, method, arguments={bodies[0].name: {}}).error
            if isinstance(error, ValueError | TypeError):
                hint = f"{method.name} refuses an empty body by itself ({error}); let the service judge it"
                problems.append(problem(method.file, method.node, hint))
        evidence.append(method.name)
    return judged(problems, evidence, nothing="there is no method")


def _checks_in(package: Package, method: Method) -> list[Problem]:
    """Return the places where a method raises because of an argument that is no part of the URL's path."""
    facts = package.operation_of(method)
    path_names = {name for location, name in (facts.parameters if facts else ()) if location == "path"}
    # Without knowing the operation, required arguments count as keys: they may well be part of the URL.
    keys = {p.name for p in method.parameters if p.kind == "positional" and not p.is_optional}
    in_path = keys if facts is None or path_names else set[str]()
    sent = {p.name for p in method.parameters if p.kind != "rest"} - {
        key for key in in_path if "Mapping" not in next(p.annotation for p in method.parameters if p.name == key)
    }
    found: list[Problem] = []
    for node in ast.walk(method.node):
        if isinstance(node, ast.Assert) or (isinstance(node, ast.If) and _raises_within(node)):
            checked = {name.id for name in ast.walk(node.test) if isinstance(name, ast.Name)} & sent
            hint = f"{method.name} checks {', '.join(sorted(checked))}; send it, the service judges it"
            found += [problem(method.file, node, hint)] if checked else []
    return found


def _raises_within(node: ast.AST) -> bool:
    return any(isinstance(inner, ast.Raise) for inner in ast.walk(node))


@package_rule(
    "client-parameter-validation",
    "S",
    "Arguments are checked with `isinstance` against built-in types only; others by what they can do.",
)
def client_parameter_validation(package: Package) -> Verdict:
    problems: list[Problem] = []
    checks: list[str] = []
    for module, function in package.source.functions():
        names = {arg.arg for arg in [*function.args.args, *function.args.kwonlyargs, *function.args.posonlyargs]}
        for node in ast.walk(function):
            # A comparison has to look at the class of the other value: that is how it says that it knows no answer.
            if not _is_isinstance(node, names) or function.name in ("__eq__", "__lt__"):
                continue
            checks.append(ast.unparse(node))
            wrong = [name for name in annotation_names(ast.unparse(node.args[1])) if not _is_structural(module, name)]
            hint = f"`{ast.unparse(node)}` looks for {', '.join(wrong)}; ask for what the argument can do instead"
            problems += [problem(module.file, node, hint)] if wrong else []
    return judged(problems, checks or ["no argument is checked by its type"], nothing="there is no function")


def _is_isinstance(node: ast.AST, names: set[str]) -> TypeGuard[ast.Call]:
    return (
        isinstance(node, ast.Call)
        and ast.unparse(node.func) == "isinstance"
        and isinstance(node.args[0], ast.Name)
        and node.args[0].id in names
    )


def _is_structural(module: Any, name: str) -> bool:
    """Whether a type is built in, or stands for a capability as the abstract classes of `collections.abc` do.

    Errors are told apart by their classes: there is nothing else that they have them for.
    """
    if name.endswith("Error"):
        return True
    if name in module.imports:
        return str(module.imports[name]).startswith(("collections.abc.", "typing.", "numbers.", "datetime.", "uuid."))
    return isinstance(getattr(builtins, name, None), type)


@side_rule("client-splat-args", "SR", "A mapping of the same shape is taken wherever a model is, and sends the same.")
def client_splat_args(side: Side) -> Verdict:
    models = models_of(side.package)
    problems: list[Problem] = []
    evidence: list[str] = []
    for client, method in side.called:
        for parameter in method.parameters:
            names = alternatives(parameter.annotation)
            wanted = [name for name in names if name in models]
            if not wanted:
                continue
            if "Mapping" not in names:
                hint = f"{method.name}: annotate `{parameter.name}` as `{parameter.annotation} | Mapping[str, Any]`"
                problems.append(problem(method.file, parameter.node, hint))
            elif not _sends_the_same(Runner(side), client, method, parameter.name, models[wanted[0]]):
                hint = f"{method.name}: a mapping as `{parameter.name}` sends something else than the {wanted[0]}"
                problems.append(problem(method.file, parameter.node, hint))
            evidence.append(f"{method.name}({parameter.name})")
    return judged(problems, evidence, nothing="no method takes a model")


def wire_of(model: type[Any]) -> dict[str, Any]:
    """Return a JSON object with every field of a model that callers send, each with a text that says which one it is."""
    return {each.wire_name: f"old {name}" for name, each in model._shape.fields.items() if not each.is_read_only}


def _sends_the_same(runner: Runner, client: ClientSource, method: Method, name: str, model: type[Any]) -> bool:
    as_mapping = runner.call(client, method, arguments={name: wire_of(model)})
    new = model.from_dict({})
    for wire_name, text in wire_of(model).items():
        new[wire_name] = text  # set by the caller: where a patch is sent, what was read and not changed is not in it
    as_model = runner.call(client, method, arguments={name: new})
    return bool(as_mapping.requests and as_model.requests and as_mapping.sent() == as_model.sent())


@side_rule(
    "client-flatten-args",
    "SR",
    "`update_` methods take the fields as keyword arguments, which win over the model passed beside them.",
)
def client_flatten_args(side: Side) -> Verdict:
    models = models_of(side.package)
    problems: list[Problem] = []
    evidence: list[str] = []
    for client, method in side.called:
        if not method.name.startswith("update_"):
            continue
        described = side.package.said_of(client, method)
        bodies = {
            p.name: alternatives(p.annotation)
            for p in method.parameters
            if (p.name == described.body_name if described is not None else "Mapping" in p.annotation)
        }
        if described is not None and (described.body_model is None or not _has_fields(models, bodies)):
            continue
        fields = [p for p in method.parameters if p.kind == "keyword" and p.name not in bodies]
        if not fields:
            hint = f"{method.name}: take the fields of the body as keyword-only arguments"
            problems.append(problem(method.file, method.node, hint))
            continue
        for name, names in bodies.items():
            model = next((models[each] for each in names if each in models), None)
            if model is not None and not _explicit_wins(Runner(side), client, method, name, model):
                hint = f"{method.name}: a field given by keyword has to win over `{name}`, and only that field"
                problems.append(problem(method.file, method.node, hint))
        evidence.append(f"{method.name}({', '.join(p.name for p in fields)})")
    return judged(problems, evidence, nothing="the service has no operation that updates something in part")


def _has_fields(models: Mapping[str, type[Any]], bodies: Mapping[str, list[str]]) -> bool:
    """Whether a body is a model with a field that callers set."""
    named = [models[each] for names in bodies.values() for each in names if each in models]
    return any(not each.is_read_only for model in named for each in model._shape.fields.values())


def _explicit_wins(runner: Runner, client: ClientSource, method: Method, body: str, model: type[Any]) -> bool:
    taken = {p.name for p in method.parameters if p.kind == "keyword" and "str" in alternatives(p.annotation)}
    name = next((name for name in model._shape.fields if name in taken), None)
    if name is None:
        return True  # no field is a text: nothing that can be told apart on the wire
    old = wire_of(model)
    attempt = runner.call(client, method, [Answer(json={})], arguments={body: old, name: "new"})
    return bool(attempt.requests) and attempt.body() == {**old, model._shape.fields[name].wire_name: "new"}
