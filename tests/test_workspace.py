"""Promises about the workspace as a whole that are easy to break and hard to notice."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MEMBERS = sorted(path.parent for path in ROOT.glob("packages/*/pyproject.toml"))
PROJECTS = {member.name: tomllib.loads((member / "pyproject.toml").read_text(encoding="utf-8")) for member in MEMBERS}
SHARED_NAMESPACE = ("clientsmith-core", "clientsmith", "clientsmith-server")


def tracked_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, check=False, text=True,
    )  # fmt: skip
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The wheels of the distributions that share the namespace, built from the tree."""
    folder = tmp_path_factory.mktemp("wheels")
    for name in SHARED_NAMESPACE:
        subprocess.run(
            [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
            cwd=ROOT / "packages" / name, check=True, capture_output=True,
        )  # fmt: skip
    built = {path.name.split("-")[0].replace("_", "-"): path for path in folder.glob("*.whl")}
    assert sorted(built) == sorted(SHARED_NAMESPACE)
    return built


def test_nobody_owns_the_shared_namespace() -> None:
    """An `__init__.py` in `clientsmith/` would hide what the other distributions have there."""
    assert [str(path) for path in tracked_files() if path.parts[-2:] == ("clientsmith", "__init__.py")] == []


def test_wheels_share_no_path(wheels: dict[str, Path]) -> None:
    """Two wheels with one path overwrite each other in the order of installation."""
    paths = [path for name in SHARED_NAMESPACE for path in zipfile.ZipFile(wheels[name]).namelist()]
    assert len(paths) == len(set(paths))
    assert {"clientsmith/core/py.typed", "clientsmith/server/py.typed"} <= set(paths)


@pytest.mark.parametrize("order", [SHARED_NAMESPACE, SHARED_NAMESPACE[::-1]], ids=["core first", "core last"])
def test_all_parts_import_in_either_order_of_installation(
    wheels: dict[str, Path], order: tuple[str, ...], tmp_path: Path
) -> None:
    """The installed wheels, not the sources, make up one namespace."""
    for name in order:
        zipfile.ZipFile(wheels[name]).extractall(tmp_path)
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "import clientsmith.core.errors, clientsmith.findings, clientsmith.server\n"
        "for part in (clientsmith.core.errors, clientsmith.findings, clientsmith.server): print(part.__file__)"
    )
    # -I and -S keep the editable installation of the workspace out of the way.
    found = subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    assert all(line.startswith(str(tmp_path)) for line in found.stdout.split())


def test_no_two_members_share_a_script() -> None:
    """Whoever is installed last would win."""
    scripts = [script for project in PROJECTS.values() for script in project["project"].get("scripts", {})]
    assert len(scripts) == len(set(scripts))


def test_members_agree_on_python_and_licence() -> None:
    """One lock serves all members only while they want the same Python."""
    wanted = {(p["project"]["requires-python"], p["project"]["license"]) for p in PROJECTS.values()}
    assert wanted == {(">=3.11", "MIT")}


@pytest.mark.parametrize("name", sorted(PROJECTS))
def test_every_member_has_what_a_distribution_needs(name: str) -> None:
    """README, changelog, licence, type marker, a development group for `uv run --package`."""
    member = ROOT / "packages" / name
    for file in ("README.md", "CHANGELOG.md", "LICENSE"):
        assert (member / file).stat().st_size > 0, f"{name} has no {file}"
    assert list(member.glob("src/**/py.typed")), f"{name} is not marked as typed"
    assert "dev" in PROJECTS[name]["dependency-groups"]
    assert f"## {PROJECTS[name]['project']['version']}" in (member / "CHANGELOG.md").read_text(encoding="utf-8")


def test_every_member_is_a_source_of_the_workspace() -> None:
    """A member that is missing here would be looked up in an index, which may hold somebody else's package."""
    root = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert sorted(root["tool"]["uv"]["sources"]) == sorted(PROJECTS)


def test_releases_name_members_and_versions() -> None:
    """releases.toml is what `gate` and `diff` are to compare with."""
    releases = tomllib.loads((ROOT / "releases.toml").read_text(encoding="utf-8"))["release"]
    assert {release["package"] for release in releases} <= set(PROJECTS)
    assert all({"package", "version", "commit"} <= release.keys() for release in releases)


def test_no_file_names_a_package_registry() -> None:
    """The lock and the docs work with any index, so none is named; the words are split to not find themselves."""
    hosts = ("pypi." + "org", "python" + "hosted.org", "registry." + "npmjs", "deb." + "debian.org")
    found = [
        (str(path.relative_to(ROOT)), host)
        for path in tracked_files()
        for host in hosts
        if host.encode() in path.read_bytes()
    ]
    assert found == []


def _imports(tree: ast.AST) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module)
    return names


ALLOWED = {  # member -> members that it may import
    "clientsmith-core": {"clientsmith.core"},
    "clientsmith": {"clientsmith", "simple_repository_client"},
    "clientsmith-server": {"clientsmith.server", "clientsmith.core"},
    "naas": {"naas", "clientsmith.server"},
    "naas-client": {"naas_client", "clientsmith.core"},
    "naas-mcp": {"naas_mcp", "naas_client", "clientsmith.core"},
    "simple-repository-client": {"simple_repository_client", "clientsmith.core"},
}
OURS = ("clientsmith", "naas", "naas_client", "naas_mcp", "simple_repository_client")


@pytest.mark.parametrize("name", sorted(PROJECTS))
def test_dependencies_between_members_point_one_way(name: str) -> None:
    """Clients stand on the core, the tool on the core, the service on nothing of ours."""
    for source in (ROOT / "packages" / name / "src").rglob("*.py"):
        for imported in _imports(ast.parse(source.read_text(encoding="utf-8"))):
            if imported.split(".")[0] in OURS:
                allowed = ALLOWED[name]
                assert any(imported == a or imported.startswith(a + ".") for a in allowed), f"{source}: {imported}"
