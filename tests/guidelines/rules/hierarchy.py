"""Rules about clients below clients: a container within an account, a branch within a repository."""

from __future__ import annotations

import re

from .methods import operations_of
from .package import ClientSource, Side
from .rule import side_rule
from .running import Runner
from .verdicts import Problem, Verdict, judged, problem

__all__ = ["client_hier_create", "client_hier_creation", "client_hier_delete", "client_hier_vend", "client_hierarchy"]

_NONE = "there is one client, so there is no hierarchy"


def _noun(client: ClientSource) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", client.name.removesuffix("Client")).lower()


def _children(side: Side) -> list[tuple[ClientSource, ClientSource]]:
    """Return parent and child: a child stands for one of the things that the parent has methods for."""
    found: list[tuple[ClientSource, ClientSource]] = []
    for child in side.clients:
        for parent in side.clients:
            verbs = {name.rpartition(f"_{_noun(child)}")[0] for name in parent.public_functions if _noun(child) in name}
            if parent.name != child.name and verbs & {"get", "list", "create", "delete", "update"}:
                found.append((parent, child))
    return found


@side_rule("client-hierarchy", "D", "Each level of resources that holds items of its own has a client of its own.")
def client_hierarchy(side: Side) -> Verdict:
    problems: list[Problem] = []
    evidence: list[str] = []
    for level in _levels(side):
        holders = [client.name for client in side.clients if _lives_below(side, client, level)]
        evidence += [f"{level}: {name}" for name in holders[:1]]
        if not holders:
            problems.append(problem(side.file, None, f"{level} holds items of its own: give it a client"))
    return judged(problems, evidence, nothing="no resource of the service holds items of its own")


def _levels(side: Side) -> list[str]:
    """Return the paths of items that hold items: ``/shelves/{name}`` where there is ``/shelves/{name}/parts/{part}``."""
    found: dict[str, None] = {}
    for _, path, _ in operations_of(side.package.spec or {}):
        for match in re.finditer(r"\}/[^{}]+/\{", path):
            found[path[: match.start() + 1]] = None
    return list(found)


def _lives_below(side: Side, client: ClientSource, level: str) -> bool:
    operations = [side.package.operation_of(method) for method in client.methods.values()]
    return bool(operations) and all(each is not None and each.path.startswith(level) for each in operations)


@side_rule("client-hier-creation", "S", "A child client can also be made directly, by its own constructor.")
def client_hier_creation(side: Side) -> Verdict:
    problems: list[Problem] = []
    evidence: list[str] = []
    for _, child in _children(side):
        names = [p.name for p in child.constructor_parameters if p.kind == "positional"]
        if "credential" not in names or len(names) < 2:
            cls, node = child.constructor or (child.cls, child.cls.node)
            hint = f"{child.name}: take the endpoint (or the parent), the child's name and the credential"
            problems.append(problem(cls.module.file, node, hint))
        evidence.append(f"{child.name}({', '.join(names)})")
    return judged(problems, evidence, nothing=_NONE)


@side_rule(
    "client-hier-vend", "SR", "A parent hands out a child client with `get_<child>_client`, without asking the service."
)
def client_hier_vend(side: Side) -> Verdict:
    problems: list[Problem] = []
    evidence: list[str] = []
    for parent, child in _children(side):
        name = f"get_{_noun(child)}_client"
        found = parent.public_functions.get(name)
        if found is None:
            problems.append(problem(parent.file, parent.cls.node, f"{parent.name} has no {name}"))
            continue
        cls, node = found
        if not _vends_quietly(Runner(side), parent, child, name):
            hint = f"{name} has to return a {child.name} at once, without a request"
            problems.append(problem(cls.module.file, node, hint))
        evidence.append(f"{parent.name}.{name}")
    return judged(problems, evidence, nothing=_NONE)


def _vends_quietly(runner: Runner, parent: ClientSource, child: ClientSource, name: str) -> bool:
    transport = runner.transport()
    try:
        vended = getattr(runner.client(parent, transport=transport), name)("sample")
    except AssertionError:  # the script has no line: it has asked the service
        return False
    return type(vended).__name__ == child.name and not transport.requests


@side_rule("client-hier-create", "S", "A parent creates a child with `create_<child>`.")
def client_hier_create(side: Side) -> Verdict:
    return _has_method(side, "create")


@side_rule("client-hier-delete", "S", "A parent deletes a child with `delete_<child>`.")
def client_hier_delete(side: Side) -> Verdict:
    return _has_method(side, "delete")


def _has_method(side: Side, verb: str) -> Verdict:
    problems: list[Problem] = []
    evidence: list[str] = []
    for parent, child in _children(side):
        name = f"{verb}_{_noun(child)}"
        if name in parent.public_functions or f"begin_{name}" in parent.public_functions:
            evidence.append(f"{parent.name}.{name}")
        else:
            problems.append(problem(parent.file, parent.cls.node, f"{parent.name} has no {name}"))
    return judged(problems, evidence, nothing=_NONE)
