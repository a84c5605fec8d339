"""The shapes of backups on the wire."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from naas.api.jobs.wire import Submission
from naas.api.wire import App, JobId, Time, Version

__all__ = [
    "BackupAnswer",
    "BackupDiff",
    "BackupList",
    "BackupRequest",
    "BackupSummary",
    "DiffParameters",
    "ListBackupsParameters",
]

BackupId = Annotated[str, Meta(description="The id of the backup: a UUID.", extra_json_schema={"format": "uuid"})]


class BackupRequest(Submission, kw_only=True, frozen=True):
    """Read the configuration of one device and keep it, if it differs from the last one."""

    startup: Annotated[
        bool, Meta(description="Whether to read the startup configuration instead of the running one.")
    ] = False


class BackupSummary(Struct, kw_only=True, frozen=True):
    """A configuration that a device had, without its text."""

    backup_id: BackupId
    device: Annotated[str, Meta(description="The device as `host:port`.", examples=["192.0.2.10:22"])]
    context: Annotated[str, Meta(description="Which group of workers reaches it.")]
    is_startup: Annotated[bool, Meta(description="Whether it is the startup configuration.")]
    taken_at: Annotated[Time, Meta(description="When it was first seen.")]
    last_seen_at: Annotated[Time, Meta(description="When it was last seen unchanged.")]
    size: Annotated[int, Meta(ge=0, description="Characters.")]
    sha256: Annotated[str, Meta(description="SHA-256 of the text, hexadecimal.")]
    job_id: Annotated[JobId, Meta(description="The job that read it.")]


class BackupAnswer(BackupSummary, kw_only=True, frozen=True):
    """A configuration with its text. Lines that change by themselves, such as times, are left out."""

    text: Annotated[str, Meta(description="The configuration.")]
    app: App
    version: Version


class BackupList(Struct, kw_only=True, frozen=True):
    """Configurations, newest first."""

    backups: Annotated[list[BackupSummary], Meta(description="The backups, newest first.")]
    next: Annotated[str | None, Meta(description="What `before` leads to the next page; null on the last one.")]
    app: App
    version: Version


class BackupDiff(Struct, kw_only=True, frozen=True):
    """What changed from one configuration to another."""

    backup_id: BackupId
    against: Annotated[str | None, Meta(description="The backup compared with; null if there is none before.")]
    diff: Annotated[str, Meta(description="Unified text; empty if nothing changed.")]
    added: Annotated[int, Meta(ge=0, description="Lines that were added.")]
    removed: Annotated[int, Meta(ge=0, description="Lines that were removed.")]
    app: App
    version: Version


class ListBackupsParameters(Struct, kw_only=True, frozen=True):
    """The query of the list of backups."""

    device: Annotated[
        Annotated[str, Meta(min_length=1, max_length=300)] | None,
        Meta(description="Only of this device, as `host:port`, or by its name in the inventory."),
    ] = None
    before: Annotated[
        Annotated[str, Meta(min_length=1, max_length=64)] | None, Meta(description="Only older ones than this backup.")
    ] = None
    limit: Annotated[int, Meta(ge=1, le=200, description="How many at most.")] = 50


class DiffParameters(Struct, kw_only=True, frozen=True):
    """The query of a comparison."""

    against: Annotated[
        Annotated[str, Meta(min_length=1, max_length=64)] | None,
        Meta(description="Which backup to compare with; without it the one before of the same device."),
    ] = None
