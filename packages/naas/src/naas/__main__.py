"""Lets ``python -m naas`` be the command ``naas-server``."""

from __future__ import annotations

from naas.cli import main

if __name__ == "__main__":
    main(prog_name="naas-server")
