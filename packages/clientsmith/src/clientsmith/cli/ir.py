"""`clientsmith ir`: the model between reading and writing."""

from __future__ import annotations

import click
from clientsmith.model.serialize import api_as_data

from .given import Given, describes_api
from .output import CODES, finish, print_json

__all__ = ["ir"]


@click.command(epilog=CODES + "\n\n\b\nExample:\n  clientsmith ir petstore.json > petstore.ir.json")
@describes_api
def ir(given: Given) -> None:
    """Print SPEC as clientsmith understands it, as JSON: the model between reading and writing."""
    api, findings = given.build(notes=False)
    print_json(api_as_data(api))
    finish(len(api.operations), findings, strict=given.strict)
