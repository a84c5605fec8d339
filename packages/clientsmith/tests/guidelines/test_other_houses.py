"""False positives that `benchmarks/check/packages.py` found in packages of others, each as its smallest case.

A line that ends in ``# <--`` is what the rule still has to find beside what it may not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pytest
from clientsmith.guidelines.examples import Example
from clientsmith.guidelines.package import Package
from clientsmith.guidelines.rules import BY_ID
from clientsmith.guidelines.verdicts import NotApplicable, NotMet

_PLAIN: Final = '[project]\nname = "depot-client"\nversion = "1.0.0"\n'
_AZURE: Final = f'{_PLAIN}dependencies = ["azure-core"]\n'
_CASES: Final = {
    "a key as text beside the core's class for keys": (
        "auth-credential-azure-core",
        Example(
            """
            from azure.core.credentials import AzureNamedKeyCredential, TokenCredential


            class DepotClient:
                def __init__(self, endpoint: str, credential: str | AzureNamedKeyCredential | TokenCredential) -> None: ...


            class GateClient:
                def __init__(self, endpoint: str, credential: str | TokenCredential) -> None: ...  # <--
            """,
            project=_AZURE,
        ),
    ),
    "an exception that callers tell apart from its built-in base": (
        "errors-use-standard-exceptions",
        Example(
            """
            class InvalidSignatureError(ValueError):
                '''The message is not from the depot.'''


            class LabelError(ValueError):  # <--
                '''The label is wrong.'''


            def unwrap(message: str, secret: str) -> str:
                if not secret:
                    raise ValueError("no secret")
                if secret not in message:
                    raise InvalidSignatureError("forged")
                return message
            """,
            project=_PLAIN,
        ),
    ),
    "the first exception raised again without its wrapper": (
        "errors-use-chaining",
        Example(
            """
            def read(stream):
                try:
                    return stream.read()
                except ConnectionFailed as error:
                    raise error.__cause__ from None


            def read_text(stream):
                try:
                    return stream.read()
                except ConnectionFailed:
                    raise LookupError("no text") from None  # <--
            """,
            project=_PLAIN,
        ),
    ),
    "members that are only numbered": (
        "models-enum-string",
        Example(
            """
            from dataclasses import dataclass
            from enum import Enum


            class MatchConditions(Enum):
                UNCONDITIONALLY = 1
                IF_PRESENT = 2


            class ShelfKind(Enum):  # <--
                OPEN = 10
                CLOSED = 20
            """,
            project=_PLAIN,
        ),
    ),
    "numbers that a model has on the wire": (
        "models-enum-string",
        Example(
            files={
                "src/depot_client/kinds.py": """
                    from enum import Enum


                    class Priority(Enum):  # <--
                        LOW = 1
                        HIGH = 2
                    """,
                "src/depot_client/models.py": """
                    from .kinds import Priority


                    class Shelf:
                        priority: Priority
                    """,
            },
            project=_PLAIN,
        ),
    ),
    "a pager by another name": (
        "response-paged-protocol",
        Example(
            """
            class ShelfBatch:
                def next_page(self): ...

                def by_page(self): ...


            class DepotClient:
                def __init__(self, url: str, token: str) -> None: ...

                def list_shelves(self) -> ShelfBatch:
                    return self._pages("/shelves")

                def list_labels(self) -> list[str]:  # <--
                    return self._get("/labels")
            """,
            project=_PLAIN,
        ),
    ),
    "a method that only makes an object, and one that always raises": (
        "client-service-per-call-args",
        Example(
            """
            class Artifacts:
                def __init__(self, client, turn): ...


            class Base:
                def update(self, *, timeout=None): ...


            class DepotClient(Base):
                def __init__(self, url: str, token: str, *, timeout: float = 30.0) -> None: ...

                def artifacts_of(self, turn: str) -> Artifacts:
                    return Artifacts(self, turn)

                def update(self):
                    raise NotImplementedError("shelves stay as they are")

                def get_shelf(self, name: str) -> dict:  # <--
                    return self._get(name)
            """,
            project=_PLAIN,
        ),
    ),
    "a base that nothing exports, whose heirs do better": (
        "client-constructor-transport-argument",
        Example(
            files={
                "src/depot_client/client.py": """
                    class BareClient:
                        def __init__(self, url, token, session):
                            self.session = session

                        def get(self, url): ...


                    class DepotClient(BareClient):
                        def __init__(self, url, token, *, session=None):
                            super().__init__(url, token, session)

                        def get_shelf(self, name):
                            return self.get(name)


                    class GateClient:
                        def __init__(self, url, token, session=None):  # <--
                            self.session = session

                        def get_gate(self, name):
                            return self.session.get(name)
                    """,
            },
            project=_PLAIN,
        ),
    ),
    "a field that is a model itself, beside the body": (
        "client-flatten-args",
        Example(
            """
            from dataclasses import dataclass


            @dataclass
            class Label:
                text: str


            @dataclass
            class Shelf:
                label: Label


            class DepotClient:
                def __init__(self, url: str, token: str) -> None: ...

                def update_shelf(self, name: str, shelf: Shelf | None = None, *, label: Label | None = None) -> Shelf: ...

                def update_box(self, name: str, box: Shelf) -> Shelf: ...  # <--
            """,
            project=_PLAIN,
        ),
    ),
}
# What reading did not see before, and a person did.
_SEEN: Final = {
    "a path that a function fills in": (
        "params-client-validation",
        Example(
            """
            class DepotClient:
                def __init__(self, url: str, token: str) -> None: ...

                def get_shelf(self, name: str) -> dict:
                    if not name:
                        raise ValueError("name is empty")
                    return self._get(path_template("/shelves/{name}", name=name))

                def get_label(self, name: str) -> dict:
                    return self._get(path_template("/labels/{name}", name=name))  # <--
            """,
            project=_PLAIN,
        ),
    ),
    "a method whose work a function does": (
        "client-optional-arguments-keyword-only",
        Example(
            """
            class DepotClient:
                def __init__(self, url: str, token: str) -> None: ...

                def wait(self, name: str, timeout: float = 60.0) -> dict:  # <--
                    return wait_for(self, name, timeout)

                def handler(self, name: str, verify: bool = True) -> object:
                    return Handler.of(self, name, verify)
            """,
            project=_PLAIN,
        ),
    ),
}


@pytest.mark.parametrize(("rule", "example"), [*_CASES.values(), *_SEEN.values()], ids=[*_CASES, *_SEEN])
def test_a_rule_finds_what_is_broken_and_nothing_beside(
    rule: str, example: Example, package_from: Callable[[Example], Package]
) -> None:
    package = package_from(example)
    verdict = BY_ID[rule].judge(package)
    assert isinstance(verdict, NotMet), verdict
    found = {(each.file.relative_to(package.root).as_posix(), each.line) for each in verdict.problems}
    assert found == example.marked(), [each.hint for each in verdict.problems]


def test_where_no_client_class_is_there_is_none_to_export(package_from: Callable[[Example], Package]) -> None:
    """boto3 makes its clients at run time; what is called a client inside is a part of the works."""
    example = Example(
        files={
            "src/depot_client/works.py": """
                class TransferClient:
                    def __init__(self, inner):
                        self.inner = inner


                CLIENT = TransferClient(None)
                """
        },
        project=_PLAIN,
    )
    verdict = BY_ID["client-namespace"].judge(package_from(example))
    assert verdict == NotApplicable("there is no client")


def test_a_base_of_clients_has_no_client_to_export(package_from: Callable[[Example], Package]) -> None:
    """corehttp's PipelineClient is what clients are made of."""
    example = Example(
        files={
            "src/corehttp/__init__.py": "",
            "src/corehttp/runtime.py": """
                class PipelineClient:
                    def __init__(self, endpoint, *, transport=None): ...

                    def send_request(self, request): ...
                """,
        },
        project='[project]\nname = "corehttp"\nversion = "1.0.0b7"\n',
    )
    verdict = BY_ID["client-namespace"].judge(package_from(example))
    assert isinstance(verdict, NotApplicable)
    assert "it is a base that clients are made of" in verdict.reason
