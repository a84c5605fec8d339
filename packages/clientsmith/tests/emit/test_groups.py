"""Packages with groups and bound clients: imported, used, regenerated; and what their modules know of each other."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
from clientsmith.configuration import Configuration, GroupsSettings
from clientsmith.core.testing import Answer, AsyncScriptedTransport, ScriptedTransport
from clientsmith.emit.errors import EditedFileError, ForeignFilesError
from clientsmith.emit.layout import layout_of, module_of
from clientsmith.emit.package import render_package, write_package
from clientsmith.model.ir import Api, Group
from clientsmith.model.pipeline import build_api

Load = Callable[[Path, str], ModuleType]
SPEC = Path(__file__).parents[1] / "specs" / "forge.yaml"
ENDPOINT = "https://forge.test"
ISSUE = {"number": 7, "title": "It rains in", "state": "open"}


@pytest.fixture(scope="module")
def forge() -> Api:
    return build_api(str(SPEC), notes=False)[0]


@pytest.fixture(scope="module")
def target(forge: Api, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package; tests that change it write one of their own."""
    folder = tmp_path_factory.mktemp("forge") / "forge-client"
    write_package(forge, folder, source="")
    return folder


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# --- in use ----------------------------------------------------------------------------------------------------------


def test_a_group_is_a_property(target: Path, import_from: Load) -> None:
    """The same object each time."""
    service = ScriptedTransport(Answer(200, json={"name": "ada"}))
    client = import_from(target, "forge_client").ForgeClient(ENDPOINT, transport=service)
    assert client.users.get_user("ada").name == "ada"
    assert client.users is client.users
    assert service.requests[0].url == f"{ENDPOINT}/v1/users/ada"


def test_a_bound_client_has_its_arguments_once(target: Path, import_from: Load) -> None:
    service = ScriptedTransport(Answer(200, json=ISSUE), Answer(201, json={"name": "new", "owner": {"name": "ada"}}))
    client = import_from(target, "forge_client").ForgeClient(ENDPOINT, transport=service)
    repository = client.get_repository_client("ada", "engine")
    assert repository.issues.get_issue(7).title == "It rains in"
    repository.create_from_template({"name": "new"})
    assert [request.url for request in service.requests] == [
        f"{ENDPOINT}/v1/repos/ada/engine/issues/7",
        f"{ENDPOINT}/v1/repos/ada/engine/generate",  # in the document {template_owner} and {template_repo}
    ]
    assert list(inspect.signature(type(repository.issues).get_issue).parameters) == ["self", "number", "options"]


async def test_the_async_client_has_the_same(target: Path, import_from: Load) -> None:
    service = AsyncScriptedTransport(Answer(200, json=[ISSUE]), Answer(200, json=ISSUE))
    async with import_from(target, "forge_client.aio").ForgeClient(ENDPOINT, transport=service) as client:
        issues = client.get_repository_client("ada", "engine").issues
        assert [issue.number async for issue in issues.list_issues()] == [7]
        assert (await issues.close_issue(7)).number == 7
    assert service.requests[1].url == f"{ENDPOINT}/v1/repos/ada/engine/issues/7/close"


@pytest.mark.parametrize("name", ["RepositoryClient", "RepositoryIssuesClient"])
def test_a_child_client_can_be_made_alone(name: str, target: Path, import_from: Load) -> None:
    """From the package, with the endpoint and what it is bound to (client-hier-creation)."""
    service = ScriptedTransport(Answer(200, json=ISSUE))
    kind = getattr(import_from(target, "forge_client"), name)
    assert list(inspect.signature(kind).parameters)[:4] == ["endpoint", "owner", "repo", "credential"]
    child = kind(ENDPOINT, "ada", "engine", transport=service)
    (child if name.endswith("IssuesClient") else child.issues).get_issue(7)
    assert service.requests[0].url == f"{ENDPOINT}/v1/repos/ada/engine/issues/7"


def test_a_group_that_is_called_like_a_method_of_every_client(target: Path, import_from: Load) -> None:
    service = ScriptedTransport(Answer(200, json={"reason": "rain"}))
    client = import_from(target, "forge_client").ForgeClient(ENDPOINT, transport=service)
    assert client.close_.get_ending("1").reason == "rain"
    client.close()


def test_a_group_called_models_leaves_the_models_alone(target: Path, import_from: Load) -> None:
    package = import_from(target, "forge_client")
    service = ScriptedTransport(Answer(200, json={"name": "cat"}))
    found = package.ForgeClient(ENDPOINT, transport=service).models.get_model("1")
    assert isinstance(found, package.models.TrainedModel)


def test_children_of_a_tagged_model_are_known_with_it(target: Path, import_from: Load) -> None:
    """They stand in one module: a child that was not imported would not be recognised."""
    answer = [{"kind": "labeled", "at": "2026-01-31T12:30:00Z", "label": {"name": "wet"}}]
    service = ScriptedTransport(Answer(200, json=answer))
    package = import_from(target, "forge_client")
    client = package.ForgeClient(ENDPOINT, transport=service)
    [event] = client.get_repository_client("ada", "engine").issues.list_events(7)
    assert type(event) is package.models.LabeledEvent


# --- lazy ------------------------------------------------------------------------------------------------------------

LOADED = "print(sorted(m.removeprefix('forge_client.') for m in sys.modules if m.startswith('forge_client.')))"


@pytest.mark.parametrize(
    ("used", "loaded"),
    [
        ("", ["_client", "_groups", "_operations", "_version", "models", "_patch"]),
        ("client.users", ["_groups._bases", "_groups._operations", "_groups._operations.users", "_groups.users"]),
        (
            "client.get_repository_client('a', 'b').hooks",
            [
                "_groups._bases", "_groups._operations", "_groups._operations.repository", "_groups.repository",
                "_groups._operations.repository_hooks", "_groups.repository_hooks",
            ],
        ),
    ],
    ids=["made", "a group", "a group of a bound client"],
)  # fmt: skip
def test_a_module_is_imported_when_it_is_used(used: str, loaded: list[str], target: Path) -> None:
    program = f"import sys; from forge_client import ForgeClient; client = ForgeClient(); {used}\n{LOADED}"
    run = [sys.executable, "-c", program]
    printed = subprocess.run(
        run, capture_output=True, text=True, check=True, env={"PYTHONPATH": str(target / "src")}
    ).stdout
    first = ["_client", "_groups", "_operations", "_patch", "_version", "models"]
    assert eval(printed) == sorted({*first, *loaded})


def test_models_stand_with_the_group_that_uses_them(forge: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """What several use stands with the group above them all: with the repository, or for all."""
    monkeypatch.setattr("clientsmith.emit.layout._FEWEST", 1)
    homes = {shape.name: layout_of(forge).shapes[pointer] for pointer, shape in forge.shapes.items()}
    assert {name: homes[name] for name in ("Hook", "Label", "Event", "ClosedEvent", "State", "User", "Ending")} == {
        "Hook": "_repository_hooks",
        "Label": "_models",  # of an issue, which those of a user see too
        "Event": "_repository_issues",
        "ClosedEvent": "_repository_issues",
        "State": "_enums",
        "User": "_models",
        "Ending": "_close",
    }
    assert homes["TrainedModel"] == "_models_group"  # `_models` is the shared one's


def test_a_few_models_stand_with_the_group_above(forge: Api) -> None:
    """A file is to be worth its bytes; but what only some clients need is not loaded with every client."""
    homes = {shape.name: layout_of(forge).shapes[pointer] for pointer, shape in forge.shapes.items()}
    assert {name: homes[name] for name in ("Hook", "Event", "ClosedEvent", "Ending")} == {
        "Hook": "_repository",
        "Event": "_repository",
        "ClosedEvent": "_repository",
        "Ending": "_close",
    }


def test_every_name_is_in_the_doorways(forge: Api, target: Path, import_from: Load) -> None:
    package = import_from(target, "forge_client")
    assert set(package.models.__all__) == {shape.name for shape in forge.shapes.values()}
    assert {group.name for group in forge.root.walk()} < set(package.__all__)
    for name in package.models.__all__:
        assert getattr(package.models, name).__name__ == name
    for name in import_from(target, "forge_client.aio").__all__:
        assert getattr(package.aio, name).__module__.startswith("forge_client.aio.")


# --- by hand ---------------------------------------------------------------------------------------------------------

BY_HAND = """
from ._groups.users import UsersClient as Generated
class UsersClient(Generated):
    def get_me(self): return self.get_user("me")
__all__ = ["UsersClient"]
"""


def test_a_group_can_be_finished_by_hand(forge: Api, tmp_path: Path, import_from: Load) -> None:
    """In `_patch.py`, like the client; the client gives the finished one."""
    write_package(forge, tmp_path, source="")
    (tmp_path / "src/forge_client/_patch.py").write_text(BY_HAND)
    write_package(forge, tmp_path, source="")
    service = ScriptedTransport(Answer(200, json={"name": "ada"}))
    package = import_from(tmp_path, "forge_client")
    assert package.ForgeClient(ENDPOINT, transport=service).users.get_me().name == "ada"
    assert package.UsersClient.__module__ == "forge_client._patch"
    assert "from .._patch import UsersClient" in (tmp_path / "src/forge_client/_groups/__init__.py").read_text()


def test_a_patch_may_import_from_the_doorway(forge: Api, tmp_path: Path, import_from: Load) -> None:
    """What it gets there while it is being imported is the generated class, and nobody else gets that."""
    write_package(forge, tmp_path, source="")
    patch = BY_HAND.replace("._groups.users import", "._groups import")
    (tmp_path / "src/forge_client/_patch.py").write_text(patch)
    package = import_from(tmp_path, "forge_client")
    assert package.ForgeClient(ENDPOINT).users.__class__.__module__ == "forge_client._patch"


# --- again -----------------------------------------------------------------------------------------------------------


def without(api: Api, key: str) -> Api:
    def kept(group: Group) -> Group:
        return replace(group, groups=tuple(kept(one) for one in group.groups if one.key != key))

    return replace(api, root=kept(api.root))


def test_a_group_that_vanished_leaves_nothing_behind(forge: Api, tmp_path: Path) -> None:
    write_package(forge, tmp_path, source="")
    report = write_package(without(forge, "repository.hooks"), tmp_path, source="")
    assert [path.rpartition("forge_client/")[2] for path in report.deleted if "repository_hooks" in path][:3] == [
        "_groups/_operations/repository_hooks.py",
        "_groups/repository_hooks.py",
        "aio/_groups/repository_hooks.py",
    ]
    assert not list(tmp_path.rglob("*hooks*"))


def test_one_client_again_leaves_no_folder_of_groups(forge: Api, tmp_path: Path) -> None:
    write_package(forge, tmp_path, source="")
    flat, _ = build_api(str(SPEC), configuration=Configuration(groups=GroupsSettings(mode="flat")))
    write_package(flat, tmp_path, source="")
    assert not (tmp_path / "src/forge_client/_groups").exists()
    assert not (tmp_path / "src/forge_client/aio/_groups").exists()


@pytest.mark.parametrize("path", ["_groups/users.py", "_groups/_operations/users.py", "models/_users.py"])
def test_a_group_that_was_edited_is_refused(path: str, forge: Api, tmp_path: Path) -> None:
    """Also where it would be deleted."""
    write_package(forge, tmp_path, source="")
    if not (edited := tmp_path / "src/forge_client" / path).exists():
        edited = tmp_path / "src/forge_client/_groups/repository.py"
    with edited.open("a") as file:
        file.write("# mine\n")
    before = tree(tmp_path)
    with pytest.raises(EditedFileError):
        write_package(without(forge, "users"), tmp_path, source="")
    assert tree(tmp_path) == before


def test_a_foreign_file_where_a_group_would_stand_is_refused(forge: Api, tmp_path: Path) -> None:
    write_package(without(forge, "users"), tmp_path, source="")
    (tmp_path / "src/forge_client/_groups/users.py").write_text("# mine\n")
    with pytest.raises(ForeignFilesError, match=r"_groups/users\.py"):
        write_package(forge, tmp_path, source="")


def test_a_foreign_file_beside_the_groups_stays(forge: Api, tmp_path: Path) -> None:
    write_package(forge, tmp_path, source="")
    (tmp_path / "src/forge_client/_groups/mine.py").write_text("# mine\n")
    write_package(without(forge, "users"), tmp_path, source="")
    assert (tmp_path / "src/forge_client/_groups/mine.py").read_text() == "# mine\n"


def test_file_names_differ_in_more_than_case(forge: Api) -> None:
    files = list(render_package(forge))
    assert len({path.casefold() for path in files}) == len(files)


@pytest.mark.parametrize(
    ("name", "module"),
    [("IssuesClient", "issues"), ("AuxClient", "aux_"), ("OAuthAppsClient", "oauth_apps"), ("用户Client", "用户")],
)
def test_the_module_of_a_group(name: str, module: str) -> None:
    """Windows keeps some names for devices."""
    assert module_of(Group(name, ())) == module
