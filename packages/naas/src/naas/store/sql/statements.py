"""Statements, built with SQLAlchemy and compiled once to text.

SQLAlchemy knows the dialects; its execution layer, which costs more than SQLite itself, is left out: what is executed
is text with positional values on the driver's own cursor.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import BindParameter, ClauseElement
    from sqlalchemy.engine import Dialect

__all__ = ["Statement", "compile_statement", "given", "given_all"]

_GIVEN: Final = "given_"


@dataclass(frozen=True, slots=True)
class Statement:
    """A text for the driver, the names of its values in their order, and those of the values that never change."""

    text: str
    names: tuple[str, ...]
    constants: Mapping[str, Any]

    def bind(self, values: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return the values in the order in which the text wants them.

        Raises:
            KeyError: One is missing.
        """
        if self.constants:
            values = {**self.constants, **values}
        return tuple([values[name] for name in self.names])


def given(name: str, type_: Any = None) -> BindParameter[Any]:
    """Return the place of a value that is given when the statement is executed."""
    return bindparam(_GIVEN + name, None, type_=type_)


def given_all(names: Iterable[str]) -> dict[str, Any]:
    """Return what an INSERT or UPDATE sets: each column to a given value of the same name."""
    return {name: given(name) for name in names}


def compile_statement(clause: ClauseElement, dialect: Dialect) -> Statement:
    """Return the text of a statement for this dialect."""
    compiled: Any = clause.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    places: tuple[str, ...] = tuple(compiled.positiontup or ())
    # A constant may have the name of a column, and so of a given value.
    names = tuple(name.removeprefix(_GIVEN) if name.startswith(_GIVEN) else f"={name}" for name in places)
    constants = {f"={name}": value for name, value in compiled.params.items() if not name.startswith(_GIVEN)}
    return Statement(str(compiled), names, constants)
