"""Whatever a library raises becomes one failure with code, message and advice, and without secrets."""

from __future__ import annotations

import re
import socket

import paramiko
import pytest
from naas.driver.base import DeviceTarget, ErrorCode
from naas.driver.failures import CONFIG_ERROR, failure_from, redact, rejected
from netmiko.exceptions import (
    ConfigInvalidException,
    NetmikoAuthenticationException,
    NetmikoTimeoutException,
    ReadException,
    ReadTimeout,
    WriteException,
)

TARGET = DeviceTarget("192.0.2.1", 22, "cisco_ios", "admin", "pass-4711", "enable-0815")


def negotiation_failure() -> NetmikoTimeoutException:
    try:
        raise paramiko.SSHException("no acceptable host key")
    except paramiko.SSHException:
        try:
            raise NetmikoTimeoutException("A paramiko SSHException occurred during connection creation")
        except NetmikoTimeoutException as error:
            return error


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        pytest.param(
            NetmikoAuthenticationException("no"), ErrorCode.AUTH_FAILURE, "refused user 'admin'", id="netmiko login"
        ),
        pytest.param(
            paramiko.AuthenticationException("no"), ErrorCode.AUTH_FAILURE, "check user name", id="paramiko login"
        ),
        pytest.param(ReadTimeout("pattern"), ErrorCode.CONNECTION_TIMEOUT, "no answer in time", id="slow command"),
        pytest.param(NetmikoTimeoutException("x"), ErrorCode.CONNECTION_TIMEOUT, "`conn_timeout`", id="slow login"),
        pytest.param(TimeoutError("x"), ErrorCode.CONNECTION_TIMEOUT, "reachable", id="no route"),
        pytest.param(ConnectionRefusedError(111, "x"), ErrorCode.CONNECTION_TIMEOUT, "refused", id="refused port"),
        pytest.param(socket.gaierror(-2, "x"), ErrorCode.CONNECTION_TIMEOUT, "DNS", id="unknown name"),
        pytest.param(OSError(113, "No route to host"), ErrorCode.CONNECTION_TIMEOUT, "No route", id="other socket"),
        pytest.param(negotiation_failure(), ErrorCode.SSH_ERROR, "no acceptable host key", id="negotiation"),
        pytest.param(ReadException("closed"), ErrorCode.SSH_ERROR, "try again", id="hung up while reading"),
        pytest.param(WriteException("closed"), ErrorCode.SSH_ERROR, "try again", id="hung up while writing"),
        pytest.param(paramiko.SSHException("x"), ErrorCode.SSH_ERROR, "session broke", id="protocol"),
        pytest.param(EOFError(), ErrorCode.SSH_ERROR, "EOFError", id="end of file"),
        pytest.param(ConnectionResetError(104, "reset"), ErrorCode.SSH_ERROR, "reset", id="reset"),
        pytest.param(KeyError("x"), ErrorCode.UNKNOWN, "KeyError", id="anything else"),
    ],
)
def test_every_error_has_its_code(error: Exception, code: ErrorCode, says: str) -> None:
    """The message also names the place and what was attempted."""
    failure = failure_from(error, doing="running 'show version'", target=TARGET)
    assert failure.code is code
    assert says in failure.message
    assert failure.message.startswith("192.0.2.1:22: ")
    assert "while running 'show version'; " in failure.message


def test_text_of_others_is_redacted() -> None:
    failure = failure_from(ReadException("sent pass-4711 and enable-0815"), doing="x", target=TARGET)
    assert "sent *** and ***" in failure.message


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("username bob privilege 15 secret 9 $9$abc", "username bob privilege 15 secret 9 ***"),
        ("snmp-server community s3cret RO", "snmp-server community ***"),
        (
            "set system root-authentication encrypted-password x",
            "set system root-authentication encrypted-password ***",
        ),
        ("tacacs-server key 7 0822455D0A16", "tacacs-server key 7 ***"),
        ("description the key to it all is pass-4711", "description the key ***"),
        ("interface Gi0/1", "interface Gi0/1"),
    ],
)
def test_secrets_in_configuration_lines_are_hidden(line: str, shown: str) -> None:
    """A refused line is quoted, and configuration is full of secrets."""
    assert redact(line, TARGET) == shown


def test_a_rejection_names_the_line_and_the_device_s_own_words() -> None:
    error = ConfigInvalidException(
        "Invalid input detected at command: interfac Gi0/1, matched error: % Invalid input detected at '^' marker."
    )
    failure = rejected(error, TARGET, has_candidate=False)
    assert failure.code is ErrorCode.CONFIG_REJECTED
    assert "line 'interfac Gi0/1': % Invalid input detected at '^' marker.;" in failure.message
    assert "the lines before it are in force" in failure.message
    assert "nothing was committed" in rejected(error, TARGET, has_candidate=True).message


@pytest.mark.parametrize(
    ("text", "is_error"),
    [
        pytest.param("% Invalid input detected at '^' marker.", True, id="IOS"),
        pytest.param("% Incomplete command.", True, id="incomplete"),
        pytest.param('% Ambiguous command:  "s"', True, id="ambiguous"),
        pytest.param("%Error: no such interface", True, id="no space"),
        pytest.param("   ^\nsyntax error, expecting <statement>.", True, id="Junos"),
        pytest.param("Error: Unrecognized command", True, id="Huawei"),
        pytest.param("sw1(config-if)#description error: see ticket", False, id="a description that speaks of errors"),
        pytest.param("Building configuration...\n[OK]", False, id="success"),
    ],
)
def test_refusals_are_told_from_text_about_them(text: str, is_error: bool) -> None:
    assert bool(re.search(CONFIG_ERROR, text)) is is_error
