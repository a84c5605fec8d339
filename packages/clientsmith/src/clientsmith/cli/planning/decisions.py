"""Each guess as a value: what was decided, why, how sure that is, and the line of configuration that changes it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from clientsmith.configuration import Configuration
from clientsmith.findings import Change, Finding
from clientsmith.findings.changes import as_toml
from clientsmith.model.decided import said_of
from clientsmith.model.ir import Api, ApiVersionIn, Group, Operation
from clientsmith.model.names import snake_case

__all__ = ["ASPECTS", "Decision", "change_of_version", "changes_of_api", "decisions_of", "decisions_of_group"]

# What can be asked for with `--only`, and what it shows.
ASPECTS: Final = {
    "paging": "lists",
    "polling": "long running operations",
    "streaming": "answers that are given piece by piece",
    "conditional": "conditional requests",
    "versions": "operations that not every version of the API has",
    "renamed": "methods that are not called as they should be, since another one is",
    "weak": "guesses with weak evidence, with the line that makes them sure",
    "configured": "what the configuration decides",
}


@dataclass(frozen=True, slots=True)
class Decision:
    """One guess about an operation.

    Attributes:
        aspect: What it is about: ``name``, ``paging`` …
        outcome: What was decided, "" where nothing comes of it.
        evidence: Why.
        strength: ``certain``, ``strong``, ``weak``, ``configuration``, or "" where the evidence says it all.
        change: The line of configuration that decides it otherwise; None where there is none.
    """

    aspect: str
    outcome: str
    evidence: str
    strength: str = ""
    change: Change | None = None

    @property
    def is_weak(self) -> bool:
        return self.strength == "weak"


def decisions_of(
    operation: Operation, configuration: Configuration, findings: Sequence[Finding]
) -> tuple[Decision, ...]:
    """Return every guess about an operation; ``findings`` are those about it."""
    return tuple(_decisions(operation, configuration, findings))


def _decisions(operation: Operation, configuration: Configuration, findings: Sequence[Finding]) -> Iterable[Decision]:
    def change(setting: str, value: object) -> Change:
        return Change(("operations", operation.key), setting, as_toml(value))

    said = said_of(operation, configuration)
    yield _name(operation, configuration, findings)
    yield Decision("verb", operation.verb, operation.evidence, change=change("verb", operation.verb))
    weak = {finding.change.setting: finding.change for finding in findings if finding.change is not None}
    if (paging := operation.paging) is not None and "paging" in weak:
        yield Decision("paging", paging.scheme.value, paging.evidence, "weak", weak.pop("paging"))
    elif paging is not None:
        yield _judged("paging", paging.scheme.value, paging.evidence, change("paging", False), said.paging is not None)
    elif said.paging is False:
        yield Decision("paging", "", "by configuration", "configuration")
    if (running := operation.long_running) is not None:
        evidence = running.evidence or "by configuration"
        yield _judged("polling", "long running", evidence, change("polling", False), said.polling is not None)
    elif said.polling is False:
        yield Decision("polling", "", "by configuration", "configuration")
    if (stream := operation.stream) is not None:
        yield Decision("streaming", stream.kind.value, stream.evidence)
    if (conditions := operation.conditions) is not None:
        yield Decision("conditional", ", ".join(conditions.headers), conditions.evidence)
    yield from _lifetime(operation)
    if operation.verb == "delete":
        outcome = "success" if operation.missing_is_success else "an error"
        evidence = "by configuration" if said.missing_is_success is not None else "what is gone is deleted"
        strength = "configuration" if said.missing_is_success is not None else ""
        yield Decision(
            "404", outcome, evidence, strength, change("missing_is_success", not operation.missing_is_success)
        )
    if operation.body_fields:
        yield Decision(
            "flatten",
            f"{len(operation.body_fields)} fields",
            "an `update_` method takes the fields of the body",
            change=change("flatten", False),
        )
    for finding in findings:
        if finding.change is not None and finding.change.setting in weak:
            yield Decision(finding.change.setting, "", finding.message, "weak", finding.change)


def _name(operation: Operation, configuration: Configuration, findings: Sequence[Finding]) -> Decision:
    change = Change(("operations", operation.key), "name", as_toml(_other_name(operation)))
    if said_of(operation, configuration).name:
        return Decision("name", operation.name, "by configuration", "configuration", change)
    if operation.key in configuration.lock.operations:
        return Decision("name", operation.name, "published: clientsmith.lock", change=change)
    renamed = next((finding.message for finding in findings if finding.rule == "operation-renamed"), "")
    return Decision("name", operation.name, renamed or "verb and noun", change=change)


def _other_name(operation: Operation) -> str:
    """What a person may prefer: the document's own name of it."""
    own = snake_case(operation.operation_id, "") if operation.operation_id else ""
    return own if own and own.isascii() else operation.name


def _judged(aspect: str, outcome: str, evidence: str, change: Change, is_said: bool) -> Decision:
    if is_said:
        return Decision(aspect, outcome, evidence, "configuration", change)
    # Weak evidence beside a pager is told by its own finding, with the line that makes it a better one.
    found = re.match(r"(certain|strong)\b", evidence)
    return Decision(aspect, outcome, evidence, found[1] if found else "", change)


def _lifetime(operation: Operation) -> Iterable[Decision]:
    lifetime = operation.lifetime
    if lifetime:
        setting = "since" if lifetime.since else "until"
        strength = "configuration" if lifetime.evidence == "by configuration" else ""
        change = Change(("operations", operation.key), setting, as_toml(getattr(lifetime, setting)))
        yield Decision("versions", str(lifetime), lifetime.evidence, strength, change)


def decisions_of_group(group: Group) -> Decision:
    """Return why there is a group, and the line that would call its class otherwise."""
    if not group.key:
        return Decision("groups", group.name, group.evidence, change=Change(("groups",), "mode", as_toml("flat")))
    change = Change(("groups", "clients", group.key), "name", as_toml(group.name))
    return Decision("group", group.name, group.evidence, change=change)


def changes_of_api(api: Api) -> Iterable[Change]:
    """Return the lines for what is decided about the client as a whole, as it is now."""
    yield Change((), "client", as_toml(api.root.name))
    yield Change((), "package", as_toml(api.package))
    yield Change((), "distribution", as_toml(api.distribution))
    if api.endpoint:
        yield Change((), "endpoint", as_toml(api.endpoint))
    if api.api_version.default:
        yield change_of_version(api.api_version)


def change_of_version(scheme: ApiVersionIn) -> Change:
    """Return the line that says how versions are said and taken today."""
    said: dict[str, str | tuple[str, ...]] = {
        "scheme": scheme.scheme.value,
        "name": "" if scheme.is_asked_for else scheme.wire_name,
        "newest": scheme.default,
        "oldest": scheme.oldest,
        "versions": scheme.versions,
        "echo": scheme.echo,
        "service_type": scheme.service_type,
        "older_headers": scheme.older_headers,
        "document": scheme.document,
    }
    return Change((), "api_version", as_toml({name: one for name, one in said.items() if one}))
