"""Rules about clients as a whole: where they are found, what they are called, that they never change."""

from __future__ import annotations

import ast

from .package import ClientSource, Package, Side
from .rule import package_rule, side_rule
from .running import Runner
from .source import parameters_of
from .verdicts import Problem, Verdict, judged, problem

__all__ = ["client_immutable", "client_namespace", "client_naming", "client_sync_async"]


@side_rule("client-namespace", "S", "The clients that users start with are imported from the package's root namespace.")
def client_namespace(side: Side) -> Verdict:
    exported = {client.name for client in side.clients}
    missing = [c for c in side.defined_clients if c.name not in exported]
    hint = "export {} from {}, by its `__all__`"
    problems = [problem(c.file, c.cls.node, hint.format(c.name, side.namespace)) for c in missing]
    if not exported and not problems:
        problems = [problem(side.file, None, f"{side.namespace} exports no client")]
    return judged(problems, [f"{side.namespace}.{name}" for name in sorted(exported)], nothing="there is no client")


@side_rule("client-naming", "S", "The name of a client class ends in `Client`.")
def client_naming(side: Side) -> Verdict:
    problems = [
        problem(client.file, client.cls.node, f"rename {client.name} so that it ends in `Client`")
        for client in side.defined_clients
        if not client.name.endswith("Client")
    ]
    return judged(problems, sorted({c.name for c in side.defined_clients}), nothing="there is no client")


@package_rule(
    "client-sync-async", "S", "Each client exists twice, for plain calls and for `await`, with the same methods."
)
def client_sync_async(package: Package) -> Verdict:
    sync, twin = ({client.name: client for client in side.clients} for side in package.sides.values())
    problems: list[Problem] = []
    evidence: list[str] = []
    for name in sorted(sync.keys() | twin.keys()):
        if name not in sync or name not in twin:
            there = sync.get(name) or twin[name]
            problems.append(problem(there.file, there.cls.node, f"{name} has no twin in the other namespace"))
            continue
        here = {n: _shape(node) for n, (_, node) in sync[name].public_functions.items()}
        other = {n: _shape(node) for n, (_, node) in twin[name].public_functions.items()}
        problems += [
            problem(twin[name].file, twin[name].cls.node, f"{name}.{method} differs from its sync twin")
            for method in sorted(here.keys() | other.keys())
            if here.get(method) != other.get(method)
        ]
        evidence.append(f"{name} and its twin share {len(here)} methods")
    return judged(problems, evidence, nothing="there is no client")


def _shape(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[tuple[str, str, bool]]:
    return [(parameter.name, parameter.kind, parameter.is_optional) for parameter in parameters_of(node)]


@side_rule("client-immutable", "SR", "A client never changes after its construction.")
def client_immutable(side: Side) -> Verdict:
    problems = [
        problem(cls.module.file, node, f"{client.name}.{function.name} changes the client; make a new one instead")
        for client in side.clients
        for cls in client.lineage
        for function in cls.own_functions.values()
        if function.name != "__init__"
        for node in ast.walk(function)
        if _assigns_self(node)
    ]
    if not problems:
        problems = [
            problem(client.file, client.cls.node, f"{client.name} lets {how}")
            for client in side.clients
            for how in _mutations(Runner(side), client)
        ]
    evidence = [f"{client.name} refuses assignment" for client in side.clients]
    return judged(problems, evidence, nothing="there is no client")


def _assigns_self(node: ast.AST) -> bool:
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign | ast.Delete):
        targets = node.targets
    elif isinstance(node, ast.AugAssign | ast.AnnAssign):
        targets = [node.target]
    return any(
        isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "self"
        for target in targets
    )


def _mutations(runner: Runner, client: ClientSource) -> list[str]:
    instance = runner.client(client, transport=runner.transport())
    found: list[str] = []
    for name in ("endpoint", "something_new"):
        try:
            setattr(instance, name, "changed")
        except AttributeError:
            continue
        found.append(f"`{name}` be assigned after construction; derive it from ServiceClient, or freeze it")
    return found
