"""Where settings come from: a file, the environment, flags; and how `naas profile` changes the file."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from clientsmith.core.credentials import BasicCredential, KeyCredential
from naas_client.cli.commands import naas
from naas_client.cli.endings import AuthenticationStop, UsageStop
from naas_client.cli.secrets import credential_of
from naas_client.cli.settings import Settings, config_path, read_file, settings_from
from naas_client.cli.toml_editing import with_value, without_key

FILE = """\
# my servers
url = "https://naas.example.com"
timeout = 30

profile = "lab"

[profiles.lab]
url = "https://lab.example.com"  # the lab
username = "netops"

[profiles.core]
verify = "/etc/ca.pem"
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "config.toml"
    monkeypatch.setenv("NAAS_CONFIG", str(path))
    for name in ("URL", "USERNAME", "PASSWORD", "API_KEY", "PROFILE", "FORMAT", "TIMEOUT", "VERIFY"):
        monkeypatch.delenv(f"NAAS_{name}", raising=False)
    return path


@pytest.mark.parametrize(
    ("environment", "flags", "profile", "expected"),
    [
        ({}, {}, None, ("https://lab.example.com", "netops", 30.0, True)),
        ({}, {}, "core", ("https://naas.example.com", "", 30.0, "/etc/ca.pem")),
        ({"NAAS_PROFILE": "core"}, {}, None, ("https://naas.example.com", "", 30.0, "/etc/ca.pem")),
        ({"NAAS_URL": "https://env.example", "NAAS_VERIFY": "false"}, {}, None, ("https://env.example", "netops", 30.0, False)),
        ({"NAAS_TIMEOUT": "9"}, {"url": "https://flag.example", "timeout": None}, None, ("https://flag.example", "netops", 9.0, True)),
    ],
    ids=["file", "--profile", "NAAS_PROFILE", "environment over file", "flags over environment"],
)  # fmt: skip
def test_the_order(
    config: Path, environment: dict[str, str], flags: dict[str, object], profile: str | None, expected: object
) -> None:
    """File, then environment, then flags."""
    config.write_text(FILE)
    settings, _ = settings_from(read_file(config_path()), environment, flags, profile)
    assert (settings.url, settings.username, settings.timeout, settings.verify) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("url = https://x", "is not TOML"),
        ("ulr = 'x'", r"`ulr` is no setting"),
        ("timeout = 'soon'", r"`timeout` is 'soon', and not a number of seconds above 0"),
        ("password = 5", r"`password` is not a text in quotes"),
        ("[profiles.lab]\nverify = 5", r"profile lab: `verify` is 5"),
        ("format = 'xml'", r"`format` is 'xml'"),
        ("profiles = 5", "is a table of tables"),
    ],
)
def test_mistakes_in_the_file(config: Path, text: str, message: str) -> None:
    config.write_text(text)
    with pytest.raises(UsageStop, match=message) as caught:
        read_file(config)
    assert str(config) in caught.value.message


def test_an_unknown_profile_names_the_nearest(config: Path) -> None:
    config.write_text(FILE)
    with pytest.raises(UsageStop, match="has no profile 'lbb'") as caught:
        settings_from(read_file(config), {}, {}, "lbb")
    assert caught.value.hint == "did you mean 'lab'?"


def test_editing_leaves_everything_else_as_it_is() -> None:
    """Comments, order, and what another program wrote."""
    text = with_value(FILE, "profiles.lab", "username", "other")
    text = with_value(text, "profiles.new", "url", 'https://"quoted"')
    text = with_value(text, None, "timeout", 45.0)
    text = without_key(text, "profiles.core", "verify")
    assert text.startswith('# my servers\nurl = "https://naas.example.com"\ntimeout = 45\n')
    assert 'url = "https://lab.example.com"  # the lab\nusername = "other"\n' in text
    assert text.endswith('[profiles.core]\n\n[profiles.new]\nurl = "https://\\"quoted\\""\n')


def run(*words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(naas, list(words))
    return result.exit_code, result.stdout, result.stderr


def test_profiles_are_set_used_shown_and_removed(config: Path) -> None:
    """A file that only its owner reads; secrets are shown as set."""
    assert run("profile", "set", "lab", "url=https://lab.example.com", "password=hunter2")[0] == 0
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    assert run("profile", "use", "lab")[0] == 0
    code, out, _ = run("profile", "show", "-f", "json")
    assert code == 0
    assert '"(set)"' in out
    assert "hunter2" not in out
    assert run("profile", "list", "-f", "text")[1] == "lab\n"
    assert run("profile", "set", "lab", "password=")[0] == 0
    assert "hunter2" not in config.read_text()
    assert run("profile", "remove", "lab")[0] == 0
    assert read_file(config).profiles == {}
    assert read_file(config).current == ""


@pytest.mark.parametrize(
    ("words", "message", "code"),
    [
        (("profile", "set", "lab", "ulr=x"), "'ulr' is no setting", 2),
        (("profile", "set", "a b", "url=x"), "'a b' is no name for a profile", 2),
        (("profile", "use", "lab"), "has no profile 'lab'", 2),
        (("contexts",), "nobody says who is calling", 3),
        (("--username", "u", "contexts"), "there is no password for u", 3),
        (("health",), "nobody says where the server is", 2),
        (("--url", "naas.example.com", "health"), "the URL of the server cannot be used", 2),
        (("jbos", "list"), "Did you mean 'jobs'?", 2),
        (("send",), "no device is named", 2),
    ],
)
def test_one_line_for_each_mistake(config: Path, words: tuple[str, ...], message: str, code: int) -> None:
    """And an exit code of its kind."""
    exit_code, out, err = run(*words)
    assert message in err
    assert (exit_code, out) == (code, "")
    assert "Traceback" not in err


def test_secrets_that_others_may_read_are_warned_about(config: Path) -> None:
    config.write_text('password = "hunter2"\n')
    config.chmod(0o644)
    assert f"{config} has secrets in it and others may read it: chmod 600" in run("profile", "show")[2]
    config.chmod(0o600)
    assert run("profile", "show")[2] == ""


def test_secrets_as_arguments_are_warned_about(config: Path) -> None:
    """They are taken, as the earlier command line did, and not shown."""
    _, _, err = run("--username", "u", "--password", "hunter2", "profile", "show")
    assert "--password shows in the list of processes; use NAAS_PASSWORD" in err
    assert "hunter2" not in err


# --- who is calling --------------------------------------------------------------------------------------------------


def test_a_password_comes_from_a_command() -> None:
    """Its first line, without a shell."""
    command = f"{sys.executable} -c \"print('s3cret'); print('more')\""
    credential = credential_of(Settings(username="u", password_command=command, keyring=False))
    assert isinstance(credential, BasicCredential)
    assert (credential.username, credential.password) == ("u", "s3cret")


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (f"{sys.executable} -c 'import sys; print(\"s3cret\"); sys.exit(3)'", "`password_command` ended with 3"),
        (f"{sys.executable} -c pass", "`password_command` printed nothing"),
        ("/nowhere/pass show", "`password_command` cannot be run: No such file"),
        ("pass 'show", "a quotation mark that is not closed"),
    ],
)
def test_a_command_that_fails_shows_nothing_of_its_output(command: str, message: str) -> None:
    with pytest.raises(UsageStop, match=message) as caught:
        credential_of(Settings(username="u", password_command=command, keyring=False))
    assert "s3cret" not in str(caught.value)


def test_an_api_key_comes_first() -> None:
    assert isinstance(credential_of(Settings(username="u", password="p", api_key="k", keyring=False)), KeyCredential)


def test_nobody_to_ask_is_an_error() -> None:
    with pytest.raises(AuthenticationStop, match="there is no password for u"):
        credential_of(Settings(username="u", keyring=False))
