"""How a model is shown: its fields by their Python names, secrets hidden, cut where it gets long."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from ._model import Model

__all__ = ["shown"]

_LIMIT: Final = 1024  # characters; guideline models-repr-length


def shown(model: Model) -> str:
    """Return the text that stands for a model."""
    shape = model._shape
    text = f"{type(model).__name__}("
    separator = ""
    for each in shape.fields.values():
        if each.wire_name in model:
            value = "'***'" if each.is_secret else _text(getattr(model, each.name))
            text += f"{separator}{each.name}={value}"
            separator = ", "
        if len(text) >= _LIMIT:
            break
    if shape.additional is not None and (others := getattr(model, shape.additional.name)):
        text += f"{separator}{shape.additional.name}={_text(others)}"
    return text + ")" if len(text) < _LIMIT else text[: _LIMIT - 1] + "…"


def _text(value: Any) -> str:
    try:
        return repr(_cut(value))
    except RecursionError:  # a repr is for logs and debuggers, and must not be what fails there
        return "<nested too deeply>"


def _cut(value: Any) -> Any:
    """Return a value without what there is no room for, so that a large one is not written out to be thrown away."""
    if isinstance(value, str | bytes | list):
        return cast("str", value)[:_LIMIT]
    if isinstance(value, dict):
        return dict(islice(cast("dict[str, Any]", value).items(), _LIMIT))
    return value
