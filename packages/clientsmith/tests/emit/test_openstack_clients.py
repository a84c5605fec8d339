"""Clients of OpenStack's documents: what they take for a credential, and that their own tests pass."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SPECS = Path(__file__).parents[1] / "specs"
DECIDED = Path(__file__).parents[1] / "real" / "ironic.toml"
USAGE = """\
from clientsmith.core import KeyCredential
from clientsmith.core.openstack import KeystonePasswordCredential
from openstack_bare_metal_client import OpenStackBareMetalClient, aio

credential = KeystonePasswordCredential("https://keystone.test/v3", "ada", "secret", project_name="physics")
client = OpenStackBareMetalClient("https://ironic.test", credential)
other = aio.OpenStackBareMetalClient("https://ironic.test", credential)
fixed = OpenStackBareMetalClient("https://ironic.test", KeyCredential("token"))
state: str | None = client.begin_set_node_power("node", {"target": "power on"}).result().power_state
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ironic")
    spec, command = SPECS / "openstack-ironic-small.yaml", Path(sys.executable).with_name("clientsmith")
    subprocess.run([command, "generate", spec, "--config", DECIDED, "-o", folder], check=True, capture_output=True)
    return folder


@pytest.mark.slow
def test_the_credentials_of_a_cloud_are_of_the_type_that_they_take(package: Path, tmp_path: Path) -> None:
    """And so is the result of an operation whose answers do not have it."""
    (tmp_path / "usage.py").write_text(USAGE)
    command = [sys.executable, "-m", "mypy", "--strict", "--no-incremental", str(tmp_path / "usage.py")]
    checked = subprocess.run(
        [*command, str(package / "src")], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert checked.returncode == 0, checked.stdout


def test_their_documentation_names_them(package: Path) -> None:
    client = (package / "src" / "openstack_bare_metal_client" / "_client.py").read_text()
    assert "a token in a `KeyCredential`, or a credential of" in client
    readme = " ".join((package / "README.md").read_text().split())
    assert "Credentials of `clientsmith.core.openstack` sign in at keystone and renew their tokens." in readme


def test_a_bad_end_is_told_by_the_error_alone(package: Path) -> None:
    """The good end of a power action has no word: ``target_power_state`` is empty then."""
    operations = (package / "src" / "openstack_bare_metal_client" / "_operations.py").read_text()
    assert 'status=("target_power_state",), succeeded=(), failed=(), error=("last_error",)' in operations
    assert "LongRunningOperation[_models.NodeStates]" in operations


@pytest.mark.slow
def test_their_own_tests_pass(package: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(package / "tests")]
    ran = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=package, env={"PYTHONPATH": str(package / "src")}
    )
    assert ran.returncode == 0, ran.stdout[-3000:]
