"""Clients at work: constructs them and calls their methods, sync and async alike, in the subprocess of the package."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from threading import Lock
from typing import Any, Final

from clientsmith.guidelines.annotations import types_of
from clientsmith.guidelines.members import ClientSource, Method
from clientsmith.guidelines.package import Package
from clientsmith.guidelines.sides import Side
from clientsmith.guidelines.source import ClassSource

from .records import Answer, Attempt, Fault
from .samples import answers_to_try
from .session import Session, SessionLost
from .telling import Steps

__all__ = ["Driver", "Runner"]

_MOST_LOSSES: Final = 3  # of the subprocess: a package that ends it again and again is not driven further
# A client that asks unnamed first sends the body only to who has challenged it; the resource lies above `ENDPOINT`.
_CHALLENGE: Final = 'Bearer authorization="https://login.test/sample", resource="https://test"'


class Driver:
    """Drives one package: answers what its rules ask by the session, and remembers what does not change.

    Args:
        turns: Held by whoever works with the driver, and let go while the subprocess works: a package is looked at by
            one thread at a time.
        steps: Counts the calls.
    """

    def __init__(self, package: Package, session: Session, turns: Lock, steps: Steps) -> None:
        self.package, self.turns = package, turns
        self._session, self._steps = session, steps
        self._losses = 0
        self._why_over = ""
        self._remembered: dict[tuple[Any, ...], Any] = {}

    def ask(self, command: Mapping[str, Any]) -> dict[str, Any]:
        """Carry out a command; ``{"unmade": why}`` if the subprocess was lost by it."""
        if self._why_over:
            return {"unmade": self._why_over, "stage": "call"}
        self._steps.called()
        self.turns.release()
        try:
            return self._session.ask(command)
        except SessionLost as lost:
            self._losses += 1
            if self._losses >= _MOST_LOSSES:
                self._why_over = f"the subprocess was lost {self._losses} times: {lost}"
            return {"unmade": str(lost), "stage": "call"}
        finally:
            self.turns.acquire()

    def give_up(self, why: str) -> None:
        """Carry out nothing more: every command is answered with the reason."""
        self._why_over = why

    def once(self, *key: Any, command: Mapping[str, Any]) -> dict[str, Any]:
        """Carry out a command the first time, and remember what came of it."""
        if key not in self._remembered:
            self._remembered[key] = self.ask(command)
        found: dict[str, Any] = self._remembered[key]
        return found


class Runner:
    """Runs the clients of one half of a package."""

    def __init__(self, driver: Driver, side: Side) -> None:
        self.driver, self.side = driver, side
        self.package = side.package
        self._success: dict[tuple[str, str], tuple[Answer, ...]] = {}
        self._why_not: dict[tuple[str, str], str] = {}

    # --- what can be driven ------------------------------------------------------------------------------------------

    # No cached properties: before Python 3.12, one that asks the subprocess is locked for the other half meanwhile, and
    # that half would wait for it while it has the turn which this one needs. What was asked is remembered below.

    @property
    def driven(self) -> tuple[tuple[ClientSource, Method], ...]:
        """The methods that send a request when they are called."""
        return tuple((client, method) for client, method in self.side.called if not self.why_not(client, method))

    @property
    def succeeding(self) -> tuple[tuple[ClientSource, Method], ...]:
        """The methods that a scripted service can make succeed."""
        return tuple((client, method) for client, method in self.driven if self.success(client, method))

    def why_not(self, client: ClientSource, method: Method) -> str:
        """Return why a method cannot be driven, "" if it can: it sends something when it is called."""
        key = (client.name, method.name)
        if key not in self._why_not:
            self._why_not[key] = self._tried(client, method)
        return self._why_not[key]

    def _tried(self, client: ClientSource, method: Method) -> str:
        if self._path_to(client) is None:
            return f"nothing leads to a {client.name}"
        attempt = self.call(client, method, [Answer(400, json={})])
        if attempt.requests:
            return ""
        if attempt.unmade:
            what = {"client": f"no {client.name} could be made", "arguments": f"{method.name} could not be called"}
            return f"{what.get(attempt.stage, method.name)}: {attempt.unmade}"
        return f"{method.name} sends nothing" + (f", it raises {attempt.error}" if attempt.error else "")

    def nothing(self, otherwise: str) -> str:
        """Return why there is nothing to judge: ``otherwise``, unless it may lie in what could not be driven."""
        reasons = [reason for client, method in self.side.called if (reason := self.why_not(client, method))]
        if not reasons:
            return otherwise
        commonest = max(dict.fromkeys(reasons), key=reasons.count)
        if not self.driven:
            return f"could not be driven because {commonest}"
        return f"{otherwise}, among the {len(self.driven)} of {len(self.side.called)} methods that could be driven"

    # --- what the service says ---------------------------------------------------------------------------------------

    def success(self, client: ClientSource, method: Method) -> tuple[Answer, ...]:
        """Return the answers that let the method succeed, () if none was found."""
        key = (client.name, method.name)
        if key not in self._success:
            tries = [known] if (known := self._said(method, "success")) else answers_to_try(method)
            found = (script for script in tries if self._succeeds(client, method, script))
            self._success[key] = next(found, ())
        return self._success[key]

    def failing_poll(self, method: Method) -> tuple[Answer, ...]:
        """Return the answers of a long running operation that is accepted and then fails, () if nobody knows."""
        return self._said(method, "failure")

    def _succeeds(self, client: ClientSource, method: Method, script: Sequence[Answer]) -> bool:
        attempt = self.call(client, method, script)
        return attempt.is_good and bool(attempt.requests)

    def _said(self, method: Method, how: str) -> tuple[Answer, ...]:
        """Return the answers that the package's own operation of the method knows of."""
        facts = self.package.operation_of(method)
        if facts is None:
            return ()
        text_items = method.returned_names[1:2] == ["str"]
        command = {"do": "operation", "module": facts.module, "name": facts.name, "text_items": text_items}
        said = self.driver.once("operation", facts.module, facts.name, text_items, command=command)
        return tuple(Answer.from_data(each) for each in said.get(how) or ())

    # --- calls -------------------------------------------------------------------------------------------------------

    def call(
        self,
        client: ClientSource,
        method: Method | None,
        answers: Sequence[Answer] | None = None,
        *,
        arguments: Mapping[str, Any] | None = None,
        settings: Mapping[str, Any] | None = None,
        way: str = "end",
        name: str = "",
        **options: Any,
    ) -> Attempt:
        """Call a method to its very end: every page of a list, all of a download, the result of what takes long.

        What it cannot do without and is not among the arguments is made up; so is a body whose fields can be given
        singly. Without ``answers`` the service says what lets the method succeed; the last answer is repeated.

        Args:
            method: None only makes the client.
            way: ``end``; ``only`` for the call by itself; ``pages`` and ``poll`` walk over what it returns.
            name: Of a function that is no method of the service: one that hands out another client.
        """
        place = self._path_to(client)
        if place is None:
            return Attempt(unmade=f"nothing leads to a {client.name}", stage="client")
        owner, path = place
        if answers is None:
            answers = self.success(client, method) if method is not None else ()
        called = name or (method.name if method is not None else "")
        command = {
            "do": "call",
            "module": owner.cls.module.name,
            "client": owner.name,
            "settings": dict(settings or {}),
            "method": ".".join([*path, called]) if called else "",
            "arguments": {**(arguments or {}), **options},
            "also": self._bodies(method) if method is not None else [],
            "script": [answer.as_data() for answer in answers] or [Answer(200, json={}).as_data()],
            "challenge": self._challenge(owner),
            "is_async": self.side.is_async,
            "way": way,
        }
        return Attempt.from_data(self.driver.ask(command))

    def refused(self, client: ClientSource, method: Method, status: int, body: Any, **options: Any) -> Attempt:
        """Call a method of a service that answers with an error."""
        return self.call(client, method, [Answer(status, json=body, headers={"X-Request-ID": "of-service"})], **options)

    def unreachable(self, client: ClientSource, method: Method, fault: Fault) -> Attempt:
        """Call a method of a service that does not answer."""
        return self.call(client, method, [Answer(fault=fault)])

    @staticmethod
    def _bodies(method: Method) -> list[str]:
        """Return the optional parameters that are given all the same: a body whose fields can also be given singly."""
        return [
            p.name for p in method.parameters if p.kind == "positional" and p.is_optional and "Mapping" in p.annotation
        ]

    # --- where clients are -------------------------------------------------------------------------------------------

    def _path_to(self, client: ClientSource) -> tuple[ClientSource, tuple[str, ...]] | None:
        return (client, ()) if not client.is_group else self._groups.get(id(client.cls.node))

    @cached_property
    def _groups(self) -> Mapping[int, tuple[ClientSource, tuple[str, ...]]]:
        """Every part of a client, by its class: the client, and the attributes that lead there."""
        found: dict[int, tuple[ClientSource, tuple[str, ...]]] = {}
        by_class = {id(group.cls.node): group for group in self.side.groups}
        pending: list[tuple[ClientSource, ClientSource, tuple[str, ...]]] = [(c, c, ()) for c in self.side.clients]
        while pending:
            owner, part, path = pending.pop(0)
            for attribute, cls in _classes_of(self.package, part):
                group = by_class.get(id(cls.node))
                if group is not None and id(cls.node) not in found:
                    found[id(cls.node)] = (owner, (*path, attribute))
                    pending.append((owner, group, (*path, attribute)))
        return found

    def _challenge(self, client: ClientSource) -> str:
        """Return with what a client has to be challenged before it sends a body, "" if it says who it is by itself."""
        if not self.package.profile.passes_on:
            return ""
        return _CHALLENGE if self._asks_unnamed(client) else ""

    def _asks_unnamed(self, client: ClientSource) -> bool:
        """Whether the policy that waits for a challenge is among what the package imports."""
        return any(
            "ChallengeAuthPolicy" in module.text for module in self.package.source.mentioning("ChallengeAuthPolicy")
        )


def _classes_of(package: Package, client: ClientSource) -> Iterator[tuple[str, ClassSource]]:
    """Yield the public attributes of a client that are made of a class of the package."""
    for attribute, (module, written) in client.attributes.items():
        for node in types_of(written):
            if isinstance(node, ast.Name | ast.Attribute):
                cls = package.source.resolve(module, ast.unparse(node))
                if isinstance(cls, ClassSource):
                    yield attribute, cls
