"""Serve a WSGI application on a free port of loopback, by the Python of the server's own environment.

    python serve_wsgi.py placement.wsgi.api:application
    python serve_wsgi.py kinto.ini

Prints the port when it listens, and ends when its standard input does: a test run that is killed leaves nothing behind.
"""

from __future__ import annotations

import importlib
import os
import sys
import threading
from typing import Any

import waitress  # type: ignore[import-not-found, unused-ignore]  # only the servers' environments have it


def load(target: str) -> Any:
    if target.endswith(".ini"):
        from pyramid.paster import get_app  # type: ignore[import-not-found, unused-ignore]

        return get_app(target)
    module, _, name = target.partition(":")
    return getattr(importlib.import_module(module), name)


def end_with_input() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    target = sys.argv[1]
    sys.argv = sys.argv[:1]  # oslo.config takes the rest for its own
    server = waitress.create_server(load(target), host="127.0.0.1", port=0, threads=8)
    print(f"listening on {server.effective_port}", flush=True)
    threading.Thread(target=end_with_input, daemon=True).start()
    server.run()
