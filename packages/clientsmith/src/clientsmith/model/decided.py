"""What the configuration says about an operation, and about names; where a name cannot be had, that is said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from clientsmith.configuration import Configuration, OperationSettings
from clientsmith.findings import Finding, Severity

from .ir import Operation
from .names import Wish

__all__ = ["place_of", "refused", "said_of"]


def said_of(operation: Operation, configuration: Configuration) -> OperationSettings:
    """Return what the configuration says about an operation."""
    return configuration.for_operation(*_called(operation))


def place_of(setting: str, operation: Operation, configuration: Configuration) -> tuple[str, ...]:
    """Return the key of the rule that decides ``setting`` for an operation, for a finding about it."""
    return configuration.key_of(setting, *_called(operation))


def _called(operation: Operation) -> tuple[str, str, str]:
    """Return method, path and id. A variant of an operation is another method, so it has no part in the first's id."""
    method, _, path = operation.key.partition(" ")
    return method, path, "" if operation.variant else operation.operation_id


def refused(
    wishes: Iterable[Wish],
    names: Mapping[str, str],
    configuration: Configuration,
    places: Mapping[str, tuple[str, ...]],
) -> list[Finding]:
    """Return one finding for each name that was asked for in vain; ``places`` are their keys in the configuration.

    Nothing else would do than to say so: another name than the one that was asked for would be a surprise in a release.
    """
    findings: list[Finding] = []
    owners = {name.casefold(): key for key, name in names.items()}
    for wish in wishes:
        if wish.told and names[wish.key] != wish.told:
            owner = owners.get(wish.told.casefold())
            why = f"{_shown(owner)} is called that" if owner is not None else "it means something else in that place"
            message = f"{_shown(wish.key)} cannot be called {wish.told!r}: {why}"
            hint = "choose another name; names differ in more than case"
            findings.append(
                configuration.source.finding(Severity.ERROR, "name-taken", message, places.get(wish.key, ()), hint)
            )
    return findings


def _shown(key: str) -> str:
    return f"`{key.removeprefix('/components/schemas/')}`"
