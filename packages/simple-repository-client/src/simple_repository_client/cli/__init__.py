"""The command line ``simple-repository``: look into an index, download from it, check it. Needs the extra ``cli``.

Results go to standard output and talk to standard error; ``--format json`` is for programs. Exit codes: 0 done; 1 the
index refused, does not have it, or breaks a rule; 2 wrong usage; 130 interrupted. Secrets are never arguments, which
every user of the machine could read.
"""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Run ``simple-repository``."""
    try:
        from .commands import cli
    except ModuleNotFoundError as error:
        if error.name not in ("click", "rich"):
            raise
        # The program is installed with the package, what it is made of only with the extra.
        print(
            f"error: {error.name} is not installed\n  hint: pip install 'simple-repository-client[cli]'",
            file=sys.stderr,
        )
        sys.exit(2)
    cli(prog_name="simple-repository")
