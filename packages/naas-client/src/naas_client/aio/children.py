"""The async twins of `naas_client.children`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Unpack

from clientsmith.core.aio import ItemPaged, LROPoller, ServiceClient
from clientsmith.core.credentials import BasicCredential, KeyCredential, TokenCredential
from clientsmith.core.settings import ClientOptions, ListOptions
from clientsmith.core.transport.base import AsyncTransport
from clientsmith.core.versioning import DefaultVersion

from .. import _operations
from .. import models as _models
from .._orders import BackUpOptions, SendCommandOptions, SendCommandStructuredOptions, SendConfigOptions
from .._version import VERSION

if TYPE_CHECKING:
    from ._patch import NaasClient

__all__ = ["ContextClient", "DeviceClient"]


class DeviceClient(ServiceClient):
    """One device: jobs without naming it, and its login, each time.

    `NaasClient.get_device_client` makes one that stands on another client, with more that holds for every job; closing
    that closes nothing. One that is made alone has connections to close.

    Args:
        endpoint: Absolute URL of the service.
        host: Address or host name of the device.
        credential: What proves who is calling; None sends none.
        api_version: The version of the API to speak, in the path: ``/v2/``.
        transport: Sends the requests, and stays yours to close.
        **options: For all calls: `timeout`, `headers`, `max_retries`, `allow_http`, … (`ClientOptions`).

    Raises:
        ValueError: The endpoint is not an absolute URL.
        UnknownSettingError: An option that nothing here knows.
        CredentialError: The credential is not of a kind that the service takes.
        InsecureTransportError: A credential for a plain http endpoint on another machine.
    """

    def __init__(
        self,
        endpoint: str,
        host: str,
        credential: BasicCredential | TokenCredential | KeyCredential | None = None,
        *,
        api_version: str = DefaultVersion("v2"),
        transport: AsyncTransport | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        super().__init__(
            endpoint,
            credential,
            authentication=_operations.AUTHENTICATION,
            api_version=_operations.API_VERSION.at(api_version),
            package=f"naas-client/{VERSION}",
            transport=transport,
            settings=options,
            bound={"host": host},
        )

    @property
    def host(self) -> str:
        """The device."""
        return str(self._bound["host"])

    async def begin_send_command(
        self,
        *,
        request: _models.SendCommandRequest | Mapping[str, Any] | None = None,
        **options: Unpack[SendCommandOptions],
    ) -> LROPoller[_models.JobResult]:
        """Run commands.

        As `NaasClient.begin_send_command`; what is given here wins over what is bound.

        Raises:
            DeviceError: From ``result()``: the device failed; the subclass says how.
            OperationFailedError: From ``result()``: the service could not carry the job out, or it was cancelled.
            HttpResponseError: The service refused the job; ``error.error`` says why.
        """
        merged: Any = {**self._bound, **options}
        return await self._parent().begin_send_command(request, **merged)

    async def begin_send_command_structured(
        self,
        *,
        request: _models.SendCommandStructuredRequest | Mapping[str, Any] | None = None,
        **options: Unpack[SendCommandStructuredOptions],
    ) -> LROPoller[_models.JobResult]:
        """Run commands, and parse what they print.

        As `NaasClient.begin_send_command_structured`; what is given here wins over what is bound.

        Raises:
            DeviceError: From ``result()``: the device failed; the subclass says how.
            OperationFailedError: From ``result()``: the service could not carry the job out, or it was cancelled.
            HttpResponseError: The service refused the job; ``error.error`` says why.
        """
        merged: Any = {**self._bound, **options}
        return await self._parent().begin_send_command_structured(request, **merged)

    async def begin_send_config(
        self,
        *,
        request: _models.SendConfigRequest | Mapping[str, Any] | None = None,
        **options: Unpack[SendConfigOptions],
    ) -> LROPoller[_models.JobResult]:
        """Change the configuration.

        As `NaasClient.begin_send_config`; what is given here wins over what is bound.

        Raises:
            DeviceError: From ``result()``: the device failed; the subclass says how.
            OperationFailedError: From ``result()``: the service could not carry the job out, or it was cancelled.
            HttpResponseError: The service refused the job; ``error.error`` says why.
        """
        merged: Any = {**self._bound, **options}
        return await self._parent().begin_send_config(request, **merged)

    async def begin_back_up(
        self,
        *,
        request: _models.BackupRequest | Mapping[str, Any] | None = None,
        **options: Unpack[BackUpOptions],
    ) -> LROPoller[_models.JobResult]:
        """Read the configuration and keep it.

        As `NaasClient.begin_back_up`; what is given here wins over what is bound.

        Raises:
            DeviceError: From ``result()``: the device failed; the subclass says how.
            OperationFailedError: From ``result()``: the service could not carry the job out, or it was cancelled.
            HttpResponseError: The service refused the job; ``error.error`` says why.
        """
        merged: Any = {**self._bound, **options}
        return await self._parent().begin_back_up(request, **merged)

    def list_jobs(
        self, *, status: _models.JobStatus | str | None = None, **options: Unpack[ListOptions]
    ) -> ItemPaged[_models.JobSummary]:
        """List the jobs of this device. Servers before 2.3 list all jobs.

        Raises:
            ClientAuthenticationError: No usable credentials came with the request.
            HttpResponseError: The service answered with an error.
        """
        return self._list(_operations.LIST_JOBS, {"host": self.host, "status": status}, options=options)

    def _parent(self) -> NaasClient:
        from ._patch import NaasClient  # it makes us

        return self._child(NaasClient)


class ContextClient(ServiceClient):
    """One group of workers: jobs run there.

    `NaasClient.get_context_client` makes one that stands on another client; closing that closes nothing. One that is
    made alone has connections to close.

    Args:
        endpoint: Absolute URL of the service.
        name: The context in which its jobs run.
        credential: What proves who is calling; None sends none.
        api_version: The version of the API to speak, in the path: ``/v2/``.
        transport: Sends the requests, and stays yours to close.
        **options: For all calls: `timeout`, `headers`, `max_retries`, `allow_http`, … (`ClientOptions`).

    Raises:
        ValueError: The endpoint is not an absolute URL.
        UnknownSettingError: An option that nothing here knows.
        CredentialError: The credential is not of a kind that the service takes.
        InsecureTransportError: A credential for a plain http endpoint on another machine.
    """

    def __init__(
        self,
        endpoint: str,
        name: str,
        credential: BasicCredential | TokenCredential | KeyCredential | None = None,
        *,
        api_version: str = DefaultVersion("v2"),
        transport: AsyncTransport | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        super().__init__(
            endpoint,
            credential,
            authentication=_operations.AUTHENTICATION,
            api_version=_operations.API_VERSION.at(api_version),
            package=f"naas-client/{VERSION}",
            transport=transport,
            settings=options,
            bound={"context": name},
        )

    @property
    def name(self) -> str:
        """The context."""
        return str(self._bound["context"])

    async def begin_send_command(
        self,
        *,
        request: _models.SendCommandRequest | Mapping[str, Any] | None = None,
        **options: Unpack[SendCommandOptions],
    ) -> LROPoller[_models.JobResult]:
        """Run commands.

        As `NaasClient.begin_send_command`; what is given here wins over what is bound.

        Raises:
            DeviceError: From ``result()``: the device failed; the subclass says how.
            OperationFailedError: From ``result()``: the service could not carry the job out, or it was cancelled.
            HttpResponseError: The service refused the job; ``error.error`` says why.
        """
        merged: Any = {**self._bound, **options}
        return await self._parent().begin_send_command(request, **merged)

    async def begin_send_command_structured(
        self,
        *,
        request: _models.SendCommandStructuredRequest | Mapping[str, Any] | None = None,
        **options: Unpack[SendCommandStructuredOptions],
    ) -> LROPoller[_models.JobResult]:
        """Run commands, and parse what they print.

        As `NaasClient.begin_send_command_structured`; what is given here wins over what is bound.

        Raises:
            DeviceError: From ``result()``: the device failed; the subclass says how.
            OperationFailedError: From ``result()``: the service could not carry the job out, or it was cancelled.
            HttpResponseError: The service refused the job; ``error.error`` says why.
        """
        merged: Any = {**self._bound, **options}
        return await self._parent().begin_send_command_structured(request, **merged)

    async def begin_send_config(
        self,
        *,
        request: _models.SendConfigRequest | Mapping[str, Any] | None = None,
        **options: Unpack[SendConfigOptions],
    ) -> LROPoller[_models.JobResult]:
        """Change the configuration.

        As `NaasClient.begin_send_config`; what is given here wins over what is bound.

        Raises:
            DeviceError: From ``result()``: the device failed; the subclass says how.
            OperationFailedError: From ``result()``: the service could not carry the job out, or it was cancelled.
            HttpResponseError: The service refused the job; ``error.error`` says why.
        """
        merged: Any = {**self._bound, **options}
        return await self._parent().begin_send_config(request, **merged)

    def list_jobs(
        self, *, status: _models.JobStatus | str | None = None, **options: Unpack[ListOptions]
    ) -> ItemPaged[_models.JobSummary]:
        """List the jobs of this context. Servers before 2.3 list all jobs.

        Raises:
            ClientAuthenticationError: No usable credentials came with the request.
            HttpResponseError: The service answered with an error.
        """
        return self._list(_operations.LIST_JOBS, {"context": self.name, "status": status}, options=options)

    def _parent(self) -> NaasClient:
        from ._patch import NaasClient  # it makes us

        return self._child(NaasClient)
