"""The terminal of a fake device: keys in, text out.

The rules, as a router's line has them:

* Typed characters are echoed at once, except the answer to a secret question. CR, LF and CR LF each end a line.
* A line is handed to the shell; its answer, then the prompt, are printed when the device is done. Keys that arrive
  before that wait their turn: a device reads its input one command at a time.
* Answers longer than the page stop at ``--More--``: space goes on by a page, Enter by a line, ``q`` ends it.

It knows nothing of SSH: ``write``, ``call_later`` and ``hang_up`` are given, so that tests can do without a network.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from naas.simulator.grammar import Answer
from naas.simulator.shell import Shell

CallLater = Callable[[float, Callable[[], None]], object]


class Terminal:
    """One session's terminal, in front of ``shell``."""

    def __init__(
        self, shell: Shell, *, write: Callable[[str], None], call_later: CallLater, hang_up: Callable[[], None]
    ) -> None:
        self._shell = shell
        self._write = write
        self._call_later = call_later
        self._hang_up = hang_up
        self._keys: deque[str] = deque()
        self._line: list[str] = []
        self._output: list[str] = []
        self._unpaged: list[str] = []  # what is left behind a --More--
        self._busy = False
        self._after_return = False

    def start(self) -> None:
        """Print the first prompt."""
        self._output.append("\r\n" + self._shell.prompt())
        self._flush()

    def receive(self, text: str) -> None:
        """Take what the user typed."""
        self._keys.extend(text)
        self._work()

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
        elif key == "\x03":
            self._line.clear()
            self._output.append("\r\n" + self._shell.prompt())
        elif key >= " ":
            self._line.append(key)
            self._echo(key)

    def _echo(self, text: str) -> None:
        if not self._shell.asks_secret:
            self._output.append(text)

    def _run(self, line: str) -> None:
        answer = self._shell.answer(line)
        seconds = answer.seconds + self._shell.device.spec.latency_seconds
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

    def _print(self, answer: Answer) -> None:
        lines = answer.text.split("\n") if answer.text else []
        page = self._shell.page_lines
        if page and len(lines) > page - 1:
            self._output.append("\r\n")
            self._unpaged = lines
            self._show_lines(page - 1)
        else:
            self._output.append("\r\n".join(["", *lines, self._shell.prompt()]))
        if answer.hang_up:
            self._flush()
            self._hang_up()

    def _turn_page(self, key: str) -> None:
        eraser = "\b" * len(self._shell.more)
        self._output.append(eraser + " " * len(self._shell.more) + eraser)
        if key in "qQ\x03":
            self._unpaged = []
            self._output.append("\r\n" + self._shell.prompt())
        else:
            self._show_lines(1 if key in "\r\n" else self._shell.page_lines - 1)

    def _show_lines(self, count: int) -> None:
        shown, self._unpaged = self._unpaged[:count], self._unpaged[count:]
        self._output.append("\r\n".join([*shown, self._shell.more if self._unpaged else self._shell.prompt()]))

    def _flush(self) -> None:
        if self._output:
            self._write("".join(self._output))
            self._output.clear()
