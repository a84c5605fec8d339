"""Models: typed views of JSON objects.

    class Widget(Model):
        name: str = field("name")
        made: datetime.datetime | None = field("madeAt", DATETIME, default=UNSET)
        parts: list[Part] | None = field("parts", list_of(lambda: Part), default=UNSET)

An instance holds the dict that came from the wire: fields that the class does not know stay in it and travel back. An
attribute is converted when it is first read and then kept, so loading a thousand models costs little more than
`json.loads`.

- A service may add values and leave things out. A missing field reads None; a value that cannot be converted reads as
  it came (`Model.from_dict` with ``strict=True`` reports it instead).
- Absent and null differ: ``"madeAt" in widget`` tells them apart, ``widget.made = None`` sends null, ``del
  widget.made`` removes the field, and an argument that is UNSET is not sent.
- Edits in place reach the wire, however deep. The dict that came is never changed, so a model always knows what it was,
  and `clientsmith.core.patches` what became of it.

A model is no Mapping, since ``items``, ``keys`` and ``get`` are ordinary names of fields; it has a Mapping's operators.
"""

from __future__ import annotations

from ._model import (
    RESERVED_NAMES,
    UNSET,
    Model,
    ModelDecodeError,
    additional,
    field,
)

__all__ = [
    "RESERVED_NAMES",
    "UNSET",
    "Model",
    "ModelDecodeError",
    "additional",
    "field",
]
