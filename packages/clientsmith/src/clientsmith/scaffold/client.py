"""The client of a new service, made by the generator as every other client is."""

from __future__ import annotations

import json
from pathlib import Path

from clientsmith.configuration import read_configuration
from clientsmith.emit.package import write_package
from clientsmith.findings import InputError, Severity
from clientsmith.model.ir import Api
from clientsmith.model.pipeline import build_api

from .choices import Choices
from .description import described

__all__ = ["write_client"]


def write_client(root: Path, scratch: Path, choices: Choices) -> Api:
    """Write the client into the workspace at ``root`` and return the API that it is made for.

    ``scratch`` is a folder for what is of no use later.

    Raises:
        InputError: The service cannot be asked what it is.
    """
    folder = root / "packages" / f"{choices.name}-client"
    configuration, _ = read_configuration(folder / "clientsmith.toml")
    document = scratch / "openapi.json"
    document.write_text(json.dumps(described(root, choices)), encoding="utf-8")
    api, findings = build_api(str(document), configuration=configuration, notes=False)
    # A new workspace is without fault: a framework that describes the sample in an unknown way is ours to look at.
    if wrong := [finding for finding in findings if finding.severity is not Severity.NOTE]:
        raise InputError(f"the new service's description has a fault: {wrong[0].message}", "please report this")
    write_package(api, folder, source=configuration.spec, layout="module")
    return api
