"""Rules over several settings, what is derived from them, and the pages made of the table."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from naas.config import TABLE, ConfigurationProblems, Settings, is_loopback, load
from naas.config.describe import json_schema, rows, settings_tables
from naas.config.tls import tls_files

GUIDE = Path(__file__).parents[4] / "docs" / "guide" / "naas-configuration.md"


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        pytest.param({"host": "0.0.0.0"}, "refusing to listen on 0.0.0.0 without TLS", id="plain HTTP off loopback"),
        pytest.param({"tls_key": Path("x")}, "--tls-cert is missing", id="half a pair of files"),
        pytest.param({"cert": "x"}, "NAAS_KEY is missing", id="half a pair of texts"),
        pytest.param({"cert": "x", "tls_cert": Path("y")}, "the certificate is given twice", id="twice"),
        pytest.param({"ca_bundle": "x"}, "NAAS_CA_BUNDLE belongs to a certificate in NAAS_CERT", id="a chain alone"),
        pytest.param({"cert": "/x.pem", "key": "/y.pem"}, "NAAS_CERT is not PEM text", id="a path for text"),
        pytest.param(
            {"cert": "-----BEGIN X", "key": "-----BEGIN Y"}, "cannot use NAAS_CERT with NAAS_KEY", id="no PEM"
        ),
        pytest.param({"credential_encryption_enabled": False}, "always encrypted at rest here", id="no encryption"),
        pytest.param({"worker_contexts": ("lab",)}, "names lab, which --contexts does not list", id="unknown context"),
        pytest.param({"oidc_issuer": "https://id"}, "--oidc-issuer needs --oidc-audience", id="no audience"),
        pytest.param(
            {"oidc_issuer": "http://id.example", "oidc_audience": "naas"}, "give an https:// URL", id="issuer in clear"
        ),
        pytest.param({"command_policy": Path("no")}, "--command-policy names no, which is not a file", id="no file"),
    ],
)
def test_settings_that_do_not_go_together(given: dict[str, Any], problem: str) -> None:
    with pytest.raises(ConfigurationProblems) as caught:
        Settings(**given).check()
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    "given",
    [
        {"oidc_issuer": "http://127.0.0.1:9000", "oidc_audience": "naas"},
        {"contexts": ("lab",)},
        {"host": "localhost"},
    ],
    ids=["an issuer on this machine", "other contexts", "loopback by name"],
)
def test_settings_that_go_together(given: dict[str, Any]) -> None:
    Settings(**given).check()


def test_what_is_derived_stands_beside_the_database() -> None:
    settings = Settings(database=Path("/var/lib/naas/naas.db"))
    assert settings.key_file == Path("/var/lib/naas/naas.db.key")
    assert settings.known_hosts_file == Path("/var/lib/naas/naas.db.known_hosts")
    assert settings.store_url == "sqlite:////var/lib/naas/naas.db"
    assert Settings(database_url="postgresql://db/naas").store_url == "postgresql://db/naas"
    assert Settings(database_url="sqlite:////srv/jobs.db").key_file == Path("/srv/jobs.db.key")
    elsewhere = Settings(database_url="postgresql://db/naas", database=Path("/var/lib/naas/naas.db"))
    assert elsewhere.key_file == Path("/var/lib/naas/naas.db.key")
    assert (Settings().pool_size, Settings(connection_pool_max_size=10).pool_size) == (64, 10)


@pytest.mark.parametrize(
    ("host", "answer"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("naas", False)],
)
def test_loopback_is_recognised(host: str, answer: bool) -> None:
    assert is_loopback(host) is answer


def test_a_certificate_as_text_is_a_file_for_the_length_of_the_service() -> None:
    with tls_files(Settings(cert="CERT", ca_bundle="CHAIN", key="KEY")) as files:
        assert files is not None
        assert files.certificate.read_text() == "CERT\nCHAIN\n"
        assert files.key.read_text() == "KEY\n"
        assert files.key.parent.stat().st_mode & 0o077 == 0
    assert not files.key.parent.exists()
    with tls_files(Settings(tls_cert=Path("a"), tls_key=Path("b"))) as files:
        assert (files and files.certificate, files and files.key) == (Path("a"), Path("b"))
    with tls_files(Settings()) as files:
        assert files is None


def test_the_table_and_the_value_have_the_same_names() -> None:
    assert set(TABLE) == {field.name for field in fields(Settings)}
    flags = [setting.flag for setting in TABLE.values() if setting.flag]
    variables = [name for setting in TABLE.values() for name in setting.variables]
    assert len(set(flags)) == len(flags)
    assert len(set(variables)) == len(variables)


@pytest.mark.parametrize("name", TABLE)
def test_every_setting_reads_its_own_default_and_says_a_sentence(name: str) -> None:
    setting = TABLE[name]
    if setting.default not in (None, (), {}):
        assert setting.kind.read(setting.kind.show(setting.default)) == setting.default
    assert setting.help.endswith(".")
    assert setting.help[0].isupper()


def test_the_listing_shows_who_said_what_and_no_secret() -> None:
    loaded = load(environment={"NAAS_ADMIN_SECRET": "hunter2-hunter2-hunter2", "NAAS_PORT": "1"})
    assert [(row.name, row.value, row.source) for row in rows(loaded, changed=True)] == [
        ("port", "1", "NAAS_PORT"),
        ("admin_secret", "***", "NAAS_ADMIN_SECRET"),
    ]
    assert len(list(rows(loaded))) == len(TABLE)


def test_the_schema_accepts_what_the_service_accepts() -> None:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    good = 'port = 1\n[jobs]\njob_timeout = "5m"\n[access]\noidc_role_map = {ops = "operator"}\n'
    jsonschema.validate(tomllib.loads(good), schema)
    for bad in ("prot = 1", "port = 70000", 'port = "x"', "[jobs]\nport = 1", '[access.oidc_role_map]\nops = "root"'):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(tomllib.loads(bad), schema)


def test_the_guide_lists_every_setting_as_the_code_has_it() -> None:
    """After a change of the table: python packages/naas/deploy/make.py."""
    text = GUIDE.read_text(encoding="utf-8")
    made = text.partition("<!-- settings: made from the code -->\n")[2].partition("<!-- end of settings -->")[0]
    assert made == settings_tables()


def test_a_worker_alone_needs_none_of_what_the_api_needs() -> None:
    """One configuration file for all machines: that of a worker has no certificate and no policy."""
    environment = {"NAAS_HOST": "0.0.0.0", "NAAS_COMMAND_POLICY": "/nowhere.toml", "NAAS_TLS_CERT": "/nowhere.pem"}
    environment["NAAS_ENCRYPTION_KEY"] = "x"
    assert load(environment=environment, process="worker").settings.host == "0.0.0.0"
    with pytest.raises(ConfigurationProblems):
        load(environment=environment)


def test_a_worker_alone_makes_no_key_of_its_own(tmp_path: Path) -> None:
    flags = {"database": str(tmp_path / "naas.db")}
    with pytest.raises(ConfigurationProblems, match="a worker needs the master key of its API"):
        load(flags=flags, process="worker")
    (tmp_path / "naas.db.key").write_text("the key of the API")
    load(flags=flags, process="worker")
    load(flags={"database": str(tmp_path / "other.db")})


SOURCES = Path(__file__).parents[2] / "src" / "naas"

# Read through a property of `Settings`, or by the rules, and not by name.
DERIVED = {
    "cert": "has_tls",
    "credential_encryption_enabled": None,
    "connection_pool_max_size": "pool_size",
    "database": "store_url",
    "database_url": "store_url",
    "known_hosts": "known_hosts_file",
}


@pytest.mark.parametrize("name", TABLE)
def test_every_setting_is_read_by_somebody(name: str) -> None:
    """A setting that changes nothing would be a promise that is not kept."""
    read = DERIVED.get(name, name)
    files = [file for file in SOURCES.rglob("*.py") if "config" not in file.parts or file.name == "tls.py"]
    assert read is None or any(re.search(rf"settings\.{read}\b", file.read_text(encoding="utf-8")) for file in files)
