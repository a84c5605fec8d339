"""Names that a field of a model cannot have."""

from __future__ import annotations

from typing import Final

__all__ = ["RESERVED_NAMES", "check_name"]

# What the class itself is made of: a field of such a name would break it, so the generator renames it.
RESERVED_NAMES: Final = frozenset({"as_dict", "from_dict"})


def check_name(owner: type, name: str) -> None:
    """Refuse a name that would take the place of something that a model is made of.

    Raises:
        TypeError: It would.
    """
    is_private = name.startswith("_")
    if name in RESERVED_NAMES or (is_private and any(_is_other(vars(kind).get(name)) for kind in owner.__mro__[1:])):
        raise TypeError(f"{owner.__name__}.{name}: the name belongs to Model; give the field another Python name")


def _is_other(taken: object) -> bool:
    """Whether a name is taken by something that is no field, which a child may declare anew."""
    return taken is not None and not hasattr(taken, "is_init")
