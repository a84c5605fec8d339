"""The hand-finished async client: jobs by keyword, device failures as errors, the server\'s version checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

from clientsmith.core.aio import LROPoller
from clientsmith.core.settings import CallOptions

from .. import models as _models
from .._finish import SendCommandOptions, SendConfigOptions, body_and_options, checked_result, checked_version
from ._client import NaasClient as _GeneratedNaasClient

__all__ = ["NaasClient"]


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
            **options: ``host``, ``commands``, ``platform``, ``port``, ``command_timeout`` (seconds for the answer to
                one command), ``connection_timeout`` (seconds), ``enable``, ``tags``, ``expect_string``; and for this
                call only `timeout`, `headers`, `idempotency_key`, `continuation_token`, …

        Returns:
            A poller; ``result().results`` is the output by command.

        Raises:
            DeviceError: From ``result()``: the device failed; the subclass says how.
            OperationFailedError: From ``result()``: the service could not carry the job out, or it was cancelled.
            ClientAuthenticationError: No usable credentials came with the request.
            HttpResponseError: The service refused the job; ``error.error`` says why.
        """
        body, rest = body_and_options(_models.SendCommandRequest, request, options)
        return (await super().begin_send_command(body, **rest)).then(checked_result)

    # It takes all that the generated one takes, and the body's fields.
    async def begin_send_config(  # pyright: ignore[reportIncompatibleMethodOverride]
        self,
        request: _models.SendConfigRequest | Mapping[str, Any] | None = None,
        **options: Unpack[SendConfigOptions],
    ) -> LROPoller[_models.JobResult]:
        """Change the configuration of a device.

        Args:
            request: The job as a model or a mapping; single fields may be given by name instead, and win over it.
            **options: ``host``, ``config``, ``platform``, ``save_config``, ``commit`` and the fields of
                `begin_send_command`; and for this call only `timeout`, `headers`, `continuation_token`, …

        Returns:
            A poller; ``result().results["config_set_output"]`` is what the device printed.

        Raises:
            ConfigurationRejectedError: From ``result()``: the device refused a line.
            DeviceError: From ``result()``: the device failed in another way; the subclass says how.
            OperationFailedError: From ``result()``: the service could not carry the job out, or it was cancelled.
            ClientAuthenticationError: No usable credentials came with the request.
            HttpResponseError: The service refused the job; ``error.error`` says why.
        """
        body, rest = body_and_options(_models.SendConfigRequest, request, options)
        return (await super().begin_send_config(body, **rest)).then(checked_result)

    async def get_health(self, **options: Unpack[CallOptions]) -> _models.HealthReport:
        """Get the health of the service; needs no credential.

        Raises:
            ServerVersionError: The server is older than NAAS 2.0.
            HttpResponseError: The service answered with an error.
        """
        report = await super().get_health(**options)
        checked_version(report.version)
        return report
