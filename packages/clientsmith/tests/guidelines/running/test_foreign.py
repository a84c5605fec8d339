"""Clients on no base that is known: what is sent and raised is all that can be judged, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from clientsmith.guidelines.package import Package
from clientsmith.guidelines.verdicts import Met, NotApplicable, NotMet, Verdict

CLIENT = '''
from dataclasses import dataclass

import requests


class DepotError(Exception):
    """The depot refused."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status, self.details = status, {"message": message}


@dataclass
class Shelf:
    name: str


class DepotClient:
    def __init__(self, base_url: str, token: str) -> None:
        self._base_url, self._token = base_url, token

    def get_shelf(self, name: str) -> Shelf:
        """Return a shelf."""
        NAME
        return Shelf(self._ask(f"/shelves/{name}").get("name", ""))

    def list_shelves(self, *, limit: int = 10) -> list:
        return [self._ask("/shelves", limit=limit)]

    def url_of(self, name: str) -> str:
        return self._base_url + name

    def _ask(self, path, **query):
        response = requests.get(self._base_url + path, params=query, headers={"Authorization": self._token})
        FAILURE
        return response.json()
'''
RAISES = "if not response.ok: raise DepotError(response.status_code, response.json().get('message'))"
FORGETS = "if not response.ok: raise DepotError(0, 'failed')"
GUARDS = "if not name: raise ValueError('name a shelf')"


def client(failure: str = RAISES, name: str = GUARDS) -> str:
    return CLIENT.replace("FAILURE", failure).replace("NAME", name)


@pytest.mark.parametrize(
    ("rule", "source", "said"),
    [
        ("response-exception-on-failure", client(), ""),
        ("response-exception-on-failure", client("if not response.ok: return {}"), "get_shelf has to raise on 400"),
        ("errors-rich-info", client(), ""),
        ("errors-rich-info", client(FORGETS), "none of whose attributes has the status or the words"),
        ("params-client-validation", client(), ""),
        ("params-client-validation", client(name=""), "get_shelf(name='') has to raise ValueError before it sends"),
        ("models-repr", client(), ""),
        ("models-repr", client().replace("@dataclass\n", "").replace("    name: str\n", "    def __init__(self, name: str) -> None:\n        self.name = name\n"), "repr(Shelf) should name the type and name: <sample_client.Shelf object at 0x…>"),
        ("models-repr-length", client(), "repr(Shelf) grows to 5,0"),
    ],
    ids=[
        "raises", "swallows", "tells", "forgets", "guards", "sends an empty key", "a dataclass", "an object", "a long one",
    ],
)  # fmt: skip
def test_what_is_seen_is_judged(
    rule: str,
    source: str,
    said: str,
    package_of_source: Callable[[str], Package],
    observed: Callable[[Package, str], Verdict],
) -> None:
    """By what went over the wire, and by what was raised."""
    verdict = observed(package_of_source(source), rule)
    if not said:
        assert isinstance(verdict, Met), verdict
        return
    assert isinstance(verdict, NotMet), verdict
    assert said in str(verdict)


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("client-immutable", "Python lets anybody assign"),
        ("client-splat-args", "how its models are made from what comes over the wire is not known"),
        ("client-constructor-policy-arguments", "no client takes settings of a base that is known"),
        ("client-constructor-transport-argument", "its base names no default transport"),
        ("lro-poller", "no operation of the service is long running, among the 2 of 3 methods that could be driven"),
    ],
)
def test_what_cannot_be_known_is_not_judged(
    rule: str, reason: str, package_of_source: Callable[[str], Package], observed: Callable[[Package, str], Verdict]
) -> None:
    """The reason says what is missing, also that a method sends nothing."""
    verdict = observed(package_of_source(client()), rule)
    assert isinstance(verdict, NotApplicable), verdict
    assert reason in verdict.reason
