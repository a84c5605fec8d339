"""The container file, the compose files, the NATS configuration and the systemd units: what they name exists."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from naas import __version__
from naas.cli import COMMANDS
from naas.config import TABLE, Settings
from naas.config.load import CONFIG_FILE_VARIABLE

DEPLOY = Path(__file__).parents[2] / "deploy"
ROOT = Path(__file__).parents[4]
CONTAINERFILE = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
COMPOSE = ["compose.yaml", "compose.scale.yaml"]
UNITS = ["naas.service", "naas-worker.service"]

KNOWN = {
    CONFIG_FILE_VARIABLE,
    "NAAS_GLOBAL_PORT",  # of the compose file of the existing service: the port on the host
    *(name for setting in TABLE.values() for name in (*setting.variables, setting.file_variable)),
}


@pytest.mark.parametrize("file", sorted(DEPLOY.rglob("*")), ids=lambda file: str(file.relative_to(DEPLOY)))
def test_every_setting_that_a_file_names_is_one(file: Path) -> None:
    if file.is_file() and file.suffix != ".pyc":
        named = set(re.findall(r"\bNAAS_[A-Z0-9_]+", file.read_text(encoding="utf-8")))
        assert named <= KNOWN


def compose(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((DEPLOY / name).read_text(encoding="utf-8"))
    return loaded


def ours(name: str) -> dict[str, dict[str, Any]]:
    """Return the services of a compose file that run our image."""
    return {key: each for key, each in compose(name)["services"].items() if each["image"].startswith("naas:")}


@pytest.mark.parametrize("name", COMPOSE)
def test_containers_may_do_nothing_but_their_work(name: str) -> None:
    for service in ours(name).values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert int(service["stop_grace_period"].removesuffix("s")) > Settings().drain_seconds
        assert service["image"] == f"naas:{__version__}"
        assert service["command"][0] in COMMANDS
        assert (DEPLOY / service["build"]["context"] / service["build"]["dockerfile"]).resolve().is_file()


@pytest.mark.parametrize("name", COMPOSE)
def test_secrets_and_volumes_that_are_used_are_declared(name: str) -> None:
    file = compose(name)
    for service in file["services"].values():
        assert set(service.get("secrets", [])) <= set(file["secrets"])
        named = [volume.split(":")[0] for volume in service.get("volumes", [])]
        assert all(volume in file["volumes"] or (DEPLOY / volume).exists() for volume in named)
        for value in service.get("environment", {}).values():
            if str(value).startswith("/run/secrets/"):
                assert value.removeprefix("/run/secrets/") in service["secrets"]


def test_scaled_out_the_workers_have_neither_the_database_nor_the_secrets_of_the_api() -> None:
    services = ours("compose.scale.yaml")
    api = services.pop("api")
    assert len(services) == 2
    for worker in services.values():
        assert worker["secrets"] == ["encryption_key"]
        assert not {"NAAS_DATABASE_URL", "NAAS_ADMIN_SECRET"} & set(worker["environment"])
        assert worker["environment"]["NAAS_ENGINE"] == api["environment"]["NAAS_ENGINE"]
        assert "ports" not in worker


def test_no_password_stands_in_a_file() -> None:
    for name in COMPOSE:
        text = (DEPLOY / name).read_text(encoding="utf-8")
        assert not re.search(r"(?i)password[\"']?: +(?!\$\{)\S", text)
        assert not re.search(r"://\w+:(?!\$\{)\w+@", text)


def test_nats_writes_through_before_it_acknowledges() -> None:
    assert re.search(r"^\s*sync_interval: always$", (DEPLOY / "nats/nats.conf").read_text(), re.MULTILINE)


NATS_SERVER = Path(sys.executable).with_name("nats-server")


@pytest.mark.skipif(not NATS_SERVER.exists(), reason="needs nats-server")
def test_nats_takes_its_configuration() -> None:
    command = [str(NATS_SERVER), "-t", "-c", str(DEPLOY / "nats/nats.conf")]
    result = subprocess.run(command, env={"NATS_PASSWORD": "x"}, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def test_the_image_runs_as_an_ordinary_user_and_checks_its_health() -> None:
    assert re.search(r"^USER 1000:1000$", CONTAINERFILE, re.MULTILINE)
    assert 'ENTRYPOINT ["naas-server"]' in CONTAINERFILE
    for line in re.findall(r"CMD \[(.+)\]$", CONTAINERFILE, re.MULTILINE):
        words = [word for word in re.findall(r'"([^"]+)"', line) if word != "naas-server"]
        assert words[0] in COMMANDS
    assert f"naas:{__version__}" in CONTAINERFILE


def test_the_image_copies_what_there_is_and_all_that_the_service_stands_on() -> None:
    sources = [words.split()[:-1] for words in re.findall(r"^COPY (?!--from)(.+)$", CONTAINERFILE, re.MULTILINE)]
    copied = {source for words in sources for source in words}
    assert all((ROOT / source).exists() for source in copied)
    members = {path.parent.name for path in ROOT.glob("packages/*/pyproject.toml")}
    pyproject = (ROOT / "packages/naas/pyproject.toml").read_text(encoding="utf-8")
    wanted = {name for name in members if re.search(rf'^    "{name}[>=\[]', pyproject, re.MULTILINE)}
    assert {f"packages/{name}" for name in wanted | {"naas"}} <= copied


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_starts_a_command_that_there_is_and_lets_jobs_end(name: str) -> None:
    unit = configparser.RawConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read(DEPLOY / "systemd" / name)
    service = unit["Service"]
    program, command, *flags = service["ExecStart"].split()
    assert program.endswith("/naas-server")
    assert command in COMMANDS
    assert flags == ["--config", "/etc/naas/naas.toml"]
    assert int(service["TimeoutStopSec"].removesuffix("s")) > Settings().drain_seconds
    for hardening in ("NoNewPrivileges", "ProtectHome", "PrivateTmp", "PrivateDevices", "ProtectKernelModules"):
        assert service[hardening] == "yes"
    assert service["DynamicUser"] == "yes"
    assert service["CapabilityBoundingSet"] == ""


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
@pytest.mark.parametrize("name", UNITS)
def test_systemd_understands_the_unit(name: str) -> None:
    command = ["systemd-analyze", "verify", str(DEPLOY / "systemd" / name)]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    complaints = [line for line in result.stderr.splitlines() if name in line]
    # The program is not installed there on this machine; that is all it may find.
    assert [line for line in complaints if "is not executable" not in line] == []


GUIDE = ROOT / "docs" / "guide" / "naas-operations.md"


def test_alarms_are_about_metrics_that_there_are() -> None:
    """The guide lists every metric (a test of its own compares it with the code)."""
    rules = yaml.safe_load((DEPLOY / "prometheus" / "naas.rules.yaml").read_text(encoding="utf-8"))
    guide = GUIDE.read_text(encoding="utf-8")
    for rule in rules["groups"][0]["rules"]:
        named = re.findall(r"\bnaas_\w+", rule["expr"])
        assert named
        assert rule["annotations"]["summary"]
        assert not [name for name in named if f"`{name.removesuffix('_bucket')}`" not in guide]
