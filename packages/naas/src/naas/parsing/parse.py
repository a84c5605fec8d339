"""The two questions of structured output: is this a template, and what does it read."""

from __future__ import annotations

import re
import threading
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final

from naas.parsing.base import ParsingFailed, Rows, StructuredOptions
from naas.parsing.engines import textfsm_problem
from naas.parsing.processes import DEFAULT_PROCESSES, MEMORY_BYTES, ParsingProcesses
from naas.parsing.ttp_check import LONGEST_TEMPLATE, RefusedTemplate, harmless_template

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["Parser", "check_template", "parse"]

_TTP_PATH: Final = re.compile(r"ttp://[\w-]+(?:[./][\w-]+)*")


def check_template(options: StructuredOptions) -> str | None:
    """Return why the templates in ``options`` cannot be used, or None. Runs nothing of them.

    A usual template takes a millisecond or two, the longest one allowed a quarter of a second, and one that was judged
    a while ago nothing: the jobs of a batch share theirs.
    """
    for name, template in (("textfsm_template", options.textfsm_template), ("ttp_template", options.ttp_template)):
        if template is not None and len(template) > LONGEST_TEMPLATE:
            return f"`{name}` has {len(template)} characters; {LONGEST_TEMPLATE} are allowed"
    return _problem_of(options)


@lru_cache(maxsize=128)
def _problem_of(options: StructuredOptions) -> str | None:
    given = [
        name
        for name, value in (
            ("textfsm_template", options.textfsm_template),
            ("ttp_template", options.ttp_template),
            ("use_genie", options.use_genie),
        )
        if value
    ]
    if len(given) > 1:
        return f"{' and '.join(f'`{name}`' for name in given)} exclude each other; give one of them"
    if options.textfsm_template is not None:
        problem = textfsm_problem(options.textfsm_template)
        return None if problem is None else f"`textfsm_template` is not a TextFSM template: {problem}"
    if options.ttp_template is not None:
        try:
            _allowed_ttp(options.ttp_template)
        except RefusedTemplate as error:
            return f"`ttp_template` cannot be used: {error}"
    return None


def _allowed_ttp(template: str) -> str:
    """The template as TTP may be given it. One of the installed collection is the operator's, and trusted."""
    if not template.startswith("ttp://"):
        return harmless_template(template)
    if not _TTP_PATH.fullmatch(template):
        raise RefusedTemplate(f"{template!r} is not a path of the collection; write ttp://platform/name.txt")
    return template


class Parser:
    """Reads outputs in processes of its own; see :mod:`naas.parsing`. Close it, or use it in a ``with``."""

    def __init__(self, processes: int = DEFAULT_PROCESSES, memory_bytes: int = MEMORY_BYTES) -> None:
        self._processes = ParsingProcesses(processes, memory_bytes)

    def parse(self, platform: str, command: str, text: str, options: StructuredOptions) -> Rows | str:
        """Return what ``text``, the answer of a ``platform`` to ``command``, says: rows by column.

        The text comes back as it was when no template fits it or finds anything in it (naas v2, structured output).

        Raises:
            ParsingFailed: the template cannot be used, took too long, or needs what is not installed.
        """
        request = {"platform": platform, "command": command, "text": text, **_way(options)}
        answer = self._processes.ask(request, seconds=options.seconds)
        if "failed" in answer:
            raise ParsingFailed(f"`{command}`: {answer['failed']}")
        rows: Rows | None = answer["rows"]
        return text if rows is None else rows

    def close(self) -> None:
        """End the processes. May be called twice."""
        self._processes.close()

    def __enter__(self) -> Parser:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _way(options: StructuredOptions) -> dict[str, Any]:
    """The part of a request that says how to read. A template is judged here again: what is not checked never runs."""
    if problem := check_template(options):
        raise ParsingFailed(problem)
    if options.textfsm_template is not None:
        return {"way": "textfsm", "template": options.textfsm_template}
    if options.ttp_template is not None:
        return {"way": "ttp", "template": _allowed_ttp(options.ttp_template)}
    return {"way": "genie" if options.use_genie else "ntc"}


def parse(platform: str, command: str, text: str, options: StructuredOptions) -> Rows | str:
    """Read with a parser that the whole process shares; see :meth:`Parser.parse`. Its processes end with ours."""
    with _LOCK:
        parser = _shared_parser()
    return parser.parse(platform, command, text, options)


_LOCK: Final = threading.Lock()


@cache
def _shared_parser() -> Parser:
    return Parser()
