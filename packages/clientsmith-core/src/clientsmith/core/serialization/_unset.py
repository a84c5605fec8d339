"""UNSET: the value of an argument that was not given."""

from __future__ import annotations

from typing import Any, Final, final

__all__ = ["UNSET"]


@final
class _Unset:
    """The class of UNSET: false, and always the same object, also after pickling and copying."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "UNSET"

    def __reduce__(self) -> str:
        # A string is the name of a global of this module, which is how pickle keeps singletons single.
        return "UNSET"


# Typed Any, as it stands as the default of parameters and fields of every type and in no annotation of a user.
UNSET: Final[Any] = _Unset()
