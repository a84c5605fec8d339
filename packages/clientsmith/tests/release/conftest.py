from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from house import WHO, House, build_house
from upload_index import PASSWORD, UploadIndex


@pytest.fixture(scope="session")
def built_house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return build_house(tmp_path_factory.mktemp("house") / "pets")


@pytest.fixture
def house(built_house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    """A workspace of a test's own; the current folder is in it."""
    root = tmp_path / "pets"
    shutil.copytree(built_house.root, root)
    for name, value in WHO.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(root)
    return House(root)


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[UploadIndex]:
    """An index that takes uploads with the password that the environment has."""
    monkeypatch.setenv("UV_PUBLISH_TOKEN", PASSWORD)
    with UploadIndex() as running:
        yield running
