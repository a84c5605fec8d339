"""What a platform file may say for each family: its modes, prompts, texts, and the actions that its commands can have.

Kept apart from the shells that do it, so that a file is checked without them; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class FamilyRules:
    """The names that a platform file of a family may use. ``modes`` in the order in which one enters them."""

    modes: tuple[str, ...]
    inherited: Mapping[str, str]
    """A mode that knows the commands of another one too."""
    prompts: tuple[str, ...]
    texts: Mapping[str, str]
    actions: Mapping[str, str]


COMPLAINTS: Final[Mapping[str, str]] = {
    "invalid": "a word that fits nothing; {caret} points at it",
    "ambiguous": "a line that could be several commands",
    "incomplete": "a line that needs more words",
    "failed": "a command that a fault made fail",
}

_COMMON_TEXTS: Final[Mapping[str, str]] = {
    "login": "printed before the first prompt",
    "telnet_greeting": "printed before a Telnet login",
    "telnet_user_question": "asks for the user of a Telnet session",
    "telnet_password_question": "asks for the password of a Telnet session",
    "telnet_refused": "answers a wrong password over Telnet",
}
_CISCO_TEXTS: Final[Mapping[str, str]] = {
    **_COMMON_TEXTS,
    "configure": "on entering configuration mode",
    "banner_question": "asks for the lines of a banner; {argument} is the character that ends it",
    "saved": "when the configuration was saved",
    "save_question": "asked by `save_asking`",
    "enable_user_question": "asked before the enable secret; nothing is asked without it",
    "enable_question": "asks for the enable secret",
    "enable_refused": "after three wrong secrets",
    "page_length": "answers the page length; {page_lines}",
    "page_width": "answers the width; {columns}",
    "reload_save_question": "asked before a reload with unsaved changes; nothing is asked without it",
    "reload_question": "asked before a reload",
    "logout_question": "asked before the session ends; nothing is asked without it",
    "logout_save_question": "asked before the session ends with unsaved changes; nothing is asked without it",
    "committed": "when a candidate was committed",
    "aborted": "when a candidate was thrown away",
    "uncommitted_question": "asked when configuration mode is left with uncommitted changes",
    "nothing_to_commit": "when there is nothing to commit",
    "no_difference": "when a comparison finds nothing",
    "replaced": "when the configuration was replaced",
    "erased": "when the startup configuration was erased",
}

_CISCO_ACTIONS: Final[Mapping[str, str]] = {
    "enable": "to privileged mode, asking for the secret",
    "disable": "back to user mode",
    "log_out": "end the session",
    "page_length": "takes the lines a page, 0 for no paging",
    "page_width": "takes the columns",
    "no_paging": "switches paging off",
    "paging": "switches paging on",
    "configure": "to configuration mode",
    "end": "back to privileged mode",
    "exit": "out of the section, of configuration mode, of the session",
    "do": "takes a command of privileged mode",
    "hostname": "takes the device's name",
    "keep": "takes a line and keeps it in the configuration; made from configuration.words",
    "open_section": "takes a line that opens a section; made from configuration.sections",
    "open_nested": "takes a line that opens a section in a section; made from configuration.sections",
    "keep_in_section": "takes a line and keeps it in the section; made from configuration.section_words",
    "remove": "takes a line to remove, as `no` does",
    "running_configuration": "prints the running configuration",
    "startup_configuration": "prints the startup configuration",
    "running_interface": "takes an interface and prints its part of the running configuration",
    "running_section": "takes a beginning and prints the sections with it",
    "save": "saves the configuration",
    "save_asking": "saves the configuration after `save_question`",
    "erase_startup": "erases the startup configuration",
    "startup_differences": "what is running and not saved, as a diff",
    "replace_with_startup": "replaces the running configuration by the saved one",
    "reload": "asks, then reloads the device",
    "reload_now": "reloads the device without a question",
    "configure_session": "takes a name; configures a candidate of this name",
    "candidate_differences": "what the candidate changes, as a diff",
    "candidate": "prints the candidate",
    "commit": "makes the candidate the running configuration",
    "abort": "throws the candidate away and leaves configuration mode",
    "clear_candidate": "throws the candidate away and begins a new one",
    "enable_port": "ProCurve: takes `disable` away from a port",
    "no_change": "takes the line and does nothing",
}

_JUNOS_TEXTS: Final[Mapping[str, str]] = {
    **_COMMON_TEXTS,
    "configure": "on entering configuration mode",
    "configure_locked": "when another session configures exclusively; {changed_by}",
    "left": "on leaving configuration mode",
    "uncommitted": "printed before `uncommitted_question`",
    "uncommitted_question": "asked when configuration mode is left with uncommitted changes",
    "committed": "when the candidate was committed",
    "commit_checked": "when the candidate would commit",
    "commit_confirmed": "after `commit confirmed`; {minutes}",
    "commit_refused": "when the candidate cannot be committed; {argument} is the line",
    "rolled_back": "when the candidate was replaced",
    "not_found": "when there is nothing to delete",
    "page_length": "answers the page length; {page_lines}",
    "page_width": "answers the width; {columns}",
    "complete_on_space": "answers `set cli complete-on-space`",
    "reload_question": "asked before a reboot",
    "loading": "asks for the lines of `load set terminal`",
    "loaded": "when such lines were taken",
}

_JUNOS_ACTIONS: Final[Mapping[str, str]] = {
    "log_out": "end the session",
    "page_length": "takes the lines a page, 0 for no paging",
    "page_width": "takes the columns",
    "complete_on_space": "takes on or off",
    "configure": "to configuration mode",
    "configure_exclusive": "to configuration mode, for this session alone",
    "show_configuration": "prints the running configuration",
    "show_configuration_part": "takes a path and prints that part of the running configuration",
    "show_candidate": "prints the candidate from here on",
    "show_candidate_part": "takes a path and prints that part of the candidate",
    "show_commits": "lists the commits",
    "show_rollback_difference": "takes the number of a commit; prints what has changed since",
    "set": "takes a statement and adds it to the candidate",
    "delete": "takes a path and removes it from the candidate",
    "delete_all": "removes everything from here on from the candidate",
    "deactivate": "takes a path and keeps it without effect",
    "activate": "takes a path and gives it effect again",
    "edit": "takes a path and goes there",
    "up": "one level up",
    "top": "to the top",
    "top_with": "takes a command and runs it at the top",
    "load_set": "takes set lines until Ctrl-D",
    "commit": "makes the candidate the running configuration",
    "commit_and_quit": "the same, and leaves configuration mode",
    "commit_check": "says whether it would commit",
    "commit_comment": "commits with a comment",
    "commit_confirmed": "commits until nobody confirms for ten minutes",
    "commit_confirmed_minutes": "takes the minutes",
    "rollback": "takes the candidate back to what is running",
    "rollback_to": "takes the number of a commit",
    "run": "takes a command of operational mode",
    "exit": "one level up, or out of configuration mode",
    "leave": "out of configuration mode",
    "reload": "asks, then reboots the device",
    "no_change": "takes the line and does nothing",
}

CISCO_LIKE: Final = FamilyRules(
    modes=("user", "privileged", "configuration", "section"),
    inherited={"privileged": "user"},
    prompts=("user", "privileged", "configuration", "section"),
    texts=_CISCO_TEXTS,
    actions=_CISCO_ACTIONS,
)
JUNOS_LIKE: Final = FamilyRules(
    modes=("operational", "configuration"),
    inherited={},
    prompts=("operational", "configuration"),
    texts=_JUNOS_TEXTS,
    actions=_JUNOS_ACTIONS,
)
FAMILIES: Final[Mapping[str, FamilyRules]] = {
    "cisco_like": CISCO_LIKE,
    "junos_like": JUNOS_LIKE,
    "procurve_like": CISCO_LIKE,
}
