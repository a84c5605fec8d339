"""The command line of a client package: one command for each of its methods, made from its surface.

    main = command_line("petstore_client", "petstore")

``petstore pets list-pets --max-items 10 --format json``. Needs the extra ``cli`` (click and rich). Exit codes: 0 done,
1 the service refused or could not be reached (or the thing asked for does not exist), 2 wrong usage, 130 interrupted.

Secrets are never arguments, which every user of the machine could read: they come from the environment
(``PETSTORE_KEY``, ``PETSTORE_TOKEN``, ``PETSTORE_USERNAME`` and ``PETSTORE_PASSWORD``) or from a file.
"""

from __future__ import annotations

from ._app import command_line

__all__ = ["command_line"]
