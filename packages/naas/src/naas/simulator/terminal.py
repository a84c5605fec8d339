"""The terminal of a fake device: keys in, text out.

The rules, as a router's line has them:

* Typed characters are echoed at once, except the answer to a secret question. CR, LF and CR LF each end a line.
* A line is handed to the shell; its answer, then the prompt, are printed when the device is done. Keys that arrive
  before that wait their turn: a device reads its input one command at a time.
* Answers longer than the page stop at ``--More--``: space goes on by a page, Enter by a line, ``q`` ends it.
* Ctrl-C throws the line away, Ctrl-Z ends configuration, ``?`` lists what may follow, Tab writes a word out.

It knows nothing of SSH and Telnet: ``write``, ``call_later`` and the ends of a session are given, so that tests can do
without a network.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

from naas.simulator.grammar import Answer
from naas.simulator.shell import Shell

CallLater = Callable[[float, Callable[[], None]], object]

CTRL_C: Final = "\x03"
CTRL_D: Final = "\x04"
CTRL_U: Final = "\x15"
CTRL_Z: Final = "\x1a"
LONGEST_LINE: Final = 65_536  # characters; a peer that never ends its line must not fill the memory


class Terminal:
    """One session's terminal, in front of ``shell``."""

    def __init__(
        self,
        shell: Shell,
        *,
        write: Callable[[str], None],
        call_later: CallLater,
        hang_up: Callable[[], None],
        cut: Callable[[], None],
    ) -> None:
        self._shell = shell
        self._write = write
        self._call_later = call_later
        self._hang_up = hang_up
        self._cut = cut
        self._keys: deque[str] = deque()
        self._line: list[str] = []
        self._output: list[str] = []
        self._unpaged: list[str] = []  # what is left behind a --More--
        self._busy = False
        self._after_return = False

    def start(self) -> None:
        """Print what greets a user, and the first prompt."""
        greeting = self._shell.login_text()
        if greeting:
            self._output.append("\r\n" + greeting.replace("\n", "\r\n"))
        self._output.append("\r\n" + self._prompt())
        self._flush()

    def receive(self, text: str) -> None:
        """Take what the user typed."""
        self._keys.extend(text)
        self._work()

    def _prompt(self) -> str:
        return self._shell.prompt().replace("\n", "\r\n")

    def _work(self) -> None:
        while self._keys and not self._busy:
            self._press(self._keys.popleft())
        self._flush()

    def _press(self, key: str) -> None:
        follows_return, self._after_return = self._after_return, key == "\r"
        if key == "\n" and follows_return:
            return
        if self._unpaged:
            self._turn_page(key)
        elif key in "\r\n":
            line = "".join(self._line)
            self._line.clear()
            self._run(line)
        elif key in "\x7f\b":
            if self._line:
                self._line.pop()
                self._echo("\b \b")
        elif key in "?\t" and self._shell.question is None:
            self._help() if key == "?" else self._complete()
        elif key >= " ":
            if len(self._line) < LONGEST_LINE:
                self._line.append(key)
                self._echo(key)
        else:
            self._control(key)

    def _control(self, key: str) -> None:
        match key:
            case "\x03":  # Ctrl-C
                self._line.clear()
                self._shell.question = None
                self._output.append("\r\n" + self._prompt())
            case "\x15":  # Ctrl-U
                self._echo("\b \b" * len(self._line))
                self._line.clear()
            case "\x1a" if self._shell.is_configuring():  # Ctrl-Z
                self._line.clear()
                self._output.append("^Z")
                self._run("end")
            case "\x04" if self._shell.question is not None:  # Ctrl-D, the end of many lines
                line = "".join(self._line)
                self._line.clear()
                self._run(line + CTRL_D)
            case _:
                pass  # other keys do nothing, as on a real line

    def _help(self) -> None:
        typed = "".join(self._line)
        listed = self._shell.help(typed).replace("\n", "\r\n")
        self._output.append(f"?\r\n{listed}\r\n{self._prompt()}{typed}")

    def _complete(self) -> None:
        """Tab writes the last word out, if it can only be one."""
        words = self._shell.completions("".join(self._line))
        if len(words) == 1:
            begun = "".join(self._line).rpartition(" ")[2]
            rest = words[0][len(begun) :] + " "
            self._line.extend(rest)
            self._echo(rest)

    def _echo(self, text: str) -> None:
        if not self._shell.asks_secret:
            self._output.append(text)

    def _run(self, line: str) -> None:
        answer = self._shell.answer(line)
        seconds = answer.seconds + self._latency()
        if not seconds:
            self._print(answer)
            return
        self._busy = True
        self._flush()

        def done() -> None:
            self._busy = False
            self._print(answer)
            self._work()

        self._call_later(seconds, done)

    def _latency(self) -> float:
        device = self._shell.device
        jitter = device.spec.jitter_seconds
        return device.spec.latency_seconds + (device.die.uniform(0, jitter) if jitter else 0.0)

    def _print(self, answer: Answer) -> None:
        lines = answer.text.split("\n") if answer.text else []
        if answer.cut:
            self._output.append("\r\n" + "\r\n".join(lines))
            self._flush()
            self._cut()
            return
        page = self._shell.page_lines
        if page and len(lines) > page - 1:
            self._output.append("\r\n")
            self._unpaged = lines
            self._show_lines(page - 1)
        else:
            # Who is put out sees no further prompt.
            last = "" if answer.hang_up else self._prompt()
            self._output.append("\r\n".join(["", *lines, last]))
        if answer.hang_up:
            self._flush()
            self._hang_up()

    def _turn_page(self, key: str) -> None:
        self._output.append(self._shell.profile.paging.eraser)
        if key in "qQ" or key == CTRL_C:
            self._unpaged = []
            self._output.append("\r\n" + self._prompt())
        else:
            self._show_lines(1 if key in "\r\n" else self._shell.page_lines - 1)

    def _show_lines(self, count: int) -> None:
        shown, self._unpaged = self._unpaged[:count], self._unpaged[count:]
        more = self._shell.profile.paging.more
        self._output.append("\r\n".join([*shown, more if self._unpaged else self._prompt()]))

    def _flush(self) -> None:
        if self._output:
            self._write("".join(self._output))
            self._output.clear()
