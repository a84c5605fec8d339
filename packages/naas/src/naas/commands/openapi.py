"""The command that prints the description of the API."""

from __future__ import annotations

import json

import click

__all__ = ["openapi"]


@click.command(epilog="Example: naas-server openapi > naas.json")
def openapi() -> None:
    """Print the OpenAPI document of the service."""
    from naas.api.document import openapi_document

    click.echo(json.dumps(openapi_document(), indent=2))
