"""One open scrapli session: what it can run, how it configures, what its errors mean."""

from __future__ import annotations

import re
import secrets
import socket
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import paramiko
from netmiko.exceptions import ReadTimeout
from scrapli.auth import LookupKeyValue
from scrapli.auth import Options as AuthOptions
from scrapli.cli import Cli
from scrapli.exceptions import CancelledException, ScrapliException
from scrapli.ffi_types import Cancel
from scrapli.session import Options as SessionOptions
from scrapli.transport import Ssh2Options

from naas.driver.base import Cancelled, ConfigOutput, DeviceFailure, DeviceTarget, ErrorCode
from naas.driver.configs import (
    Candidate,
    candidate_of,
    command_to_show,
    family_of,
    unified_diff,
    without_volatile_lines,
)
from naas.driver.errors import OutputTooLong
from naas.driver.failures import CONFIG_ERROR, failure_from, redact, refused_line
from naas.driver.hostkeys import HostKeyRefused
from naas.driver.reading import LONGEST_OUTPUT
from naas.driver.scrapli_dialects import AS_IT_IS, DIALECTS, definition_of
from naas.driver.session import READ_COMMAND, VERIFY_AFTER_SECONDS, VERIFY_SECONDS

if TYPE_CHECKING:
    from naas.driver.base import ConfigChange, Patience
    from naas.driver.patterns import CallerPattern

__all__ = ["ScrapliSession", "open_scrapli_session"]

LOGOUT_SECONDS: Final = 2.0


class ScrapliSession:
    """A session in use by one job at a time; a `naas.driver.pooled.PooledSession`."""

    def __init__(self, cli: Cli, target: DeviceTarget, platform: str, *, is_privileged: bool) -> None:
        self._cli = cli
        self._target = target
        self._platform = platform
        self._dialect = DIALECTS[family_of(platform)]
        self._mode = self._dialect.home if is_privileged else AS_IT_IS
        self._is_open = True
        self.is_reusable = True
        self.prompt = ""

    def learn_prompt(self) -> None:
        """Ask the device for its prompt."""
        self.prompt = self._cli.get_prompt().result.strip()

    # Running

    def run(self, command: str, patience: Patience, *, expect_string: CallerPattern | None = None) -> str:
        """Run one command and return its output; see `naas.driver.pooled.PooledSession`."""
        if not READ_COMMAND.fullmatch(command.rstrip()):
            self.is_reusable = False
        doing = f"running {redact(command, self._target)!r} (waiting up to {patience.read_timeout:g} s)"
        cancel = _AskedCancel(patience.should_stop)
        return self._attempt(doing, lambda: self._send(command, self._mode, patience.read_timeout, cancel))

    def _send(self, command: str, mode: str, read_timeout: float, cancel: Cancel | None = None, **options: Any) -> str:
        result = self._cli.send_input(
            command,
            requested_mode=mode,
            operation_timeout_ns=int(read_timeout * 1e9),
            cancel=cancel,
            **options,
        )
        if len(result.result) > LONGEST_OUTPUT:
            raise OutputTooLong(LONGEST_OUTPUT)
        return result.result

    # Configuring; the rules are those of `naas.driver.configure`

    def configure(self, change: ConfigChange, *, read_timeout: float) -> ConfigOutput:
        """Change the configuration, or try the change out; see `naas.driver.pooled.PooledSession`."""
        candidate = candidate_of(self._platform)
        if candidate is not None and (change.dry_run or change.want_diff):
            output = self._through_candidate(change, candidate, read_timeout)
        else:
            output = self._directly(change, candidate if self._dialect.committed else None, read_timeout)
        self._attempt("looking for the prompt after configuring", self._learnt_prompt)
        if not change.save_config or change.dry_run or self._dialect.save is None:
            return output
        command = self._dialect.save
        saved = self._attempt(
            "saving the configuration", lambda: self._checked(self._send(command, self._mode, read_timeout))
        )
        return ConfigOutput(f"{output.text}\n{saved}", output.diff, output.applied)

    def _directly(self, change: ConfigChange, candidate: Candidate | None, read_timeout: float) -> ConfigOutput:
        before = self._running(read_timeout) if change.want_diff else None
        printed = self._send_lines(change, candidate, read_timeout)
        is_in_force = self._dialect.committed is None or change.commit
        if change.commit:
            printed.append(self._commit(candidate, read_timeout))
        self._leave(is_clean=is_in_force)
        diff = None if before is None else unified_diff(before, self._running(read_timeout))
        return ConfigOutput("\n".join(printed), diff, applied=is_in_force)

    def _through_candidate(self, change: ConfigChange, candidate: Candidate, read_timeout: float) -> ConfigOutput:
        enter = candidate.to_try if change.dry_run else candidate.to_change
        if enter is not None:
            command = enter.format(name=f"naas-{secrets.token_hex(4)}")
            self._attempt(
                "opening a candidate configuration",
                lambda: self._checked(self._send(command, self._dialect.home, read_timeout)),
            )
        printed = self._send_lines(change, candidate, read_timeout)
        shown = self._attempt(
            "comparing the candidate", lambda: self._send(candidate.compare, "configuration", read_timeout)
        )
        diff = without_volatile_lines(re.sub(r"\n\[edit\]\s*$", "", shown)).rstrip("\n")
        is_in_force = not change.dry_run and (change.commit or candidate.commit is not None)
        if is_in_force:
            printed.append(self._commit(candidate, read_timeout))
        elif change.dry_run:
            discard = candidate.discard
            printed.append(self._attempt("discarding the candidate", lambda: self._plain(discard, read_timeout)))
        self._leave(is_clean=is_in_force or change.dry_run)
        return ConfigOutput("\n".join(printed), diff, applied=is_in_force)

    def _send_lines(self, change: ConfigChange, candidate: Candidate | None, read_timeout: float) -> list[str]:
        printed: list[str] = []
        for line in change.lines:
            text = self._attempt(
                "sending configuration",
                partial(
                    self._send, line, "configuration", read_timeout, retain_input=True, retain_trailing_prompt=True
                ),
            )
            refusal = re.search(CONFIG_ERROR, text)
            if refusal is not None:
                self._discard(candidate)
                raise refused_line(line, refusal.group(), self._target, has_candidate=candidate is not None)
            printed.append(text)
        return printed

    def _commit(self, candidate: Candidate | None, read_timeout: float) -> str:
        committed = self._dialect.committed

        def commit() -> str:
            # A candidate's commit may leave the mode, so it is sent as it is.
            text = self._checked(self._plain("commit", max(read_timeout, 120.0)))
            if committed is not None and committed not in text:
                raise ValueError(f"Commit failed with the following errors: {text}")
            return text

        try:
            return self._attempt("committing", commit)
        except DeviceFailure:
            self._discard(candidate)
            raise

    def _leave(self, *, is_clean: bool) -> None:
        command = self._dialect.leave_uncommitted
        if is_clean or command is None:
            self._attempt("leaving configuration mode", self._enter_home)
            return
        self._attempt("leaving configuration mode", lambda: self._leave_uncommitted(command))

    def _leave_uncommitted(self, command: str) -> str:
        result = self._cli.send_prompted_input(command, "(yes)", "", "yes", requested_mode="configuration")
        return result.result

    def _enter_home(self) -> str:
        return self._cli.enter_mode(self._dialect.home).result

    def _plain(self, command: str, read_timeout: float) -> str:
        """Send a command in configuration mode that may leave it."""
        return self._send(command, "configuration", read_timeout)

    def _discard(self, candidate: Candidate | None) -> None:
        if candidate is None:
            return
        try:
            self._plain(candidate.discard, VERIFY_SECONDS)
        except ScrapliException:
            # The refusal is what the caller must hear; the session is cut either way.
            return

    def _running(self, read_timeout: float) -> str:
        command = command_to_show(self._target, self._platform, startup=False)
        text = self._attempt(f"running {command!r}", lambda: self._send(command, self._dialect.home, read_timeout))
        return without_volatile_lines(text)

    def _checked(self, output: str) -> str:
        refusal = re.search(CONFIG_ERROR, output)
        if refusal:
            raise ValueError(f"the device refused: {refusal.group().strip()}")
        return output

    def _learnt_prompt(self) -> str:
        self.learn_prompt()
        return self.prompt

    def _attempt(self, doing: str, action: Callable[[], str]) -> str:
        try:
            return action()
        except CancelledException as error:
            raise Cancelled from error
        except ValueError as error:
            text = redact(" ".join(str(error).split()), self._target)
            message = f"{self._target.address}: {text} (while {doing}); correct it and send again"
            raise DeviceFailure(ErrorCode.CONFIG_REJECTED, message) from error
        except Exception as error:
            raise failure_from(_meaning_of(error), doing=doing, target=self._target) from error

    # Living and ending

    def is_alive(self, idle_seconds: float) -> bool:
        """Whether the device still shows the prompt that we know."""
        if idle_seconds < VERIFY_AFTER_SECONDS:
            return True
        try:
            shown = self._cli.get_prompt(operation_timeout_ns=int(VERIFY_SECONDS * 1e9)).result.strip()
        except ScrapliException:
            return False
        return shown == self.prompt

    def log_out(self) -> None:
        """Close the connection; libscrapli's farewell would change modes first, which nobody needs."""
        self.abort()

    def abort(self) -> None:
        """Cut the connection."""
        if not self._is_open:
            return
        self._is_open = False
        _close(self._cli)


class _AskedCancel(Cancel):
    """libscrapli asks it now and then while an operation runs."""

    def __init__(self, should_stop: Callable[[], bool]) -> None:
        super().__init__()
        self._should_stop = should_stop

    @property
    def cancelled(self) -> bool:
        if self._should_stop():
            self.cancel()
        return super().cancelled


def open_scrapli_session(
    target: DeviceTarget, *, platform: str, is_privileged: bool, conn_timeout: float, known_hosts: Path | None
) -> ScrapliSession:
    """Log in and prepare the session.

    Raises:
        DeviceFailure: with the code that fits.
    """
    doing = f"connecting as {target.username!r} (waiting up to {conn_timeout:g} s)"
    cli = Cli(
        target.host,
        port=target.port,
        definition_file_or_name=definition_of(DIALECTS[family_of(platform)], is_privileged=is_privileged),
        auth_options=AuthOptions(
            username=target.username,
            password=target.password or None,
            private_key_content=target.private_key,
            private_key_passphrase=target.passphrase,
            lookups=[LookupKeyValue("enable", target.password if target.enable is None else target.enable)],
        ),
        session_options=SessionOptions(operation_timeout_ns=int(conn_timeout * 1e9)),
        transport_options=Ssh2Options(known_hosts_path=None if known_hosts is None else str(known_hosts)),
    )
    try:
        cli.open()
        session = ScrapliSession(cli, target, platform, is_privileged=is_privileged)
        session.learn_prompt()
    except Exception as error:
        _close(cli)
        if is_privileged and "session.Session" in str(error):
            # Logged in, but the prompt that the platform's privileged mode has did not come.
            message = (
                f"{target.address}: no privileged prompt in time while {doing}; check the `enable` secret, or raise "
                "`conn_timeout`"
            )
            raise DeviceFailure(ErrorCode.CONNECTION_TIMEOUT, message) from error
        raise failure_from(_meaning_of(error, target, conn_timeout), doing=doing, target=target) from error
    return session


def _close(cli: Cli) -> None:
    try:
        cli.close(force=True, operation_timeout_ns=int(LOGOUT_SECONDS * 1e9))
    except ScrapliException:
        # Broken already, or never open. What the library holds is let go with the object.
        return


def _meaning_of(error: Exception, target: DeviceTarget | None = None, conn_timeout: float = 0.0) -> Exception:
    """From what libscrapli says, in words only, to what :func:`naas.driver.failures.failure_from` understands.

    With ``target`` the login was under way.
    """
    text = str(error)
    if not isinstance(error, ScrapliException):
        return error
    if "known host check" in text:
        what = "has changed" if "mismatch" in text else "is not known"
        return HostKeyRefused(f"its host key {what}", "compare its fingerprint and mend the file of known hosts")
    if "TimeoutExceeded" in text or isinstance(error, TimeoutError):
        return TimeoutError(text) if target is not None else ReadTimeout(text)
    if target is not None and text.strip() == "Transport:":
        # libssh2 logs in or does not; this is the one failure of which libscrapli says nothing.
        return paramiko.AuthenticationException("refused")
    if target is not None and "initSocket" in text:
        return _why_unreachable(target, conn_timeout) or ConnectionError(text)
    return ConnectionError(text)


def _why_unreachable(target: DeviceTarget, conn_timeout: float) -> OSError | None:
    """libscrapli has one text for every road that is closed, so the road is looked at again."""
    try:
        socket.create_connection((target.host, target.port), timeout=conn_timeout).close()
    except OSError as error:
        return error
    return None
