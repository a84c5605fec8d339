"""Which index is asked, who is asking, where answers are kept; and that secrets stay where they are."""

from __future__ import annotations

import subprocess
import sys
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from keyring.credentials import SimpleCredential
from simple_repository_client.cli.commands import cli

from tools.model_index import ModelIndex


def basic(user: str, password: str) -> str:
    return f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"


def test_the_option_wins_over_the_environment(shell: Any, index: ModelIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIMPLE_REPOSITORY_INDEX_URL", "http://127.0.0.1:9/simple/")
    assert shell("versions", "parrot", "--index-url", index.url).exit_code == 0


def test_no_index_is_the_default(refused: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SIMPLE_REPOSITORY_INDEX_URL")
    said = (
        "error: no index is named\n  hint: give --index-url URL (to check: URL alone), or set "
        "SIMPLE_REPOSITORY_INDEX_URL or UV_DEFAULT_INDEX\n"
    )
    assert refused(2, "versions", "parrot") == said
    assert refused(2, "check") == said


@pytest.mark.parametrize(
    ("arguments", "stdin", "sent"),
    [
        (["--username", "arthur", "--password-stdin"], "excalibur\n", basic("arthur", "excalibur")),
        (["--token-stdin"], "of-the-lake\n", basic("__token__", "of-the-lake")),
    ],
    ids=["password", "token"],
)
def test_a_secret_comes_from_standard_input(
    shell: Any, index: ModelIndex, arguments: list[str], stdin: str, sent: str
) -> None:
    index.credential = sent
    assert shell("versions", "parrot", *arguments, stdin=stdin).exit_code == 0
    assert shell("download", "parrot", *arguments, stdin=stdin).exit_code == 0
    assert shell("check", *arguments, stdin=stdin).exit_code == 0


@pytest.mark.parametrize(
    ("variables", "sent"),
    [
        ({"USERNAME": "arthur", "PASSWORD": "excalibur"}, basic("arthur", "excalibur")),
        ({"TOKEN": "of-the-lake"}, basic("__token__", "of-the-lake")),
    ],
    ids=["password", "token"],
)
def test_a_secret_comes_from_the_environment(
    shell: Any, index: ModelIndex, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], sent: str
) -> None:
    index.credential = sent
    for name, value in variables.items():
        monkeypatch.setenv(f"SIMPLE_REPOSITORY_{name}", value)
    assert shell("files", "parrot").exit_code == 0


def test_a_name_that_is_given_wins_over_a_token_of_the_environment(
    shell: Any, index: ModelIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIMPLE_REPOSITORY_TOKEN", "of-the-lake")
    index.credential = basic("arthur", "excalibur")
    assert shell("files", "parrot", "--username", "arthur", "--password-stdin", stdin="excalibur\n").exit_code == 0


def test_a_secret_comes_from_the_netrc_file_where_that_is_wanted(shell: Any, index: ModelIndex) -> None:
    index.credential = basic("arthur", "excalibur")
    netrc = shell.folder / ".netrc"
    netrc.write_text("machine 127.0.0.1 login arthur password excalibur\n")
    netrc.chmod(0o600)
    assert shell("versions", "parrot").exit_code == 1
    assert shell("versions", "parrot", "--netrc").exit_code == 0


def test_a_secret_comes_from_the_keyring_where_that_is_wanted(
    shell: Any, index: ModelIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, str | None]] = []

    def get_credential(service: str, username: str | None) -> SimpleCredential:
        asked.append((service, username))
        return SimpleCredential("arthur", "excalibur")

    monkeypatch.setattr("keyring.get_credential", get_credential)
    index.credential = basic("arthur", "excalibur")
    assert shell("versions", "parrot", "--keyring", "--username", "arthur").exit_code == 0
    assert asked[0] == (index.url.removesuffix("/simple/"), "arthur")


def test_a_password_in_the_url_is_sent_and_never_shown(shell: Any, index: ModelIndex) -> None:
    index.credential = basic("arthur", "excalibur")
    url = index.url.replace("http://", "http://arthur:excalibur@")
    for arguments in (("versions", "parrot", "--index-url", url), ("check", url), ("check", url, "--format", "json")):
        result = shell(*arguments)
        assert result.exit_code == 0, result.output
        assert "excalibur" not in result.output


@pytest.mark.parametrize(
    ("arguments", "stdin", "said"),
    [
        (["--netrc", "--keyring"], "", "--netrc and --keyring say different things\n  hint: give one of them"),
        (["--password-stdin", "--token-stdin"], "x", "--password-stdin and --token-stdin say different things"),
        (["--password-stdin"], "x", "a password is nothing without a name\n  hint: give --username, too"),
        (["--username", "arthur"], "", "there is no password for arthur\n  hint: give --password-stdin, or set"),
        (["--token-stdin"], "", "standard input has no token\n  hint: pipe it in"),
        (["--username", "a:b", "--password-stdin"], "x", "the user name 'a:b' contains a colon"),
        (["--token-stdin"], "s3cret\tx", "the password contains a control character"),
    ],
    ids=[
        "two ways",
        "two secrets",
        "no name",
        "no password",
        "nothing on standard input",
        "a colon",
        "what no header may have",
    ],
)
def test_half_a_credential_is_wrong_usage(refused: Any, arguments: list[str], stdin: str, said: str) -> None:
    told = refused(2, "versions", "parrot", *arguments, stdin=stdin)
    assert said in told
    assert "s3cret" not in told


def test_answers_are_kept_and_asked_about(shell: Any, index: ModelIndex) -> None:
    shell("versions", "parrot")
    assert any((shell.folder / "cache" / "simple-repository").rglob("*"))
    assert shell("versions", "parrot").exit_code == 0
    shell("versions", "parrot", "--cache-dir", "elsewhere")
    assert (shell.folder / "elsewhere").exists()


def test_nothing_is_kept_where_that_is_wanted(shell: Any) -> None:
    assert shell("versions", "parrot", "--no-cache").exit_code == 0
    assert not (shell.folder / "cache").exists()


@pytest.mark.parametrize("name", ["", "versions", "files", "download", "check", "completion"])
def test_help_opens_with_a_sentence_and_ends_with_an_example(name: str) -> None:
    text = CliRunner().invoke(cli, [*name.split(), "--help"], prog_name="simple-repository").output
    words = text.split("\n\n")
    assert words[0].startswith(f"Usage: simple-repository{' ' * bool(name)}{name}")
    assert words[1].strip()[0].isupper()
    assert "Example" in text
    assert "Exit codes:" in text or name in ("", "completion")


@pytest.mark.parametrize("shell_name", ["bash", "zsh", "fish"])
def test_completion(shell_name: str) -> None:
    script = CliRunner().invoke(cli, ["completion", shell_name]).output
    assert "_SIMPLE_REPOSITORY_COMPLETE" in script


def test_an_interruption_ends_with_its_own_code(shell: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("simple_repository_client.SimpleRepositoryClient.get_project", interrupted)
    result = shell("versions", "parrot")
    assert (result.exit_code, result.stderr) == (130, "interrupted\n")


def test_without_its_extra_the_program_says_what_to_install() -> None:
    program = "import sys; sys.modules['click'] = None; from simple_repository_client.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    said = "error: click is not installed\n  hint: pip install 'simple-repository-client[cli]'\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", said)


def test_the_program_as_a_shell_starts_it(index: ModelIndex, tmp_path: Path) -> None:
    """No traceback, whatever happens to it: the codes and streams of a real process."""
    program = Path(sys.executable).with_name("simple-repository")
    variables = {"SIMPLE_REPOSITORY_INDEX_URL": index.url, "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    listed = subprocess.run([program, "versions", "parrot"], capture_output=True, text=True, check=False, env=variables)
    assert (listed.returncode, listed.stdout.splitlines()[0]) == (0, "0.2  2026-01-01  wheel")
    piped = subprocess.run(
        f"'{program}' check --rules | head -1", shell=True, capture_output=True, text=True, check=False, env=variables
    )
    assert (piped.stdout.count("\n"), piped.stderr) == (1, "")
    nothing = subprocess.run([program, "files", "no"], capture_output=True, text=True, check=False, env=variables)
    assert (nothing.returncode, nothing.stdout, nothing.stderr.count("\n")) == (1, "", 1)
