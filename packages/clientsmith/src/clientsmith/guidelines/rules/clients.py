"""Rules about clients as a whole: where they are found, what they are called, that they never change."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from typing import TypeAlias

from clientsmith.guidelines.annotations import alternatives
from clientsmith.guidelines.examples import Example
from clientsmith.guidelines.members import ClientSource
from clientsmith.guidelines.package import Package
from clientsmith.guidelines.profiles import AZURE, CLIENTSMITH, COREHTTP
from clientsmith.guidelines.rule import Rule, SideRule
from clientsmith.guidelines.sides import Side
from clientsmith.guidelines.source import Function, ast_aliases, attributes_in, decorators_of, nodes_of, parameters_of
from clientsmith.guidelines.verdicts import NotApplicable, NotMet, Problem, Verdict, judged, problem

__all__ = ["ClientImmutable", "ClientNamespace", "ClientNaming", "ClientSyncAsync"]

_NO_CLIENT = "there is no client"
_Shape: TypeAlias = list[tuple[str, str, bool]]


class ClientNamespace(SideRule):
    """The clients are where users look first."""

    id = "client-namespace"
    kinds = "S"
    meaning = "The clients that users start with are imported from the package's root namespace."
    why = (
        "A user who knows the name of the package knows the import: `from depot_client import DepotClient`. A client "
        "behind a private module, or in a module that has to be known, is not found, and moves without notice."
    )
    good = Example(
        files={
            "src/depot_client/_client.py": """
                from clientsmith.core import ServiceClient


                class DepotClient(ServiceClient):
                    \"\"\"Client of the depot.\"\"\"
                """,
        },
        source="""
            from ._client import DepotClient

            __all__ = ["DepotClient"]
            """,
    )
    bad = Example(
        files={
            "src/depot_client/_client.py": """
                from clientsmith.core import ServiceClient


                class DepotClient(ServiceClient):  # <--
                    \"\"\"Client of the depot.\"\"\"
                """,
        },
        source="""
            __all__ = ["VERSION"]

            VERSION = "1.0.0"
            """,
    )

    def judge_side(self, side: Side) -> Verdict:
        if _is_core(side.package):
            return NotApplicable("it is a base that clients are made of, and has none itself")
        namespace = side.namespace if side.package.has_aio else side.package.import_name
        module = side.package.source.modules[namespace]
        # What is imported `as` itself is meant for users, whether `__all__` names it or not.
        as_themselves = {alias.name for alias in ast_aliases(module.tree) if alias.asname == alias.name}
        exported = {client.name for client in side.package.exported_from(module)} | as_themselves
        shown = sorted(exported & {client.name for client in side.clients})
        missing = [client for client in _meant_for_users(side) if client.name not in exported]
        problems = [problem(c.file, c.cls.node, f"export {c.name} from {namespace}, by its `__all__`") for c in missing]
        if not shown and not problems and side.package.public_clients:
            problems = [problem(module.file, None, f"{namespace} exports no client")]
        return judged(problems, [f"{namespace}.{name}" for name in shown], nothing=_NO_CLIENT)


def _is_core(package: Package) -> bool:
    """Whether a package is one of the bases, not a library that stands on one."""
    return any(profile.is_core(package.import_name) for profile in (AZURE, CLIENTSMITH, COREHTTP))


def _handed_out(side: Side) -> Iterator[str]:
    """Yield the names of the classes that methods of clients return."""
    for client in side.clients:
        for _, node in client.public_functions.values():
            if node.returns is not None:
                yield from alternatives(ast.unparse(node.returns))


@cache
def _meant_for_users(side: Side) -> list[ClientSource]:
    """Return the clients of this half that users are to have, exported or not."""
    handed_out = set(_handed_out(side))
    return [
        client
        for client in side.package.defined_clients
        # What has nothing of its own and inherits nothing is no client, whatever it is called.
        if (client.public_functions or client.attributes or client.outside) and _is_for_users(side, client, handed_out)
    ]


def _is_for_users(side: Side, client: ClientSource, handed_out: set[str]) -> bool:
    """Whether users get a client into their hands: it is handed out, or nothing in the package makes it for itself."""
    if side.package.has_aio and not side.owns(client.cls.module):
        return False
    if not side.package.has_aio and side.package.is_async_client(client) != side.is_async:
        return False
    if client.name in handed_out:
        return True
    inner = client.cls.module.name.removeprefix(side.package.import_name).removeprefix(".aio").split(".")
    if any(part.startswith("_") for part in inner[1:-1]):
        return False  # a private package is a library within the library: autorest's `_generated`
    if side.package.source.derived.get(client.name):
        return False  # a base: users make what is derived from it
    used = re.compile(rf"(?<!class )\b{re.escape(client.name)}\s*\(")
    others = (each for each in side.package.source.modules.values() if each is not client.cls.module)
    return not any(client.name in each.text and used.search(each.text) for each in others)


class ClientNaming(SideRule):
    """A client is called so."""

    id = "client-naming"
    kinds = "S"
    meaning = "The name of a client class ends in `Client`."
    why = "A reader of somebody's program sees which objects talk to a service, and completion finds them by one word."
    good = Example(
        """
        from clientsmith.core import ServiceClient


        class DepotClient(ServiceClient):
            \"\"\"Client of the depot.\"\"\"
        """
    )
    bad = Example(
        """
        from clientsmith.core import ServiceClient


        class Depot(ServiceClient):  # <--
            \"\"\"Client of the depot.\"\"\"
        """
    )

    def judge_side(self, side: Side) -> Verdict:
        clients = {client.cls.node: client for client in (*side.clients, *_meant_for_users(side))}
        problems = [
            problem(client.file, client.cls.node, f"rename {client.name} so that it ends in `Client`")
            for client in clients.values()
            if not client.name.endswith("Client")
        ]
        return judged(problems, sorted({c.name for c in side.clients}), nothing=_NO_CLIENT)


class ClientSyncAsync(Rule):
    """Both halves, with the same methods."""

    id = "client-sync-async"
    kinds = "S"
    meaning = "Each client exists twice, for plain calls and for `await`, with the same methods."
    why = (
        "A program is sync or async as a whole. Who moves from one to the other, or writes for both, should change "
        "imports and add `await`, and find every method with the same arguments."
    )
    good = Example(
        """
        from clientsmith.core import ServiceClient


        class DepotClient(ServiceClient):
            def get_shelf(self, name: str) -> dict: ...
        """,
        """
        from clientsmith.core.aio import ServiceClient as AsyncServiceClient


        class DepotClient(AsyncServiceClient):
            async def get_shelf(self, name: str) -> dict: ...
        """,
    )
    bad = Example(
        """
        from clientsmith.core import ServiceClient


        class DepotClient(ServiceClient):
            def get_shelf(self, name: str) -> dict: ...

            def get_weight(self) -> float: ...  # <--
        """,
        """
        from clientsmith.core.aio import ServiceClient as AsyncServiceClient


        class DepotClient(AsyncServiceClient):
            async def get_shelf(self, key: str) -> dict: ...  # <--
        """,
    )

    def judge(self, package: Package) -> Verdict:
        sync, twin = (
            {client.plain_name: client for client in (*side.clients, *side.groups)} for side in package.sides.values()
        )
        if not sync and not twin:
            return NotApplicable(_NO_CLIENT)
        if not twin or not sync:
            here = next(iter((sync or twin).values()))
            missing = f"{package.import_name}.aio" if sync else package.import_name
            hint = f"{here.name} has no {'async' if sync else 'sync'} twin: offer one in {missing}"
            return NotMet((problem(here.file, here.cls.node, hint),))
        problems: list[Problem] = []
        evidence: list[str] = []
        for name in sorted(sync.keys() | twin.keys()):
            if name not in sync or name not in twin:
                there = sync.get(name) or twin[name]
                problems.append(problem(there.file, there.cls.node, f"{there.name} has no twin in the other half"))
                continue
            problems += _differences(sync[name], twin[name])
            evidence.append(f"{name} and its twin share {len(sync[name].public_functions)} methods")
        return judged(problems, evidence, nothing=_NO_CLIENT)


# These differ by what they are: `with` and `async with`, `close` and `aclose`.
_ENDS = {"close", "aclose"}


def _differences(sync: ClientSource, twin: ClientSource) -> Iterator[Problem]:
    here, other = _compared(sync), _compared(twin)
    for name in sorted((here.keys() | other.keys()) - _ENDS):
        if name not in other:
            yield problem(
                sync.public_functions[name][0].module.file, here[name], f"{sync.name}.{name} has no async twin"
            )
        elif name not in here:
            yield problem(
                twin.public_functions[name][0].module.file, other[name], f"{twin.name}.{name} has no sync twin"
            )
        elif not _is_alike(here[name], other[name]):
            hint = (
                f"{twin.name}.{name} differs from its sync twin: {_difference(_shape(here[name]), _shape(other[name]))}"
            )
            yield problem(twin.public_functions[name][0].module.file, other[name], hint)


def _compared(client: ClientSource) -> dict[str, Function]:
    """Return the methods that both halves should have: no properties, which may hold what only one half needs."""
    hidden = {"property", "cached_property"}
    return {name: node for name, (_, node) in client.public_functions.items() if not hidden & set(decorators_of(node))}


def _is_alike(here: Function, other: Function) -> bool:
    """Whether two methods take the same; what one spells out may be in the ``**kwargs`` of the other."""
    first, second = _shape(here), _shape(other)
    if [each for each in first if each[1] == "positional"] != [each for each in second if each[1] == "positional"]:
        return _has_rest(here) and _has_rest(other) and any(p.kind == "many" for p in parameters_of(here))
    names, others = ({name for name, kind, _ in shape if kind == "keyword"} for shape in (first, second))
    return (names <= others or _has_rest(other)) and (others <= names or _has_rest(here))


def _has_rest(node: Function) -> bool:
    """Whether a method takes whatever comes: a ``**kwargs`` that says what is in it takes nothing else."""
    rest = node.args.kwarg
    return rest is not None and (rest.annotation is None or ast.unparse(rest.annotation) in ("Any", "object"))


def _shape(node: Function) -> _Shape:
    return [(p.name, p.kind, p.is_optional) for p in parameters_of(node) if p.kind not in ("rest", "many")]


def _difference(here: _Shape, other: _Shape) -> str:
    """Say in a few words what is different about the arguments."""
    missing = [name for name, *_ in here if name not in {each for each, *_ in other}]
    more = [name for name, *_ in other if name not in {each for each, *_ in here}]
    if missing or more:
        lost = [f"it lacks {', '.join(missing)}"] if missing else []
        return " and ".join([*lost, *([f"it has {', '.join(more)} beside"] if more else [])])
    return "the order of its arguments, or which of them are optional or keyword-only"


class ClientImmutable(SideRule):
    """Nothing changes after construction."""

    id = "client-immutable"
    kinds = "SR"
    meaning = "A client never changes after its construction."
    why = (
        "A client is shared by threads and tasks. Where a method changes it, what one caller does shows in the calls "
        "of all others. Another setting makes another client, which may share the connections."
    )
    good = Example(
        """
        from clientsmith.core import ServiceClient


        class DepotClient(ServiceClient):
            def __init__(self, endpoint: str, credential: object, **options: object) -> None:
                self._endpoint = endpoint

            def get_endpoint(self) -> str:
                return self._endpoint
        """
    )
    bad = Example(
        """
        from clientsmith.core import ServiceClient


        class DepotClient(ServiceClient):
            def __init__(self, endpoint: str, credential: object, **options: object) -> None:
                self._endpoint = endpoint

            def set_endpoint(self, endpoint: str) -> None:
                self._endpoint = endpoint  # <--
        """
    )

    def judge_side(self, side: Side) -> Verdict:
        problems = [
            problem(cls.module.file, node, f"{cls.name}.{name} changes the client; make a new one instead")
            for client in side.clients
            for cls in client.lineage
            for name, function in cls.own_functions.items()
            if not _may_change(client, name, function)
            for node in [each for each in nodes_of(function) if _assigns_self(each)][:1]
            if not _is_found_out_late(function, node)
        ]
        return judged(problems, [f"no method of {c.name} changes it" for c in side.clients], nothing=_NO_CLIENT)


# A client is opened and closed, and copied by pickle: that changes no setting of it.
_LIFE = {
    "__init__",
    "__new__",
    "__enter__",
    "__exit__",
    "__aenter__",
    "__aexit__",
    "__setstate__",
    "__del__",
    "close",
    "aclose",
}


def _may_change(client: ClientSource, name: str, function: Function) -> bool:
    """Whether a function is part of making or ending the client: by its name, or because only ``__init__`` calls it."""
    if name in _LIFE or {"classmethod", "staticmethod"} & set(decorators_of(function)):
        return True
    if not name.startswith("_"):
        return False
    callers = {
        other for cls in client.lineage for other, node in cls.own_functions.items() if name in attributes_in(node)
    }
    return callers <= _LIFE


def _is_found_out_late(function: Function, assigned: ast.AST) -> bool:
    """Whether a private attribute is only set when it is first needed: ``if self._pool is None: self._pool = …``."""
    names = {
        node.attr for node in ast.walk(assigned) if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    }
    if not all(name.startswith("_") for name in names):
        return False
    tests = (node for node in nodes_of(function) if isinstance(node, ast.If))
    return any(
        assigned in nodes_of(each) and names & attributes_in(each.test) and not isinstance(each.test, ast.BoolOp)
        for each in tests
    )


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
