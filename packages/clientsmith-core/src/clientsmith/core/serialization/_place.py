"""Where a value stands in a document, and the error that says so."""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = ["ModelDecodeError", "Place"]

# A wire value in an error message is cut here: enough to recognise it.
_SHOWN_LIMIT: Final = 80


class Place(NamedTuple):
    """Where in a document a value stands: `path` from the top, and the field of the model nearest to it."""

    model: str
    path: str = ""
    field: str = ""
    is_secret: bool = False

    def at(self, step: str | int) -> Place:
        """Return the place of an item or of the value of a key."""
        inner = f"[{step}]" if isinstance(step, int) else f".{step}" if self.path else step
        return Place(self.model, self.path + inner, self.field, self.is_secret)


class ModelDecodeError(ValueError):
    """A value that does not fit its field, found when a model is loaded with ``strict=True``.

    Attributes:
        model, field: The class and the Python name of the field; the field is "" for the document as a whole.
        path: Where the value stands in the document, such as ``parts[2].createdAt``.
        wire: The value, cut; ``***`` in a secret field.
        wanted: What should stand there.
    """

    def __init__(self, model: str, field: str, path: str, wire: str, wanted: str) -> None:
        super().__init__(model, field, path, wire, wanted)
        self.model, self.field, self.path, self.wire, self.wanted = model, field, path, wire, wanted

    @classmethod
    def at(cls, place: Place, wire: object, wanted: str) -> ModelDecodeError:
        """Return the error for a value at a place."""
        shown = "***" if place.is_secret else repr(wire)
        cut = shown if len(shown) <= _SHOWN_LIMIT else shown[: _SHOWN_LIMIT - 1] + "…"
        return cls(place.model, place.field, place.path, cut, wanted)

    def __str__(self) -> str:
        name = f"{self.model}.{self.field}" if self.field else self.model
        return f"{name}: {self.path or 'the document'} is {self.wire}, wanted {self.wanted}"
