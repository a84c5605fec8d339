"""NAAS, Netmiko As A Service: a REST service that runs commands and configuration on network devices.

The layers, from the outside in: a route translates (`naas.api`), a service decides (`naas.service`), a store
remembers (`naas.store`), an engine delivers (`naas.engine`), a worker carries out (`naas.worker`) and a driver
talks to devices (`naas.driver`). `naas.runtime` puts them together; `naas.cli` is the command ``naas-server``.
"""

from __future__ import annotations

from importlib.metadata import version as _version

__all__ = ["__version__"]

__version__ = _version("naas")
