"""What the service's document says of a package's methods: read as `generate` reads it, names decided as there."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from clientsmith.configuration import Configuration

# Reading a document takes a generator, and importing one a fifth of a second: only who gives a document waits for it.
if TYPE_CHECKING:
    from clientsmith.emit.methods import Method as Described
    from clientsmith.model.ir import Api
    from clientsmith.openapi.load import Document as Loaded
    from clientsmith.openapi.resolve import Resolver

__all__ = ["Document"]


class Document:
    """An API description, and what `generate` would make of it.

    Args:
        spec: A file, a URL or ``module:app``.
        configuration: What the package's configuration decides about names and the like.

    Raises:
        InputError: The document cannot be read, or is no API description.
    """

    def __init__(self, spec: str, configuration: Configuration | None = None) -> None:
        self.spec, self.configuration = spec, configuration or Configuration()
        from clientsmith.openapi.load import load

        self.loaded: Loaded = load(spec)[0]

    @property
    def root(self) -> Mapping[str, Any]:
        """The document itself, in the form of OpenAPI 3.1."""
        return self.loaded.root

    @property
    def api(self) -> Api:
        """What the generator makes of it."""
        return self._built[0]

    @property
    def resolver(self) -> Resolver:
        """What finds the parts that references lead to."""
        return self._built[1]

    @cached_property
    def _built(self) -> tuple[Api, Resolver]:
        from clientsmith.model.pipeline import model

        api, resolver, _ = model(self.loaded, self.configuration)
        return api, resolver

    @cached_property
    def methods(self) -> Mapping[tuple[str, str], Described]:
        """The methods that would be generated, by client class and name."""
        from clientsmith.emit.methods import methods_of

        return {
            ((method.groups[-1] if method.groups else self.api.root).name, method.name): method
            for method in methods_of(self.api)
        }

    def method(self, client: str, name: str) -> Described | None:
        """Return what a method of a client class is made from, None if somebody wrote it."""
        return self.methods.get((client, name))
