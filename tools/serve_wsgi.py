"""Serve a WSGI application on a free port of loopback, by the Python of the server's own environment.

    python serve_wsgi.py placement.wsgi.api:application
    python serve_wsgi.py kinto.ini
    python serve_wsgi.py ironic.conf

Prints the port when it listens, and ends when its standard input does: a test run that is killed leaves nothing behind.
"""

from __future__ import annotations

import importlib
import os
import sys
import threading
from typing import Any

waitress: Any = importlib.import_module("waitress")  # only the servers' environments have it


def load(target: str) -> Any:
    """Return the application that a target names: a module and its attribute, or a file of configuration."""
    if target.endswith(".ini"):
        return _pyramid(target)
    if target.endswith("ironic.conf"):
        return _ironic(target)
    module, _, name = target.partition(":")
    return getattr(importlib.import_module(module), name)


def _pyramid(configuration: str) -> Any:
    paster = importlib.import_module("pyramid.paster")
    return paster.get_app(configuration)


def _ironic(configuration: str) -> Any:
    """Start ironic's conductor in this process and return the application that talks to it.

    Its own command does the same in two processes, on a port that has to be known before, and takes a minute to end.
    """
    service = importlib.import_module("ironic.common.service")
    service.prepare_service("ironic", ["ironic", "--config-file", configuration])
    rpc_service = importlib.import_module("ironic.conductor.rpc_service")
    host = importlib.import_module("ironic.conf").CONF.host
    rpc_service.RPCService(host, "ironic.conductor.manager", "ConductorManager").start()
    return importlib.import_module("ironic.api.app").VersionSelectorApplication()


def end_with_input() -> None:
    """Wait for the end of standard input, and end with it."""
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    target = sys.argv[1]
    sys.argv = sys.argv[:1]  # oslo.config takes the rest for its own
    server = waitress.create_server(load(target), host="127.0.0.1", port=0, threads=8)
    print(f"listening on {server.effective_port}", flush=True)
    threading.Thread(target=end_with_input, daemon=True).start()
    server.run()
