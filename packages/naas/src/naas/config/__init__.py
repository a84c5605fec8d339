"""Configuration: one table of settings, read once from file, environment and flags into a value that never changes.

`Settings` is the value, `TABLE` the table it is made of, `load` reads the sources. Later sources win: defaults, the
file, the environment, flags. Everything that is wrong, in all of them, is told at once.
"""

from __future__ import annotations

from naas.config.checks import is_loopback
from naas.config.load import Loaded, load
from naas.config.problems import ConfigurationProblems, Problem
from naas.config.settings import TABLE, Settings

__all__ = ["TABLE", "ConfigurationProblems", "Loaded", "Problem", "Settings", "is_loopback", "load"]
