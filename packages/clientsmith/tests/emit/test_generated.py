"""Generated packages are imported, type-checked and used: sync and async, over the scripted transport."""

from __future__ import annotations

import ast
import datetime
import inspect
import json
import os
import re
import subprocess
import sys
import threading
import uuid
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.parser import Parser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import pytest
from clientsmith.core.credentials import BasicCredential, KeyCredential
from clientsmith.core.errors import HttpResponseError, ResourceNotFoundError, UnknownSettingError
from clientsmith.core.testing import Answer, AsyncScriptedTransport, ScriptedTransport
from clientsmith.emit.check import check_source
from clientsmith.emit.package import write_package
from clientsmith.model.pipeline import build_api

Load = Callable[[Path, str], ModuleType]
ENDPOINT = "https://service.test"
KEY = uuid.UUID("6744a0da-4121-49cd-8479-f8cc20526495")
PART = {"kind": "bolt", "created": "2026-01-31T12:30:00Z", "length": 1.5}


def run(*command: str, cwd: Path, **environment: str) -> str:
    """Run a tool of our own environment; its output is the message if it fails."""
    full = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **environment}
    result = subprocess.run(
        [sys.executable, "-m", *command], cwd=cwd, env=full, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def sources(generated: dict[str, Path]) -> str:
    return os.pathsep.join(str(target / "src") for target in generated.values())


# --- as a whole ------------------------------------------------------------------------------------------------------


def test_the_generated_tests_pass(generated: dict[str, Path]) -> None:
    """Every method of every package in each colour: its answer, its errors, and what may go wrong."""
    folders = [str(target / "tests") for target in generated.values()]
    root = next(iter(generated.values())).parent
    output = run(
        "pytest", "-q", "-p", "no:cacheprovider", "-W", "ignore", "--import-mode=importlib", "--rootdir", str(root), *folders,
        cwd=root, PYTHONPATH=sources(generated),
    )  # fmt: skip
    tables = [(target / "tests" / "test_operations.py").read_text() for target in generated.values()]
    operations = sum(table.count("    Case(\n") for table in tables)
    passed = int(re.findall(r"(\d+) passed", output)[-1])
    assert "failed" not in output
    assert passed > 3 * operations


def test_every_module_imports_on_its_own(generated: dict[str, Path]) -> None:
    """In a fresh interpreter each, so that no order of imports is needed."""
    for name, target in generated.items():
        files = sorted((target / "src" / name).rglob("*.py"))
        modules = [".".join(path.relative_to(target / "src").with_suffix("").parts) for path in files]
        modules = [module.removesuffix(".__init__") for module in modules]
        program = (
            "import sys, importlib\n"
            f"for module in {modules!r}:\n"
            f"    for loaded in [m for m in sys.modules if m.partition('.')[0] == {name!r}]: del sys.modules[loaded]\n"
            "    importlib.import_module(module)\n"
        )
        subprocess.run(
            [sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": str(target / "src")}, check=True
        )


def test_the_packages_are_clean_under_mypy_strict(generated: dict[str, Path]) -> None:
    folders = [str(target / folder) for target in generated.values() for folder in ("src",)]
    root = next(iter(generated.values())).parent
    config = root / "mypy.ini"
    config.write_text("[mypy]\nstrict = True\nexplicit_package_bases = True\nnamespace_packages = True\n")
    core = Path(inspect.getfile(HttpResponseError)).parents[2]
    run(
        "mypy",
        "--config-file",
        str(config),
        *folders,
        cwd=root,
        MYPYPATH=os.pathsep.join([sources(generated), str(core)]),
    )


def test_the_packages_are_clean_under_pyright_strict(generated: dict[str, Path]) -> None:
    """With the generated tests, which are what users will write."""
    root = next(iter(generated.values())).parent
    settings = {
        "include": [f"{target.name}/{folder}" for target in generated.values() for folder in ("src", "tests")],
        "extraPaths": [f"{target.name}/src" for target in generated.values()],
        "typeCheckingMode": "strict",
        "pythonVersion": "3.11",
        "reportPrivateUsage": False,  # `_patch` and `_operations` are the package's own
    }
    (root / "pyrightconfig.json").write_text(json.dumps(settings))
    run("pyright", "-p", str(root), "--pythonpath", sys.executable, cwd=root)


def test_imports_and_layout_are_what_ruff_would_make(generated: dict[str, Path]) -> None:
    for target in generated.values():
        run("ruff", "check", "--isolated", "--no-cache", "--select", "I,F,E,W,B,UP,D3", "--line-length", "120",
            "--target-version", "py311", "--ignore", "E501,E741,UP042,UP037", ".", cwd=target)  # fmt: skip
        run("ruff", "format", "--isolated", "--no-cache", "--line-length", "120", "--check", ".", cwd=target)


def examples(target: Path) -> list[str]:
    """The blocks of Python in a package's README."""
    return re.findall(r"```python\n(.*?)```", (target / "README.md").read_text(), re.DOTALL)


def test_the_examples_of_the_readme_are_programs(generated: dict[str, Path]) -> None:
    """Ten lines that run: every name is imported, and the client is one that the package has."""
    for name, target in generated.items():
        first, *more, last = examples(target)
        for program in (first, last):
            check_source("README.md", program.encode())
            assert len(program.splitlines()) <= 18
        assert f"from {name} import" in first
        assert f"from {name}.aio import" in last
        for fragment in more:  # they go on with the client of the first
            check_source("README.md", f"client: object\n{fragment}".encode())


def test_the_readme_of_petstore_runs(
    generated: dict[str, Path], import_from: Load, capsys: pytest.CaptureFixture[str]
) -> None:
    """Against a server on this machine, in place of the one that the document names: sync, pages, async."""
    target = generated["petstore_client"]
    import_from(target, "petstore_client")
    with pet_server() as endpoint:
        names: dict[str, object] = {}
        for program in examples(target):
            exec(program.replace("http://petstore.swagger.io/v1", endpoint), names)
    shown = capsys.readouterr().out.splitlines()
    rex, kim = "Pet(id=1, name='Rex')", "Pet(id=2, name='Kim')"
    assert shown == [rex, kim, rex, f"1 {endpoint}/pets?after=1", "1 None", rex, kim]


@contextmanager
def pet_server() -> Iterator[str]:
    """Two pets on two pages, and one of them by itself."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_one = self.path.startswith("/v1/pets/")
            is_first = "after=" not in self.path and not is_one
            body = (
                b'{"id": 1, "name": "Rex"}'
                if is_one
                else b'[{"id": 1, "name": "Rex"}]'
                if is_first
                else b'[{"id": 2, "name": "Kim"}]'
            )
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            if is_first:
                self.send_header("x-next", "/v1/pets?after=1")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # the name is the base class's
            """Stay quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v1"
        finally:
            server.shutdown()
            thread.join()


def test_a_wheel_of_petstore_can_be_installed(generated: dict[str, Path], tmp_path: Path) -> None:
    """Built by the backend that its pyproject names, without a network, and used from what an installer unpacks."""
    target = generated["petstore_client"]
    run("hatchling", "build", "--target", "wheel", "--directory", str(tmp_path), cwd=target)
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.name == "petstore_client-1.0.0b1-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
        files = set(archive.namelist())
        metadata = Parser().parsestr(archive.read("petstore_client-1.0.0b1.dist-info/METADATA").decode())
    assert {"petstore_client/py.typed", "petstore_client/aio/_client.py", "petstore_client/models/_models.py"} <= files
    assert not {name for name in files if name.startswith("tests")}
    assert metadata.get_all("Requires-Dist") == [
        "clientsmith-core[requests]<2,>=1.0.0b4",
        "clientsmith-core[aiohttp]<2,>=1.0.0b4; extra == 'aio'",
    ]
    program = "import petstore_client; print(petstore_client.__file__, petstore_client.PetstoreClient.__module__)"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "installed")}
    command = [sys.executable, "-c", program]
    output = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    assert output.split() == [str(tmp_path / "installed/petstore_client/__init__.py"), "petstore_client._client"]


def test_importing_a_package_loads_no_client_and_no_model(generated: dict[str, Path]) -> None:
    program = (
        "import sys, petstore_client\n"
        "assert 'petstore_client._client' not in sys.modules\n"
        "assert 'petstore_client.models._models' not in sys.modules\n"
        "petstore_client.PetstoreClient\n"
        "assert 'petstore_client.models._models' not in sys.modules\n"
        "assert 'PetstoreClient' in dir(petstore_client)\n"
        "for heavy in ('asyncio', 'requests', 'aiohttp', 'email'): assert heavy not in sys.modules, heavy\n"
    )
    subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": sources(generated)}, check=True, timeout=60
    )


# --- sync and async --------------------------------------------------------------------------------------------------


def surface(client: type) -> dict[str, list[tuple[str, object, object, str]]]:
    """Public methods with their arguments: name, kind, default and annotation; the constructor may be the base's."""
    own = {"__init__": client.__init__, **vars(client)}  # type: ignore[misc]  # whichever it has
    methods = {name: member for name, member in own.items() if inspect.isfunction(member)}
    return {
        name: [
            (p.name, p.kind, p.default, str(p.annotation).replace("Async", ""))
            for p in inspect.signature(method).parameters.values()
        ]
        for name, method in methods.items()
    }


def test_sync_and_async_have_the_same_surface(generated: dict[str, Path], import_from: Load) -> None:
    """Names, order, kinds, defaults and annotations; only credentials, transports and files have two colours."""
    for name, target in generated.items():
        package = import_from(target, name)
        aio = import_from(target, f"{name}.aio")
        clients = [item for item in package.__all__ if item.endswith("Client")]
        assert clients == [item for item in aio.__all__ if item.endswith("Client")]
        for client in clients:
            sync_surface, async_surface = surface(getattr(package, client)), surface(getattr(aio, client))
            assert sync_surface == async_surface


def test_only_the_async_client_awaits(generated: dict[str, Path], import_from: Load) -> None:
    """All methods but those that return pagers and streams, which send nothing before they are read."""
    for name, target in generated.items():
        aio = import_from(target, f"{name}.aio")
        client = getattr(aio, aio.__all__[0])
        for method_name, method in vars(client).items():
            if inspect.isfunction(method) and method_name != "__init__":
                returned = str(method.__annotations__["return"]).partition("[")[0]
                is_read_later = returned in ("ItemPaged", "EventStream", "JsonLines", "ByteStream")
                assert inspect.iscoroutinefunction(method) != is_read_later, method_name


def test_every_public_method_is_documented(generated: dict[str, Path]) -> None:
    """A summary, a line for each argument, and what is raised."""
    for name, target in generated.items():
        tree = ast.parse((target / "src" / name / "_client.py").read_bytes())
        (client,) = (node for node in tree.body if isinstance(node, ast.ClassDef))
        methods = [node for node in client.body if isinstance(node, ast.FunctionDef)]
        constructor = next(node for node in methods if node.name == "__init__")
        documented: list[tuple[ast.ClassDef | ast.FunctionDef, ast.FunctionDef]] = [(client, constructor)]
        documented += [(node, node) for node in methods if node is not constructor]
        for holder, function in documented:
            text = ast.get_docstring(holder) or ""
            assert re.match(r"[A-Z`].*[.?!>)]", text), function.name
            is_way = "self._child(" in ast.unparse(function)  # it gives another client, and sends nothing
            assert is_way or "Raises:" in text
            for argument in (*function.args.args[1:], *function.args.kwonlyargs):
                assert f"\n    {argument.arg}: " in text, (function.name, argument.arg)


# --- petstore --------------------------------------------------------------------------------------------------------


@pytest.fixture
def petstore_client(generated: dict[str, Path], import_from: Load) -> ModuleType:
    return import_from(generated["petstore_client"], "petstore_client")


@pytest.fixture
def workshop_package(generated: dict[str, Path], import_from: Load) -> ModuleType:
    return import_from(generated["workshop"], "workshop")


def test_a_pet_is_created_from_a_model_or_a_mapping(petstore_client: ModuleType) -> None:
    transport = ScriptedTransport(Answer(201), repeat=True)
    client = petstore_client.PetstoreClient(ENDPOINT, transport=transport)
    client.create_pet(petstore_client.models.Pet(id=1, name="Rex"))
    client.create_pet({"id": 1, "name": "Rex"})
    assert [request.content for request in transport.requests] == [b'{"id":1,"name":"Rex"}'] * 2
    assert transport.requests[0].headers["Content-Type"] == "application/json"
    assert transport.requests[0].headers["User-Agent"].startswith("petstore-client/1.0.0b1")
    assert transport.requests[0].url == f"{ENDPOINT}/pets"


def test_pets_are_listed_over_pages(petstore_client: ModuleType) -> None:
    """The link of the header ``x-next`` is followed; nothing is sent before the pager is iterated."""
    transport = ScriptedTransport(
        Answer(json=[{"id": 1, "name": "a"}], headers={"x-next": "/v1/pets?page=2"}),
        Answer(json=[{"id": 2, "name": "b"}]),
    )
    client = petstore_client.PetstoreClient(f"{ENDPOINT}/v1", transport=transport)
    pets = client.list_pets(results_per_page=1)
    assert transport.requests == []
    assert [pet.name for pet in pets] == ["a", "b"]
    assert [request.url for request in transport.requests] == [
        f"{ENDPOINT}/v1/pets?limit=1",
        f"{ENDPOINT}/v1/pets?page=2",
    ]


async def test_pets_are_listed_over_pages_async(generated: dict[str, Path], import_from: Load) -> None:
    aio = import_from(generated["petstore_client"], "petstore_client.aio")
    transport = AsyncScriptedTransport(
        Answer(json=[{"id": 1, "name": "a"}], headers={"x-next": "/v1/pets?page=2"}),
        Answer(json=[{"id": 2, "name": "b"}]),
    )
    async with aio.PetstoreClient(f"{ENDPOINT}/v1", transport=transport) as client:
        assert [pet.name async for pet in client.list_pets()] == ["a", "b"]


def test_a_documented_error_is_typed(petstore_client: ModuleType) -> None:
    transport = ScriptedTransport(Answer(404, json={"code": 7, "message": "gone"}))
    client = petstore_client.PetstoreClient(ENDPOINT, transport=transport)
    with pytest.raises(ResourceNotFoundError) as caught:
        client.get_pet("7")
    assert isinstance(caught.value.error, petstore_client.models.Error)
    assert caught.value.error.message == "gone"


def test_an_empty_key_is_refused_before_anything_is_sent(petstore_client: ModuleType) -> None:
    transport = ScriptedTransport()
    with pytest.raises(ValueError, match="pet_id"):
        petstore_client.PetstoreClient(ENDPOINT, transport=transport).get_pet("")
    assert transport.requests == []


def test_a_misspelt_option_is_an_error(petstore_client: ModuleType) -> None:
    with pytest.raises(UnknownSettingError, match="timeut"):
        petstore_client.PetstoreClient(ENDPOINT, transport=ScriptedTransport()).get_pet("1", timeut=3)
    with pytest.raises(UnknownSettingError, match="max_retrys"):
        petstore_client.PetstoreClient(ENDPOINT, transport=ScriptedTransport(), max_retrys=3)


# --- workshop: everything that the emitter can write ------------------------------------------------------------------


def workshop_client(package: ModuleType, *answers: Answer) -> tuple[Any, ScriptedTransport]:
    transport = ScriptedTransport(*answers)
    return package.WorkshopClient(ENDPOINT, KeyCredential("secret"), transport=transport), transport


def test_an_update_takes_fields_that_win_over_the_model(workshop_package: ModuleType) -> None:
    """What is not given is not sent, and None is sent as null."""
    client, transport = workshop_client(workshop_package, Answer(204), Answer(204), Answer(200, json={"name": "b"}))
    owner = workshop_package.models.Owner(name="a", state="new", version="1")
    client.update_owner("a", owner, x_rate=3, state=workshop_package.models.State.IN_USE, field=None)
    client.update_owner("a", x_rate=3, labels={"made": datetime.datetime(2026, 1, 31, tzinfo=datetime.UTC)})
    assert client.update_owner("a", {"name": "b"}, x_rate=3).name == "b"
    bodies = [json.loads(cast("bytes", request.content)) for request in transport.requests]
    assert bodies == [
        {"name": "a", "state": "in use", "version": "1", "field": None},
        {"labels": {"made": "2026-01-31T00:00:00Z"}},
        {"name": "b"},
    ]
    assert transport.requests[0].headers["Content-Type"] == "application/merge-patch+json"
    assert transport.requests[0].headers["X-Rate"] == "3"
    assert transport.requests[0].headers["X-Key"] == "secret"
    assert owner.state == "new"


def test_deleting_what_is_gone_succeeds_and_cancelling_does_not(workshop_package: ModuleType) -> None:
    client, _ = workshop_client(workshop_package, Answer(404), Answer(404))
    assert client.delete_part(KEY) is None
    with pytest.raises(ResourceNotFoundError):
        client.cancel_job("j")


@pytest.mark.parametrize(("status", "exists"), [(200, True), (404, False)])
def test_existence_is_a_bool(workshop_package: ModuleType, status: int, exists: bool) -> None:
    client, _ = workshop_client(workshop_package, Answer(status))
    assert client.part_exists(KEY) is exists


def test_existence_that_cannot_be_found_out_is_an_error(workshop_package: ModuleType) -> None:
    client, _ = workshop_client(workshop_package, Answer(403))
    with pytest.raises(HttpResponseError):
        client.part_exists(KEY)


def test_a_tagged_model_is_read_as_what_it_is(workshop_package: ModuleType) -> None:
    """An unknown kind is read as the base."""
    client, transport = workshop_client(workshop_package, Answer(json=PART), Answer(json={**PART, "kind": "screw"}))
    models = workshop_package.models
    bolt = client.get_part("me", KEY, expand=[models.Level.LOW, 2], timeout_parameter=5)
    assert type(bolt) is models.Bolt
    assert bolt.created == datetime.datetime(2026, 1, 31, 12, 30, tzinfo=datetime.UTC)
    assert type(client.get_part("me", KEY)) is models.Part
    assert transport.requests[0].url == f"{ENDPOINT}/owners/me/parts/{KEY}?expand=1,2&timeout=5&api-version=2026-01-31"


def test_a_union_is_read_by_its_tag(tmp_path: Path, import_from: Load) -> None:
    """Also where its members are no relatives; a tag that nobody knows leaves a dict."""
    kinds = {kind: {"properties": {"kind": {"type": "string"}, "size": {"type": "integer"}}} for kind in ("Cat", "Dog")}
    members = [{"$ref": f"#/components/schemas/{kind}"} for kind in kinds]
    mapping = {
        "cat": "#/components/schemas/Cat",
        "kitten": "#/components/schemas/Cat",
        "dog": "#/components/schemas/Dog",
    }
    union = {"oneOf": members, "discriminator": {"propertyName": "kind", "mapping": mapping}}
    responses = {"200": {"description": "", "content": {"application/json": {"schema": union}}}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Zoo", "version": "1"},
        "paths": {"/pet": {"get": {"operationId": "getPet", "responses": responses}}},
        "components": {"schemas": kinds},
    }
    (tmp_path / "zoo.json").write_text(json.dumps(document))
    write_package(build_api(str(tmp_path / "zoo.json"))[0], tmp_path / "zoo", source="")
    zoo = import_from(tmp_path / "zoo", "zoo_client")
    transport = ScriptedTransport(*(Answer(json={"kind": kind}) for kind in ("cat", "kitten", "dog", "newt")))
    client = zoo.ZooClient(ENDPOINT, transport=transport)
    assert [type(client.get_pet()).__name__ for _ in range(4)] == ["Cat", "Cat", "Dog", "dict"]


def test_a_token_pager_goes_on_by_its_token(workshop_package: ModuleType) -> None:
    """The token is no argument of the method: ``continuation_token`` is how one goes on."""
    pages = [Answer(json={"data": {"items": [PART], "next": token}}) for token in ("two", None)]
    client, transport = workshop_client(workshop_package, *pages)
    assert len(list(client.list_parts(state="new"))) == 2
    assert [re.sub(r"&?api-version=[^&]*", "", request.url.partition("?")[2]) for request in transport.requests] == [
        "state=new",
        "state=new&cursor=two",
    ]
    assert "cursor" not in inspect.signature(client.list_parts).parameters


def test_a_poller_ends_with_the_result(workshop_package: ModuleType) -> None:
    client, transport = workshop_client(
        workshop_package,
        Answer(202, json={"id": "j7"}),
        Answer(200, json={"status": "running"}),
        Answer(200, json={"status": "finished", "result": PART}),
    )
    poller = client.begin_send(job={"id": "x"})
    assert type(poller.result()) is workshop_package.models.Bolt
    assert transport.requests[-1].url.startswith(f"{ENDPOINT}/send/j7")


def test_bytes_text_forms_and_plain_json(workshop_package: ModuleType) -> None:
    client, transport = workshop_client(
        workshop_package,
        Answer(200, content=b"\x89PNG", headers={"Content-Type": "image/png"}),
        Answer(201, content=b"stored", headers={"Content-Type": "text/plain"}),
        Answer(200, json={"a": 1, "b": 9}),
        Answer(200, json=["x"]),
        Answer(204),
    )
    assert client.get_drawing(KEY) == b"\x89PNG"
    assert client.upload_drawing(KEY, b"\x89PNG") == "stored"
    assert client.get_levels() == {"a": workshop_package.models.Level.LOW, "b": 9}
    assert client.get_names() == ["x"]
    client.submit_form({"title": "a b"})
    assert transport.requests[0].headers["Accept"] == "image/png"
    assert transport.requests[1].headers["Content-Type"] == "image/png"
    assert transport.requests[4].content == b"title=a+b"


def test_a_secret_field_is_not_shown(workshop_package: ModuleType) -> None:
    """A write-only property is a password, as a rule."""
    owner = workshop_package.models.Owner(name="a", version="1", password="hush")
    assert "hush" not in repr(owner)
    assert owner.as_dict()["password"] == "hush"


# --- museum ----------------------------------------------------------------------------------------------------------


async def test_museum_in_both_colours(generated: dict[str, Path], import_from: Load) -> None:
    """The same calls give the same requests and the same results."""
    name = "redocly_museum_client"
    package, aio = import_from(generated[name], name), import_from(generated[name], f"{name}.aio")
    event = {
        "eventId": str(KEY),
        "name": "n",
        "location": "l",
        "eventDescription": "d",
        "dates": ["2026-01-31"],
        "price": 1,
    }
    answers = [Answer(json=event), Answer(201, json=event), Answer(404)]
    transport, async_transport = ScriptedTransport(*answers), AsyncScriptedTransport(*answers)
    credential = BasicCredential("me", "secret")
    client = package.RedoclyMuseumClient(ENDPOINT, credential, transport=transport)
    async_client = aio.RedoclyMuseumClient(ENDPOINT, credential, transport=async_transport)
    body = package.models.SpecialEvent.from_dict(event)
    first = client.update_special_event(KEY, price=1.0, dates=[datetime.date(2026, 1, 31)])
    second = await async_client.update_special_event(KEY, price=1.0, dates=[datetime.date(2026, 1, 31)])
    assert first == second == client.create_special_event(body) == await async_client.create_special_event(body)
    assert first.dates == [datetime.date(2026, 1, 31)]
    assert client.delete_special_event(KEY) is None
    assert await async_client.delete_special_event(KEY) is None
    for one, other in zip(transport.requests, async_transport.requests, strict=True):
        assert (one.method, one.url, one.content) == (other.method, other.url, other.content)
    assert transport.requests[0].content == b'{"dates":["2026-01-31"],"price":1.0}'
