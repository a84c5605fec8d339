"""What is wrong with a configuration: problems stop the start, notices do not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from naas.errors import StartError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ConfigurationProblems", "Problem"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        text: A whole sentence: where it was said, what is wrong, and what to do.
        is_usage: Whether it was said on the command line, which is another exit code.
    """

    text: str
    is_usage: bool = False

    def __str__(self) -> str:
        return self.text


class ConfigurationProblems(StartError):
    """The settings cannot be used; all that is wrong with them, not only the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems)
        self.problems = tuple(problems)

    @property
    def is_usage(self) -> bool:
        """Whether something wrong was said on the command line."""
        return any(problem.is_usage for problem in self.problems)

    def __str__(self) -> str:
        if len(self.problems) == 1:
            return str(self.problems[0])
        return f"{len(self.problems)} settings cannot be used\n" + "\n".join(f"  {each}" for each in self.problems)
