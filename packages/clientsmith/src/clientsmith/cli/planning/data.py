"""A plan for programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from clientsmith.findings import Change, Finding
from clientsmith.findings.reports import as_data
from clientsmith.model.ir import Api, Enum, Group, Model

from .decisions import Decision, changes_of_api, decisions_of_group
from .head import count_of, credential_of, used_schemes
from .selection import Planned
from .signatures import returned, signature, way_to

__all__ = ["plan_as_data"]


def plan_as_data(api: Api, plans: Iterable[Planned], findings: Sequence[Finding]) -> dict[str, Any]:
    """Return the plan as JSON-ready data."""
    version = api.api_version
    return {
        "title": api.title,
        "version": api.version,
        "client": api.root.name,
        "package": api.package,
        "distribution": api.distribution,
        "endpoint": api.endpoint,
        "credentials": [
            {"scheme": scheme.key, "credential": credential_of(scheme), "scopes": list(scheme.scopes)}
            for scheme in used_schemes(api)
        ],
        "credential_required": not api.security_optional,
        "api_version": {
            "default": version.default,
            "name": version.wire_name,
            "scheme": version.scheme.value,
            "location": version.location.value if version.location is not None else "",
            "evidence": version.evidence,
        },
        "changes": [_change(change) for change in changes_of_api(api)],
        "models": count_of(api, Model),
        "enums": count_of(api, Enum),
        "groups": [_group(group) for group in api.root.walk()],
        "operations": [_operation(one, api) for one in plans],
        "findings": [as_data(finding) for finding in findings],
    }


def _group(group: Group) -> dict[str, Any]:
    return {
        "key": group.key,
        "class": group.name,
        "attribute": group.attribute,
        "bound": [one.name for one in group.bound],
        "operations": len(group.operations),
        **_reason(decisions_of_group(group)),
    }


def _operation(one: Planned, api: Api) -> dict[str, Any]:
    operation = one.operation
    return {
        "key": operation.key,
        "method": operation.method,
        "path": operation.path,
        "operation_id": operation.operation_id,
        "group": one.group.key,
        "client": way_to(one.around),
        "name": operation.name,
        "signature": signature(operation, one.bound),
        "returns": returned(operation, api),
        "decisions": [
            {"aspect": decision.aspect, "outcome": decision.outcome, **_reason(decision)} for decision in one.decisions
        ],
    }


def _reason(decision: Decision) -> dict[str, Any]:
    reason: dict[str, Any] = {"evidence": decision.evidence}
    if decision.strength:
        reason["strength"] = decision.strength
    return reason | ({"change": _change(decision.change)} if decision.change is not None else {})


def _change(change: Change) -> dict[str, Any]:
    return {"table": list(change.table), "setting": change.setting, "value": change.value, "toml": str(change)}
