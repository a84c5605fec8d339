import asyncio

from clientsmith.core.testing import Answer, AsyncScriptedTransport, ScriptedTransport

from parcel_client import ParcelClient
from parcel_client.aio import ParcelClient as AsyncParcelClient

PAGES = (
    Answer(json={"rows": [{"pid": "a", "st": "DLV"}, {"pid": "b", "st": "TRN"}], "nxt": "2"}),
    Answer(json={"rows": [{"pid": "c", "st": "ACC"}]}),
)


def test_open_parcels_are_those_that_have_not_arrived():
    service = ScriptedTransport(*PAGES)
    with ParcelClient(transport=service) as client:
        assert [parcel.id for parcel in client.list_open_parcels()] == ["b", "c"]
    assert service.requests[-1].url.endswith("?cur=2")


def test_the_async_client_says_the_same():
    async def open_parcels():
        async with AsyncParcelClient(transport=AsyncScriptedTransport(*PAGES)) as client:
            return [parcel.id async for parcel in client.list_open_parcels()]

    assert asyncio.run(open_parcels()) == ["b", "c"]
