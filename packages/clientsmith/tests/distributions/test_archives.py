"""Archives of others: unpacked into their folder and nowhere else, or refused with nothing left outside."""

from __future__ import annotations

import io
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from clientsmith.distributions import archives
from clientsmith.distributions.archives import unpack
from clientsmith.findings import InputError


def _wheel(place: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(place, "w") as zipped:
        for name, content in files.items():
            zipped.writestr(name, content)
    return place


def _sdist(place: Path, files: dict[str, bytes], *others: tarfile.TarInfo) -> Path:
    with tarfile.open(place, "w:gz") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
        for info in others:
            tar.addfile(info)
    return place


def test_a_wheel_is_unpacked_as_it_is(tmp_path: Path) -> None:
    """Files in their folders."""
    root = unpack(_wheel(tmp_path / "p-1.whl", {"p/__init__.py": b"x = 1"}), tmp_path / "out")
    assert (root / "p/__init__.py").read_bytes() == b"x = 1"


def test_an_sdist_begins_in_its_top_folder(tmp_path: Path) -> None:
    """`p-1.0/` is the project's folder."""
    root = unpack(_sdist(tmp_path / "p-1.0.tar.gz", {"p-1.0/p/__init__.py": b""}), tmp_path / "out")
    assert root == tmp_path / "out" / "p-1.0"


@pytest.mark.parametrize("name", ["../evil.py", "/evil.py", "p/../../evil.py", "..\\evil.py", "C:/evil.py"])
@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_a_path_that_leads_out_is_refused(name: str, kind: str, tmp_path: Path) -> None:
    """Nothing is written outside of the folder."""
    make, place = (_wheel, tmp_path / "in" / "p.whl") if kind == "wheel" else (_sdist, tmp_path / "in" / "p.tar.gz")
    place.parent.mkdir()
    archive = make(place, {name: b"evil"})
    with pytest.raises(InputError, match="would be outside its folder") as caught:
        unpack(archive, tmp_path / "out" / "deep")
    assert "do not use this file" in caught.value.hint
    assert not list(tmp_path.rglob("evil.py"))


def test_links_and_devices_are_left_out(tmp_path: Path) -> None:
    """A link could lead anywhere, and no API is in one."""
    link, device = tarfile.TarInfo("p-1/link"), tarfile.TarInfo("p-1/device")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc"
    device.type = tarfile.CHRTYPE
    root = unpack(_sdist(tmp_path / "p-1.tar.gz", {"p-1/a.py": b""}, link, device), tmp_path / "out")
    assert [path.name for path in root.iterdir()] == ["a.py"]
    with zipfile.ZipFile(tmp_path / "p.whl", "w") as zipped:
        info = zipfile.ZipInfo("link")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        zipped.writestr(info, "/etc")
    assert not list(unpack(tmp_path / "p.whl", tmp_path / "zipped").iterdir())


@pytest.mark.parametrize("limit", ["_MOST_BYTES", "_MOST_FILES"])
def test_what_is_too_large_is_refused(limit: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the sizes that it says, before they are written."""
    monkeypatch.setattr(archives._Budget, "__init__", _budget_of(limit))
    archive = _wheel(tmp_path / "p.whl", {f"{number}.py": b"x" * 100 for number in range(5)})
    with pytest.raises(InputError, match=r"it has more than .* files or .* GiB"):
        unpack(archive, tmp_path / "out")


def _budget_of(limit: str) -> Callable[[archives._Budget, str], None]:
    def start(self: archives._Budget, name: str) -> None:
        self.name = name
        self.bytes_left = 150 if limit == "_MOST_BYTES" else 10_000
        self.files_left = 2 if limit == "_MOST_FILES" else 10_000

    return start


@pytest.mark.parametrize("name", ["p.whl", "p.tar.gz", "p.zip"])
@pytest.mark.parametrize("content", [b"", b"no archive at all", b"PK\x03\x04broken", b"\x1f\x8bbroken"])
def test_what_is_no_archive_is_told(name: str, content: bytes, tmp_path: Path) -> None:
    """In one message."""
    place = tmp_path / name
    place.write_bytes(content)
    with pytest.raises(InputError, match="cannot unpack"):
        unpack(place, tmp_path / "out")
