"""Changing the configuration of a device on one open session: enter, send, compare, commit or discard, leave, save.

Two kinds of platform, and the rules for each:

* Most put a line in force as soon as it is entered. What changed is told by the running configuration before and
  after; there is no dry run.
* Some collect the lines in a candidate (:data:`naas.driver.configs.Candidate`). The candidate says what it would
  change, and only a commit puts it in force. Whatever goes wrong before the commit, the candidate is discarded: on a
  device whose candidate is shared, lines left there would go in force with the next commit by anybody.
"""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING, Final

import paramiko
from netmiko.exceptions import ConfigInvalidException, NetmikoBaseException

from naas.driver.base import ConfigChange, ConfigOutput, DeviceFailure, DeviceTarget, ErrorCode
from naas.driver.configs import Candidate, candidate_of, command_to_show, unified_diff, without_volatile_lines
from naas.driver.failures import CONFIG_ERROR, failure_from, redact, rejected
from naas.driver.platforms import supports_commit
from naas.driver.reading import SocketReads, line_ending_in

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Configuring", "may_have_changed"]

DISCARD_SECONDS: Final = 3.0
"""How long a device may take to drop a candidate after a failure; the failure is what the caller waits for."""

_ANY_PROMPT: Final = re.compile(r"[#>]\s*$")


def may_have_changed(change: ConfigChange, failure: DeviceFailure, platform: str) -> bool:
    """Whether lines may be in force though the change has failed.

    A device that refuses is still there to discard its candidate, and without one has kept the lines before the refused
    one. Of a session that broke nobody knows how far it came, a commit included.
    """
    if change.dry_run:
        return False
    if failure.code is not ErrorCode.CONFIG_REJECTED:
        return True
    has_candidate = supports_commit(platform) or (change.want_diff and candidate_of(platform) is not None)
    return not has_candidate and (len(change.lines) > 1 or change.save_config)


class Configuring:
    """One change on one session. The session is worth nothing after an exception."""

    def __init__(self, connection: SocketReads, target: DeviceTarget, platform: str, read_timeout: float) -> None:
        self._connection = connection
        self._target = target
        self._platform = platform
        self._read_timeout = read_timeout

    def carry_out(self, change: ConfigChange) -> ConfigOutput:
        """Make the change, or try it out.

        Raises:
            DeviceFailure: the device refused a line, the commit or the save, or the session broke.
        """
        candidate = candidate_of(self._platform)
        if candidate is not None and (change.dry_run or change.want_diff):
            return self._through_candidate(change, candidate)
        # Elsewhere a candidate that exists is not used: there is nothing to discard.
        return self._directly(change, candidate if supports_commit(self._platform) else None)

    # The two ways

    def _directly(self, change: ConfigChange, candidate: Candidate | None) -> ConfigOutput:
        before = self._running() if change.want_diff else None
        printed = [self._attempt("sending configuration", lambda: self._send_lines(change.lines, candidate))]
        if change.commit:
            printed.append(self._commit(candidate))
        printed += self._leave(change)
        diff = None if before is None else unified_diff(before, self._running())
        is_in_force = change.commit or not supports_commit(self._platform)
        return ConfigOutput(_joined(printed), diff, applied=is_in_force)

    def _through_candidate(self, change: ConfigChange, candidate: Candidate) -> ConfigOutput:
        enter = candidate.to_try if change.dry_run else candidate.to_change
        printed = [self._attempt("opening a candidate configuration", lambda: self._enter(enter))]
        printed.append(self._attempt("sending configuration", lambda: self._send_lines(change.lines, candidate)))
        try:
            diff = self._attempt("comparing the candidate", lambda: self._show(candidate.compare))
            is_in_force = self._end_candidate(change, candidate, printed)
        except DeviceFailure:
            self._discard(candidate)
            raise
        printed += self._leave(change)
        return ConfigOutput(_joined(printed), without_volatile_lines(diff).rstrip("\n"), applied=is_in_force)

    def _end_candidate(self, change: ConfigChange, candidate: Candidate, printed: list[str]) -> bool:
        """Commit or discard. Returns whether the lines are in force."""
        if change.dry_run:
            printed.append(self._attempt("discarding the candidate", lambda: self._switch(candidate.discard)))
            return False
        if candidate.commit is not None:
            command = candidate.commit
            printed.append(self._attempt("committing", lambda: self._checked(self._switch(command))))
            return True
        if change.commit:
            printed.append(self._commit(candidate))
        return change.commit

    # The steps

    def _enter(self, command: str | None) -> str:
        if command is None:
            return self._connection.config_mode()
        output = self._checked(self._switch(command.format(name=f"naas-{secrets.token_hex(4)}")))
        if not self._connection.check_config_mode():
            raise ValueError(f"the device did not open a candidate: {output.strip()}")
        return output

    def _send_lines(self, lines: Sequence[str], candidate: Candidate | None) -> str:
        try:
            return self._connection.send_config_set(
                list(lines), exit_config_mode=False, error_pattern=CONFIG_ERROR, read_timeout=self._read_timeout
            )
        except ConfigInvalidException as error:
            self._discard(candidate)
            has_candidate = candidate is not None or supports_commit(self._platform)
            raise rejected(error, self._target, has_candidate=has_candidate) from error

    def _commit(self, candidate: Candidate | None) -> str:
        try:
            return self._attempt("committing", self._connection.commit)
        except DeviceFailure:
            self._discard(candidate)
            raise

    def _leave(self, change: ConfigChange) -> list[str]:
        printed = [self._attempt("leaving configuration mode", self._connection.exit_config_mode)]
        self._attempt("looking for the prompt after configuring", self._learn_prompt)
        if change.save_config and not change.dry_run:
            printed.append(self._attempt("saving the configuration", self._save))
        return printed

    def _discard(self, candidate: Candidate | None) -> None:
        if candidate is None:
            return
        try:
            self._connection.run_command(candidate.discard, ends_at=_ANY_PROMPT, read_timeout=DISCARD_SECONDS)
        except (NetmikoBaseException, paramiko.SSHException, OSError):
            # The refusal is what the caller must hear; the session is cut either way.
            return

    def _save(self) -> str:
        return self._checked(self._connection.save_config(), doing="to save: ")

    def _checked(self, output: str, *, doing: str = "") -> str:
        refusal = re.search(CONFIG_ERROR, output)
        if refusal:
            raise ValueError(f"the device refused {doing}{refusal.group().strip()}")
        return output

    def _running(self) -> str:
        command = command_to_show(self._target, self._platform, startup=False)
        return without_volatile_lines(self._attempt(f"running {command!r}", lambda: self._show(command)))

    def _show(self, command: str) -> str:
        """Run a command that leaves the mode as it is."""
        ends_at = line_ending_in(self._connection.find_prompt())
        return self._connection.run_command(command, ends_at=ends_at, read_timeout=self._read_timeout)

    def _switch(self, command: str) -> str:
        """Run a command that may change the mode, and the prompt with it. Its answer is a line or two."""
        return self._connection.run_command(command, ends_at=_ANY_PROMPT, read_timeout=self._read_timeout)

    def _learn_prompt(self) -> str:
        self._connection.set_base_prompt()
        self._connection.learn_prompt()
        return ""

    def _attempt(self, doing: str, action: Callable[[], str]) -> str:
        try:
            return action()
        except DeviceFailure:
            raise
        except ValueError as error:
            # Netmiko's way to say that the device answered, but not as wanted: no configuration mode, commit failed.
            text = redact(" ".join(str(error).split()), self._target)
            message = f"{self._target.address}: {text} (while {doing}); correct it and send again"
            raise DeviceFailure(ErrorCode.CONFIG_REJECTED, message) from error
        except Exception as error:
            raise failure_from(error, doing=doing, target=self._target) from error


def _joined(printed: Sequence[str]) -> str:
    return "\n".join(text for text in printed if text)
