"""What a setting's annotation says beside its type: its meaning, and which values are allowed."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["ANY_TEXT", "CLASS_NAME", "IMPORT_NAME", "OPERATION", "PYTHON_NAME", "Says", "Text"]


@dataclass(frozen=True, slots=True)
class Text:
    """A kind of text: what it is called in messages, and the pattern (of Python and of ECMA-262) that it matches."""

    what: str
    pattern: str = ""

    def allows(self, text: str) -> bool:
        return not self.pattern or re.search(self.pattern, text) is not None


ANY_TEXT = Text("text")
PYTHON_NAME = Text("a Python name, like `list_pets`", r"^[A-Za-z][A-Za-z0-9_]*$")
CLASS_NAME = Text("the name of a class, like `PetstoreClient`", r"^[A-Z][A-Za-z0-9]*$")
IMPORT_NAME = Text("an import name, like `petstore_client`", r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$")
OPERATION = Text("an operation, like `GET /pets/{petId}`", r"^([A-Z]+|\*) /?")


@dataclass(frozen=True, slots=True)
class Says:
    """The documentation of a setting: ``Annotated[str, Says("The import name.", IMPORT_NAME)]``.

    ``text`` limits a string (or each string of a list, or each value of a table), ``keys`` says what the keys of a
    table are, ``example`` is a value as TOML writes it.
    """

    meaning: str
    text: Text = ANY_TEXT
    keys: str = ""
    example: str = ""
