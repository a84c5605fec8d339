"""How the body of an answer is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ..rest import HttpResponse
from ..serialization import Codec, as_codec

__all__ = ["BYTES_BODY", "JSON", "TEXT", "reader_of"]


class _Raw:
    """A body that is not JSON."""

    __slots__ = ("name", "read")

    def __init__(self, name: str, read: Callable[[HttpResponse], Any]) -> None:
        self.name, self.read = name, read

    def __repr__(self) -> str:
        return self.name


JSON: Final[Codec[Any]] = as_codec(None)
"""Any JSON value, as it is."""
TEXT: Final = _Raw("TEXT", HttpResponse.text)
BYTES_BODY: Final = _Raw("BYTES_BODY", lambda response: response.content)


def reader_of(like: Any) -> Callable[[HttpResponse], Any]:
    if like is None:
        return lambda _response: None
    if isinstance(like, _Raw):
        return like.read
    codec: Codec[Any] = as_codec(like)
    return lambda response: codec.decode(response.json())
