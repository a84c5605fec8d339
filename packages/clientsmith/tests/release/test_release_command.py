"""`clientsmith release` as it is called: what it says, what it leaves, how it ends."""

from __future__ import annotations

import json
import socket
from base64 import b64encode
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from clientsmith.cli.release import release
from clientsmith.release import steps
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from house import ADDS_TO_CORE, CORE, FIXES_CLIENT, House, quick_build
from upload_index import PASSWORD, UploadIndex

CORE_FILE = "packages/pets-core/src/pets_core/__init__.py"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(release, arguments, prog_name="clientsmith release")


@pytest.fixture
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real builds are tried elsewhere."""
    monkeypatch.setitem(steps.carry_out.__kwdefaults__, "build", quick_build)


def test_a_dry_run_shows_everything_and_writes_nothing(house: House) -> None:
    house.commit({**ADDS_TO_CORE, **FIXES_CLIENT})
    before = house.state()
    result = run("--train", "pets", "--dry-run", "--explain")
    assert result.exit_code == 0, result.output
    for line in (
        "pets-service stays at 1.0.0: nothing has changed",
        "pets-core 1.0.0 -> 1.1.0",
        "  tag pets-core-v1.1.0; files pets_core-1.1.0-py3-none-any.whl, pets_core-1.1.0.tar.gz",
        "  | - `fetch_all`, which fetches what is below a path.",
        "  remove packages/pets-core/changes/fetch-all.added.md",
        "  write  packages/pets-core/pyproject.toml",
        "  land: git merge --ff-only, of one commit `release: pets-core 1.1.0, pets-client 1.0.1`",
        "  tag pets-core: git tag -a pets-core-v1.1.0",
        "nothing was written: --dry-run",
    ):
        assert line in result.output.splitlines()
    assert "minor  packages/pets-core/changes/fetch-all.added.md" in result.output
    assert "minor  object-added" in result.output
    assert house.state() == before
    assert not (house.root / ".clientsmith").exists()


def test_a_dry_run_for_programs(house: House) -> None:
    house.commit(ADDS_TO_CORE)
    result = run("pets-core", "--dry-run", "--format", "json")
    data = json.loads(result.stdout)
    assert data["plan"]["packages"][0]["new"] == "1.1.0"
    assert data["steps"][0] == "commit"
    assert {one["bump"] for one in data["reasons"]["pets-core"]} == {"minor"}


def test_a_refusal_is_told_with_its_reasons(house: House) -> None:
    house.commit(
        {CORE_FILE: CORE.replace("def fetch", "def fetch_it"), "packages/pets-core/changes/x.fixed.md": "A fix."}
    )
    result = run("pets-core", "--dry-run", "--explain")
    assert result.exit_code == 1
    assert "pets-core  error  release-untold  the diff finds something breaking" in result.output
    assert "hint: write a fragment of kind breaking, or take the change back" in result.output
    assert "major  object-removed" in result.output


@pytest.mark.usefixtures("quickly")
def test_a_release_goes_to_the_index_that_was_named(house: House, index: UploadIndex) -> None:
    house.commit(ADDS_TO_CORE)
    result = run("pets-core", "--publish-url", index.publish_url, "--index", index.url)
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[-1] == "pets-core 1.1.0"
    assert "hint: git push --atomic origin HEAD pets-core-v1.1.0" in result.stderr
    assert sorted(index.files) == ["pets_core-1.1.0-py3-none-any.whl", "pets_core-1.1.0.tar.gz"]
    assert PASSWORD not in result.output
    statement = house.root / ".clientsmith/release/pets-core-v1.1.0/dist/pets-core/pets_core-1.1.0.tar.gz.intoto.json"
    assert (
        json.loads(statement.read_text())["subject"][0]["digest"]["sha256"] == index.hashes()["pets_core-1.1.0.tar.gz"]
    )
    assert "nothing that users could see has changed" in run("pets-core", "--dry-run").output


@pytest.mark.usefixtures("quickly")
def test_wrong_credentials_are_told_without_being_shown_and_the_release_is_resumed(
    house: House, index: UploadIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.commit(ADDS_TO_CORE)
    monkeypatch.setenv("UV_PUBLISH_TOKEN", "hunter2-of-somebody")
    result = run("pets-core", "--publish-url", index.publish_url, "--index", index.url)
    assert result.exit_code == 1
    assert "cannot upload to" in result.output
    assert "--resume goes on" in result.output
    everything = result.output + "".join(
        path.read_text(errors="replace") for path in (house.root / ".clientsmith").rglob("*") if path.is_file()
    )
    assert "hunter2-of-somebody" not in everything
    # The index repeats what it was sent.
    assert b64encode(b"__token__:hunter2-of-somebody").decode() not in everything
    assert "wrong credentials: Basic ***" in result.output
    assert "a release is under way already" in run("pets-core", "--no-publish").output
    monkeypatch.setenv("UV_PUBLISH_TOKEN", PASSWORD)
    result = run("--resume")
    assert result.exit_code == 0, result.output
    assert result.stdout == "pets-core 1.1.0\n"


@pytest.mark.usefixtures("quickly")
def test_without_publishing_it_commits_builds_and_tags(house: House) -> None:
    house.commit(ADDS_TO_CORE)
    assert run("pets-core", "--no-publish").exit_code == 0
    assert house.git("tag") == "pets-core-v1.1.0"
    folder = house.root / ".clientsmith/release/pets-core-v1.1.0/dist/pets-core"
    assert (folder / "pets_core-1.1.0.tar.gz").is_file()


@pytest.mark.usefixtures("quickly")
def test_provenance_is_signed_with_a_key_that_is_given(house: House, tmp_path: Path) -> None:
    house.commit(ADDS_TO_CORE)
    key = tmp_path / "key.pem"
    key.write_text("no key")
    result = run("pets-core", "--no-publish", "--signing-key", str(key))
    assert result.exit_code == 2
    assert "is no private key in PEM without a password" in result.output
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    key.write_bytes(ed25519.Ed25519PrivateKey.generate().private_bytes(*form))
    result = run("pets-core", "--no-publish", "--signing-key", str(key))
    assert result.exit_code == 0, result.output
    folder = house.root / ".clientsmith/release/pets-core-v1.1.0/dist/pets-core"
    envelope = json.loads((folder / "pets_core-1.1.0.tar.gz.dsse.json").read_text())
    assert envelope["payloadType"] == "application/vnd.in-toto+json"
    assert len(envelope["signatures"]) == 1


@pytest.mark.usefixtures("quickly")
def test_an_interrupted_release_is_taken_back(
    house: House, index: UploadIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.commit(ADDS_TO_CORE)
    before = house.state()
    monkeypatch.setenv("UV_PUBLISH_TOKEN", "wrong")
    assert run("pets-core", "--publish-url", index.publish_url, "--index", index.url).exit_code == 1
    assert house.state() != before
    result = run("--abort")
    assert result.exit_code == 0, result.output
    assert "the tag pets-core-v1.1.0 is gone" in result.output
    assert house.state() == before
    assert run("--abort").exit_code == 2


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("pets-core",), "Say where the files go: --publish-url and --index, or --no-publish"),
        (("nobody", "--dry-run"), "'nobody' is no package of this workspace"),
        (("pets-core", "--train", "pets", "--dry-run"), "Give packages or --train, not both."),
        (("--version", "2.0.0", "--pre", "--dry-run"), "leave --pre and --final out"),
        (("--publish-url", "https://u:hunter2@index.example.org/"), "has credentials in it"),
        (("--publish-url", "https://index.example.org/"), "nothing says where they can be read back"),
        (("--publish-url", "ftp://x", "--index", "https://x"), "is no http(s) URL"),
        (("--resume",), "no release is under way here"),
        (("--abort",), "no release is under way here"),
        (("note", "nobody", "fixed", "x"), "'nobody' is no package of this workspace"),
        (("note", "pets-core", "fixed", "* x"), "it begins with a bullet"),
        (("check", "--base", "nowhere"), "knows no revision 'nowhere'"),
        (("check", "nobody"), "'nobody' is no package of this workspace"),
    ],
)
def test_wrong_usage_is_one_message_and_leaves_nothing(house: House, arguments: tuple[str, ...], message: str) -> None:
    before = house.state()
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.output
    assert "hunter2" not in result.output
    assert "Traceback" not in result.output
    assert house.state() == before
    assert not (house.root / ".clientsmith").exists()


def test_an_index_that_is_away_is_known_before_anything(house: House) -> None:
    house.commit(ADDS_TO_CORE)
    url = f"http://127.0.0.1:{closed_port()}/"
    before = house.state()
    result = run("pets-core", "--publish-url", url, "--index", f"{url}simple/")
    assert result.exit_code == 2
    assert f"cannot ask the index {url}simple/" in result.output
    assert house.state() == before
    assert not (house.root / ".clientsmith").exists()


def test_outside_of_a_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("--dry-run")
    assert result.exit_code == 2
    assert "is in no uv workspace" in result.output


# --- pull requests ---


def test_a_note_is_a_fragment(house: House) -> None:
    result = run("note", "pets-core", "added", "Cats.")
    assert result.stdout == "packages/pets-core/changes/cats.added.md\n"
    assert house.text("packages/pets-core/changes/cats.added.md") == "Cats.\n"


def test_source_that_changed_without_a_fragment_is_found(house: House) -> None:
    base = house.git("rev-parse", "HEAD")
    house.commit(house.edit(CORE_FILE, '"""Fetch a path."""', '"""Fetch what is at a path."""'))
    result = run("check", "--base", base)
    assert result.exit_code == 1
    assert f"{CORE_FILE}:1:1  error  fragment-missing  the source of pets-core changed ({CORE_FILE})" in result.output
    run("note", "pets-core", "internal", "Words.")
    assert run("check", "--base", base).exit_code == 0


@pytest.mark.parametrize(
    "path", ["tests/test_more.py", "README.md", "docs/guide.md", "CHANGELOG.md", "changes/README.md"]
)
def test_what_users_do_not_get_needs_none(house: House, path: str) -> None:
    base = house.git("rev-parse", "HEAD")
    house.commit({f"packages/pets-core/{path}": "A = 1\n"})
    assert run("check", "--base", base).exit_code == 0


def test_without_a_base_it_is_the_main_branch(house: House) -> None:
    house.git("switch", "--quiet", "--create", "topic")
    house.commit(house.edit(CORE_FILE, '"""Fetch a path."""', '"""Fetch it."""'))
    result = run("check")
    assert "fragment-missing" in result.output
    assert "with change fragments since main" in result.output


def test_a_fragment_of_before_does_not_count(house: House) -> None:
    base = house.commit(ADDS_TO_CORE)
    house.commit(house.edit(CORE_FILE, '"""Fetch a path."""', '"""Fetch it."""'))
    assert "fragment-missing" in run("check", "--base", base, "--no-compare").output


def test_fragments_that_say_too_little_are_found_on_the_pull_request(house: House) -> None:
    base = house.git("rev-parse", "HEAD")
    house.commit(
        {CORE_FILE: CORE.replace("def fetch", "def fetch_it"), "packages/pets-core/changes/x.fixed.md": "A fix."}
    )
    result = run("check", "--base", base, "--format", "github")
    assert result.exit_code == 1
    assert "::error" in result.stdout
    assert "title=fragment-too-small" in result.stdout
    assert run("check", "--base", base, "--no-compare").exit_code == 0


def test_a_file_that_is_no_fragment_is_found(house: House) -> None:
    house.write({"packages/pets-core/changes/x.feature.md": "A thing."})
    result = run("check", "--all", "--format", "json")
    assert result.exit_code == 1
    (finding,) = json.loads(result.stdout)
    assert (finding["rule"], finding["line"]) == ("fragment-kind", 1)


@pytest.mark.usefixtures("quickly")
def test_a_release_itself_needs_no_fragment(house: House) -> None:
    house.commit(ADDS_TO_CORE)
    base = house.git("rev-parse", "HEAD")
    run("pets-core", "--no-publish")
    result = run("check", "--base", base)
    assert result.exit_code == 0, result.output
