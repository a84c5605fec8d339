"""A train goes to index servers of other people, and pip and uv install from there. Real builds, real uploads.

`python -m tools.servers install pypiserver devpi` installs them. Where one is not installed its tests are skipped; where
CLIENTSMITH_SERVERS is set, as in continuous integration, that is a failure.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner, Result
from clientsmith.cli.release import release
from clientsmith.release import Journal, Step, Target, carry_out
from clientsmith.workspace.building import find_uv
from clientsmith.workspace.environments import Environment

ROOT: Final = Path(__file__).parents[4]

sys.path.insert(0, str(ROOT))  # the workspace's tools are no package that is installed

from house import ADDS_TO_CORE, CLIENT, House  # noqa: E402

from tools.indexes import DEVPI_PASSWORD, devpi  # noqa: E402
from tools.serving import NotInstalledError, wsgi  # noqa: E402

pytestmark = pytest.mark.real

USES_IT: Final = {
    "packages/pets-client/src/pets_client/__init__.py": CLIENT.replace("import fetch\n", "import fetch, fetch_all\n"),
    "packages/pets-client/changes/all.changed.md": "It can fetch all.\n",
}
SAYS: Final = "import pets_client, pets_core; print(pets_client.PetsClient().get_pet('tom'), pets_core.VERSION)"


@dataclass(frozen=True)
class Server:
    """An index server that takes uploads."""

    publish_url: str
    index: str
    username: str = ""
    password: str = ""


@contextmanager
def pypiserver_with_uploads(folder: Path) -> Iterator[Server]:
    (folder / "packages").mkdir()
    (folder / "pypi_uploads.py").write_text(
        "import pypiserver\n"
        f"app = pypiserver.app(roots=[{str(folder / 'packages')!r}], disable_fallback=True, "
        "authenticate=[], password_file='.')\n"
    )
    with wsgi("pypiserver", "pypi_uploads:app", folder, {"PYTHONPATH": str(folder)}) as url:
        yield Server(f"{url}/", f"{url}/simple/", "anybody", "anything")


@contextmanager
def devpi_with_uploads(folder: Path) -> Iterator[Server]:
    with devpi(folder) as url:
        yield Server(url.removesuffix("+simple/"), url, "root", DEVPI_PASSWORD)


SERVERS: Final[dict[str, Callable[[Path], AbstractContextManager[Server]]]] = {
    "pypiserver": pypiserver_with_uploads,
    "devpi": devpi_with_uploads,
}


@pytest.fixture(params=["pypiserver"])
def server(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    folder = tmp_path / "server"
    folder.mkdir()
    try:
        with SERVERS[request.param](folder) as running:
            monkeypatch.delenv("UV_PUBLISH_TOKEN", raising=False)
            monkeypatch.setenv("UV_PUBLISH_USERNAME", running.username)
            monkeypatch.setenv("UV_PUBLISH_PASSWORD", running.password)
            yield running
    except NotInstalledError as error:
        if "CLIENTSMITH_SERVERS" in os.environ:
            pytest.fail(str(error))
        pytest.skip(str(error))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(release, arguments, prog_name="clientsmith release")


@pytest.mark.parametrize("server", SERVERS, indirect=True)
def test_a_train_is_released_and_installed_from_there(server: Server, house: House, tmp_path: Path) -> None:
    house.commit({**ADDS_TO_CORE, **USES_IT})
    to = ("--publish-url", server.publish_url, "--index", server.index)
    result = run("--train", "pets", *to)
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[-2:] == ["pets-core 1.1.0", "pets-client 1.1.0"]
    assert "range of pets-client: `pets-core>=1,<2` becomes `pets-core>=1.1.0,<2`" in result.output
    assert server.password not in result.output
    house.commit({"packages/pets-core/changes/more.fixed.md": "More."})
    assert "pets-core 1.1.0 -> 1.1.1" in run("pets-core", "--dry-run", *to).output
    for install in (pip_install, uv_install):
        environment = Environment.create(tmp_path / install.__name__)
        install(environment, server.index)
        said = environment.run("python", "-c", SAYS)
        assert said.output == "/v2/pets/tom 1.1.0\n"


def pip_install(environment: Environment, index: str) -> None:
    pip = [str(Path(sys.base_prefix) / "bin" / "python3"), "-m", "pip", "--python", str(environment.python), "install"]
    options = ["--no-cache-dir", "--disable-pip-version-check", "--index-url", index]
    finished = subprocess.run([*pip, *options, "pets-client"], capture_output=True, text=True, check=False, timeout=60)
    assert finished.returncode == 0, finished.stderr


def uv_install(environment: Environment, index: str) -> None:
    options = ["--no-cache", "--no-config", "--default-index", index]
    command = [find_uv(), "pip", "install", "--python", str(environment.python), *options, "pets-client"]
    finished = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert finished.returncode == 0, finished.stderr


def test_a_release_that_broke_off_in_the_middle_is_resumed(server: Server, house: House) -> None:
    house.commit({**ADDS_TO_CORE, **USES_IT})

    class Stops:
        def begins(self, step: Step) -> None:
            """Nothing."""

        def done(self, step: Step) -> None:
            if step.name == "publish pets-core":
                raise KeyboardInterrupt

    planned = house.plan(train="pets", target=Target(publish_url=server.publish_url, index=server.index))
    assert planned.plan is not None
    with pytest.raises(KeyboardInterrupt):
        carry_out(house.root, Journal.begin(house.root, planned.plan), Stops())
    result = run("--abort")
    assert result.exit_code == 2
    assert "pets-core 1.1.0 is published already, which cannot be taken back" in result.output
    result = run("--resume")
    assert result.exit_code == 0, result.output
    assert house.text("releases.toml").count('version = "1.1.0"') == 2


def test_another_file_of_the_same_name_is_refused(server: Server, house: House) -> None:
    to = ("--publish-url", server.publish_url, "--index", server.index)
    house.commit(ADDS_TO_CORE)
    before = house.git("rev-parse", "HEAD")
    assert run("pets-core", *to).exit_code == 0
    # As somebody who has never heard of that release would do it: the same version of other source.
    house.git("tag", "-d", "pets-core-v1.1.0")
    house.git("reset", "--quiet", "--hard", before)
    house.commit({"packages/pets-core/changes/more.added.md": "Another thing."})
    result = run("pets-core", *to)
    assert result.exit_code == 1
    assert "the index has another pets_core-1.1.0" in result.output
    assert house.git("tag") == ""
