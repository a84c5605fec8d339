"""What the rules know of a package: its clients, its halves and its base, however the library is written."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from clientsmith.guidelines.annotations import alternatives, annotation_names
from clientsmith.guidelines.examples import Example
from clientsmith.guidelines.ids import ALIASES, GUIDELINES, canonical
from clientsmith.guidelines.package import Package
from clientsmith.guidelines.profiles import AZURE, CLIENTSMITH, COREHTTP, GENERIC, profile_of
from clientsmith.guidelines.rules import RULES
from clientsmith.guidelines.sides import Colour

Made = Callable[[Example], Package]


def names(package: Package, colour: Colour) -> list[str]:
    return [client.name for client in package.side(colour).clients]


def test_every_guideline_has_a_rule() -> None:
    """80 ids, each a class; none is invented."""
    assert [rule.id for rule in RULES] == list(GUIDELINES)
    assert len(GUIDELINES) == 80
    assert set(ALIASES.values()) <= set(GUIDELINES)


@pytest.mark.parametrize("name", ["verioning-minor", "versioning-minor", "python-versioning-minor"])
def test_the_misspelt_id_is_understood_however_it_is_spelt(name: str) -> None:
    """The source misspells it; whoever spells it right means the same."""
    assert canonical(name) == "verioning-minor"


@pytest.mark.parametrize(
    ("requires", "chosen", "profile"),
    [
        (["azure-core>=1.30", "isodate"], "auto", AZURE),
        (["corehttp[requests]"], "auto", COREHTTP),
        (["clientsmith_core[requests]>=1"], "auto", CLIENTSMITH),
        (["httpx<1", "pydantic"], "auto", GENERIC),
        ([], "azure", AZURE),
        (["azure-core"], "generic", GENERIC),
        (["azure-core ; extra == 'all'"], "auto", AZURE),
    ],
    ids=["azure-core", "corehttp", "clientsmith", "none of them", "said", "said not to be", "by an extra"],
)
def test_the_base_is_seen_from_the_dependencies(requires: list[str], chosen: str, profile: object) -> None:
    assert profile_of(requires, chosen) is profile


def test_async_clients_beside_sync_ones_are_the_async_half(package_from: Made) -> None:
    """Without `.aio`, the name or the methods of a client say which half it is of."""
    package = package_from(
        Example(
            """
            class Depot(SyncAPIClient):
                def create(self): ...

            class AsyncDepot(AsyncAPIClient):
                async def create(self): ...
            """
        )
    )
    assert names(package, Colour.SYNC) == ["Depot"]
    assert names(package, Colour.ASYNC) == ["AsyncDepot"]


def test_parts_of_a_client_have_methods_of_the_service(package_from: Made) -> None:
    """By a property, by the constructor, by an annotation of the class: `client.shelves.create(…)`."""
    package = package_from(
        Example(
            """
            class Resource: ...

            class Shelves(Resource):
                def create(self): ...

            class LabelManager:
                def list(self): ...

            class PartService:
                def get(self): ...

            class DepotClient:
                parts: "PartService"

                def __init__(self, endpoint, credential):
                    self.labels = LabelManager(self)

                @property
                def shelves(self) -> Shelves: ...
            """
        )
    )
    methods = {f"{client.name}.{method.name}" for client, method in package.side(Colour.SYNC).methods}
    assert methods == {"Shelves.create", "LabelManager.list", "PartService.get"}


def test_what_is_put_over_a_generated_client_is_the_client(package_from: Made) -> None:
    """`from ._patch import *` after the import takes its place, as it does at run time."""
    package = package_from(
        Example(
            "from ._client import DepotClient\nfrom ._patch import *\n\n__all__ = ['DepotClient']\n",
            files={
                "src/depot_client/_client.py": "class DepotClient(ServiceClient):\n    def get_one(self): ...\n",
                "src/depot_client/_patch.py": (
                    "from ._client import DepotClient as Generated\n\n__all__ = ['DepotClient']\n\n"
                    "class DepotClient(Generated):\n    def get_two(self): ...\n"
                ),
            },
        )
    )
    (client,) = package.side(Colour.SYNC).clients
    assert set(client.methods) == {"get_one", "get_two"}


@pytest.mark.parametrize(
    "source",
    [
        "class HTTPClient:\n    def __init__(self, url, session): ...\n    def request(self): ...\n",
        "class ClientError(Exception): ...\n",
        "class DepotClient(BaseModel):\n    name: str\n",
        "class RequestsClient:\n    def __init__(self, url, session): ...\n    def request(self): ...\n",
    ],
    ids=["an HTTP library's", "an error", "data", "a transport"],
)
def test_not_everything_called_a_client_is_one(source: str, package_from: Made) -> None:
    assert names(package_from(Example(source)), Colour.SYNC) == []


@pytest.mark.parametrize(
    ("annotation", "types"),
    [
        ("Pet | None", ["Pet", "None"]),
        ("Optional[Union['Pet', Mapping[str, Any]]]", ["Pet", "Mapping", "None"]),
        ("'models.Pet | dict[str, Any]'", ["Pet", "dict"]),
        ("Annotated[str, Doc('x')]", ["str"]),
        ("Awaitable[list[Pet]]", ["list"]),
        ("no annotation at all", []),
    ],
)
def test_an_annotation_joins_types_however_it_is_written(annotation: str, types: list[str]) -> None:
    assert alternatives(annotation) == types


def test_names_in_an_annotation_come_in_their_order() -> None:
    assert annotation_names("Mapping[str, models.Pet] | None") == ["Mapping", "str", "models.Pet"]
