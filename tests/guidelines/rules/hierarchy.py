"""Rules about clients below clients: a container within an account, a branch within a repository."""

from __future__ import annotations

import ast
import re
from typing import Final, NamedTuple

from .methods import operations_of
from .package import ClientSource, Side, without_names
from .rule import side_rule
from .running import Runner
from .source import parameters_of
from .verdicts import Problem, Verdict, judged, problem

__all__ = ["client_hier_create", "client_hier_creation", "client_hier_delete", "client_hier_vend", "client_hierarchy"]

_NONE = "there is one client, so there is no hierarchy"
# A service of fewer operations is one page of methods: the generator makes one client of it, and so do people.
_MUCH: Final = 28


class _Child(NamedTuple):
    """A client of one thing, and the client that has methods for those things, or hands it out."""

    parent: ClientSource
    client: ClientSource

    @property
    def noun(self) -> str:
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", self.client.name.removesuffix("Client")).lower()

    @property
    def vending(self) -> str:
        """The method of the parent that hands it out: by what it returns, else by the child's name."""
        found = (
            name
            for name, (_, node) in self.parent.vended.items()
            if node.returns is not None and _last_name(node.returns) == self.client.name
        )
        return next(found, f"get_{self.noun}_client")


def _last_name(node: ast.expr) -> str:
    return ast.unparse(node).strip("'\"").rpartition(".")[2]


def _children(side: Side) -> list[_Child]:
    """Return the clients of one thing each: they are made with its name, beside what every client is made with."""
    found: list[_Child] = []
    for client in side.clients:
        made_with = {p.name for p in client.constructor_parameters if p.kind == "positional"}
        if made_with <= {"endpoint", "credential"}:
            continue  # a group: a part of its parent under another name
        for parent in side.clients:
            child = _Child(parent, client)
            verbs = {name.rpartition(f"_{child.noun}")[0] for name in parent.public_functions if child.noun in name}
            is_managed = side.package.described is None and verbs & {"get", "list", "create", "delete", "update"}
            if parent.name != client.name and (is_managed or child.vending in parent.vended):
                found.append(child)
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
    """Return the paths of items that hold items: ``/shelves/{name}`` where there is ``/shelves/{name}/parts/{part}``.

    Of a generated package only those that are things for themselves and that much lies below: a client for each of the
    others would only be in the way.
    """
    paths = [path for _, path, _ in operations_of(side.package.spec or {})]
    found: dict[str, None] = {}
    for path in paths:
        for match in re.finditer(r"\}/[^{}]+/\{", path):
            found[path[: match.start() + 1]] = None
    if side.package.described is None:
        return list(found)
    below = {level: sum(path.startswith(f"{level}/") for path in paths) for level in found if level in paths}
    return [level for level, count in below.items() if count >= _MUCH]


def _lives_below(side: Side, client: ClientSource, level: str) -> bool:
    operations = [side.package.operation_of(method) for method in client.methods.values()]
    wanted = without_names(level)
    called = [without_names(each.path) for each in operations if each is not None]
    return bool(called) and all(path.startswith(wanted) for path in called)


@side_rule("client-hier-creation", "S", "A child client can also be made directly, by its own constructor.")
def client_hier_creation(side: Side) -> Verdict:
    problems: list[Problem] = []
    evidence: list[str] = []
    for child in _children(side):
        client = child.client
        names = [p.name for p in client.constructor_parameters if p.kind == "positional"]
        if "credential" not in names or len(names) < 2:
            cls, node = client.constructor or (client.cls, client.cls.node)
            hint = f"{client.name}: take the endpoint (or the parent), the child's name and the credential"
            problems.append(problem(cls.module.file, node, hint))
        evidence.append(f"{client.name}({', '.join(names)})")
    return judged(problems, evidence, nothing=_NONE)


@side_rule(
    "client-hier-vend", "SR", "A parent hands out a child client with `get_<child>_client`, without asking the service."
)
def client_hier_vend(side: Side) -> Verdict:
    problems: list[Problem] = []
    evidence: list[str] = []
    for child in _children(side):
        found = child.parent.public_functions.get(child.vending)
        if found is None:
            hint = f"{child.parent.name} has no {child.vending}"
            problems.append(problem(child.parent.file, child.parent.cls.node, hint))
            continue
        cls, node = found
        if not _vends_quietly(Runner(side), child, [parameter.name for parameter in parameters_of(node)]):
            hint = f"{child.vending} has to return a {child.client.name} at once, without a request"
            problems.append(problem(cls.module.file, node, hint))
        evidence.append(f"{child.parent.name}.{child.vending}")
    return judged(problems, evidence, nothing=_NONE)


def _vends_quietly(runner: Runner, child: _Child, names: list[str]) -> bool:
    transport = runner.transport()
    try:
        parent = runner.client(child.parent, transport=transport)
        vended = getattr(parent, child.vending)(**dict.fromkeys(names, "sample"))
    except AssertionError:  # the script has no line: it has asked the service
        return False
    return type(vended).__name__ == child.client.name and not transport.requests


@side_rule("client-hier-create", "S", "A parent creates a child with `create_<child>`.")
def client_hier_create(side: Side) -> Verdict:
    return _has_method(side, "create", "POST")


@side_rule(
    "client-hier-delete", "S", "A parent deletes a child with `delete_<child>`, or the child client deletes its own."
)
def client_hier_delete(side: Side) -> Verdict:
    return _has_method(side, "delete", "DELETE")


def _has_method(side: Side, verb: str, http_method: str) -> Verdict:
    problems: list[Problem] = []
    evidence: list[str] = []
    for child in _children(side):
        name = f"{verb}_{child.noun}"
        by_name = [each for each in (name, f"begin_{name}") if each in child.parent.public_functions]
        path = _path_of(side, child)
        wanted = path if http_method == "DELETE" else path.rpartition("/")[0]
        if side.package.described is not None and (http_method, wanted) not in _offered(side):
            continue  # the service has no such operation
        by_path = [method.name for _, method, called in side.callers.get(http_method, ()) if called == wanted]
        found = by_name or (by_path if side.package.described is not None else [])
        if found:
            evidence.append(f"{child.client.name}: {found[0]}")
        else:
            hint = f"{child.parent.name} has no {name}"
            problems.append(problem(child.parent.file, child.parent.cls.node, hint))
    return judged(problems, evidence, nothing=_NONE)


def _path_of(side: Side, child: _Child) -> str:
    """Return the path of the thing that a child is the client of, "" if that cannot be told."""
    known = {"endpoint", "credential"}
    bound = [p for p in child.client.constructor_parameters if p.kind == "positional" and p.name not in known]
    for method in child.client.methods.values():
        operation = side.package.operation_of(method)
        parts = without_names(operation.path).split("{}") if operation is not None else []
        if len(parts) > len(bound):
            return "{}".join(parts[: len(bound)]) + "{}"
    return ""


def _offered(side: Side) -> frozenset[tuple[str, str]]:
    return frozenset((name, without_names(path)) for name, path, _ in operations_of(side.package.spec or {}))
