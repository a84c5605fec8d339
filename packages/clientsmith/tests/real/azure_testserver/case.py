"""What a scenario is: which operation is called with what, and what has to come back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from driving import plain

__all__ = ["ANYTHING", "Area", "Case", "check", "make"]


class _Anything:
    def __repr__(self) -> str:
        return "anything"


ANYTHING: Final = _Anything()
Script = Callable[[Any, Any], Awaitable[None]]  # (client, server)


@dataclass(frozen=True, slots=True)
class make:
    """An argument that is made of the client's own models: ``make(lambda models: models.Basic(id=2))``."""

    build: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Case:
    """One scenario of the test server, by the name that its report counts it under; several where one call is several."""

    scenarios: tuple[str, ...]
    area: Area
    script: Script
    differs: str = ""  # why this scenario is not passed, where that is on purpose

    @property
    def name(self) -> str:
        return self.scenarios[0]


@dataclass(slots=True)
class Area:
    """The scenarios that are driven through the client of one Swagger file.

    Attributes:
        document: The file below ``swagger/``, without its ending.
        settings: Makes what the client is given beside its endpoint: a credential, options.
        endpoint: What follows the server's address.
    """

    document: str
    settings: Callable[[], Mapping[str, Any]] = dict
    endpoint: str = ""
    cases: list[Case] = field(default_factory=list[Case])

    def __hash__(self) -> int:
        return hash(self.document)

    def call(
        self,
        scenario: str | tuple[str, ...],
        operation: str,
        /,
        *arguments: Any,
        gives: Any = ANYTHING,
        raises: type[BaseException] | None = None,
        differs: str = "",
        **keywords: Any,
    ) -> None:
        """Add a scenario that is one call. ``gives`` is a value, a type, or a function that says whether it is right."""

        async def script(client: Any, _server: Any) -> None:
            positional = [
                argument.build(client.models) if isinstance(argument, make) else argument for argument in arguments
            ]
            named = {
                name: value.build(client.models) if isinstance(value, make) else value
                for name, value in keywords.items()
            }
            try:
                result = await client.call(operation, *positional, **named)
            except BaseException as error:
                if raises is None or not isinstance(error, raises):
                    raise
                check(error, gives)
                return
            if raises is not None:
                raise AssertionError(f"gave {result!r}, where it should have raised {raises.__name__}")
            check(result, gives)

        self._add(scenario, script, differs)

    def script(self, *scenarios: str, differs: str = "") -> Callable[[Script], Script]:
        """Add a scenario that is more than one call, or one that is called in a way of its own."""

        def add(script: Script) -> Script:
            self._add(scenarios, script, differs)
            return script

        return add

    def _add(self, scenarios: str | tuple[str, ...], script: Script, differs: str) -> None:
        names = (scenarios,) if isinstance(scenarios, str) else scenarios
        self.cases.append(Case(names, self, script, differs))


def check(result: Any, wanted: Any) -> None:
    """Fail unless ``result`` is what was wanted; models are compared by what they hold."""
    if wanted is ANYTHING:
        return
    if isinstance(wanted, type):
        assert isinstance(result, wanted), f"{result!r} is no {wanted.__name__}"
        return
    if callable(wanted):
        assert wanted(result), f"{result!r} is not what it should be"
        return
    got = plain(result)
    assert got == wanted, f"gave {got!r}, not {wanted!r}"
    assert isinstance(got, type(wanted)), f"gave a {type(got).__name__}, not a {type(wanted).__name__}"
