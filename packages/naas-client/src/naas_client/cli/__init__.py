"""The command ``naas``: network devices through a NAAS server, from a shell. Needs the extra ``naas-client[cli]``."""

from __future__ import annotations

import sys

__all__ = ["main"]

_MISSING_EXTRA = 2


def main() -> None:
    """Run the command line; the process ends with its exit code."""
    try:
        from .commands import naas
    except ModuleNotFoundError as error:
        if error.name not in ("click", "rich"):
            raise
        print(f"naas needs {error.name}: pip install 'naas-client[cli]'", file=sys.stderr)  # the package is there
        sys.exit(_MISSING_EXTRA)
    naas(prog_name="naas")
