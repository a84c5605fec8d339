"""How long jobs run and are kept, how many may wait, and what happens to them afterwards."""

from __future__ import annotations

from dataclasses import dataclass

from naas.config.kinds import Number, Seconds, Switch
from naas.config.table import API, setting

__all__ = ["JobSettings"]


@dataclass(frozen=True, kw_only=True)
class JobSettings:
    """The life of jobs."""

    job_timeout: int = setting(
        120,
        Seconds(1, 86_400),
        "How long a job may run at least; one with many commands gets the time that its own timeouts add up to.",
        also=("JOB_TIMEOUT",),
    )
    job_ttl_success: int = setting(
        86_400, Seconds(1), "How long a finished job is kept.", also=("JOB_TTL_SUCCESS",), used_by=(API,)
    )
    job_ttl_failed: int = setting(
        604_800, Seconds(1), "How long a failed job is kept.", also=("JOB_TTL_FAILED",), used_by=(API,)
    )
    failed_job_max_retain: int = setting(
        500, Number(0), "Failed jobs to keep for replay; 0 sets no limit.", also=("FAILED_JOB_MAX_RETAIN",)
    )
    max_queue_depth: int = setting(
        100_000,
        Number(0),
        "Jobs that may wait before new ones are refused, at about 1 kB of memory each; 0 sets no limit.",
        also=("MAX_QUEUE_DEPTH",),
        used_by=(API,),
    )
    batch_max_devices: int = setting(
        1000, Number(1, 100_000), "Devices in one batch.", also=("BATCH_MAX_DEVICES",), used_by=(API,)
    )
    batch_max_commands: int = setting(
        500, Number(1, 10_000), "Commands in one batch.", also=("BATCH_MAX_COMMANDS",), used_by=(API,)
    )
    job_dedup_enabled: bool = setting(
        True,
        Switch(),
        "Whether a job equal to one that waits or runs joins it.",
        also=("JOB_DEDUP_ENABLED",),
        used_by=(API,),
    )
    idempotency_ttl: int = setting(
        86_400,
        Seconds(1),
        "How long an Idempotency-Key is remembered.",
        also=("IDEMPOTENCY_TTL",),
        used_by=(API,),
    )
    result_cache_ttl_max: int = setting(
        3600, Seconds(), "The oldest cached result that a caller may accept; 0 switches the cache off.", used_by=(API,)
    )
    lease_seconds: float = setting(
        30.0,
        Seconds(1, whole=False),
        "How long a worker may be silent before its jobs are taken from it.",
        also=("NAAS_WORKER_STALE_THRESHOLD", "WORKER_STALE_THRESHOLD"),
    )
    job_reaper_enabled: bool = setting(
        True, Switch(), "Whether jobs of vanished workers are looked for.", also=("JOB_REAPER_ENABLED",)
    )
    job_reaper_interval: int = setting(60, Seconds(1), "How often they are looked for.", also=("JOB_REAPER_INTERVAL",))
    webhook_allow_http: bool = setting(
        False, Switch(), "Whether webhooks may go to http:// too.", also=("WEBHOOK_ALLOW_HTTP",)
    )
    webhook_allow_private: bool = setting(
        False, Switch(), "Whether webhooks may go to loopback, link-local and private addresses."
    )
    webhook_max_retries: int = setting(
        4, Number(1, 100), "Attempts to deliver a webhook, the first one included.", also=("WEBHOOK_MAX_RETRIES",)
    )
    webhook_timeout: float = setting(
        10.0, Seconds(0.1, 300, whole=False), "How long one attempt may take.", also=("WEBHOOK_TIMEOUT",)
    )
