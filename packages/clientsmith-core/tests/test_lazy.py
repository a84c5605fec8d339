"""Packages that import their modules when a name is first used."""

from __future__ import annotations

import importlib
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

INIT = """
from clientsmith.core.lazy import lazy
__getattr__, __dir__ = lazy(__name__, {"_models": "Pet Error", "_client": "Client"}, patch="_patch")
__all__ = ["Client", "Error", "Extra", "Pet"]
"""
MODELS = """
from clientsmith.core.models import Model, field
class Pet(Model):
    id: int = field("id")
class Error(Model):
    code: int = field("code")
"""
CLIENT = "class Client: made_by = 'generator'\n"
PATCH = """
from ._client import Client as Generated
class Client(Generated): made_by = 'hand'
Extra = 1
_private = 2
__all__ = ["Client", "Extra"]
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], ModuleType]]:
    """Returns the import of a fresh lazy package."""
    folder = tmp_path / "lazy_example"
    folder.mkdir()
    for name, text in {"__init__": INIT, "_models": MODELS, "_client": CLIENT, "_patch": PATCH}.items():
        (folder / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    yield lambda: importlib.import_module("lazy_example")
    for name in [name for name in sys.modules if name.partition(".")[0] == "lazy_example"]:
        del sys.modules[name]


def test_a_module_is_imported_with_the_first_of_its_names(package: Callable[[], ModuleType]) -> None:
    """Then all its names are there, and `__getattr__` is not asked again."""
    example = package()
    assert "lazy_example._models" not in sys.modules
    assert example.Pet.__module__ == "lazy_example._models"
    assert {"Pet", "Error"} <= vars(example).keys()


def test_a_module_can_be_one_of_the_names() -> None:
    """`core.aio`, without an import of its own."""
    run = [
        sys.executable,
        "-c",
        "from clientsmith import core; print(core.aio.ServiceClient.__module__, 'aio' in dir(core))",
    ]
    printed = subprocess.run(run, capture_output=True, text=True, check=True).stdout
    assert printed == "clientsmith.core.aio.client True\n"


def test_names_written_by_hand_win(package: Callable[[], ModuleType]) -> None:
    example = package()
    assert example.Client.made_by == "hand"
    assert example.Extra == 1
    assert not hasattr(example, "_private")


def test_a_patch_may_ask_the_package_for_what_it_finishes(package: Callable[[], ModuleType], tmp_path: Path) -> None:
    """It gets the generated class, and everybody else gets the finished one."""
    patch = tmp_path / "lazy_example" / "_patch.py"
    patch.write_text(PATCH.replace("from ._client import Client as Generated", "from . import Client as Generated"))
    assert package().Client.made_by == "hand"


def test_a_package_without_a_list_of_its_names_gets_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And its patch may stand in the package above."""
    for path, text in {
        "above/__init__.py": "",
        "above/_patch.py": "__all__ = ['A']\nclass A: made_by = 'hand'\n",
        "above/inner/__init__.py": "from clientsmith.core.lazy import lazy\n"
        "__getattr__, __dir__ = lazy(__name__, {'_one': 'B A'}, patch='._patch')\n",
        "above/inner/_one.py": "class A: made_by = 'generator'\nclass B: pass\n",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    inner = importlib.import_module("above.inner")
    assert (inner.__all__, inner.A.made_by) == (["A", "B"], "hand")
    for name in [name for name in sys.modules if name.partition(".")[0] == "above"]:
        del sys.modules[name]


def test_names_written_by_hand_win_whatever_is_used_first(package: Callable[[], ModuleType]) -> None:
    example = package()
    assert example.Pet
    assert example.Client.made_by == "hand"


def test_an_unknown_name_is_an_error_that_names_the_nearest(package: Callable[[], ModuleType]) -> None:
    with pytest.raises(
        AttributeError, match=r"module 'lazy_example' has no attribute 'Pets'; did you mean 'Pet'\?"
    ) as caught:
        package().Pets  # noqa: B018
    assert caught.value.name == "Pets"


def test_python_asking_for_its_own_names_imports_nothing(package: Callable[[], ModuleType]) -> None:
    example = package()
    assert getattr(example, "__wrapped__", None) is None
    assert "lazy_example._patch" not in sys.modules


def test_an_error_in_a_module_is_not_hidden(package: Callable[[], ModuleType], tmp_path: Path) -> None:
    (tmp_path / "lazy_example" / "_patch.py").write_text("import no_such_module\n")
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        package().Pet  # noqa: B018


def test_dir_and_star_know_all_names(package: Callable[[], ModuleType]) -> None:
    example = package()
    assert {"Pet", "Error", "Client", "Extra"} <= set(dir(example))
    names: dict[str, object] = {}
    exec("from lazy_example import *", names)
    assert {"Pet", "Error", "Client", "Extra"} <= names.keys()
    assert example.Client is names["Client"]


def test_instances_pickle_into_another_process(package: Callable[[], ModuleType], tmp_path: Path) -> None:
    data = pickle.dumps(package().Pet(id=1))
    script = f"import pickle; print(pickle.loads({data!r}).as_dict())"
    run = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert run.stdout == "{'id': 1}\n"


def test_threads_get_the_same_class(package: Callable[[], ModuleType]) -> None:
    example = package()
    start, found = threading.Barrier(8), []

    def use() -> None:
        start.wait()
        found.append((example.Pet, example.Client, example.Error))

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
