"""A closer look at packages that nobody generated."""

from __future__ import annotations

from collections.abc import Callable

from clientsmith.guidelines.examples import Example
from clientsmith.guidelines.package import Package
from clientsmith.guidelines.rules import BY_ID
from clientsmith.guidelines.sides import Colour
from clientsmith.guidelines.verdicts import NotMet
from clientsmith.guidelines.views import models_of, sending

PROJECT = '[project]\nname = "depot-client"\nversion = "1.0.0"\n'
CLIENT = '''
from dataclasses import dataclass


@dataclass
class Shelf:
    name: str


class ShelfOptions(dict):
    """Options."""


class DepotClient:
    def __init__(self, url: str, token: str) -> None:
        self._url = url

    def url_of(self, name: str) -> str:
        return self._joined(self._url, name)

    def _joined(self, *parts: str) -> str:
        return "/".join(parts)

    def get_shelf(self, name: str) -> Shelf:
        """Return a shelf."""
        return Shelf(self._session.get(self.url_of(name)).text)
'''


def test_what_only_puts_a_name_together_is_no_method_of_the_service(package_from: Callable[[Example], Package]) -> None:
    """It needs no deadline and raises nothing of the service."""
    side = package_from(Example(CLIENT, project=PROJECT)).side(Colour.SYNC)
    assert [method.name for _, method in sending(side)] == ["get_shelf"]


def test_what_methods_give_and_take_are_models(package_from: Callable[[Example], Package]) -> None:
    """Whatever they derive from; what stands beside them is none."""
    assert [cls.name for cls in models_of(package_from(Example(CLIENT, project=PROJECT)))] == ["Shelf"]


def test_what_nearly_all_of_many_methods_lack_is_one_finding(package_from: Callable[[Example], Package]) -> None:
    """A thousand findings of one kind hide the others; what few lack is told one by one."""
    methods = "".join(
        f'\n    def get_thing_{n}(self) -> Shelf:\n        """Return one."""\n        return self._session.get("{n}")\n'
        for n in range(20)
    )
    rule = BY_ID["errors-documentation"]
    many = rule.judge(package_from(Example(CLIENT + methods, project=PROJECT)))
    assert isinstance(many, NotMet)
    assert [each.hint for each in many.problems] == ["all 21 methods: document what it raises"]
    few = rule.judge(package_from(Example(CLIENT, project=PROJECT)))
    assert isinstance(few, NotMet)
    assert [each.hint for each in few.problems] == ["get_shelf: document what it raises"]


def test_what_sends_by_the_functions_of_a_library_talks_to_the_service(
    package_from: Callable[[Example], Package],
) -> None:
    """There need not be a client object: `httpx.request(…)` in a helper is enough."""
    source = """
    import httpx


    class DepotClient:
        def __init__(self, base_url: str, token: str) -> None:
            self._base_url = base_url

        def _send(self, path: str) -> httpx.Response:
            return httpx.request("GET", self._base_url + path)

        def get_shelf(self, name: str) -> str:
            return self._send(f"/shelves/{name}").text

        def url_of(self, name: str) -> str:
            return f"{self._base_url}/{name}"
    """
    side = package_from(Example(source, project=PROJECT)).side(Colour.SYNC)
    assert [method.name for _, method in sending(side)] == ["get_shelf"]
