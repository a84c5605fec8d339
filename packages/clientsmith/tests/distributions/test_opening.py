"""A package at hand, from wherever it comes; and nothing of it left behind."""

from __future__ import annotations

import hashlib
import json
import subprocess
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from clientsmith.distributions import Kind, opened
from clientsmith.findings import InputError

_METADATA = """Metadata-Version: 2.4
Name: Pets_Client
Version: {version}
Requires-Python: >=3.11
Requires-Dist: idna>=3
Requires-Dist: aiohttp; extra == "aio"
Provides-Extra: aio
"""
_PROJECT = """[project]
name = "pets-client"
version = "1.0"
requires-python = ">=3.11"
dependencies = ["idna>=3"]
scripts = { pets = "pets:main" }
[project.optional-dependencies]
aio = ["aiohttp; python_version > '3'"]
"""


def _write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        place = root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    return root


def _wheel(folder: Path, version: str = "1.0") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / f"pets_client-{version}-py3-none-any.whl"
    with zipfile.ZipFile(place, "w") as zipped:
        zipped.writestr("pets/__init__.py", "x = 1\n")
        zipped.writestr("pets/py.typed", "")
        zipped.writestr(f"pets_client-{version}.dist-info/METADATA", _METADATA.format(version=version))
        zipped.writestr(f"pets_client-{version}.dist-info/entry_points.txt", "[console_scripts]\npets = pets:main\n")
    return place


def test_a_wheel_is_what_its_metadata_say(tmp_path: Path) -> None:
    """Name, version, dependencies, extras and commands; and the import package."""
    with opened(str(_wheel(tmp_path)), inside=tmp_path) as found:
        assert (found.kind, found.name, found.version) == (Kind.WHEEL, "pets-client", "1.0")
        assert list(found.packages) == ["pets"]
        assert found.requires == ("idna>=3", 'aiohttp; extra == "aio"')
        assert (found.requires_python, found.extras) == (">=3.11", ("aio",))
        assert found.entry_points == {"console_scripts": {"pets": "pets:main"}}
        assert found.shown() == "pets-client 1.0"
    assert [path.name for path in tmp_path.iterdir()] == ["pets_client-1.0-py3-none-any.whl"]


def test_a_folder_is_what_pyproject_says(tmp_path: Path) -> None:
    """An extra's dependencies carry the extra in their marker."""
    root = _write(tmp_path, {"pyproject.toml": _PROJECT, "src/pets/__init__.py": "", "tests/__init__.py": ""})
    with opened(str(root)) as found:
        assert (found.kind, found.name, found.version) == (Kind.FOLDER, "pets-client", "1.0")
        assert found.packages == {"pets": root / "src/pets"}
        assert found.requires == ("idna>=3", "aiohttp ; (python_version > '3') and extra == \"aio\"")
        assert found.entry_points == {"console_scripts": {"pets": "pets:main"}}


def test_an_sdist_says_what_its_project_leaves_to_the_build(tmp_path: Path) -> None:
    """A dynamic version stands in PKG-INFO."""
    text = '[project]\nname = "pets-client"\ndynamic = ["version"]\n'
    files = {"pyproject.toml": text, "PKG-INFO": _METADATA.format(version="3.1"), "pets/__init__.py": ""}
    _write(tmp_path / "pets_client-3.1", files)
    with tarfile.open(tmp_path / "pets_client-3.1.tar.gz", "w:gz") as tar:
        tar.add(tmp_path / "pets_client-3.1", "pets_client-3.1")
    with opened(str(tmp_path / "pets_client-3.1.tar.gz")) as found:
        assert (found.kind, found.version, found.requires_python) == (Kind.SDIST, "3.1", ">=3.11")
        assert list(found.packages) == ["pets"]


@pytest.mark.parametrize(
    ("files", "packages"),
    [
        ({"src/a/__init__.py": "", "src/b/__init__.py": ""}, {"a", "b"}),
        ({"src/a/one/__init__.py": "", "src/a/two/__init__.py": ""}, {"a.one", "a.two"}),
        ({"a/b/c/__init__.py": "", "setup.py": "setup(name='a-b-c')"}, {"a.b.c"}),
        ({"a/__init__.py": "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n", "a/b/__init__.py": ""}, {"a.b"}),
        ({"pets_client/__init__.py": "", "helper/__init__.py": "", "setup.py": "setup(name='pets-client')"}, {"pets_client"}),
        ({"single.py": "x = 1", "setup.py": "setup(name='single')"}, {"single"}),
        ({"__init__.py": ""}, {"root"}),
        ({"a-stubs/__init__.pyi": ""}, {"a"}),
        ({"lib/x/__init__.py": "", "pyproject.toml": '[tool.hatch.build.targets.wheel]\npackages = ["lib/x"]'}, {"x"}),
        ({"src/x/y/__init__.py": "", "pyproject.toml": '[tool.uv.build-backend]\nmodule-name = "x.y"'}, {"x.y"}),
        ({"lib/x/__init__.py": "", "pyproject.toml": '[tool.setuptools]\npackages = ["x", "x.y"]\npackage-dir = {"" = "lib"}'}, {"x"}),
        ({"x/__init__.py": "", "pyproject.toml": '[tool.hatch.build.targets.wheel]\npackages = ["../../outside"]'}, {"x"}),
    ],
    ids=["src", "namespace", "deep namespace", "old namespace", "named", "module", "package", "stubs", "hatch", "uv", "setuptools", "outside"],
)  # fmt: skip
def test_packages_are_found_where_people_put_them(files: dict[str, str], packages: set[str], tmp_path: Path) -> None:
    """By the backend's settings, or by custom; a setting that leads out of the project counts for nothing."""
    with opened(str(_write(tmp_path / "root", files))) as found:
        assert set(found.packages) == packages


@pytest.mark.parametrize(
    ("files", "version"),
    [
        ({"pyproject.toml": '[project]\nname = "p"\n[tool.hatch.version]\npath = "v.py"', "v.py": '__version__ = "1.1"'}, "1.1"),
        ({"pyproject.toml": '[project]\nname = "p"\n[tool.setuptools.dynamic]\nversion = {attr = "p.VERSION"}', "p/__init__.py": 'VERSION: str = "1.2"'}, "1.2"),
        ({"pyproject.toml": '[project]\nname = "p"\n[tool.setuptools.dynamic]\nversion = {file = "VERSION"}', "VERSION": "1.3\n"}, "1.3"),
        ({"p/_version.py": 'VERSION = "1.4"'}, "1.4"),
        ({"setup.py": 'V = "1.5"\nsetup(name="p", version=V)'}, "1.5"),
        ({"setup.cfg": "[metadata]\nname = p\nversion = 1.6\n"}, "1.6"),
        ({"setup.cfg": "[metadata]\nname = p\nversion = attr: p.x\n"}, ""),
    ],
    ids=["hatch", "setuptools attr", "setuptools file", "custom", "setup.py", "setup.cfg", "unknown"],
)  # fmt: skip
def test_a_version_is_read_where_the_build_would(files: dict[str, str], version: str, tmp_path: Path) -> None:
    """As text; nothing is run."""
    with opened(str(_write(tmp_path, {"p/__init__.py": "", **files}))) as found:
        assert found.version == version


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"docs/a.md": ""}, "no Python package in it"),
        ({"pyproject.toml": "[project", "p/__init__.py": ""}, "its pyproject.toml is no TOML"),
        ({"a-1.dist-info/METADATA": "", "b-1.dist-info/METADATA": ""}, "several packages are in it"),
    ],
)
def test_a_folder_that_is_no_package_is_told(files: dict[str, str], message: str, tmp_path: Path) -> None:
    """With what is wrong."""
    with pytest.raises(InputError, match=message), opened(str(_write(tmp_path, files))):
        pass


def test_nothing_is_left_when_it_fails(tmp_path: Path) -> None:
    """Temporary folders go away, whatever happens."""
    room = tmp_path / "room"
    room.mkdir()
    with zipfile.ZipFile(tmp_path / "p.whl", "w") as zipped:
        zipped.writestr("readme.txt", "")
    with pytest.raises(InputError), opened(str(tmp_path / "p.whl"), inside=room):
        pass
    assert not list(room.iterdir())


# --- git -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one package in a folder of its own."""
    root = tmp_path / "repository"
    _write(root, {"packages/client/pyproject.toml": _PROJECT, "packages/client/src/pets/__init__.py": "x = 1\n"})
    author = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    for command in (["init", "--quiet"], ["add", "."], [*author, "commit", "--quiet", "-m", "one"], ["tag", "v1"]):
        subprocess.run(["git", "-C", str(root), *command], check=True)
    return root


@pytest.mark.parametrize(
    ("folder", "reference"),
    [
        (".", "v1:packages/client"),
        ("packages", "v1:packages/client"),
        ("packages", "v1:./client"),
        ("packages", "client@v1"),
        ("packages/client", ".@HEAD"),
    ],
)
def test_a_revision_is_exported_beside_the_working_copy(
    folder: str, reference: str, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From anywhere in the repository; what was changed since does not count."""
    source = repository / "packages/client/src/pets/__init__.py"
    source.write_text("changed", encoding="utf-8")
    monkeypatch.chdir(repository / folder)
    with opened(reference) as found:
        assert (found.kind, found.version) == (Kind.REVISION, "1.0")
        assert (found.packages["pets"] / "__init__.py").read_text(encoding="utf-8") == "x = 1\n"
    assert source.read_text(encoding="utf-8") == "changed"


def test_another_repository_is_fetched(repository: Path) -> None:
    """One revision of it, and one folder."""
    with opened(f"git+file://{repository}@v1#subdirectory=packages/client") as found:
        assert (found.kind, found.name) == (Kind.REVISION, "pets-client")


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("v2:packages/client", "cannot read revision 'v2': there is none"),
        ("v1:packages/none", "cannot find 'packages/none' at 'v1'"),
        ("v1:../..", "it is outside of the repository"),
        ("../../x@v1", "it is outside of the repository"),
        ("git+file:///no/such/repository@v1", "cannot fetch 'v1' from file:///no/such/repository"),
    ],
)
def test_what_git_does_not_have_is_told(
    reference: str, message: str, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In our words, with git's last ones."""
    monkeypatch.chdir(repository)
    with pytest.raises(InputError) as caught, opened(reference):
        pass
    assert message in caught.value.message
    assert caught.value.hint or "outside" in message


# --- an index --------------------------------------------------------------------------------------------------------


class _Index(BaseHTTPRequestHandler):
    """A Simple index of two releases and one that was yanked, on loopback."""

    files: ClassVar[dict[str, bytes]] = {}
    hashes: ClassVar[dict[str, str]] = {}

    def do_GET(self) -> None:
        name = self.path.rstrip("/").rpartition("/")[2]
        if name in self.files:
            self._answer(200, self.files[name], "application/octet-stream")
        elif name == "pets-client":
            page = {
                "meta": {"api-version": "1.1"},
                "name": name,
                "versions": ["1.0", "1.1", "1.2"],
                "files": self._page(),
            }
            self._answer(200, json.dumps(page).encode(), "application/vnd.pypi.simple.v1+json")
        else:
            self._answer(404, b"", "text/plain")

    def _page(self) -> list[dict[str, object]]:
        return [
            {"filename": name, "url": f"/files/{name}", "size": len(self.files[name]), "hashes": {"sha256": self.hashes[name]}}
            | ({"yanked": "wrong licence"} if "-1.2-" in name else {})
            for name in self.files
        ]  # fmt: skip

    def _answer(self, status: int, content: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def index(tmp_path: Path) -> Iterator[str]:
    """The URL of an index that runs for this test."""
    wheels = [_wheel(tmp_path / "wheels", version) for version in ("1.0", "1.1", "1.2")]
    _Index.files = {wheel.name: wheel.read_bytes() for wheel in wheels}
    _Index.hashes = {name: hashlib.sha256(content).hexdigest() for name, content in _Index.files.items()}
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Index)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/simple/"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_version_is_downloaded_and_the_newest_is_not_yanked(index: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With `==` that one, without the newest that nobody took back; the index may come from the environment."""
    with opened("pets-client==1.0", index=index) as found:
        assert (found.kind, found.version, found.notes) == (Kind.RELEASE, "1.0", ())
    monkeypatch.setenv("CLIENTSMITH_INDEX_URL", index)
    with opened("Pets.Client") as found:
        assert found.version == "1.1"


def test_a_yanked_version_is_told(index: str) -> None:
    """It is read, since it was asked for."""
    with opened("pets-client==1.2", index=index) as found:
        assert found.notes == ("pets-client 1.2 was yanked: wrong licence",)


def test_a_file_that_is_not_what_the_index_says_is_refused(index: str) -> None:
    """By its hash."""
    _Index.hashes = dict.fromkeys(_Index.hashes, "0" * 64)
    with (
        pytest.raises(InputError, match=r"cannot get 'pets-client==1\.0' from the index"),
        opened("pets-client==1.0", index=index),
    ):
        pass


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("pets-client==9.9", "the index has no wheel and no sdist of pets-client 9.9"),
        ("cats-client", "has no project 'cats-client'"),
    ],
)
def test_what_the_index_does_not_have_is_told(reference: str, message: str, index: str) -> None:
    """And what it has instead."""
    with pytest.raises(InputError) as caught, opened(reference, index=index):
        pass
    assert message in caught.value.message


def test_no_index_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """What pip and uv are configured for is not asked for a name of one's own."""
    monkeypatch.delenv("CLIENTSMITH_INDEX_URL", raising=False)
    with pytest.raises(InputError) as caught, opened("pets-client==1.0"):
        pass
    assert caught.value.hint == "give --index URL, or set CLIENTSMITH_INDEX_URL"


def test_an_index_that_is_away_is_told() -> None:
    """After a few tries."""
    with pytest.raises(InputError, match="from the index"), opened("pets==1", index="http://127.0.0.1:9/simple/"):
        pass
