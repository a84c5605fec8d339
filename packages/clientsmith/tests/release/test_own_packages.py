"""Our own packages, released from a clone of this repository to an index on loopback."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner
from clientsmith.cli.release import release
from clientsmith.workspace.environments import Environment
from house import WHO, House
from upload_index import UploadIndex

ROOT: Final = Path(__file__).parents[4]
OURS: Final = ("clientsmith-core", "simple-repository-client", "naas-client")


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    """A clone of what is committed here, with a fragment that allows everything in each package."""
    subprocess.run(["git", "clone", "--quiet", "--no-tags", str(ROOT), str(tmp_path / "clone")], check=True)
    for name, value in WHO.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path / "clone")
    house = House(tmp_path / "clone")
    house.git("switch", "--quiet", "--create", "of-a-test")  # a pipeline may have no branch checked out
    fragments = {f"packages/{name}/changes/of-a-test.breaking.md": "Only for a test." for name in OURS}
    house.commit(fragments | {f"packages/{name}/CHANGELOG.md": released_only(house, name) for name in OURS})
    return house


def released_only(house: House, name: str) -> str:
    """Return a changelog without entries that wait under "Unreleased", which a release rightly refuses."""
    return re.sub(r"(?ms)^## \[?Unreleased\]?.*?(?=^## )", "", house.text(f"packages/{name}/CHANGELOG.md"))


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_our_packages_are_released_together(clone: House, index: UploadIndex, tmp_path: Path) -> None:
    before = {name: clone.workspace.members[name].version for name in OURS}
    arguments = [*OURS, "--publish-url", index.publish_url, "--index", index.url]
    result = CliRunner().invoke(release, arguments, prog_name="clientsmith release")
    assert result.exit_code == 0, result.output
    versions = dict(line.split() for line in result.stdout.splitlines()[-len(OURS) :])
    assert next(iter(versions)) == "clientsmith-core"
    assert all(versions[name] != before[name] for name in OURS)
    for name in OURS:
        stem = f"{name.replace('-', '_')}-{versions[name]}"
        assert {f"{stem}-py3-none-any.whl", f"{stem}.tar.gz"} <= index.files.keys()
        assert clone.git("rev-list", "-n1", f"{name}-v{versions[name]}") == clone.git("rev-parse", "HEAD~1")
    environment = Environment.create(tmp_path / "environment")
    finished = environment.install(
        *(f"{name}=={version}" for name, version in versions.items()), index=index.url, options=["--no-deps"]
    )
    assert finished.is_good, finished.last_lines()
    said = environment.run("python", "-c", "import naas_client; print(naas_client.__version__)")
    assert said.output.strip() == versions["naas-client"], said.last_lines()
