"""``python -m naas_client``: the same as the command ``naas``."""

from __future__ import annotations

from .cli import main

if __name__ == "__main__":
    main()
