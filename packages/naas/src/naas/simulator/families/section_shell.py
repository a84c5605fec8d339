"""Configuration mode as Cisco IOS and its look-alikes have it: sections, lines that replace each other, candidates.

A section command given inside a section moves straight to the other section, and a global command given inside one
is taken as global, as the real ones do. With ``needs_commit``, and in a configure session, what is entered waits in a
candidate of the session until ``commit``.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from naas.simulator.device import SimulatedDevice
from naas.simulator.families import sections
from naas.simulator.families.section_device import rename
from naas.simulator.families.sections import GLOBAL
from naas.simulator.grammar import SILENT, Answer, Match
from naas.simulator.network import Configuration, copied, is_address, merged
from naas.simulator.shell import Handler, Shell

NEW_INTERFACE_WORD: Final = "interface"


class Mode(Enum):
    """Where a session stands. Sections are one mode; which section it is, the shell remembers."""

    USER = "user"
    PRIVILEGED = "privileged"
    CONFIGURATION = "configuration"
    SECTION = "section"


@dataclass(slots=True)
class Candidate:
    """Changes that wait for ``commit``: what they began from, and what they have become."""

    name: str
    base: Configuration
    lines: Configuration

    @property
    def is_changed(self) -> bool:
        """Whether there is something to commit."""
        return self.base != self.lines


class SectionShell(Shell):
    """One session, as far as it concerns configuration."""

    def __init__(self, device: SimulatedDevice) -> None:
        super().__init__(device)
        self.state = Mode.USER if device.spec.enable else Mode.PRIVILEGED
        self.path: tuple[str, ...] = ()
        """The section one is in, and the section within it."""
        self.candidate: Candidate | None = None

    def handlers(self) -> Mapping[str, Handler]:
        return {
            "configure": self._configure,
            "end": self._end,
            "do": self._do,
            "hostname": self._hostname,
            "keep": lambda match: self._keep(match, globally=True),
            "keep_in_section": self._keep,
            "open_section": self._open_section,
            "open_nested": self._open_nested,
            "remove": self._remove,
            "configure_session": self._configure_session,
            "candidate": lambda _: Answer(self.configuration_text(self.target)),
            "commit": self._commit,
            "abort": self._abort,
            "clear_candidate": self._clear_candidate,
        }

    @abstractmethod
    def configuration_text(self, configuration: Configuration) -> str:
        """A configuration as ``show running-config`` prints it."""

    def login_text(self) -> str:
        """What the platform prints, and the banner that is configured."""
        texts = (super().login_text(), sections.banner(self.device.running[GLOBAL]))
        return "\n".join(text for text in texts if text)

    # Where one is

    @property
    def mode(self) -> str:
        return self.state.value

    @property
    def target(self) -> Configuration:
        """What configuration commands change."""
        return self.candidate.lines if self.candidate else self.device.running

    def session_fields(self) -> dict[str, str]:
        return {
            "username": self.device.spec.username,
            "privilege": "1" if self.state is Mode.USER else "15",
            "section_mode": self.section_mode() if self.path else "",
            "page_lines": str(self.page_lines),
            "columns": str(self.columns),
            "session_name": self.candidate.name if self.candidate else "",
        }

    def section_mode(self) -> str:
        """What stands in the prompt for the current section: ``<name>`` is what it is called, ``<short>`` cut short."""
        last = self.path[-1]
        opener = self._opener_of(self.path[0])
        if len(self.path) > 1:
            opener = f"{opener} > {self.path[1].split()[0]}"
        words = self.profile.configuration.sections.get(opener, "config")
        opener = opener.rpartition(" > ")[2]
        name = last.removeprefix(opener).strip()
        kind = sections.kind_of(self.profile, name)
        short = name.replace(kind.name, kind.short, 1)
        return words.replace("<short>", short).replace("<name>", name)

    def _opener_of(self, section: str) -> str:
        """The opener of a section: the longest that it begins with."""
        openers = [opener for opener in self.profile.configuration.sections if f"{section} ".startswith(f"{opener} ")]
        return max(openers, key=len, default="")

    # Configuration mode

    def _configure(self, _: Match | None = None) -> Answer:
        if self.profile.configuration.needs_commit and self.candidate is None:
            self.candidate = self._new_candidate("")
        self.state = Mode.CONFIGURATION
        return Answer(self.text("configure"))

    def _new_candidate(self, name: str) -> Candidate:
        return Candidate(name, copied(self.device.running), copied(self.device.running))

    def _configure_session(self, match: Match) -> Answer:
        self.candidate = self._new_candidate(match.arguments[0])
        return self._configure()

    def _end(self, _: Match | None = None) -> Answer:
        candidate = self.candidate
        if candidate is not None and self.profile.configuration.needs_commit and candidate.is_changed:
            return self.ask(self.text("uncommitted_question"), self._leave_uncommitted)
        return self._leave()

    def _leave(self) -> Answer:
        self.state, self.path, self.candidate = Mode.PRIVILEGED, (), None
        return SILENT

    def _leave_uncommitted(self, line: str) -> Answer:
        word = line.strip().lower()
        if word.startswith("y"):
            self._commit()
        elif not word.startswith("n"):
            return SILENT
        return self._leave()

    def _go_to(self, path: tuple[str, ...]) -> None:
        self.path = path
        self.state = Mode.SECTION if path else Mode.CONFIGURATION

    def _do(self, match: Match) -> Answer:
        before, self.state = self.state, Mode.PRIVILEGED
        try:
            return self.run(match.arguments[0])
        finally:
            self.state = before

    # Configuration lines

    def _hostname(self, match: Match) -> Answer:
        self._go_to(())
        self.configure(match.text)
        if self.candidate is None:
            rename(self.device)
        return SILENT

    def _open_section(self, match: Match) -> Answer:
        opener = match.text.removesuffix(f" {match.arguments[0]}")
        name = match.arguments[0]
        if opener == NEW_INTERFACE_WORD:
            known = self.interface_name(name)
            if known is None:
                return self.refuse(match)
            name = known
        section = f"{opener} {name}"
        self._go_to((section,))
        sections.opened(self.target, section)
        return SILENT

    def _open_nested(self, match: Match) -> Answer:
        """Open a section within the current one, where it can be; elsewhere the line is kept like any other."""
        opener = match.command.words[0]
        if f"{self._opener_of(self.path[0])} > {opener}" not in self.profile.configuration.sections:
            return self._keep(match)
        self._go_to((self.path[0], match.text))
        lines = self.target.setdefault(self.path[0], [])
        if match.text not in lines:
            lines.append(match.text)
        return SILENT

    def _keep(self, match: Match, *, globally: bool = False) -> Answer:
        line = match.text
        refused = self.refused_at(line)
        if refused is not None:
            return self.refuse(match, refused - match.column) if match.arguments else SILENT
        if globally:
            self._go_to(())
        mark = sections.open_banner_mark(line)
        if mark:
            return self._ask_banner(line, mark)
        self.configure(line)
        return SILENT

    def _ask_banner(self, line: str, mark: str) -> Answer:
        """Take the lines of a banner until its mark comes again."""

        def take(more: str) -> Answer:
            text = f"{line}\n{more}"
            if mark not in more:
                return self._ask_banner(text, mark)
            self.configure(text[: text.rindex(mark) + len(mark)])
            return SILENT

        is_first = "\n" not in line
        self.ask("", take)
        return Answer(self.text("banner_question", argument=mark)) if is_first else SILENT

    def refused_at(self, line: str) -> int | None:
        """The column of what cannot be in a line of configuration; None if it can be taken."""
        for beginning in ("ip address ", "ipv4 address "):
            if line.startswith(beginning):
                words = line.removeprefix(beginning).split()
                is_sound = words == ["dhcp"] or (len(words) <= 2 and is_address("/".join(words[:2])))
                return None if is_sound else len(beginning)
        return None

    def configure(self, line: str) -> None:
        """Put ``line`` into the current section, in place of the one it replaces."""
        rules = self.profile.configuration
        sections.put(self.target, self.path, line, rules.single, rules.indent)

    def _remove(self, match: Match) -> Answer:
        """``no X``: take away what starts with X, a whole section if X names one; or keep the ``no``."""
        line = match.arguments[0]
        word, _, name = line.partition(" ")
        section = f"interface {self.interface_name(name)}" if word == NEW_INTERFACE_WORD else line
        if section in self.target and section != GLOBAL:
            del self.target[section]
            self._go_to(())
            return SILENT
        rules = self.profile.configuration
        sections.remove(self.target, self.path, line, rules.indent)
        if line in rules.negations:
            self.configure(f"no {line}")
        return SILENT

    # Candidates

    def _commit(self, _: Match | None = None) -> Answer:
        candidate = self.candidate
        if candidate is None or (not candidate.name and not candidate.is_changed):
            return Answer(self.text("nothing_to_commit"))
        # Another session may have committed meanwhile: its changes stay.
        self.device.running = merged(candidate.base, candidate.lines, self.device.running)
        rename(self.device)
        text = self.text("committed")
        if candidate.name:  # a configure session ends with its commit
            self._leave()
        else:
            self.candidate = self._new_candidate("")
            self.device.save()
        return Answer(text)

    def _abort(self, _: Match) -> Answer:
        text = self.text("aborted")
        self._leave()
        return Answer(text)

    def _clear_candidate(self, _: Match) -> Answer:
        if self.candidate is not None:
            self.candidate = self._new_candidate(self.candidate.name)
            self._go_to(())
        return SILENT
