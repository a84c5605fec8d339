"""`errors = "classes"`: documented errors as classes of the package's own, raised in both colours."""

from __future__ import annotations

import os
import pickle
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from inspect import isawaitable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from clientsmith.configuration import Configuration, ModelSettings
from clientsmith.core import errors as core
from clientsmith.core.credentials import BasicCredential
from clientsmith.core.testing import Answer, AsyncScriptedTransport, ScriptedTransport
from clientsmith.emit.package import render_package, write_package
from clientsmith.model.pipeline import build_api

SPECS = Path(__file__).parents[1] / "specs"
ASKED = Configuration(errors="classes")
NAMED = Configuration(models={"Error": ModelSettings(error="DeniedError")})
# By import name: the document, the client's class, what is asked for.
PACKAGES = {
    "petstore_client": ("oai-petstore.json", "PetstoreClient", ASKED),
    "post_office_client": ("post-office.yaml", "PostOfficeClient", ASKED),
    "redocly_museum_client": ("redocly-museum.yaml", "RedoclyMuseumClient", ASKED),
    "forge_client": ("forge.yaml", "ForgeClient", ASKED),
    "swagger_client": ("oai-petstore-expanded-v2.json", "PetstoreClient", replace(ASKED, package="swagger_client")),
    "named_client": ("redocly-museum.yaml", "RedoclyMuseumClient", replace(NAMED, package="named_client")),
}
PROBLEM = {"type": "about:blank", "title": "Gone"}
Load = Callable[[Path, str], ModuleType]


@dataclass(frozen=True)
class Package:
    """A generated package, and its client in one colour."""

    root: ModuleType
    client: Callable[..., Any]
    transport: Any

    async def raised(self, answer: Answer, call: Callable[[Any], Any]) -> Any:
        """Return what a call ends in that is answered so."""
        credential = BasicCredential("ann", "secret") if self.client.__name__ == "RedoclyMuseumClient" else None
        transport = self.transport(answer)
        client = self.client("https://example.test", credential, transport=transport, max_retries=0)
        with pytest.raises(core.HttpResponseError) as caught:
            await _finished(call, client)
        return caught.value


async def _finished(call: Callable[[Any], Any], client: Any) -> None:
    result = call(client)
    if isawaitable(result):
        await result
    elif hasattr(result, "__aiter__"):
        await anext(aiter(result))
    else:
        next(iter(result))


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with all of them below it."""
    folder = tmp_path_factory.mktemp("classes")
    for name, (document, _, configuration) in PACKAGES.items():
        api, _ = build_api(str(SPECS / document), configuration=configuration)
        assert api.package == name
        write_package(api, folder / name, source=document)
    return folder


@pytest.fixture(params=["sync", "async"])
def package(request: pytest.FixtureRequest, packages: Path, import_from: Load) -> Callable[[str], Package]:
    def load(name: str) -> Package:
        root, client = import_from(packages / name, name), PACKAGES[name][1]
        if request.param == "sync":
            return Package(root, getattr(root, client), ScriptedTransport)
        return Package(root, getattr(import_from(packages / name, f"{name}.aio"), client), AsyncScriptedTransport)

    return load


# --- what is raised --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "status", "call", "own", "base"),
    [
        ("petstore_client", 404, lambda c: c.get_pet("7"), "NotFoundPetstoreError", core.ResourceNotFoundError),
        ("petstore_client", 429, lambda c: c.get_pet("7"), "RateLimitedPetstoreError", core.RateLimitedError),
        ("petstore_client", 500, lambda c: c.get_pet("7"), "PetstoreError", core.HttpResponseError),
        (
            "petstore_client",
            401,
            lambda c: c.list_pets(),
            "AuthenticationPetstoreError",
            core.ClientAuthenticationError,
        ),
        ("swagger_client", 404, lambda c: c.list_pets(), "NotFoundPetstoreError", core.ResourceNotFoundError),
        ("redocly_museum_client", 400, lambda c: c.list_special_events(), "RedoclyMuseumError", core.HttpResponseError),
        ("named_client", 404, lambda c: c.list_special_events(), "NotFoundDeniedError", core.ResourceNotFoundError),
    ],
    ids=[
        "default, 404",
        "default, 429",
        "default, 500",
        "default, a list",
        "Swagger",
        "no class of core",
        "by its name",
    ],
)
async def test_a_documented_error_is_raised_as_the_class_of_its_model_and_status(
    package: Callable[[str], Package], name: str, status: int, call: Any, own: str, base: type[core.HttpResponseError]
) -> None:
    used = package(name)
    answer = Answer(status, json={"code": 7, "message": "no"} | PROBLEM)
    error = await used.raised(answer, call)
    assert type(error) is getattr(used.root, own)
    assert isinstance(error, base)
    assert error.status_code == status
    assert type(error.error).__name__ == "Error"
    assert error.error == used.root.models.Error.from_dict({"code": 7, "message": "no"} | PROBLEM)


async def test_a_client_of_a_group_raises_it_too(package: Callable[[str], Package]) -> None:
    used = package("forge_client")
    error = await used.raised(Answer(404, json={"message": "no"}), lambda c: c.users.get_user("ada"))
    assert type(error) is used.root.NotFoundForgeError
    assert error.error.message == "no"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(404, content=b"<html>", headers={"Content-Type": "text/html"}), None),
        (Answer(409, content=b"busy", headers={"Content-Type": "text/plain"}), "busy"),
    ],
    ids=["a proxy's page", "a range that is a text"],
)
async def test_what_is_not_the_documented_model_keeps_the_class_of_the_runtime(
    package: Callable[[str], Package], answer: Answer, error: object
) -> None:
    used = package("post_office_client")
    raised = await used.raised(answer, lambda c: c.create_letter({"to": "Ada"}))
    assert type(raised).__module__ == core.__name__
    assert raised.error == error


async def test_it_travels_between_processes(package: Callable[[str], Package]) -> None:
    used = package("petstore_client")
    error = await used.raised(Answer(404, json={"code": 7, "message": "no"}), lambda c: c.get_pet("7"))
    twin = pickle.loads(pickle.dumps(error))
    assert (type(twin), str(twin), twin.error) == (type(error), str(error), error.error)


# --- what is written -------------------------------------------------------------------------------------------------


def test_the_doorway_and_the_errors_module_have_them(packages: Path, import_from: Load) -> None:
    root = import_from(packages / "post_office_client", "post_office_client")
    errors = import_from(packages / "post_office_client", "post_office_client.errors")
    assert {"ProblemError", "NotFoundProblemError"} < set(root.__all__)
    assert root.NotFoundProblemError is errors.NotFoundProblemError
    assert errors.NotFoundProblemError.__mro__[1:3] == (errors.ProblemError, core.ResourceNotFoundError)


def test_methods_readme_and_reference_name_them(packages: Path) -> None:
    museum = packages / "redocly_museum_client"
    text = "\n".join(path.read_text() for path in (museum / "src").rglob("_client.py"))
    assert "            NotFoundRedoclyMuseumError: Not found." in text
    assert "            RedoclyMuseumError: The service answered with a documented error; ``error.error`` is" in text
    assert not re.search(r"^ +ResourceNotFoundError:", text, re.MULTILINE)
    assert "from redocly_museum_client import RedoclyMuseumError\n" in (museum / "README.md").read_text()
    reference = (museum / "api.md").read_text()
    assert "- `RedoclyMuseumError(HttpResponseError)`: its `error` is the `Error` of the answer\n" in reference
    assert "  - `NotFoundRedoclyMuseumError(RedoclyMuseumError, ResourceNotFoundError)`\n" in reference


def test_who_does_not_ask_gets_nothing_of_it() -> None:
    api, _ = build_api(str(SPECS / "redocly-museum.yaml"))
    files = render_package(api)
    assert not [path for path in files if path.endswith("/errors.py")]
    assert not [path for path, content in files.items() if b"raised_as" in content]


@pytest.mark.slow
def test_the_generated_tests_pass_with_them(packages: Path) -> None:
    """The errors of every operation, against a server on this machine."""
    tests = packages / "petstore_client"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "-k", "documented_error", str(tests)],
        capture_output=True, text=True, check=False, cwd=tests, env=os.environ | {"PYTHONPATH": str(tests / "src")},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


USAGE = """\
from clientsmith.core.errors import ResourceNotFoundError
from petstore_client import NotFoundPetstoreError, PetstoreClient, PetstoreError, models
from post_office_client import NotFoundProblemError, PostOfficeClient

client = PetstoreClient("https://example.test")
try:
    client.get_pet("7")
except NotFoundPetstoreError as error:
    code: int = error.error.code
    text: str = error.error.code  # wrong
except PetstoreError as error:
    found: models.Error = error.error
    error.error.cod  # wrong
as_core: type[ResourceNotFoundError] = NotFoundProblemError
"""


@pytest.mark.slow
@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_type_checkers_know_the_model(packages: Path, tmp_path: Path, checker: str) -> None:
    """And find nothing wrong in the packages."""
    usage = tmp_path / "usage.py"
    usage.write_text(USAGE)
    sources = [str(packages / name / "src") for name in PACKAGES]
    wrong = {number for number, line in enumerate(USAGE.splitlines(), 1) if line.endswith("# wrong")}
    if checker == "mypy":
        command = ["mypy", "--strict", "--no-incremental", str(usage), *sources]
    else:
        listed = ", ".join(f'"{one}"' for one in sources)
        config = tmp_path / "pyrightconfig.json"
        config.write_text(
            f'{{"include": ["{usage}", {listed}], "extraPaths": [{listed}], "typeCheckingMode": "strict", '
            '"reportPrivateUsage": false, "reportUnusedExpression": false, "reportUnusedImport": false}'
        )
        command = ["pyright", "-p", str(config), "--pythonpath", sys.executable]
    done = subprocess.run(
        [sys.executable, "-m", *command], capture_output=True, text=True, check=False, cwd=tmp_path,
        env=os.environ | {"MYPYPATH": os.pathsep.join(sources)},
    )  # fmt: skip
    told = re.findall(r"(\S+\.py):(\d+)(?::\d+)?(?: -)?:? error", done.stdout)
    assert {(Path(file).name, int(line)) for file, line in told} == {("usage.py", line) for line in wrong}, done.stdout
