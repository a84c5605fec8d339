"""What is built is the same twice, holds what it should, and says where it comes from. Real builds by hatchling."""

from __future__ import annotations

import base64
import io
import json
import shutil
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
from clientsmith.findings import InputError, Severity
from clientsmith.release.artefacts import build_release, check_release, redate
from clientsmith.release.contents import check_contents, read_sdist, read_wheel
from clientsmith.release.plan import PackagePlan
from clientsmith.release.provenance import builder_of, pre_authentication, read_key, signed, source_of, statement
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from house import House

CORE = PackagePlan(name="pets-core", folder="packages/pets-core", old="", new="1.0.0", section="")


def built(house: House, into: Path, commit: str = "HEAD") -> list[Path]:
    return [into / name for name in build_release(house.root, house.git("rev-parse", commit), CORE, into)]


@pytest.fixture(scope="session")
def release(built_house: House, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return built(built_house, tmp_path_factory.mktemp("release") / "dist")


@pytest.mark.slow
def test_a_wheel_and_an_sdist_are_built_alike_wherever(release: list[Path], house: House, tmp_path: Path) -> None:
    wheel, sdist = release
    assert (wheel.name, sdist.name) == CORE.files
    again = built(house, tmp_path / "elsewhere" / "dist")
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in release]


@pytest.mark.slow
def test_files_that_are_not_committed_are_not_in_it(release: list[Path], house: House, tmp_path: Path) -> None:
    house.write({"packages/pets-core/src/pets_core/secret.py": "TOKEN = 1\n"})
    assert built(house, tmp_path / "dist")[0].read_bytes() == release[0].read_bytes()


def test_a_good_release_has_no_findings(release: list[Path], house: House) -> None:
    assert check_release(house.root, house.git("rev-parse", "HEAD"), CORE, release) == []


HOOK = """
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CustomBuildHook(BuildHookInterface):
    def initialize(self, version, build_data):
        import pathlib
        pathlib.Path(self.root, "src/pets_core/_built.py").write_text(f"PLACE = {str(self.root)!r}\\n")
"""


@pytest.mark.slow
def test_a_build_that_knows_where_it_is_is_not_reproducible(house: House, tmp_path: Path) -> None:
    manifest = "packages/pets-core/pyproject.toml"
    house.commit(
        {
            "packages/pets-core/hatch_build.py": HOOK,
            manifest: house.text(manifest) + "\n[tool.hatch.build.targets.wheel.hooks.custom]\n",
        }
    )
    with pytest.raises(
        InputError, match=r"whl is not reproducible: .* its bytes differ \(pets_core/_built\.py\)"
    ) as caught:
        built(house, tmp_path / "dist")
    assert "paths of the machine" in caught.value.hint
    assert not (tmp_path / "dist").exists()


@pytest.mark.slow
def test_a_build_does_not_know_the_secrets_of_an_upload(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_PUBLISH_TOKEN", "hunter2-of-somebody")
    manifest = "packages/pets-core/pyproject.toml"
    hook = HOOK[: HOOK.index("        import")] + "        import os\n        raise SystemExit(str(os.environ))\n"
    house.commit(
        {
            "packages/pets-core/hatch_build.py": hook,
            manifest: house.text(manifest) + "\n[tool.hatch.build.targets.wheel.hooks.custom]\n",
        }
    )
    with pytest.raises(InputError, match="UV_PUBLISH_TOKEN") as caught:
        built(house, tmp_path / "dist")
    assert "hunter2" not in caught.value.message


def test_an_sdist_is_dated_anew_and_keeps_what_is_in_it(tmp_path: Path) -> None:
    """setuptools dates what it writes with the time of day, and names who it was."""
    made = []
    for moment in (1_800_000_000, 1_800_000_777):
        sdist = tmp_path / str(moment) / "pets-1.tar.gz"
        sdist.parent.mkdir()
        with tarfile.open(sdist, "w:gz") as archive:
            folder = tarfile.TarInfo("pets-1")
            folder.type, folder.mode, folder.mtime = tarfile.DIRTYPE, 0o755, moment
            archive.addfile(folder)
            script = tarfile.TarInfo("pets-1/run.sh")
            script.mode, script.mtime, script.uname, script.size = 0o755, moment, f"user{moment}", 2
            archive.addfile(script, io.BytesIO(b"ls"))
        redate(sdist, 1_700_000_000)
        made.append(sdist)
    assert made[0].read_bytes() == made[1].read_bytes()
    with tarfile.open(made[0]) as archive:
        assert [(one.name, one.mode, one.mtime) for one in archive] == [
            ("pets-1", 0o755, 1_700_000_000),
            ("pets-1/run.sh", 0o755, 1_700_000_000),
        ]


@pytest.mark.slow
def test_an_sdist_that_leaves_out_source_builds_another_wheel(house: House, tmp_path: Path) -> None:
    manifest = "packages/pets-core/pyproject.toml"
    house.commit(
        {
            "packages/pets-core/src/pets_core/more.py": "A = 1\n",
            manifest: house.text(manifest)
            + '\n[tool.hatch.build.targets.sdist]\nexclude = ["src/pets_core/more.py"]\n',
        }
    )
    with pytest.raises(InputError, match=r"the sdist .* builds another wheel than .* \(pets_core/more\.py\)"):
        built(house, tmp_path / "dist")


@pytest.mark.slow
def test_a_build_that_fails_says_what_the_backend_said(house: House, tmp_path: Path) -> None:
    house.commit(house.edit("packages/pets-core/pyproject.toml", 'readme = "README.md"', 'readme = "NONE.md"'))
    with pytest.raises(InputError, match=r"NONE\.md"):
        built(house, tmp_path / "dist")


# --- contents ---


def changed_wheel(
    wheel: Path, folder: Path, *, add: dict[str, str] | None = None, without: str = "", metadata: Any = None
) -> Path:
    target = folder / wheel.name
    with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            text = old.read(name).decode()
            if name.endswith("METADATA") and metadata is not None:
                text = metadata(text)
            if not without or without not in name:
                new.writestr(name, text)
        for name, text in (add or {}).items():
            new.writestr(name, text)
    return target


def without_line(start: str) -> Any:
    return lambda text: "".join(line for line in text.splitlines(True) if not line.startswith(start))


@pytest.mark.parametrize(
    ("change", "rule", "message"),
    [
        ({"add": {"pets_core/.env": "A=1"}}, "artefact-stray", "it has what nobody should get: pets_core/.env"),
        ({"add": {"pets_core/__pycache__/x.pyc": ""}}, "artefact-stray", "__pycache__"),
        ({"add": {"pets_core/../../x": ""}}, "artefact-stray", "../../x"),
        ({"add": {"tests/test_x.py": ""}}, "artefact-packages", "it would install tests/test_x.py beside its packages"),
        ({"without": "py.typed"}, "artefact-typed", "it has no py.typed, and its source has"),
        ({"without": "LICENSE"}, "artefact-licence", "the licence file LICENSE is not in it"),
        ({"metadata": without_line("License-Expression")}, "artefact-licence", "its metadata name no licence"),
        ({"metadata": without_line("License-File")}, "artefact-licence", "it has no licence file"),
        ({"metadata": without_line("Summary")}, "artefact-metadata", "it has no summary"),
        (
            {"metadata": without_line("Description-Content-Type")},
            "artefact-readme",
            "has no type, so no index renders it",
        ),
        ({"metadata": lambda text: text.partition("\n\n")[0] + "\n\n"}, "artefact-readme", "it has no description"),
        (
            {"metadata": lambda text: text + "\nSee [the guide](docs/guide.md).\n"},
            "artefact-readme",
            "its description links to docs/guide.md, which an index does not have",
        ),
        (
            {"metadata": lambda text: text.replace("Version: 1.0.0", "Version: 1.0.1")},
            "artefact-metadata",
            "pets-core 1.0.1",
        ),
        (
            {
                "metadata": lambda text: text.replace(
                    "Name: pets-core\n", "Name: pets-core\nRequires-Dist: a @ file:///a\n"
                )
            },
            "artefact-requirement",
            "it requires `a @ file:///a`, a place and no version",
        ),
    ],
)
def test_a_mistake_in_a_wheel_is_found(
    release: list[Path], tmp_path: Path, change: dict[str, Any], rule: str, message: str
) -> None:
    wheel = read_wheel(changed_wheel(release[0], tmp_path, **change))
    findings = check_contents(
        wheel, read_sdist(release[1]), name="pets-core", version="1.0.0", import_packages=["pets_core"], typed=True
    )
    assert [one.rule for one in findings] == [rule]
    assert message in findings[0].message
    assert findings[0].hint


def test_a_package_that_is_missing_is_found(release: list[Path]) -> None:
    wheel, sdist = read_wheel(release[0]), read_sdist(release[1])
    (finding,) = check_contents(
        wheel, sdist, name="pets-core", version="1.0.0", import_packages=["pets_core", "pets_more"], typed=True
    )
    assert finding.message == "it does not have the package pets_more"
    assert finding.severity is Severity.ERROR


def test_what_is_no_archive_says_so(tmp_path: Path) -> None:
    (tmp_path / "a-1-py3-none-any.whl").write_text("no")
    with pytest.raises(InputError, match=r"cannot read a-1-py3-none-any\.whl"):
        read_wheel(tmp_path / "a-1-py3-none-any.whl")
    sdist = tmp_path / "a-1.tar.gz"
    with tarfile.open(sdist, "w:gz") as archive:
        archive.addfile(tarfile.TarInfo("elsewhere/x"), io.BytesIO())
    with pytest.raises(InputError, match=r"cannot read a-1\.tar\.gz|a-1\.tar\.gz is no sdist"):
        read_sdist(sdist)


# --- provenance ---


def told() -> dict[str, Any]:
    return statement(
        "a-1-py3-none-any.whl", "ab" * 32, package="a", version_="1", source="https://forge.example.org/a",
        commit="c" * 40, moment=1_700_000_000, builder="urn:b",
    )  # fmt: skip


def test_a_statement_says_what_came_from_where() -> None:
    data = told()
    assert (data["_type"], data["predicateType"]) == (
        "https://in-toto.io/Statement/v1",
        "https://slsa.dev/provenance/v1",
    )
    assert data["subject"] == [{"name": "a-1-py3-none-any.whl", "digest": {"sha256": "ab" * 32}}]
    definition = data["predicate"]["buildDefinition"]
    assert definition["resolvedDependencies"] == [
        {"uri": "git+https://forge.example.org/a", "digest": {"gitCommit": "c" * 40}}
    ]
    assert data["predicate"]["runDetails"]["builder"]["id"] == "urn:b"
    assert data["predicate"]["runDetails"]["metadata"]["startedOn"] == "2023-11-14T22:13:20Z"


@pytest.mark.parametrize(
    ("given", "environment", "expected"),
    [
        ("urn:me", {"GITHUB_ACTIONS": "true"}, "urn:me"),
        ("", {}, "urn:clientsmith:local"),
        (
            "",
            {
                "GITHUB_ACTIONS": "true",
                "GITHUB_SERVER_URL": "https://g.example.org",
                "GITHUB_WORKFLOW_REF": "o/r/w@main",
            },
            "https://g.example.org/o/r/w@main",
        ),
        (
            "",
            {"GITLAB_CI": "1", "CI_PROJECT_URL": "https://l.example.org/p", "CI_RUNNER_ID": "7"},
            "https://l.example.org/p/-/runners/7",
        ),
    ],
)
def test_who_builds_is_a_pipeline_or_just_somebody(given: str, environment: dict[str, str], expected: str) -> None:
    assert builder_of(given, environment) == expected


def test_a_remote_is_told_without_its_password_and_a_folder_not_at_all(tmp_path: Path) -> None:
    assert "hunter2" not in source_of("https://user:hunter2@forge.example.org/a.git")
    assert source_of(str(tmp_path / "a")) == ""


def test_a_signature_can_be_checked_with_the_public_key(tmp_path: Path) -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (tmp_path / "key.pem").write_bytes(key.private_bytes(*form))
    envelope = signed(told(), read_key(tmp_path / "key.pem"))
    payload = base64.b64decode(envelope["payload"])
    assert json.loads(payload) == told()
    signature = base64.b64decode(envelope["signatures"][0]["sig"])
    key.public_key().verify(signature, pre_authentication(payload))


def test_what_is_no_key_is_refused_without_being_shown(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_text("-----BEGIN nonsense hunter2")
    with pytest.raises(InputError, match="is no private key in PEM") as caught:
        read_key(path)
    assert "hunter2" not in str(caught.value)
    other = ec.generate_private_key(ec.SECP256R1())
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(other.private_bytes(*form))
    with pytest.raises(InputError, match="of another kind than Ed25519"):
        read_key(path)
    shutil.rmtree(tmp_path)
    with pytest.raises(InputError, match="cannot read the signing key"):
        read_key(path)
