"""The async clients of the depot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, Unpack

from clientsmith.core.aio import ItemPaged, LROPoller, ServiceClient
from clientsmith.core.credentials import KeyCredential
from clientsmith.core.errors import ResourceExistsError
from clientsmith.core.models import UNSET
from clientsmith.core.serialization import merge_fields
from clientsmith.core.settings import CallOptions, ClientOptions, ListOptions, PollOptions
from clientsmith.core.transport.base import AsyncTransport
from clientsmith.core.versioning.schemes import fixed_header

from .. import _operations
from .. import models as _models
from ..errors import ShelfTakenError


class DepotClient(ServiceClient):
    """Client of a depot."""

    def __init__(
        self,
        endpoint: str,
        credential: KeyCredential,
        *,
        api_version: str = "2026-01-01",
        transport: AsyncTransport | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        super().__init__(
            endpoint,
            credential,
            authentication=_operations.AUTHENTICATION,
            api_version=fixed_header("API-Version", api_version),
            package="acme-depot/1.2.0b1",
            transport=transport,
            settings=options,
        )
        self.__dict__.update(_credential=credential, _api_version=api_version)

    @classmethod
    def from_connection_string(cls, connection_string: str, **options: Any) -> Self:
        """Return a client for the endpoint and the key in a connection string."""
        parts = dict(part.split("=", 1) for part in connection_string.split(";"))
        return cls(parts["Endpoint"], KeyCredential(parts["Key"]), **options)

    def get_shelf_client(self, name: str) -> ShelfClient:
        """Return the client of a shelf; nothing is sent."""
        made_with = self.__dict__
        return ShelfClient(
            self._core.endpoint,
            name,
            made_with["_credential"],
            api_version=made_with["_api_version"],
            transport=self._transport,
        )

    def list_shelves(self, **options: Unpack[ListOptions]) -> ItemPaged[_models.Shelf]:
        """List the shelves.

        Raises:
            HttpResponseError: The depot refused.
        """
        return self._list(_operations.LIST_SHELVES, {}, options=options)

    def list_labels(self, **options: Unpack[ListOptions]) -> ItemPaged[str]:
        """List the labels.

        Raises:
            HttpResponseError: The depot refused.
        """
        return self._list(_operations.LIST_LABELS, {}, options=options)

    async def create_shelf(
        self, shelf: _models.Shelf | Mapping[str, Any], **options: Unpack[CallOptions]
    ) -> _models.Shelf:
        """Create a shelf.

        Raises:
            ShelfTakenError: Another shelf has the name.
            HttpResponseError: The depot refused.
        """
        try:
            return await self._call(_operations.CREATE_SHELF, {}, body=shelf, options=options)
        except ResourceExistsError as error:
            raise ShelfTakenError("the name is taken; choose another one") from error

    async def update_shelf(
        self,
        name: str,
        shelf: _models.Shelf | Mapping[str, Any] | None = None,
        *,
        label: str | None = UNSET,
        etag: str | None = None,
        match_condition: _models.MatchConditions | None = None,
        **options: Unpack[CallOptions],
    ) -> _models.Shelf:
        """Change a shelf.

        Raises:
            ResourceModifiedError: It is not what it was, and `match_condition` cares.
            HttpResponseError: The depot refused.
        """
        body = merge_fields(_models.Shelf, shelf, {"label": label})
        condition = (etag or body.get("etag")) if match_condition else None
        return await self._call(
            _operations.UPDATE_SHELF, {"name": name, "if_match": condition}, body=body, options=options
        )

    async def delete_shelf(self, name: str, **options: Unpack[CallOptions]) -> None:
        """Delete a shelf.

        Raises:
            HttpResponseError: The depot refused.
        """
        await self._call(_operations.DELETE_SHELF, {"name": name}, options=options)

    async def begin_count_shelf(self, name: str, **options: Unpack[PollOptions]) -> LROPoller[_models.Count]:
        """Count what is on a shelf.

        Raises:
            OperationFailedError: From ``result()``: nobody could count.
            HttpResponseError: The depot refused.
        """
        return await self._begin(_operations.COUNT_SHELF, {"name": name}, options=options)


class ShelfClient(ServiceClient):
    """Client of one shelf."""

    def __init__(
        self,
        endpoint: str,
        shelf_name: str,
        credential: KeyCredential,
        *,
        api_version: str = "2026-01-01",
        transport: AsyncTransport | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        super().__init__(
            endpoint,
            credential,
            authentication=_operations.AUTHENTICATION,
            api_version=fixed_header("API-Version", api_version),
            package="acme-depot/1.2.0b1",
            transport=transport,
            settings=options,
        )
        self.__dict__.update(_shelf_name=shelf_name)

    async def get_weight(self, **options: Unpack[CallOptions]) -> float:
        """Return the weight of the shelf in kilograms.

        Raises:
            HttpResponseError: The depot refused.
        """
        return await self._call(_operations.GET_WEIGHT, {"name": self.__dict__["_shelf_name"]}, options=options)

    async def get_part(self, part: str, **options: Unpack[CallOptions]) -> str:
        """Return what a part of the shelf is.

        Raises:
            HttpResponseError: The depot refused.
        """
        arguments = {"name": self.__dict__["_shelf_name"], "part": part}
        return await self._call(_operations.GET_PART, arguments, options=options)
