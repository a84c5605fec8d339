"""Models filled with text, and what they say of themselves then."""

# What is looked at here is of types that nobody knows before.
# pyright: basic

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from .clients import class_of
from .describing import plain
from .values import Maker, NoValue, hints_of

__all__ = ["filled", "read_unknown"]


def filled(module: str, name: str, text: str) -> dict[str, Any]:
    """Return the repr of a model whose text fields all have the text, and the fields that it has.

    The text of a field is its name and the text, where a model is made of data as it came; there a repr can be asked
    which fields it shows.
    """
    try:
        cls = class_of(module, name)
        instance, fields, secret = _made(cls, text)
        said = repr(instance)
    except NoValue as error:
        return {"unmade": str(error)}
    except Exception as error:  # noqa: BLE001 - a class that cannot be made, or told, is told as such
        return {"unmade": f"{type(error).__name__}: {error}"[:300]}
    return {"repr": said[:4096], "length": len(said), "fields": fields, "secret": secret, "type": cls.__name__}


def _made(cls: type[Any], text: str) -> tuple[Any, list[str], list[str]]:
    shape = getattr(cls, "_shape", None)
    if shape is not None and hasattr(cls, "from_dict"):
        known = shape.fields
        instance = cls.from_dict({each.wire_name: f"{name} {text}" for name, each in known.items()})
        return instance, list(known), [name for name, each in known.items() if each.is_secret]
    pydantic = getattr(cls, "model_fields", None)
    if isinstance(pydantic, Mapping) and hasattr(cls, "model_construct"):
        given = {name: f"{name} {text}" for name in pydantic}
        return cls.model_construct(**given), list(pydantic), []
    return _by_constructor(cls, text)


def _by_constructor(cls: type[Any], text: str) -> tuple[Any, list[str], list[str]]:
    """Make a model with every text that its constructor takes, and with what else it cannot do without."""
    maker, hints = (
        Maker(text),
        {**hints_of(cls.__init__), **(hints_of(cls) if hasattr(cls, "__dataclass_fields__") else {})},
    )
    documentation = f"{inspect.getdoc(cls) or ''}\n{inspect.getdoc(cls.__init__) or ''}"
    given: dict[str, Any] = {}
    for name, parameter in inspect.signature(cls).parameters.items():
        if parameter.kind.name not in ("POSITIONAL_OR_KEYWORD", "KEYWORD_ONLY"):
            continue
        try:
            value = maker.argument(name, hints.get(name, parameter.annotation), documentation)
        except NoValue:
            if parameter.default is parameter.empty:
                raise
            continue
        if value == text:
            value = f"{name} {text}"
        if parameter.default is parameter.empty or isinstance(value, str):
            given[name] = value
    return cls(**given), list(given), []


def read_unknown(module: str, name: str, attribute: str, unknown: Any) -> dict[str, Any]:
    """Return what a model reads where the service sent a value that its enumeration does not know."""
    try:
        cls = class_of(module, name)
        shape = getattr(cls, "_shape", None)
        if shape is None or attribute not in shape.fields:
            return {"unmade": "it is not made from what came over the wire"}
        return {"value": plain(getattr(cls.from_dict({shape.fields[attribute].wire_name: unknown}), attribute))}
    except Exception as error:  # noqa: BLE001 - that it is refused is what the rule asks for
        return {"refused": f"{type(error).__name__}: {error}"[:300]}
