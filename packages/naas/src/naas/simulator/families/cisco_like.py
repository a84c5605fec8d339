"""What Cisco IOS and its look-alikes do: privilege, configuring, showing, saving, comparing, reloading.

The modes::

    user >  --enable-->  privileged #  --configure terminal-->  (config)#  --interface X-->  (config-if)#
            <-disable--                <------- end, exit -----            <----- exit -----
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from naas.simulator.device import SimulatedDevice
from naas.simulator.families import Family, sections
from naas.simulator.families.section_device import read, rename, start
from naas.simulator.families.section_shell import Mode, SectionShell
from naas.simulator.families.sections import GLOBAL
from naas.simulator.grammar import SILENT, Answer, Match
from naas.simulator.network import Configuration, copied
from naas.simulator.shell import Handler

ENABLE_ATTEMPTS: Final = 3  # as IOS: the third wrong secret ends it


class CiscoLike(SectionShell):
    """One session."""

    def __init__(self, device: SimulatedDevice) -> None:
        super().__init__(device)
        self._enable_attempts = 0

    def handlers(self) -> Mapping[str, Handler]:
        return {
            **super().handlers(),
            "enable": self._enable,
            "disable": self._disable,
            "log_out": self._log_out,
            "page_length": self._page_length,
            "page_width": self._page_width,
            "no_paging": lambda _: self._page_to(0),
            "paging": lambda _: self._page_to(self.profile.paging.lines),
            "exit": self._exit,
            "running_configuration": lambda _: Answer(self.configuration_text(self.device.running)),
            "startup_configuration": lambda _: Answer(self.configuration_text(self.device.startup)),
            "running_interface": self._running_interface,
            "running_section": self._running_section,
            "save": self._save,
            "save_asking": lambda _: self.ask(self.text("save_question"), lambda _: self._save()),
            "erase_startup": self._erase_startup,
            "startup_differences": self._startup_differences,
            "replace_with_startup": self._replace_with_startup,
            "reload": self._reload,
            "reload_now": lambda _: self._reload_now(),
            "candidate_differences": self._candidate_differences,
            "no_change": lambda _: SILENT,
        }

    # Privilege and leaving

    def _enable(self, _: Match) -> Answer:
        if self.state is Mode.PRIVILEGED or self.device.spec.enable is None:
            self.state = Mode.PRIVILEGED
            return SILENT
        self._enable_attempts = 0
        name = self.text("enable_user_question")
        return self.ask(name, lambda _: self._ask_secret()) if name else self._ask_secret()

    def _ask_secret(self) -> Answer:
        return self.ask(self.text("enable_question"), self._check_enable, secret=True)

    def _check_enable(self, secret: str) -> Answer:
        if secret == self.device.spec.enable:
            self.state = Mode.PRIVILEGED
            return SILENT
        self._enable_attempts += 1
        return self._ask_secret() if self._enable_attempts < ENABLE_ATTEMPTS else Answer(self.text("enable_refused"))

    def _disable(self, _: Match) -> Answer:
        self.state = Mode.USER
        return SILENT

    def _log_out(self, _: Match) -> Answer:
        return self._confirmed("logout_question", self._log_out_saved)

    def _log_out_saved(self) -> Answer:
        question = self.text("logout_save_question")
        if not question or self.device.running == self.device.startup:
            return Answer(hang_up=True)

        def decide(line: str) -> Answer:
            if line.strip().lower().startswith("y"):
                self.device.save()
            return Answer(hang_up=True)

        return self.ask(question, decide)

    def _confirmed(self, question: str, then: Callable[[], Answer]) -> Answer:
        """Ask a question of the profile, if it has one. Enter and yes go on, anything else is a no."""
        text = self.text(question)
        if not text:
            return then()
        return self.ask(text, lambda line: then() if line.strip().lower() in ("", "y", "yes") else SILENT)

    def _exit(self, match: Match) -> Answer:
        match self.state:
            case Mode.SECTION:
                self._go_to(self.path[:-1])
                return SILENT
            case Mode.CONFIGURATION:
                return self._end()
            case _:
                return self._log_out(match)

    # The terminal

    def _page_to(self, lines: int) -> Answer:
        self.page_lines = lines
        return Answer(self.text("page_length"))

    def _page_length(self, match: Match) -> Answer:
        return self._page_to(int(match.arguments[0])) if match.arguments[0].isdecimal() else self.refuse(match)

    def _page_width(self, match: Match) -> Answer:
        if not match.arguments[0].isdecimal():
            return self.refuse(match)
        self.columns = int(match.arguments[0])
        return Answer(self.text("page_width"))

    # Showing and saving

    def configuration_text(self, configuration: Configuration) -> str:
        """A configuration as ``show running-config`` prints it."""
        body = sections.printed(self.profile, configuration)
        return self.rendered(self.profile.configuration.header, size=str(len(body))) + body

    def _running_interface(self, match: Match) -> Answer:
        name = self.interface_name(match.arguments[0])
        section = f"interface {name}"
        if section not in self.device.running:
            return self.refuse(match)
        part = {section: self.device.running[section]}
        text = sections.printed(self.profile, part).removeprefix(self.profile.configuration.separator).lstrip("\n")
        return Answer(self.rendered(self.profile.configuration.header, size=str(len(text))) + text)

    def _running_section(self, match: Match) -> Answer:
        part = {name: lines for name, lines in self.device.running.items() if name.startswith(match.arguments[0])}
        part.pop(GLOBAL, None)
        return Answer("\n".join(sections.printed(self.profile, part).split("\n")[1:-1]))

    def _save(self, _: Match | None = None) -> Answer:
        self.device.save()
        return Answer(self.text("saved"))

    def _erase_startup(self, _: Match) -> Answer:
        self.device.startup = {GLOBAL: []}
        return Answer(self.text("erased"))

    # Comparing, replacing

    def _startup_differences(self, _: Match) -> Answer:
        old_name, new_name, _unused = self._difference_names()
        return self._differences(self.device.startup, self.device.running, old_name, new_name)

    def _candidate_differences(self, _: Match) -> Answer:
        if self.candidate is None:
            return Answer(self.text("no_difference"))
        _unused, old_name, new_name = self._difference_names()
        name = new_name.replace("<name>", self.candidate.name)
        return self._differences(self.device.running, self.candidate.lines, old_name, name)

    def _difference_names(self) -> tuple[str, str, str]:
        """What the saved, the running and the candidate configuration are called."""
        saved, running, candidate, *_ = (*self.profile.configuration.difference_names, "", "", "")
        return saved, running, candidate

    def _differences(self, old: Configuration, new: Configuration, old_name: str, new_name: str) -> Answer:
        if old_name:
            texts = [sections.printed(self.profile, each) for each in (old, new)]
            found = sections.unified(texts[0], texts[1], old_name, new_name)
        else:
            found = sections.contextual(old, new, self.profile.configuration.indent)
        return Answer(found or self.text("no_difference"))

    def _replace_with_startup(self, _: Match) -> Answer:
        self.device.running = copied(self.device.startup)
        rename(self.device)
        return Answer(self.text("replaced"))

    # Reloading

    def _reload(self, _: Match) -> Answer:
        question = self.text("reload_save_question")
        if not question or self.device.running == self.device.startup:
            return self._confirmed("reload_question", self._reload_now)

        def decide(line: str) -> Answer:
            if line.strip().lower().startswith("y"):
                self.device.save()
            return self._confirmed("reload_question", self._reload_now)

        return self.ask(question, decide)

    def _reload_now(self) -> Answer:
        self.device.reload()
        return Answer(cut=True)


FAMILY: Final = Family(shell=CiscoLike, start=start, read=read, rename=rename)
