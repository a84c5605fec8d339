"""The sources together: who wins, what is said about mistakes, and that secrets stay secret."""

from __future__ import annotations

from pathlib import Path

import pytest
from naas.config import TABLE, ConfigurationProblems, Settings, load
from naas.errors import StartError


def problems(**sources: object) -> list[str]:
    """Load what cannot be used; return every complaint."""
    with pytest.raises(ConfigurationProblems) as caught:
        load(**sources)  # type: ignore[arg-type]
    return [str(problem) for problem in caught.value.problems]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A configuration file that says port and contexts."""
    path = tmp_path / "naas.toml"
    path.write_text('port = 1001\n\n[server]\ncontexts = ["default", "lab"]\n')
    return path


def test_without_sources_everything_is_at_its_default() -> None:
    loaded = load()
    assert (loaded.settings, dict(loaded.sources), loaded.notices) == (Settings(), {}, ())


def test_flags_win_over_the_environment_and_that_over_the_file(file: Path) -> None:
    environment = {"NAAS_PORT": "1002", "NAAS_WORKER_THREADS": "5"}
    assert load(file=file).settings.port == 1001
    assert load(file=file, environment=environment).settings.port == 1002
    loaded = load(file=file, environment=environment, flags={"port": "1003"})
    assert (loaded.settings.port, loaded.settings.worker_threads) == (1003, 5)
    assert loaded.sources == {"port": "--port", "worker_threads": "NAAS_WORKER_THREADS", "contexts": f"{file}:4"}


def test_the_environment_may_name_the_file(file: Path) -> None:
    assert load(environment={"NAAS_CONFIG_FILE": str(file)}).settings.contexts == ("default", "lab")


@pytest.mark.parametrize(
    ("variable", "text", "name", "value"),
    [
        ("JOB_TTL_SUCCESS", "3600", "job_ttl_success", 3600),
        ("CIRCUIT_BREAKER_TIMEOUT", "300", "circuit_breaker_timeout", 300.0),
        ("CONNECTION_POOL_EXCLUDE", "10.0.0.1,cisco_ios", "connection_pool_exclude", ("10.0.0.1", "cisco_ios")),
        ("WORKER_CONTEXTS", "default", "worker_contexts", ("default",)),
        ("SHUTDOWN_TIMEOUT", "60", "drain_seconds", 60.0),
        ("RATE_LIMIT_EXEMPT_ROLES", "admin,operator", "rate_limit_exempt_roles", ("admin", "operator")),
        ("OTEL_ENABLED", "true", "otel_enabled", True),
        ("LOG_LEVEL", "DEBUG", "log_level", "debug"),
        ("NAAS_ADMIN_SECRET", "a long enough secret", "admin_secret", "a long enough secret"),
    ],
)
def test_variables_of_the_existing_service_are_understood(variable: str, text: str, name: str, value: object) -> None:
    loaded = load(environment={variable: text})
    assert getattr(loaded.settings, name) == value
    assert loaded.sources == {name: variable}


# Section 3.3 of the contract, less what has no meaning without Redis, gunicorn and secret stores.
EXISTING = frozenset(
    {
        "JOB_TTL_SUCCESS",
        "JOB_TTL_FAILED",
        "JOB_TIMEOUT",
        "CIRCUIT_BREAKER_ENABLED",
        "CIRCUIT_BREAKER_THRESHOLD",
        "CIRCUIT_BREAKER_TIMEOUT",
        "CONNECTION_POOL_ENABLED",
        "CONNECTION_POOL_MAX_SIZE",
        "CONNECTION_POOL_IDLE_TIMEOUT",
        "CONNECTION_POOL_MAX_AGE",
        "CONNECTION_POOL_KEEPALIVE",
        "CONNECTION_POOL_EXCLUDE",
        "NAAS_CONTEXTS",
        "WORKER_CONTEXTS",
        "IDEMPOTENCY_TTL",
        "FAILED_JOB_MAX_RETAIN",
        "JOB_REAPER_ENABLED",
        "JOB_REAPER_INTERVAL",
        "WORKER_STALE_THRESHOLD",
        "NAAS_ADMIN_SECRET",
        "CREDENTIAL_ENCRYPTION_ENABLED",
        "MAX_QUEUE_DEPTH",
        "BATCH_MAX_DEVICES",
        "BATCH_MAX_COMMANDS",
        "JOB_DEDUP_ENABLED",
        "WEBHOOK_ALLOW_HTTP",
        "WEBHOOK_MAX_RETRIES",
        "WEBHOOK_TIMEOUT",
        "API_KEY_DEFAULT_TTL",
        "API_KEY_MAX_TTL",
        "NAAS_JWT_SECRET",
        "NAAS_ENCRYPTION_KEY",
        "RATE_LIMIT_ENABLED",
        "RATE_LIMIT_PER_CALLER",
        "RATE_LIMIT_PER_CALLER_DEVICE",
        "RATE_LIMIT_WINDOW",
        "RATE_LIMIT_EXEMPT_ROLES",
        "SHUTDOWN_TIMEOUT",
        "LOG_LEVEL",
        "APP_ENVIRONMENT",
        "OTEL_ENABLED",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "OTEL_SERVICE_NAME",
        "WORKER_METRICS_PORT",
        "WORKER_HEARTBEAT_FILE",
        "NAAS_CERT",
        "NAAS_KEY",
        "NAAS_CA_BUNDLE",
    }
)


def test_every_variable_of_the_existing_service_has_its_setting_under_its_own_name() -> None:
    """The rule of names: the variable in lower case, without NAAS_, is the field, with two exceptions."""
    by_variable = {variable: setting.name for setting in TABLE.values() for variable in setting.variables}
    assert set(by_variable) >= EXISTING
    expected = {variable: variable.removeprefix("NAAS_").lower() for variable in EXISTING}
    expected.update(SHUTDOWN_TIMEOUT="drain_seconds", WORKER_STALE_THRESHOLD="lease_seconds")
    assert {variable: by_variable[variable] for variable in EXISTING} == expected


def test_our_own_name_wins_over_the_existing_one_and_that_is_told() -> None:
    loaded = load(environment={"NAAS_JOB_TIMEOUT": "200", "JOB_TIMEOUT": "100"})
    assert loaded.settings.job_timeout == 200
    assert loaded.notices == ("JOB_TIMEOUT is not used, because NAAS_JOB_TIMEOUT is set too",)


def test_an_empty_variable_says_nothing() -> None:
    """Compose files pass variables that nobody set as empty ones."""
    assert load(environment={"NAAS_PORT": "", "JOB_TIMEOUT": " "}).sources == {}


def test_all_that_is_wrong_in_all_sources_is_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "naas.toml"
    file.write_text("[server]\nprot = 80\nhost = 5\n\n[jobs]\nport = 80\nmax_queue_depth = -1\n")
    told = problems(file=file, environment={"NAAS_UI_ENABLED": "maybe"}, flags={"worker_threads": "0"})
    assert told == [
        f"{file}:2: prot is no setting; did you mean port?",
        f"{file}:6: port stands in [jobs], but belongs into [server]",
        f"{file}:3: host is 5; write text in quotes",
        f"{file}:7: max_queue_depth cannot be used: -1 is not in the range 0 or more",
        "NAAS_UI_ENABLED is 'maybe'; write true or false",
        "--worker-threads cannot be used: 0 is not in the range 1 to 1000",
    ]


def test_several_problems_are_one_message_with_a_line_each() -> None:
    error = ConfigurationProblems([*_problems_of(flags={"port": "x", "host": ""})])
    assert str(error) == (
        "2 settings cannot be used\n  --port is 'x'; write a whole number\n  --host is empty; write address"
    )
    assert isinstance(error, StartError)
    assert error.is_usage


def _problems_of(**sources: object) -> tuple[object, ...]:
    with pytest.raises(ConfigurationProblems) as caught:
        load(**sources)  # type: ignore[arg-type]
    return caught.value.problems


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        pytest.param("port = ", "naas.toml is not TOML: Invalid value", id="no TOML"),
        pytest.param("port = 1\n[server]\nport = 2\n", "port is given twice; keep one of them", id="twice"),
        pytest.param("[jobs.job_timeout]\nx = 1\n", "job_timeout is {'x': 1}; write a whole number", id="a table"),
    ],
)
def test_a_file_that_cannot_be_used(content: str, complaint: str, tmp_path: Path) -> None:
    file = tmp_path / "naas.toml"
    file.write_text(content)
    assert complaint in problems(file=file)[0]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert problems(file=tmp_path / "no.toml") == [
        f"the configuration file {tmp_path / 'no.toml'} cannot be read: No such file or directory"
    ]


def test_a_secret_can_come_as_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "jwt"
    secret.write_text("x" * 40 + "\n")
    loaded = load(environment={"NAAS_JWT_SECRET_FILE": str(secret)})
    assert loaded.settings.jwt_secret == "x" * 40
    assert loaded.sources == {"jwt_secret": "NAAS_JWT_SECRET_FILE"}


def test_a_secret_is_given_once(tmp_path: Path) -> None:
    environment = {"NAAS_JWT_SECRET": "hunter2", "NAAS_JWT_SECRET_FILE": str(tmp_path / "none")}
    assert problems(environment=environment) == [
        "NAAS_JWT_SECRET and NAAS_JWT_SECRET_FILE are both set; keep one of them"
    ]
    del environment["NAAS_JWT_SECRET"]
    assert problems(environment=environment) == [
        f"NAAS_JWT_SECRET_FILE names {tmp_path / 'none'}, which cannot be read: No such file or directory"
    ]


def test_secrets_have_no_flag_and_stand_in_no_repr() -> None:
    secrets = {name for name, setting in TABLE.items() if setting.is_secret}
    assert secrets == {"admin_secret", "encryption_key", "jwt_secret", "cert", "key", "ca_bundle"}
    assert not [name for name in secrets if TABLE[name].flag]
    hidden = dict.fromkeys((*secrets, "database_url", "engine"), "hunter2")
    assert "hunter2" not in repr(Settings(**hidden))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("variable", "notice"),
    [
        ("NAAS_PROT", "NAAS_PROT is no setting and is not used; did you mean NAAS_PORT?"),
        ("NAAS_SOMETHING_ELSE", "NAAS_SOMETHING_ELSE is no setting and is not used"),
        ("REDIS_HOST", "REDIS_HOST has no meaning here: no Redis is needed; see NAAS_ENGINE and NAAS_DATABASE_URL"),
    ],
)
def test_variables_that_mean_nothing_are_told(variable: str, notice: str) -> None:
    assert load(environment={variable: "x"}).notices == (notice,)


@pytest.mark.parametrize(
    "variable",
    ["NAAS_URL", "NAAS_API_KEY", "NAAS_MCP_API_URL", "NAAS_SERVICE_HOST", "NAAS_PORT_8080_TCP_ADDR", "HOME"],
)
def test_variables_of_others_are_left_alone(variable: str) -> None:
    assert load(environment={variable: "x"}).notices == ()


def test_what_kubernetes_sets_for_a_service_called_naas_is_not_the_port() -> None:
    loaded = load(environment={"NAAS_PORT": "tcp://10.0.0.1:8080"})
    assert loaded.settings.port == 8080
    assert loaded.notices[0].startswith("NAAS_PORT comes from Kubernetes")


def test_another_store_of_secrets_is_refused_rather_than_ignored() -> None:
    """Ignored, the service would make a key of its own and not open what the real one encrypted."""
    assert (
        "SECRETS_BACKEND is 'vault', but secrets are read from" in problems(environment={"SECRETS_BACKEND": "vault"})[0]
    )


def test_a_file_with_secrets_that_others_can_read_is_told(tmp_path: Path) -> None:
    file = tmp_path / "naas.toml"
    file.write_text(f'admin_secret = "{"x" * 20}"\n')
    file.chmod(0o644)
    assert load(file=file).notices == (f"{file} holds admin_secret and can be read by others; run: chmod 600 {file}",)
    file.chmod(0o600)
    assert load(file=file).notices == ()


def test_a_password_on_the_command_line_is_told_without_repeating_it() -> None:
    loaded = load(flags={"database_url": "postgresql://ann:hunter2@db/naas"})
    assert loaded.notices == (
        "--database-url carries a password that every user of this machine can read; set NAAS_DATABASE_URL instead",
    )
