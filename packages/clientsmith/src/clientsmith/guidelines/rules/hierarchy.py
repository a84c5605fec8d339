"""Rules about clients below clients: a container within an account, a branch within a repository."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterable
from typing import Final, NamedTuple

from clientsmith.guidelines.annotations import alternatives
from clientsmith.guidelines.examples import Example
from clientsmith.guidelines.members import ClientSource, made_from_client
from clientsmith.guidelines.operations import operations_of, without_names
from clientsmith.guidelines.rule import SideRule
from clientsmith.guidelines.sides import Side
from clientsmith.guidelines.verdicts import NotApplicable, Problem, Verdict, judged, problem

__all__ = ["ClientHierCreate", "ClientHierCreation", "ClientHierDelete", "ClientHierVend", "ClientHierarchy"]

_NONE: Final = "no client is one of a single thing, so there is no hierarchy"
# A service of fewer operations is one page of methods: the generator makes one client of it, and so do people.
_MUCH: Final = 28
_KNOWN: Final = frozenset({"endpoint", "credential"})


def _clients(
    parent: str, child: str = "self, endpoint: str, shelf_name: str, credential: object, **options: object"
) -> Example:
    """Return a depot and a client of one shelf of it: the methods of the first, the constructor of the second."""
    lines = "\n".join(f"    {line}" for line in parent.strip().splitlines())
    return Example(
        f"""
from clientsmith.core import ServiceClient


class ShelfClient(ServiceClient):
    def __init__({child}) -> None: ...

    def list_parts(self) -> list: ...


class DepotClient(ServiceClient):
    def __init__(self, endpoint: str, credential: object, **options: object) -> None: ...

{lines}
"""
    )


_MANAGED: Final = """
def get_shelf_client(self, name: str) -> ShelfClient: ...
def create_shelf(self, name: str) -> dict: ...
def delete_shelf(self, name: str) -> None: ...
"""


def _levelled(client: str) -> Example:
    """Return a client, written for a service whose shelves have parts."""
    return Example(
        f"from clientsmith.core import ServiceClient\n\nfrom . import _operations\n\n{textwrap.dedent(client)}",
        files={
            "src/depot_client/_operations.py": """
                from clientsmith.core.operations import Operation

                GET_PART = Operation("GET", "/shelves/{shelf}/parts/{part}", parameters={})
                GET_LABEL = Operation("GET", "/labels", parameters={})
                """
        },
        spec="""
            openapi: 3.1.0
            info: {title: Depot, version: "1.0"}
            paths:
              /shelves/{shelf}/parts/{part}:
                get:
                  operationId: getPart
                  parameters:
                    - {name: shelf, in: path, required: true, schema: {type: string}}
                    - {name: part, in: path, required: true, schema: {type: string}}
                  responses: {"200": {description: OK}}
            """,
    )


class _Child(NamedTuple):
    """A client of one thing, and the clients that have methods for those things, or hand it out."""

    client: ClientSource
    parents: tuple[ClientSource, ...]

    @property
    def noun(self) -> str:
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", self.client.plain_name.removesuffix("Client")).lower()

    def vending(self, parent: ClientSource) -> str:
        """The method of a parent that hands it out: by what it returns, else by the child's name."""
        return next(iter(_vends(parent, self.client)), f"get_{self.noun}_client")

    def does_itself(self, verb: str) -> str:
        """Return the method by which a thing is made or deleted through its own client: `upload_blob` makes a blob."""
        words = {"create": "create|upload|put|set|add", "delete": "delete|remove"}[verb]
        wanted = re.compile(rf"(begin_)?({words})(_(\w+_)?{self.noun})?")
        functions = [*self.client.public_functions, *(name for each in self.parents for name in each.public_functions)]
        return next((name for name in functions if wanted.fullmatch(name) and (name != verb or self.owns(name))), "")

    def owns(self, name: str) -> bool:
        """Whether the child client itself has a method."""
        return name in self.client.public_functions

    def has(self, names: Iterable[str]) -> str:
        """Return the first of these methods that a parent has, "" if none has one."""
        return next((name for name in names for each in self.parents if name in each.public_functions), "")


def _vends(parent: ClientSource, client: ClientSource) -> list[str]:
    return [
        name
        for name, (_, node) in parent.vended.items()
        if node.returns is not None and client.name in alternatives(ast.unparse(node.returns))
    ]


def _children(side: Side) -> list[_Child]:
    """Return the clients of one thing each: they are made with its name, beside what every client is made with."""
    found: list[_Child] = []
    for client in side.clients:
        required = [
            p.name
            for p in client.constructor_parameters
            if p.kind == "positional" or (p.kind == "keyword" and not p.is_optional)
        ]
        bound = [name for name in required if name not in _KNOWN]
        if len(bound) < (1 if "endpoint" in required else 2) or made_from_client(client):
            continue  # a group: a part of its parent under another name
        alone = _Child(client, ())
        parents = tuple(
            parent
            for parent in side.clients
            if parent.name != client.name
            and (_vends(parent, client) or (not side.package.is_generated and _manages(parent, alone.noun)))
        )
        if parents:
            found.append(_Child(client, parents))
    return found


def _manages(parent: ClientSource, noun: str) -> bool:
    verbs = {"get", "list", "create", "delete", "update"}
    return any(f"{verb}_{noun}" in parent.public_functions for verb in verbs)


class ClientHierarchy(SideRule):
    """A level of the service is a client."""

    id = "client-hierarchy"
    kinds = "D"
    meaning = "Each level of resources that holds items of its own has a client of its own."
    why = (
        "Who works on one shelf should not have to name it at every call. A client of the level knows which one it is, "
        "and its methods are those of the level and no others."
    )
    good = _levelled(
        """
        class ShelfClient(ServiceClient):
            def get_part(self, part: str) -> dict:
                return self._send(_operations.GET_PART, {"part": part})
        """
    )
    bad = _levelled(
        """
        class DepotClient(ServiceClient):
            def get_part(self, shelf: str, part: str) -> dict:
                return self._send(_operations.GET_LABEL, {"shelf": shelf, "part": part})
        """
    ).marked_at("from clientsmith.core import ServiceClient")

    def judge_side(self, side: Side) -> Verdict:
        if side.package.spec is None:
            return NotApplicable("the levels of the service are in its description: give it with --spec")
        if not side.package.operations:
            return NotApplicable("the source does not say which operation a method calls")
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
    if not side.package.is_generated:
        return list(found)
    below = {level: sum(path.startswith(f"{level}/") for path in paths) for level in found if level in paths}
    return [level for level, count in below.items() if count >= _MUCH]


def _lives_below(side: Side, client: ClientSource, level: str) -> bool:
    operations = [side.package.operation_of(method) for method in client.methods.values()]
    wanted = without_names(level)
    called = [without_names(each.path) for each in operations if each is not None]
    return bool(called) and all(path.startswith(wanted) for path in called)


class ClientHierCreation(SideRule):
    """A child can be made without its parent."""

    id = "client-hier-creation"
    kinds = "S"
    meaning = "A child client can also be made directly, by its own constructor."
    why = (
        "A program that only ever sees one shelf, and may have no right to see the depot, makes the client of that "
        "shelf and nothing else."
    )
    good = _clients(_MANAGED)
    bad = Example(
        """
        from clientsmith.core import ServiceClient


        class ShelfClient(ServiceClient):
            def __init__(self, depot_name: str, shelf_name: str) -> None: ...  # <--


        class DepotClient(ServiceClient):
            def __init__(self, endpoint: str, credential: object, **options: object) -> None: ...

            def get_shelf_client(self, name: str) -> ShelfClient: ...
        """
    )

    def judge_side(self, side: Side) -> Verdict:
        problems: list[Problem] = []
        evidence: list[str] = []
        for child in _children(side):
            client = child.client
            names = [p.name for p in client.constructor_parameters if p.kind in ("positional", "keyword")]
            if "credential" not in names and client.profile.has_core:
                cls, node = client.constructor or (client.cls, client.cls.node)
                hint = f"{client.name}: take the endpoint (or the parent), the child's name and the credential"
                problems.append(problem(cls.module.file, node, hint))
            evidence.append(f"{client.name}({', '.join(names)})")
        return judged(problems, evidence, nothing=_NONE)


class ClientHierVend(SideRule):
    """A parent hands out its children."""

    id = "client-hier-vend"
    kinds = "SR"
    meaning = "A parent hands out a child client with `get_<child>_client`, without asking the service."
    why = (
        "The child has the parent's endpoint, credential, settings and connections. Handing it out costs nothing, so "
        "it may be done before the thing exists, and a thousand times."
    )
    good = _clients(_MANAGED)
    bad = _clients("def create_shelf(self, name: str) -> dict: ...").marked_at("class DepotClient(ServiceClient):")

    def judge_side(self, side: Side) -> Verdict:
        problems: list[Problem] = []
        evidence: list[str] = []
        for child in _children(side):
            found = child.has([child.vending(parent) for parent in child.parents])
            if found:
                evidence.append(f"{child.client.name}: {found}")
            else:
                parent = child.parents[0]
                hint = f"{parent.name} has no get_{child.noun}_client, that returns a {child.client.name}"
                problems.append(problem(parent.file, parent.cls.node, hint))
        return judged(problems, evidence, nothing=_NONE)


class ClientHierCreate(SideRule):
    """A parent creates its children."""

    id = "client-hier-create"
    kinds = "S"
    meaning = "A parent creates a child with `create_<child>`."
    why = "What a child client works on has to come from somewhere: the parent is where everybody looks for it first."
    good = _clients(_MANAGED)
    bad = _clients("def get_shelf_client(self, name: str) -> ShelfClient: ...").marked_at(
        "class DepotClient(ServiceClient):"
    )

    def judge_side(self, side: Side) -> Verdict:
        return _has_method(side, "create", "POST")


class ClientHierDelete(SideRule):
    """A parent, or the child, deletes it."""

    id = "client-hier-delete"
    kinds = "S"
    meaning = "A parent deletes a child with `delete_<child>`, or the child client deletes its own."
    why = "What can be created by a client can be deleted by it: else every test leaves something behind."
    good = _clients(_MANAGED)
    bad = _clients("def get_shelf_client(self, name: str) -> ShelfClient: ...").marked_at(
        "class DepotClient(ServiceClient):"
    )

    def judge_side(self, side: Side) -> Verdict:
        return _has_method(side, "delete", "DELETE")


def _has_method(side: Side, verb: str, http_method: str) -> Verdict:
    problems: list[Problem] = []
    evidence: list[str] = []
    for child in _children(side):
        wanted = f"{verb}_{child.noun}"
        names = [wanted, f"begin_{wanted}"]
        found = child.has(names) or child.does_itself(verb)
        if not found and side.package.document is not None and side.package.is_generated:
            path = _path_of(side, child)
            called = path if http_method == "DELETE" else path.rpartition("/")[0]
            if (http_method, called) not in _offered(side):
                continue  # the service has no such operation
            callers = side.callers.get(http_method, ())
            found = next((method.name for _, method, each in callers if each == called), "")
        if found:
            evidence.append(f"{child.client.name}: {found}")
        else:
            parent = child.parents[0]
            problems.append(problem(parent.file, parent.cls.node, f"{parent.name} has no {wanted}"))
    return judged(problems, evidence, nothing=_NONE)


def _path_of(side: Side, child: _Child) -> str:
    """Return the path of the thing that a child is the client of, "" if that cannot be told."""
    bound = [p for p in child.client.constructor_parameters if p.kind == "positional" and p.name not in _KNOWN]
    for method in child.client.methods.values():
        operation = side.package.operation_of(method)
        parts = without_names(operation.path).split("{}") if operation is not None else []
        if len(parts) > len(bound):
            return "{}".join(parts[: len(bound)]) + "{}"
    return ""


def _offered(side: Side) -> frozenset[tuple[str, str]]:
    return frozenset((name, without_names(path)) for name, path, _ in operations_of(side.package.spec or {}))
