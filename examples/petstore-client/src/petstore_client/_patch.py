"""Hand-finished code. clientsmith wrote this file once and never touches it again.

A name in ``__all__`` takes the place of the generated one of the same name:

    from ._client import PetstoreClient as GeneratedPetstoreClient

    class PetstoreClient(GeneratedPetstoreClient):
        ...

    __all__ = ["PetstoreClient"]

Generate again after a change of ``__all__``, so that type checkers see it too.
"""

from __future__ import annotations

__all__: list[str] = []
