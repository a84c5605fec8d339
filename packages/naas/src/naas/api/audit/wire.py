"""The shapes of the audit trail on the wire."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from naas.api.wire import App, Time, Version

__all__ = ["AuditExportParameters", "AuditLine", "AuditPage", "AuditParameters", "AuditVerdict"]

_Moment = Annotated[str, Meta(max_length=40, extra_json_schema={"format": "date-time"})]


class AuditLine(Struct, kw_only=True, frozen=True):
    """Something that happened."""

    sequence: Annotated[int, Meta(ge=1, description="Its number; there are no gaps.")]
    at: Annotated[Time, Meta(description="When.")]
    event_type: Annotated[str, Meta(description="What, for example `job.submitted`.")]
    principal: Annotated[str, Meta(description="Who, as people know them; empty: the service itself.")]
    subject: Annotated[str, Meta(description="Who, as the owner of jobs.")]
    fields: Annotated[
        dict[str, str | int | float | bool | list[str]],
        Meta(description="What belongs to this type of event; never a secret or a configuration."),
    ]
    chain: Annotated[str, Meta(description="Keyed hash over this line and the one before.")]


class AuditPage(Struct, kw_only=True, frozen=True):
    """Some events, newest first."""

    events: Annotated[list[AuditLine], Meta(description="The events.")]
    next: Annotated[int | None, Meta(description="What `before` takes for the next page; null on the last one.")]
    app: App
    version: Version


class AuditVerdict(Struct, kw_only=True, frozen=True):
    """Whether anybody has changed the trail."""

    intact: Annotated[bool, Meta(description="Whether every line follows from the one before.")]
    first_broken: Annotated[int | None, Meta(description="The number of the first line that does not.")]
    app: App
    version: Version


class AuditExportParameters(Struct, kw_only=True, frozen=True):
    """The query of an export; only used to check and to document it."""

    event_type: Annotated[Annotated[str, Meta(max_length=64)] | None, Meta(description="Only events of this type.")] = (
        None
    )
    principal: Annotated[Annotated[str, Meta(max_length=255)] | None, Meta(description="Only what they did.")] = None
    since: Annotated[_Moment | None, Meta(description="Only events from then on.")] = None
    until: Annotated[_Moment | None, Meta(description="Only events until then.")] = None


class AuditParameters(AuditExportParameters, kw_only=True, frozen=True):
    """The query of the trail; only used to check and to document it."""

    before: Annotated[
        Annotated[int, Meta(ge=1, le=9_007_199_254_740_991)] | None,
        Meta(description="Only events with lower numbers: `next` of the page before."),
    ] = None
    limit: Annotated[int, Meta(ge=1, le=1000, description="How many events a page holds.")] = 100
