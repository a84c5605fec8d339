"""The hand-finished async client: jobs by keyword, device failures as errors, the server's version checked."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, Unpack

from clientsmith.core.aio import ItemPaged, LROPoller
from clientsmith.core.conditions import MatchConditions
from clientsmith.core.errors import HttpResponseError, ResourceNotFoundError
from clientsmith.core.operations import ListOperation
from clientsmith.core.settings import CallOptions, PollOptions

from .. import models as _models
from .._batching.operations import LIST_BATCHES
from .._finish import (
    BACK_UP,
    GET_HEALTH_OF_BEFORE,
    LIST_JOBS,
    REPLAY_JOB,
    SEND_COMMAND,
    SEND_COMMAND_STRUCTURED,
    SEND_CONFIG,
    body_and_options,
    checked_result,
    checked_version,
    safeguards_in,
    told,
    unknown_safeguards,
)
from .._orders import BackUpOptions, DeviceOptions, SendCommandOptions, SendCommandStructuredOptions, SendConfigOptions
from ._client import NaasClient as _GeneratedNaasClient
from .batches import Batch
from .children import ContextClient, DeviceClient

__all__ = ["Batch", "ContextClient", "DeviceClient", "NaasClient"]

T = TypeVar("T")


class NaasClient(_GeneratedNaasClient):
    __doc__ = _GeneratedNaasClient.__doc__

    # It takes all that the generated one takes, and the body's fields.
    async def begin_send_command(  # pyright: ignore[reportIncompatibleMethodOverride]
        self,
        request: _models.SendCommandRequest | Mapping[str, Any] | None = None,
        **options: Unpack[SendCommandOptions],
    ) -> LROPoller[_models.JobResult]:
        """Run commands on a device.

        Args:
            request: The job as a model or a mapping; single fields may be given by name instead, and win over it.
            **options: ``host`` (or ``device``, a name in the server's inventory), ``commands``, ``platform``, ``port``,
                ``command_timeout`` (seconds for the answer to one command), ``connection_timeout`` (seconds),
                ``enable``, ``tags``, ``expect_string``, …: the fields of `SendCommandRequest`. With an API key also the
                device login, ``username`` and ``password``, or ``credential``. And for this call only `timeout`,
                `headers`, `idempotency_key`, `continuation_token`, …

        Returns:
            A poller; ``result().results`` is the output by command.

        Raises:
            DeviceError: From ``result()``: the device failed; the subclass says how, ``partial_results`` what came
                before.
            OperationFailedError: From ``result()``: the service could not carry the job out, or it was cancelled.
            ClientAuthenticationError: No usable credentials came with the request.
            RateLimitedError: The caller asks too often.
            HttpResponseError: The service refused the job; ``error.error`` says why.
        """
        body, rest = body_and_options(_models.SendCommandRequest, request, options)
        return (await self._begin(SEND_COMMAND, {}, body=body, options=rest)).then(checked_result)

    # It takes all that the generated one takes, and the body's fields.
    async def begin_send_command_structured(  # pyright: ignore[reportIncompatibleMethodOverride]
        self,
        request: _models.SendCommandStructuredRequest | Mapping[str, Any] | None = None,
        **options: Unpack[SendCommandStructuredOptions],
    ) -> LROPoller[_models.JobResult]:
        """Run commands on a device, and parse what they print into records.

        Args:
            request: The job as a model or a mapping; single fields may be given by name instead, and win over it.
            **options: ``textfsm_template``, ``ttp_template``, and the fields of `begin_send_command`; and for this call
                only `timeout`, `headers`, `idempotency_key`, `continuation_token`, …

        Returns:
            A poller; ``result().results`` has a list of records for each command, or text that no template knows.

        Raises:
            DeviceError: From ``result()``: the device failed; the subclass says how.
            OperationFailedError: From ``result()``: the service could not carry the job out, or it was cancelled.
            ClientAuthenticationError: No usable credentials came with the request.
            RateLimitedError: The caller asks too often.
            HttpResponseError: The service refused the job; ``error.error`` says why.
        """
        body, rest = body_and_options(_models.SendCommandStructuredRequest, request, options)
        return (await self._begin(SEND_COMMAND_STRUCTURED, {}, body=body, options=rest)).then(checked_result)

    # It takes all that the generated one takes, and the body's fields.
    async def begin_send_config(  # pyright: ignore[reportIncompatibleMethodOverride]
        self,
        request: _models.SendConfigRequest | Mapping[str, Any] | None = None,
        **options: Unpack[SendConfigOptions],
    ) -> LROPoller[_models.JobResult]:
        """Change the configuration of a device.

        Args:
            request: The job as a model or a mapping; single fields may be given by name instead, and win over it.
            **options: ``host``, ``config``, ``platform``, ``save_config``, ``commit``, ``dry_run``, ``diff``,
                ``pre_checks``, ``post_checks``, and the fields of `begin_send_command`; and for this call only
                `timeout`, `headers`, `continuation_token`, …

        Returns:
            A poller; ``result().results["config_set_output"]`` is what the device printed, ``result().diff`` what
            changed, if ``diff`` or ``dry_run`` asked for it.

        Raises:
            ConfigurationRejectedError: From ``result()``: the device refused a line.
            DeviceError: From ``result()``: the device failed in another way; the subclass says how.
            OperationFailedError: From ``result()``: the service could not carry the job out, or it was cancelled.
            ClientAuthenticationError: No usable credentials came with the request.
            RateLimitedError: The caller asks too often.
            HttpResponseError: The service refused the job; ``error.error`` says why.
            UsageError: ``dry_run`` or checks are wanted of a server that does not know them; nothing was submitted.
        """
        body, rest = body_and_options(_models.SendConfigRequest, request, options)
        if names := safeguards_in(body):
            await self._require_safeguards(names)
        return (await self._begin(SEND_CONFIG, {}, body=body, options=rest)).then(checked_result)

    # It takes all that the generated one takes, and the body's fields.
    async def begin_back_up(  # pyright: ignore[reportIncompatibleMethodOverride]
        self,
        request: _models.BackupRequest | Mapping[str, Any] | None = None,
        **options: Unpack[BackUpOptions],
    ) -> LROPoller[_models.JobResult]:
        """Read the configuration of a device, and keep it if it differs from the last one.

        Args:
            request: The job as a model or a mapping; single fields may be given by name instead, and win over it.
            **options: ``startup`` (the one it starts with, not the one it runs), and the fields of `begin_send_command`
                that say which device and who logs in; and for this call only `timeout`, `headers`, …

        Returns:
            A poller; `list_backups` tells what is kept.

        Raises:
            DeviceError: From ``result()``: the device failed; the subclass says how.
            OperationFailedError: From ``result()``: the service could not carry the job out, or it was cancelled.
            ClientAuthenticationError: No usable credentials came with the request.
            RateLimitedError: The caller asks too often.
            HttpResponseError: The service refused the job; ``error.error`` says why.
        """
        body, rest = body_and_options(_models.BackupRequest, request, options)
        return (await self._begin(BACK_UP, {}, body=body, options=rest)).then(checked_result)

    async def begin_replay_job(
        self,
        job_id: uuid.UUID,
        *,
        request: _models.ReplayRequest | Mapping[str, Any] | None = None,
        **options: Unpack[PollOptions],
    ) -> LROPoller[_models.JobResult]:
        """Submit the work of a failed job again as a new job, with the device login of this request.

        Args:
            job_id: A job that is ``failed``. Look at the device first if it has ``needs_review``.
            request: The device login, where an API key calls.
            **options: For this call only: `timeout`, `headers`, `continuation_token`, … (`PollOptions`).

        Returns:
            A poller of the new job.

        Raises:
            DeviceError: From ``result()``: the device failed; the subclass says how.
            OperationFailedError: From ``result()``: the service could not carry the job out, or it was cancelled.
            ClientAuthenticationError: No usable credentials came with the request.
            ResourceNotFoundError: There is no such job.
            ResourceExistsError: The job has not failed.
            RateLimitedError: The caller asks too often.
            HttpResponseError: The service refused the job; ``error.error`` says why.
        """
        poller = await self._begin(REPLAY_JOB, {"job_id": job_id}, body=request, options=options)
        return poller.then(checked_result)

    async def get_health(
        self, *, etag: str | None = None, match_condition: MatchConditions | None = None, **options: Unpack[CallOptions]
    ) -> _models.HealthReport:
        """Get the health of the service; needs no credential.

        Args:
            etag: The version that you have seen, as the service named it.
            match_condition: `MatchConditions.IfModified`, to hear only of changes.
            **options: For this call only: `timeout`, `headers`, … (`CallOptions`).

        Raises:
            ServerVersionError: The server is older than NAAS 2.0.
            HttpResponseError: The service answered with an error.
        """
        try:
            report = await super().get_health(etag=etag, match_condition=match_condition, **options)
        except ResourceNotFoundError as error:
            if not error.service_message:  # no NAAS says 404 without a word
                raise
            report = await self._call(GET_HEALTH_OF_BEFORE, {}, options=options)
        checked_version(told(report, "version"))
        return report

    async def _require_safeguards(self, names: Sequence[str]) -> None:
        """Return if the server knows the safeguards of a change.

        Raises:
            UsageError: It is older, and would leave them out; nothing was submitted.
        """
        try:
            await self._call(LIST_BATCHES, {"per_page": 1}, options={})
        except HttpResponseError as error:
            raise unknown_safeguards(names, error) from error

    def get_device_client(self, host: str, **options: Unpack[DeviceOptions]) -> DeviceClient:
        """Return a client of one device, which stands on this one: nothing is sent, and nothing opened.

        Args:
            host: Address or host name of the device.
            **options: What holds for every job of it: ``platform``, ``port``, ``username``, ``password``, ``enable``,
                ``credential``, ``context``, ``command_timeout``, …
        """
        return self._child(DeviceClient, **{**options, "host": host})

    def get_context_client(self, name: str) -> ContextClient:
        """Return a client for one group of workers, which stands on this one: nothing is sent, and nothing opened.

        Args:
            name: The context in which its jobs run, as `list_contexts` tells it.
        """
        return self._child(ContextClient, context=name)

    def _list(
        self,
        operation: ListOperation[T],
        arguments: Mapping[str, Any],
        *,
        body: Any = None,
        options: Mapping[str, Any],
    ) -> ItemPaged[T]:
        is_of_jobs = (operation.method, operation.path) == (LIST_JOBS.method, LIST_JOBS.path)
        listed: Any = LIST_JOBS if is_of_jobs else operation
        return super()._list(listed, arguments, body=body, options=options)
