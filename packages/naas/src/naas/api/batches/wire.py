"""The shapes of batches on the wire."""

from __future__ import annotations

from typing import Annotated, Any, Final, Protocol

from msgspec import Meta, Struct

from naas.api.jobs.wire import (
    LONGEST_TEMPLATE,
    Commit,
    DeviceLogin,
    DryRun,
    PostChecks,
    PreChecks,
    RunOptions,
    SaveConfig,
    WantDiff,
)
from naas.api.wire import (
    App,
    ContextName,
    DriverName,
    EntryName,
    Host,
    JobId,
    Lines,
    Password,
    PerPage,
    PlatformName,
    Port,
    Tags,
    Time,
    Username,
    Version,
    Wait,
)
from naas.batches import MOST_WAVES, BatchState
from naas.driver.base import ErrorCode
from naas.jobs import JobKind, JobState

__all__ = [
    "BatchCommandRequest",
    "BatchConfigRequest",
    "BatchCounts",
    "BatchDevice",
    "BatchJob",
    "BatchRequest",
    "BatchResponse",
    "BatchState",
    "BatchStreamParameters",
    "BatchStructuredRequest",
    "BatchSubmitResponse",
    "BatchSummary",
    "GetBatchParameters",
    "ListBatchesParameters",
    "ListBatchesResponse",
    "RetryBatchRequest",
    "WaveOptions",
]

# The setting `batch_max_devices` says how many a service takes; this is the most that it can be set to.
MOST_DEVICES: Final = 100_000
LONGEST_PAUSE: Final = 86_400

BatchId = Annotated[
    str,
    Meta(
        description="The id of the batch.",
        examples=["batch-0f1e2d3c4b5a"],
        extra_json_schema={"pattern": "^batch-[0-9a-f]{12}$"},
    ),
]
Percent = Annotated[str, Meta(pattern=r"^(100|\d{1,2}(\.\d{1,3})?)%$", examples=["10%"])]
Count = Annotated[int, Meta(ge=0)]


class BatchDevice(Struct, kw_only=True, frozen=True):
    """One device of a batch. What it does not say is as the batch says."""

    host: Annotated[
        Host | None, Meta(description="IPv4 address, IPv6 address or host name of the device; or give `device`.")
    ] = None
    device: Annotated[EntryName | None, Meta(description="Name of a device of the inventory, instead of `host`.")] = (
        None
    )
    platform: Annotated[
        PlatformName | None, Meta(description="Netmiko platform name of the device, or `autodetect`.")
    ] = None
    port: Annotated[Port | None, Meta(description="TCP port of its SSH server.")] = None
    driver: Annotated[DriverName | None, Meta(description="What talks to it.")] = None
    context: Annotated[ContextName | None, Meta(description="Which group of workers runs the job.")] = None
    username: Annotated[Username | None, Meta(description="User at this device.")] = None
    password: Annotated[Password | None, Meta(description="Their password.")] = None
    enable: Annotated[Password | None, Meta(description="Password of privileged mode.")] = None
    credential: Annotated[EntryName | None, Meta(description="Name of a stored credential to use instead.")] = None

    def __repr__(self) -> str:
        return f"BatchDevice(host={self.host!r}, device={self.device!r})"


WaveSize = Annotated[
    Annotated[int, Meta(ge=1, le=MOST_DEVICES)] | None,
    Meta(description="How many devices a wave has; the next begins when every job of a wave has ended."),
]
Waves = Annotated[
    Annotated[list[Annotated[int, Meta(ge=1, le=MOST_DEVICES)] | Percent], Meta(min_length=1, max_length=MOST_WAVES)]
    | None,
    Meta(
        description=(
            "How many devices each wave has, as a number or in percent of all; the last is repeated until no "
            "device is left."
        ),
        examples=[[1, 10, "25%"]],
    ),
]
WavePause = Annotated[
    float, Meta(ge=0, le=LONGEST_PAUSE, description="How long to wait between a wave and the next, in seconds.")
]
MaxFailures = Annotated[
    Annotated[int, Meta(ge=0, le=MOST_DEVICES)] | Percent | None,
    Meta(
        description=(
            "How many jobs may fail, as a number or in percent of all. When more have failed, what has not "
            "started is canceled."
        )
    ),
]
StopOnFailure = Annotated[bool, Meta(description="The same as `max_failures` 0.")]


class WaveOptions(Protocol):
    """In which steps a batch goes, and when it stops; a batch and its retry both say it."""

    @property
    def wave_size(self) -> int | None: ...
    @property
    def waves(self) -> list[int | str] | None: ...
    @property
    def wave_pause_seconds(self) -> float: ...
    @property
    def max_failures(self) -> int | str | None: ...
    @property
    def stop_on_failure(self) -> bool: ...


class BatchRequest(RunOptions, kw_only=True, frozen=True):
    """What every batch has in common."""

    devices: Annotated[
        Annotated[list[BatchDevice], Meta(min_length=1, max_length=MOST_DEVICES)] | None,
        Meta(description="The devices, in the order in which they are to be worked on."),
    ] = None
    group: Annotated[EntryName | None, Meta(description="Name of a group of the inventory, instead of `devices`.")] = (
        None
    )
    platform: Annotated[
        PlatformName | None, Meta(description="Platform of the devices that do not say one themselves.")
    ] = None
    port: Annotated[Port, Meta(description="TCP port of the devices that do not say one themselves.")] = 22
    driver: Annotated[
        DriverName,
        Meta(description="What talks to the devices that do not say it themselves; see `SendCommandRequest`."),
    ] = "netmiko"
    context: Annotated[
        ContextName, Meta(description="Which group of workers runs the jobs of the devices that do not say one.")
    ] = "default"
    wave_size: WaveSize = None
    waves: Waves = None
    wave_pause_seconds: WavePause = 0.0
    max_failures: MaxFailures = None
    stop_on_failure: StopOnFailure = False

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.devices or ())} devices)"


class BatchCommandRequest(BatchRequest, kw_only=True, frozen=True):
    """Commands to run on many devices."""

    commands: Annotated[Lines, Meta(description="The commands, each as it would be typed.")]
    expect_string: Annotated[
        Annotated[str, Meta(max_length=512)] | None,
        Meta(description="Regular expression that ends the output of each command; by default the device's prompt."),
    ] = None


class BatchStructuredRequest(BatchRequest, kw_only=True, frozen=True):
    """Commands to run on many devices, whose output is parsed into records."""

    commands: Annotated[Lines, Meta(description="The commands, each as it would be typed.")]
    textfsm_template: Annotated[
        Annotated[str, Meta(min_length=1, max_length=LONGEST_TEMPLATE)] | None,
        Meta(description="TextFSM template for every command; by default the one that ntc-templates has for it."),
    ] = None
    ttp_template: Annotated[
        Annotated[str, Meta(min_length=1, max_length=LONGEST_TEMPLATE)] | None,
        Meta(description="TTP template for every command, or `ttp://` and the name of one; not with the other."),
    ] = None
    use_genie: Annotated[
        bool, Meta(description="Whether Genie parses the output, where it is installed and no template is given.")
    ] = False


class BatchConfigRequest(BatchRequest, kw_only=True, frozen=True):
    """Configuration lines to enter on many devices. One of `commands` and `config` is required."""

    commands: Annotated[Lines | None, Meta(description="The configuration lines, in order.")] = None
    config: Annotated[Lines | None, Meta(description="Another name for `commands`, as in a single job; it wins.")] = (
        None
    )
    save_config: SaveConfig = False
    commit: Commit = False
    dry_run: DryRun = False
    diff: WantDiff = False
    pre_checks: PreChecks = None
    post_checks: PostChecks = None


class RetryBatchRequest(DeviceLogin, kw_only=True, frozen=True):
    """How to retry the jobs that failed. The body may be left away with Basic authentication."""

    include_canceled: Annotated[bool, Meta(description="Whether to submit what was canceled again, too.")] = False
    include_needs_review: Annotated[
        bool,
        Meta(
            description="Whether to submit, too, what may have reached its device in part. Look at the devices first."
        ),
    ] = False
    wave_size: WaveSize = None
    waves: Waves = None
    wave_pause_seconds: WavePause = 0.0
    max_failures: MaxFailures = None
    stop_on_failure: StopOnFailure = False


class BatchSubmitResponse(Struct, kw_only=True, frozen=True):
    """A batch was accepted; all of its jobs are on disk."""

    batch_id: BatchId
    job_ids: Annotated[list[JobId], Meta(description="The jobs, in the order of the devices.")]
    total: Annotated[Count, Meta(description="How many jobs there are.")]
    idempotent: Annotated[
        bool, Meta(description="Whether an earlier request with the same idempotency key had made this batch.")
    ] = False
    app: App
    version: Version


class BatchCounts(Struct, kw_only=True, frozen=True):
    """How many jobs of a batch are where, as every answer about a batch says it."""

    total: Annotated[Count, Meta(description="Jobs in all.")]
    completed: Annotated[Count, Meta(description="Jobs that are `finished`, also those that ended with an error.")]
    pending: Annotated[Count, Meta(description="Jobs that have not ended.")]
    failed: Annotated[Count, Meta(description="Jobs that the service could not carry out.")]
    succeeded: Annotated[Count, Meta(description="Jobs that are `finished` without an error.")] = 0
    errors: Annotated[Count, Meta(description="Jobs that are `finished` with an error that the device reported.")] = 0
    running: Annotated[Count, Meta(description="Jobs that run now.")] = 0
    queued: Annotated[Count, Meta(description="Jobs that wait for their device.")] = 0
    deferred: Annotated[Count, Meta(description="Jobs that wait for an earlier wave.")] = 0
    canceled: Annotated[Count, Meta(description="Jobs that were canceled.")] = 0
    forgotten: Annotated[Count, Meta(description="Jobs that ended so long ago that they are not kept any more.")] = 0


class BatchJob(Struct, kw_only=True, frozen=True):
    """One job of a batch, in short."""

    job_id: JobId
    host: Annotated[str, Meta(description="The device: address or host name.")]
    status: Annotated[JobState, Meta(description="How far the job got.")]
    port: Annotated[int | None, Meta(description="The device's TCP port.")] = None
    wave: Annotated[int, Meta(ge=0, description="The wave that the job belongs to, from 0.")] = 0
    error: Annotated[str | None, Meta(description="What went wrong, for people.")] = None
    error_code: Annotated[ErrorCode | None, Meta(description="What went wrong, for programs.")] = None
    error_retryable: Annotated[bool | None, Meta(description="Whether the job may succeed if submitted again.")] = None
    needs_review: Annotated[bool, Meta(description="Whether a person must look at the device.")] = False
    ended_at: Annotated[Time | None, Meta(description="When the job ended.")] = None
    results: Annotated[dict[str, Any] | None, Meta(description="As in the job itself, if `results` asks for it.")] = (
        None
    )
    partial_results: Annotated[
        dict[str, Any] | None, Meta(description="As in the job itself, if `results` asks for it.")
    ] = None
    diff: Annotated[str | None, Meta(description="As in the job itself, if `results` asks for it.")] = None
    detected_platform: Annotated[str | None, Meta(description="The platform that was found for `autodetect`.")] = None


class BatchSummary(BatchCounts, kw_only=True, frozen=True):
    """A batch without its jobs."""

    batch_id: BatchId
    status: Annotated[BatchState, Meta(description="How the batch is, as a whole.")]
    kind: Annotated[JobKind, Meta(description="What its jobs do.")]
    created_at: Annotated[Time, Meta(description="When the batch was submitted.")]
    submitter: Annotated[str | None, Meta(description="Who submitted it.")]
    tags: Annotated[Tags | None, Meta(description="The labels given at submission.")]
    waves: Annotated[list[int], Meta(description="How many devices each wave has.")]
    stopped: Annotated[bool, Meta(description="Whether too many jobs failed, so that the rest was canceled.")]
    retry_of: Annotated[str | None, Meta(description="The batch whose failed jobs this one repeats.")]


class BatchResponse(BatchSummary, kw_only=True, frozen=True):
    """A batch and its jobs, in the order of the devices."""

    jobs: Annotated[list[BatchJob], Meta(description="The jobs.")]
    revision: Annotated[str, Meta(description="What `since` takes to hear only of what ended after this answer.")]
    app: App
    version: Version


class ListBatchesResponse(Struct, kw_only=True, frozen=True):
    """Some of the caller's batches, newest first."""

    batches: Annotated[list[BatchSummary], Meta(description="The batches.")]
    next: Annotated[str | None, Meta(description="What `before` takes to get the next ones; null at the end.")]
    app: App
    version: Version


class ListBatchesParameters(Struct, kw_only=True, frozen=True):
    """The query of the list; only used to check and to document it."""

    per_page: PerPage = 20
    before: Annotated[
        Annotated[str, Meta(pattern=r"^\d{13}~batch-[0-9a-f]{12}$")] | None,
        Meta(description="Only batches behind this place of the list: `next` of an earlier answer."),
    ] = None


class GetBatchParameters(Struct, kw_only=True, frozen=True):
    """The query of one batch; only used to check and to document it."""

    wait: Annotated[
        Wait,
        Meta(
            description=(
                "Answer when every job has ended, or, with `since`, as soon as one more has; or after this many "
                "seconds, whichever comes first. 0 answers at once."
            )
        ),
    ] = 0.0
    since: Annotated[
        Annotated[str, Meta(pattern=r"^\d{1,9}-\d{1,17}$")] | None,
        Meta(
            description=(
                "`revision` of an earlier answer: only jobs that ended since then come with their results. A job may "
                "come twice."
            )
        ),
    ] = None
    results: Annotated[bool, Meta(description="Whether the jobs that ended come with their results.")] = False


class BatchStreamParameters(Struct, kw_only=True, frozen=True):
    """The query of a stream of a batch; only used to check and to document it."""

    progress: Annotated[bool, Meta(description="Whether to tell, too, how many commands are answered.")] = False
    results: Annotated[bool, Meta(description="Whether the jobs that ended come with their results.")] = False
