"""Rules about the async half of a package."""

from __future__ import annotations

import ast

from clientsmith.model.names import snake_case

from .constructors import default_transport
from .package import Colour, Package
from .rule import package_rule
from .running import Runner
from .verdicts import Met, NotMet, Problem, Verdict, Waived, judged, problem

__all__ = [
    "client_async_http_stack",
    "client_async_keywords",
    "client_namespace_sync",
    "client_same_name_sync_async",
    "client_same_pkg_name_sync_async",
    "client_separate_async_pkg",
    "client_separate_sync_async",
    "namespaces_async",
]

_AN_EXTRA = "the async half is the extra `[aio]`, as the ecosystem does it now, not a distribution `…-aio`"


@package_rule("client-async-keywords", "S", "Coroutines are written with `async` and `await`, never as generators.")
def client_async_keywords(package: Package) -> Verdict:
    problems: list[Problem] = []
    for module, function in package.source.functions():
        old = [ast.unparse(d) for d in function.decorator_list if ast.unparse(d).endswith("coroutine")]
        if old:
            hint = f"{function.name}: write `async def` instead of @{old[0]}"
            problems.append(problem(module.file, function, hint))
    problems += [
        problem(
            method.file,
            method.node,
            f"{method.name}: write `async def`; only what is read later comes from a plain `def`",
        )
        for _, method in package.side(Colour.ASYNC).methods
        if not method.is_async and not method.is_read_later
    ]
    evidence = [method.name for _, method in package.side(Colour.ASYNC).methods if method.is_async]
    return judged(problems, evidence, nothing="the package has no async half")


@package_rule("client-separate-sync-async", "S", "A client class is either sync or async, never both.")
def client_separate_sync_async(package: Package) -> Verdict:
    problems: list[Problem] = []
    for side in package.sides.values():
        is_async = side.colour is Colour.ASYNC
        for client, method in side.methods:
            if method.is_async and not is_async:
                hint = f"{method.name} is a coroutine in a sync client: move it to the client in `.aio`"
                problems.append(problem(method.file, method.node, hint))
            described = package.said_of(client, method)
            is_its_word = described is not None and "async" in snake_case(described.operation.operation_id).split("_")
            if "async" in method.name.split("_") and not is_its_word:
                problems.append(
                    problem(method.file, method.node, f"{method.name}: use the sync method's name, in `.aio`")
                )
    evidence = [f"{side.namespace}: {len(side.methods)} methods" for side in package.sides.values()]
    return judged(problems, evidence, nothing="there is no client")


@package_rule("client-same-name-sync-async", "S", "The async client has the sync client's name.")
def client_same_name_sync_async(package: Package) -> Verdict:
    sync, twin = ({client.name for client in side.clients} for side in package.sides.values())
    problems = [
        problem(client.file, client.cls.node, f"{client.name}: the twin in the other namespace needs the same name")
        for side in package.sides.values()
        for client in side.clients
        if client.name not in sync & twin or client.name.startswith(("Async", "Aio"))
    ]
    return judged(problems, sorted(sync & twin), nothing="there is no client")


@package_rule(
    "client-namespace-sync", "S", "The async clients live in the sync clients' namespace with `.aio` appended."
)
def client_namespace_sync(package: Package) -> Verdict:
    return _aio_namespace(package)


@package_rule(
    "namespaces-async", "S", "The namespace of async clients ends in `.aio`, and async clients live nowhere else."
)
def namespaces_async(package: Package) -> Verdict:
    return _aio_namespace(package)


def _aio_namespace(package: Package) -> Verdict:
    side = package.side(Colour.ASYNC)
    if side.module is None or not side.clients:
        return NotMet((problem(package.root_file, None, f"{side.namespace} does not exist, or exports no client"),))
    strays = [
        problem(method.file, method.node, f"{client.name}.{method.name} is async: it belongs to {side.namespace}")
        for client, method in package.side(Colour.SYNC).methods
        if method.is_async
    ]
    return judged(strays, [f"{side.namespace}.{client.name}" for client in side.clients], nothing="there is no client")


@package_rule("client-async-http-stack", "SR", "Async clients use aiohttp by default, through AioHttpTransport.")
def client_async_http_stack(package: Package) -> Verdict:
    side = package.side(Colour.ASYNC)
    problems: list[Problem] = []
    for client in side.clients:
        found = default_transport(Runner(side), client)
        if found != "AioHttpTransport":
            hint = f"{client.name} makes {found} for itself; it should be AioHttpTransport"
            problems.append(problem(client.file, client.cls.node, hint))
    return judged(problems, [f"{c.name} makes an AioHttpTransport" for c in side.clients], nothing="no async client")


@package_rule(
    "client-separate-async-pkg", "P", "What only the async half needs is not forced upon users of the sync one."
)
def client_separate_async_pkg(package: Package) -> Verdict:
    required = [str(each) for each in package.project.get("dependencies", [])]
    if any("aiohttp" in each for each in required):
        hint = "take aiohttp out of the dependencies: an extra `aio`, or a distribution of its own, brings it"
        return NotMet((problem(package.project_file, None, hint),))
    if "aio" in package.project.get("optional-dependencies", {}):
        return Waived(_AN_EXTRA)
    return Met("the async half needs nothing that the sync one does not")


@package_rule(
    "client-same-pkg-name-sync-async", "P", "The async distribution is named as the sync one with `-aio` appended."
)
def client_same_pkg_name_sync_async(package: Package) -> Verdict:
    if package.project["name"].endswith("-aio"):
        return Met(package.project["name"])
    if "aio" in package.project.get("optional-dependencies", {}):
        return Waived(_AN_EXTRA)
    return NotMet(
        (problem(package.project_file, None, "add an extra `aio`, or a distribution whose name ends in -aio"),)
    )
