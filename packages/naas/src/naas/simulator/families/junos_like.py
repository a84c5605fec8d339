"""What Junos and its look-alikes do: a candidate configuration that takes effect on ``commit``, and a history of them.

The candidate belongs to the session, as with ``configure private``; ``configure exclusive`` keeps others out. The
running configuration is a list of ``set`` lines, in the section of the empty name. What is committed survives a reload.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from naas.simulator.device import Commit, SimulatedDevice
from naas.simulator.families import Family
from naas.simulator.families import junos_configuration as junos
from naas.simulator.families.junos_device import GLOBAL, accept, read, rename, settle, start
from naas.simulator.grammar import SILENT, Answer, Invalid, Match
from naas.simulator.network import is_address, merged
from naas.simulator.shell import Handler, Shell

CONFIRM_MINUTES: Final = 10  # as Junos, without a number
END_OF_LOAD: Final = "\x04"


class JunosLike(Shell):
    """One session."""

    filters: Mapping[str, str] = {
        "match": "include",
        "except": "exclude",
        "find": "begin",
        "count": "count",
        "no-more": "no-more",
        "display": "display",
        "compare": "compare",
    }

    def __init__(self, device: SimulatedDevice) -> None:
        super().__init__(device)
        self.candidate: list[str] | None = None
        self._base: list[str] = []  # what the candidate began from
        self.path: tuple[str, ...] = ()
        """Where ``edit`` has gone."""
        self._shown: Sequence[str] | None = None  # what the last answer printed, for `| display set`

    def handlers(self) -> Mapping[str, Handler]:
        return {
            "log_out": lambda _: Answer(hang_up=True),
            "page_length": self._page_length,
            "page_width": self._page_width,
            "complete_on_space": lambda _: Answer(self.text("complete_on_space")),
            "configure": self._configure,
            "configure_exclusive": lambda _: self._configure(exclusive=True),
            "show_configuration": lambda _: self._show(self.running),
            "show_configuration_part": lambda match: self._show(self.running, match.arguments[0]),
            "show_candidate": lambda _: self._show(self.lines, self.place()),
            "show_candidate_part": lambda match: self._show(self.lines, self.place(match.arguments[0])),
            "show_commits": self._show_commits,
            "show_rollback_difference": self._show_rollback_difference,
            "set": self._set,
            "delete": self._delete,
            "delete_all": lambda _: self._delete_at(self.place()),
            "deactivate": lambda match: self._mark(match, active=False),
            "activate": lambda match: self._mark(match, active=True),
            "edit": self._edit,
            "up": lambda _: self._go_to(self.path[:-1]),
            "top": lambda _: self._go_to(()),
            "top_with": self._top_with,
            "load_set": lambda _: self._load([]),
            "commit": lambda _: self._commit(),
            "commit_and_quit": self._commit_and_quit,
            "commit_check": lambda _: self._refusal() or Answer(self.text("commit_checked")),
            "commit_comment": lambda match: self._commit(comment=match.arguments[0].strip('"')),
            "commit_confirmed": lambda _: self._commit(minutes=CONFIRM_MINUTES),
            "commit_confirmed_minutes": self._commit_confirmed_minutes,
            "rollback": lambda _: self._roll_back(0),
            "rollback_to": self._rollback_to,
            "run": self._run_operational,
            "exit": self._exit,
            "leave": lambda _: self._leave(),
            "reload": lambda _: self.ask(self.text("reload_question"), self._reload),
            "no_change": lambda _: SILENT,
        }

    # Where one is

    @property
    def mode(self) -> str:
        return "operational" if self.candidate is None else "configuration"

    @property
    def running(self) -> list[str]:
        """The committed statements."""
        return junos.from_set(self.device.running[GLOBAL])

    @property
    def lines(self) -> list[str]:
        """The candidate; what is running outside of configuration mode."""
        return self.running if self.candidate is None else self.candidate

    def session_fields(self) -> dict[str, str]:
        return {
            "username": self.device.spec.username,
            "edit_path": "".join(f" {label}" for label in self.path),
            "page_lines": str(self.page_lines),
            "columns": str(self.columns),
            **self._last_commit(),
        }

    def _last_commit(self) -> dict[str, str]:
        commit = self.device.commits[0]
        at = datetime.fromtimestamp(commit.at, UTC)
        return {"changed_by": commit.by, "changed_time": f"{at:%Y-%m-%d %H:%M:%S} UTC"}

    def place(self, path: str = "") -> str:
        """``path`` from the top."""
        return " ".join([*self.path, path]).strip()

    def _go_to(self, path: tuple[str, ...]) -> Answer:
        self.path = path
        return SILENT

    def answer(self, line: str) -> Answer:
        settle(self.device)
        return super().answer(line)

    # The terminal

    def _page_length(self, match: Match) -> Answer:
        if not match.arguments[0].isdecimal():
            return self.refuse(match)
        self.page_lines = int(match.arguments[0])
        return Answer(self.text("page_length"))

    def _page_width(self, match: Match) -> Answer:
        if not match.arguments[0].isdecimal():
            return self.refuse(match)
        self.columns = int(match.arguments[0])
        return Answer(self.text("page_width"))

    def filtered(self, answer: Answer, pipe: str) -> Answer:
        """``| compare`` and ``| display set`` beside the common filters."""
        word, _, rest = pipe.partition(" ")
        if word == "compare":
            return self._compare(rest.split())
        if word == "display" and rest.strip() == "set" and self._shown is not None:
            return Answer("\n".join(junos.as_set(self._shown)))
        return super().filtered(answer, pipe)

    def _compare(self, words: Sequence[str]) -> Answer:
        base = self.running
        if words[:1] == ["rollback"]:
            commit = self._commit_number(words[1] if len(words) > 1 else "0")
            if commit is None:
                return Answer(self.complaint(Invalid(len("rollback ")), " ".join(words)))
            base = junos.from_set(commit.configuration[GLOBAL])
        return Answer(junos.compared(self.profile, base, self.lines))

    # Showing

    def _show(self, lines: Sequence[str], path: str = "") -> Answer:
        self._shown = junos.at_or_below(lines, path)
        return Answer("\n".join(junos.braces_at(self.profile, lines, path)))

    def _show_commits(self, _: Match) -> Answer:
        rows: list[str] = []
        for number, commit in enumerate(self.device.commits):
            at = datetime.fromtimestamp(commit.at, UTC)
            rows.append(f"{number:<4}{at:%Y-%m-%d %H:%M:%S} UTC by {commit.by} via cli")
            rows += [f"    {commit.comment}"] if commit.comment else []
        return Answer("\n".join(rows))

    def _show_rollback_difference(self, match: Match) -> Answer:
        commit = self._commit_number(match.arguments[0])
        if commit is None:
            return self.refuse(match)
        return Answer(junos.compared(self.profile, junos.from_set(commit.configuration[GLOBAL]), self.running))

    # Entering and leaving

    def _configure(self, _: Match | None = None, *, exclusive: bool = False) -> Answer:
        if self.device.locked_by not in (None, self):
            return Answer(self.text("configure_locked"))
        self.device.locked_by = self if exclusive else None
        self._base = self.running
        self.candidate = list(self._base)
        return Answer(self.text("configure"))

    def _exit(self, _: Match) -> Answer:
        return self._go_to(self.path[:-1]) if self.path else self._leave()

    def _leave(self) -> Answer:
        if self.candidate == self._base:
            return self._left()
        self.ask(self.text("uncommitted_question"), lambda line: self._left() if _is_yes(line) else SILENT)
        return Answer(self.text("uncommitted"))

    def closed(self) -> None:
        """Give the exclusive configuration back."""
        if self.device.locked_by is self:
            self.device.locked_by = None

    def _left(self) -> Answer:
        self.candidate, self.path = None, ()
        self.closed()
        return Answer(self.text("left"))

    def _run_operational(self, match: Match) -> Answer:
        before, self.candidate = self.candidate, None
        try:
            return self.run(match.arguments[0])
        finally:
            self.candidate = before

    # Changing the candidate

    def _set(self, match: Match) -> Answer:
        words = junos.words_of(self.place(match.arguments[0]))
        if words[0] not in self.profile.configuration.words:
            return self.refuse(match)
        if len(words) < 2:
            return Answer(self.complaint(Invalid(match.column + len(words[0])), match.text))
        junos.put(self.lines, " ".join(words), self.profile.configuration.single)
        return SILENT

    def _delete(self, match: Match) -> Answer:
        return self._delete_at(self.place(match.arguments[0]))

    def _delete_at(self, path: str) -> Answer:
        return SILENT if junos.delete(self.lines, path) else Answer(self.text("not_found"))

    def _mark(self, match: Match, *, active: bool) -> Answer:
        words = junos.words_of(self.place(match.arguments[0]))
        found = False
        for index, line in enumerate(self.lines):
            bare = line.removeprefix(junos.INACTIVE)
            if junos.words_of(line)[: len(words)] == words:
                self.lines[index] = bare if active else junos.INACTIVE + bare
                found = True
        return SILENT if found else Answer(self.text("not_found"))

    def _edit(self, match: Match) -> Answer:
        words = junos.words_of(self.place(match.arguments[0]))
        if words[0] not in self.profile.configuration.words:
            return self.refuse(match)
        labels = junos.labels(self.profile.configuration.containers, " ".join(words))
        return self._go_to(tuple(labels))

    def _top_with(self, match: Match) -> Answer:
        self.path = ()
        return self.run(match.arguments[0])

    def _load(self, lines: list[str]) -> Answer:
        """Collect lines until Ctrl-D, which the terminal sends as a line of its own."""

        def take(line: str) -> Answer:
            if END_OF_LOAD not in line:
                return self._load([*lines, line])
            for each in [*lines, line.replace(END_OF_LOAD, "")]:
                words = each.split(maxsplit=1)
                if words[:1] == ["set"] and len(words) == 2:
                    junos.put(self.lines, words[1], self.profile.configuration.single)
                elif words[:1] == ["delete"] and len(words) == 2:
                    junos.delete(self.lines, words[1])
            return Answer(self.text("loaded"))

        self.ask("", take)
        return SILENT if lines else Answer(self.text("loading"))

    # Committing

    def _refusal(self) -> Answer | None:
        """Why the candidate cannot be committed. Junos looks at the whole only now, and so do we."""
        for line in self.lines:
            found = re.search(r" family inet6? address (\S+)", line)
            if found is not None and not is_address(found[1]):
                return Answer(self.text("commit_refused", argument=f"set {line}"))
        return None

    def _commit(self, comment: str = "", minutes: int | None = None) -> Answer:
        refusal = self._refusal()
        if refusal is not None:
            return refusal
        device = self.device
        # A commit that is to be confirmed goes back to what was there before it; the next commit confirms it.
        device.rollback_at = None if minutes is None else device.clock() + 60 * minutes
        # Another session may have committed meanwhile: its changes stay.
        lines = merged({GLOBAL: self._base}, {GLOBAL: self.lines}, {GLOBAL: self.running})[GLOBAL]
        if minutes is not None or lines != self.running:
            accept(device, lines, device.spec.username, comment)
        self._base = list(lines)
        self.candidate = list(lines)
        text = self.text("committed")
        if minutes is not None:
            text = f"{self.text('commit_confirmed', minutes=str(minutes))}\n{text}"
        return Answer(text)

    def _commit_and_quit(self, _: Match) -> Answer:
        refusal = self._refusal()
        if refusal is not None:
            return refusal
        return Answer(f"{self._commit().text.rstrip()}\n{self._left().text}")

    def _commit_confirmed_minutes(self, match: Match) -> Answer:
        text = match.arguments[0]
        return self._commit(minutes=int(text)) if text.isdecimal() and int(text) else self.refuse(match)

    def _commit_number(self, text: str) -> Commit | None:
        commits = self.device.commits
        return commits[int(text)] if text.isdecimal() and int(text) < len(commits) else None

    def _rollback_to(self, match: Match) -> Answer:
        commit = self._commit_number(match.arguments[0])
        return self.refuse(match) if commit is None else self._roll_back(int(match.arguments[0]))

    def _roll_back(self, number: int) -> Answer:
        self._base = self.running
        self.candidate = junos.from_set(self.device.commits[number].configuration[GLOBAL])
        return Answer(self.text("rolled_back"))

    def _reload(self, line: str) -> Answer:
        if not _is_yes(line or "no"):
            return SILENT
        self.device.reload()
        return Answer(cut=True)


def _is_yes(line: str) -> bool:
    """Whether a yes-or-no question is answered with yes; an empty line is the default, which is yes."""
    return line.strip().lower() in ("", "y", "yes")


FAMILY: Final = Family(shell=JunosLike, start=start, read=read, rename=rename)
