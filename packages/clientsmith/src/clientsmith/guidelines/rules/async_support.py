"""Rules about the async half of a package."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from clientsmith.guidelines.examples import PROJECT, Example
from clientsmith.guidelines.package import Package
from clientsmith.guidelines.rule import Rule, RunRule
from clientsmith.guidelines.sides import Colour
from clientsmith.guidelines.source import decorators_of
from clientsmith.guidelines.verdicts import Met, NotApplicable, NotMet, Problem, Verdict, Waived, judged, problem
from clientsmith.model.names import snake_case

__all__ = [
    "ClientAsyncHttpStack",
    "ClientAsyncKeywords",
    "ClientNamespaceSync",
    "ClientSameNameSyncAsync",
    "ClientSamePkgNameSyncAsync",
    "ClientSeparateAsyncPkg",
    "ClientSeparateSyncAsync",
    "NamespacesAsync",
]

_AN_EXTRA: Final = "the async half is the extra `[aio]`, as the ecosystem does it now, not a distribution `…-aio`"
_NO_ASYNC: Final = "the package has no async half"
_NO_CLIENT: Final = "there is no client"
# What only the async half needs, where a package needs it at all.
_ASYNC_ONLY: Final = re.compile(r"(aiohttp|aiofiles|trio)\b", re.IGNORECASE)

_SYNC: Final = """
    from clientsmith.core import ServiceClient


    class DepotClient(ServiceClient):
        def get_shelf(self, name: str) -> dict:
            return self._get("/shelves/" + name)
    """
_ASYNC: Final = """
    from clientsmith.core.aio import ServiceClient as AsyncServiceClient


    class DepotClient(AsyncServiceClient):
        async def get_shelf(self, name: str) -> dict:
            return await self._get("/shelves/" + name)
    """
_GOOD: Final = Example(_SYNC, _ASYNC)


class ClientAsyncKeywords(Rule):
    """Coroutines are written as such."""

    id = "client-async-keywords"
    kinds = "S"
    meaning = "Coroutines are written with `async` and `await`, never as generators or callbacks."
    why = (
        "`async def` tells readers, type checkers and debuggers what a function is. A generator with a decorator, or a "
        "plain function that returns an awaitable, can be called without anybody noticing that nothing happens."
    )
    good = _GOOD
    bad = Example(
        _SYNC,
        """
        import types

        from clientsmith.core.aio import ServiceClient as AsyncServiceClient


        class DepotClient(AsyncServiceClient):
            @types.coroutine
            def get_shelf(self, name: str) -> dict:  # <--
                return (yield from self._get("/shelves/" + name))
        """,
    )

    def judge(self, package: Package) -> Verdict:
        if not package.has_async:
            return NotApplicable(_NO_ASYNC)
        problems: list[Problem] = []
        for module, function in package.source.functions(r"@(types|asyncio|tornado)?[\w.]*coroutine\b"):
            old = [name for name in decorators_of(function) if name == "coroutine"]
            if old:
                hint = f"{function.name}: write `async def` instead of @{old[0]}"
                problems.append(problem(module.file, function, hint))
        methods = [method for _, method in package.side(Colour.ASYNC).methods]
        for method in methods:
            is_awaited = re.search(r"^['\"]?(\w+\.)?(Awaitable|Coroutine)\[", method.returns) is not None
            is_plain = package.profile.base == "clientsmith.core" and not method.is_read_later
            if not method.is_async and (is_awaited or is_plain):
                hint = f"{method.name}: write `async def`; only what is read later comes from a plain `def`"
                problems.append(problem(method.file, method.node, hint))
        return judged(problems, [method.name for method in methods if method.is_async], nothing=_NO_ASYNC)


class ClientSeparateSyncAsync(Rule):
    """A class has one colour."""

    id = "client-separate-sync-async"
    kinds = "S"
    meaning = "A client class is either sync or async, never both."
    why = (
        "A class with both has two names for everything, and lets a coroutine be called by mistake where nobody awaits "
        "it. Connections cannot be shared between the two anyway."
    )
    good = _GOOD
    bad = Example(
        """
        from clientsmith.core import ServiceClient


        class DepotClient(ServiceClient):
            def get_shelf(self, name: str) -> dict:
                return self._get("/shelves/" + name)

            async def get_shelf_async(self, name: str) -> dict:  # <--
                return await self._get("/shelves/" + name)

            def delete_shelf(self, name: str) -> None:
                self._delete("/shelves/" + name)
        """
    )

    def judge(self, package: Package) -> Verdict:
        problems = list(_mixed(package))
        evidence = [f"{s.namespace}: {len(s.methods)} methods" for s in package.sides.values() if s.methods]
        return judged(problems, evidence, nothing=_NO_CLIENT)


def _mixed(package: Package) -> Iterator[Problem]:
    for side in package.sides.values():
        for client, method in side.methods:
            described = package.said_of(client, method)
            is_its_word = described is not None and "async" in snake_case(described.operation.operation_id).split("_")
            if method.is_async and not side.is_async:
                hint = f"{method.name} is a coroutine in a sync client: move it to the client in `.aio`"
                yield problem(method.file, method.node, hint)
            elif "async" in method.name.split("_") and not is_its_word:
                hint = f"{method.name}: use the sync method's name, in `.aio`"
                yield problem(method.file, method.node, hint)


class ClientSameNameSyncAsync(Rule):
    """One name for both."""

    id = "client-same-name-sync-async"
    kinds = "S"
    meaning = "The async client has the sync client's name."
    why = "The namespace says which half it is. Who moves a program to async changes imports, and no other line."
    good = _GOOD
    bad = Example(
        _SYNC,
        """
        from clientsmith.core.aio import ServiceClient as AsyncServiceClient


        class AsyncDepotClient(AsyncServiceClient):  # <--
            async def get_shelf(self, name: str) -> dict:
                return await self._get("/shelves/" + name)
        """,
    )

    def judge(self, package: Package) -> Verdict:
        if not package.has_async:
            return NotApplicable(_NO_ASYNC)
        sync, twin = ({client.name for client in side.clients} for side in package.sides.values())
        problems = [
            problem(
                client.file,
                client.cls.node,
                f"{client.name}: call it {client.plain_name}, as its twin in the other half",
            )
            for client in package.side(Colour.ASYNC).clients
            if client.is_named_async or client.name not in sync
        ]
        return judged(problems, sorted(sync & twin), nothing=_NO_CLIENT)


class _AioNamespace(Rule):
    """Async clients are below ``.aio``, and nowhere else."""

    def judge(self, package: Package) -> Verdict:
        if not package.has_async:
            return NotApplicable(_NO_ASYNC)
        side = package.side(Colour.ASYNC)
        if package.has_aio:
            if not side.exported:
                return NotMet((problem(side.file, None, f"{side.namespace} exports no client"),))
            return Met(", ".join(f"{side.namespace}.{client.name}" for client in side.exported[:4]))
        problems = [
            problem(client.file, client.cls.node, f"{client.name} is async: it belongs to {side.namespace}")
            for client in side.clients
        ]
        return judged(problems, [], nothing=_NO_CLIENT)


_BESIDE: Final = Example(
    """
    from clientsmith.core import ServiceClient
    from clientsmith.core.aio import ServiceClient as AsyncServiceClient


    class DepotClient(ServiceClient):
        def get_shelf(self, name: str) -> dict: ...


    class AsyncDepotClient(AsyncServiceClient):  # <--
        async def get_shelf(self, name: str) -> dict: ...
    """
)


class ClientNamespaceSync(_AioNamespace):
    """Async is the same name and ``.aio``."""

    id = "client-namespace-sync"
    kinds = "S"
    meaning = "The async clients live in the sync clients' namespace with `.aio` appended."
    why = "Who knows the import of one half knows that of the other, in every library: nothing has to be looked up."
    good = _GOOD
    bad = _BESIDE


class NamespacesAsync(_AioNamespace):
    """``.aio`` is for async."""

    id = "namespaces-async"
    kinds = "S"
    meaning = "The namespace of async clients ends in `.aio`, and async clients live nowhere else."
    why = "A program that imports nothing below `.aio` needs no async HTTP library, and imports none by accident."
    good = _GOOD
    bad = _BESIDE


class ClientAsyncHttpStack(RunRule):
    """aiohttp by default."""

    id = "client-async-http-stack"
    kinds = "SR"
    meaning = "Async clients use aiohttp by default, through AioHttpTransport."
    why = (
        "One async HTTP library for all clients of a house shares its connections, proxies and certificates, and is "
        "installed once. Another one can be given as `transport`."
    )
    good = _GOOD
    bad = Example(
        _SYNC,
        """
        from clientsmith.core.aio import ServiceClient as AsyncServiceClient
        from clientsmith.core.transport import HttpxTransport


        class DepotClient(AsyncServiceClient):
            def __init__(self, endpoint, credential, *, transport=None, **options):
                super().__init__(endpoint, credential, transport=transport or HttpxTransport(), settings=options)
        """,
    )

    def judge(self, package: Package) -> Verdict:
        if not package.has_async:
            return NotApplicable(_NO_ASYNC)
        if not package.profile.transports:
            return NotApplicable("the package stands on no core that has transports")
        return super().judge(package)


class ClientSeparateAsyncPkg(Rule):
    """Sync users install nothing for async."""

    id = "client-separate-async-pkg"
    kinds = "P"
    meaning = "What only the async half needs is not forced upon users of the sync one."
    why = (
        "An async HTTP library has dependencies in C. A program that never awaits should not have to build, scan and "
        "update them."
    )
    good = _GOOD
    bad = Example(
        _SYNC,
        _ASYNC,
        project=PROJECT.replace('"clientsmith-core[requests]"', '"clientsmith-core[requests]", "aiohttp"').replace(
            "[project]\n", "[project]  # <--\n"
        ),
    )

    def judge(self, package: Package) -> Verdict:
        if not package.has_async:
            return NotApplicable(_NO_ASYNC)
        needed = [each for each in package.requires if _ASYNC_ONLY.match(each) and "extra ==" not in each]
        if needed:
            hint = f"take {needed[0]} out of the dependencies: an extra `aio`, or a distribution of its own, brings it"
            return NotMet((problem(package.project_file, None, hint),))
        if "aio" in package.extras:
            return Waived(_AN_EXTRA)
        return Met("the async half needs nothing that the sync one does not")


class ClientSamePkgNameSyncAsync(Rule):
    """The async distribution's name."""

    id = "client-same-pkg-name-sync-async"
    kinds = "P"
    meaning = "The async distribution is named as the sync one with `-aio` appended."
    why = "Who installs `depot-client` and wants it async guesses the name, and guesses right."
    good = _GOOD
    bad = Example(
        _SYNC, _ASYNC, project=PROJECT.partition("[project.optional")[0].replace("[project]\n", "[project]  # <--\n")
    )

    def judge(self, package: Package) -> Verdict:
        if not package.has_async:
            return NotApplicable(_NO_ASYNC)
        if package.name.endswith("-aio"):
            return Met(package.name)
        if "aio" in package.extras:
            return Waived(_AN_EXTRA)
        if not package.profile.transports:
            return NotApplicable("both halves need the same, and are one distribution")
        hint = (
            "the async half needs aiohttp: add an extra `aio` that brings it, or a distribution whose name ends in -aio"
        )
        return NotMet((problem(package.project_file, None, hint),))
