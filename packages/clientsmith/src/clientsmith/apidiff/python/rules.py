"""The rules by which two versions of a Python API are compared. This table is their documentation, too."""

from __future__ import annotations

from typing import Final

from ..difference import Kind, RuleInfo

__all__ = ["RULES"]

_BREAKING, _ADDITION, _FIX = Kind.BREAKING, Kind.ADDITION, Kind.FIX

_ALIAS: Final = "keep the old name beside the new one, deprecated, until the next major version"
_DEPRECATE: Final = "deprecate it in a minor version first, and remove it in the next major one"
_OPTIONAL: Final = "give it a default that does what was done before"
_ACCEPT: Final = "go on accepting what was accepted"

# Texts of examples: a module `p`, or files of a project after a line `# file: NAME`.
_CLASS: Final = "class Client:\n    "


def _rule(id_: str, kind: Kind, meaning: str, old: str, new: str, advice: str = "") -> RuleInfo:
    return RuleInfo(id_, kind, meaning, advice, (old, new))


_NAMES: Final = (
    _rule("object-removed", _BREAKING, "A public function, class, attribute or module is gone.",
          "def get(): ...", "", _DEPRECATE),
    _rule("object-moved", _BREAKING, "It can be imported from another place only.",
          "# file: p/a.py\nclass Error: ...\n# file: p/b.py", "# file: p/a.py\n# file: p/b.py\nclass Error: ...",
          "import it in the old place, too"),
    _rule("path-removed", _BREAKING, "One of the names under which it can be imported is gone; another one is left.",
          "from .errors import Error\n# file: p/errors.py\nclass Error: ...", "# file: p/errors.py\nclass Error: ...",
          "go on importing it there"),
    _rule("export-removed", _BREAKING, "It is not in `__all__` any more, though it is still there.",
          '__all__ = ["get"]\ndef get(): ...', "__all__ = []\ndef get(): ..."),
    _rule("object-added", _ADDITION, "There is a new public function, class, attribute or module.",
          "", "def get(): ..."),
    _rule("object-kind-changed", _BREAKING, "It is another kind of thing: a class that is a function now, for example.",
          "class get: ...", "def get(): ..."),
    _rule("deprecated", _ADDITION, "It is deprecated now (SemVer, 7: that is a minor version).",
          "def get(): ...", 'def get():\n    """Get.\n\n    .. deprecated:: 2.0\n    """'),
    _rule("source-unreadable", _FIX, "A module cannot be read, so nothing is said of it.", "x = 1", "x ="),
)  # fmt: skip

_PARAMETERS: Final = (
    _rule("parameter-removed", _BREAKING, "A parameter is gone.", "def get(a, b=1): ...", "def get(a): ...",
          "keep it, deprecated and without effect"),
    _rule("parameter-swallowed", _FIX, "A keyword-only parameter is gone, and `**kwargs` takes what is passed for it.",
          "def get(*, b=1, **kwargs): ...", "def get(**kwargs): ...", "make sure that it is still read"),
    _rule("parameter-renamed", _BREAKING, "A parameter has another name, and those who pass it by name fail.",
          "def get(name): ...", "def get(key): ...", "accept both, or make it positional-only in a major version"),
    _rule("parameter-added", _ADDITION, "There is a new optional parameter.", "def get(a): ...",
          "def get(a, *, b=1): ..."),
    _rule("parameter-added-required", _BREAKING, "There is a new parameter that must be given.", "def get(a): ...",
          "def get(a, b): ...", _OPTIONAL),
    _rule("parameter-inserted", _BREAKING, "A new optional parameter stands before others that are passed by position.",
          "def get(a, b=1): ...", "def get(a, c=1, b=1): ...", "add it at the end, best keyword-only"),
    _rule("parameter-became-required", _BREAKING, "A parameter has no default any more.", "def get(a=1): ...",
          "def get(a): ...", _OPTIONAL),
    _rule("parameter-became-optional", _ADDITION, "A parameter has a default now.", "def get(a): ...",
          "def get(a=1): ..."),
    _rule("parameter-kind-changed", _BREAKING, "A parameter cannot be passed by position, or by name, any more.",
          "def get(a): ...", "def get(*, a): ...", _ACCEPT),
    _rule("parameter-kind-widened", _ADDITION, "A parameter can be passed in one more way.", "def get(*, a): ...",
          "def get(a): ..."),
    _rule("parameter-moved", _BREAKING, "Positional parameters have changed their order.", "def get(a, b): ...",
          "def get(b, a): ...", "keep the order"),
    _rule("parameter-default-changed", _ADDITION,
          "Who leaves it out gets something else; of a default that is no plain "
          "value only that it is another one is known.", "def get(a=1): ...", "def get(a=2): ..."),
    _rule("parameter-type-narrowed", _BREAKING, "Values that were right are not accepted any more.",
          "def get(a: int | str): ...", "def get(a: int): ...", _ACCEPT),
    _rule("parameter-type-changed", _BREAKING, "Another type is asked for.", "def get(a: int): ...",
          "def get(a: bytes): ...", _ACCEPT),
    _rule("parameter-type-widened", _ADDITION, "More values are accepted.", "def get(a: int): ...",
          "def get(a: int | str): ..."),
    _rule("variadic-removed", _BREAKING, "`*args` or `**kwargs` is gone.", "def get(**kwargs): ...", "def get(): ...",
          _ACCEPT),
    _rule("variadic-added", _ADDITION, "There is a new `*args` or `**kwargs`.", "def get(): ...",
          "def get(**kwargs): ..."),
)  # fmt: skip

_FUNCTIONS: Final = (
    _rule("return-type-changed", _BREAKING, "What comes back is of another, or a wider, type.", "def get() -> str: ...",
          "def get() -> bytes: ...", "add a function beside it"),
    _rule("return-type-narrowed", _FIX, "What comes back is of a narrower type: all that was done with it still works.",
          "def get() -> int | None: ...", "def get() -> int: ..."),
    _rule("return-value-added", _ADDITION, "Something comes back where nothing did.", "def get() -> None: ...",
          "def get() -> int: ..."),
    _rule("type-changed", _FIX, "An annotation is another one, and whether the types go together cannot be told.",
          "def get(a): ...", "def get(a: int): ..."),
    _rule("became-async", _BREAKING, "It has to be awaited now.", "def get(): ...", "async def get(): ...",
          "give the asynchronous one another place: `.aio`"),
    _rule("became-sync", _BREAKING, "It cannot be awaited any more.", "async def get(): ...", "def get(): ..."),
    _rule("property-became-method", _BREAKING, "It has to be called now.",
          _CLASS + "@property\n    def size(self): ...", _CLASS + "def size(self): ...", _ALIAS),
    _rule("method-became-property", _BREAKING, "It cannot be called any more.", _CLASS + "def size(self): ...",
          _CLASS + "@property\n    def size(self): ...", _ALIAS),
    _rule("method-kind-changed", _BREAKING, "It is another one of static, class and instance method; a fix if all "
          "calls still work.", _CLASS + "@staticmethod\n    def get(): ...", _CLASS + "def get(self): ..."),
    _rule("setter-removed", _BREAKING, "A property cannot be set any more.",
          _CLASS + "@property\n    def a(self): ...\n    @a.setter\n    def a(self, value): ...",
          _CLASS + "@property\n    def a(self): ..."),
    _rule("attribute-became-read-only", _BREAKING, "An attribute that could be set is a property without setter.",
          _CLASS + "a = 1", _CLASS + "@property\n    def a(self): ...", "give the property a setter"),
    _rule("overload-removed", _BREAKING, "A way to call it is gone.",
          "from typing import overload\n@overload\ndef get(a: int) -> int: ...\n@overload\ndef get(a: str) -> str: "
          "...\n"
          "@overload\ndef get(a: bytes) -> bytes: ...\ndef get(a): ...",
          "from typing import overload\n@overload\ndef get(a: int) -> int: ...\n@overload\ndef get(a: str) -> str: "
          "...\n"
          "def get(a): ..."),
    _rule("overload-added", _ADDITION, "There is a new way to call it.",
          "from typing import overload\n@overload\ndef get(a: int) -> int: ...\ndef get(a): ...",
          "from typing import overload\n@overload\ndef get(a: int) -> int: ...\n@overload\ndef get(a: str) -> str: "
          "...\n"
          "def get(a): ..."),
    _rule("raises-added", _ADDITION, "The documentation promises a new error.", 'def get():\n    """Get."""',
          'def get():\n    """Get.\n\n    Raises:\n        KeyError: None.\n    """'),
    _rule("raises-removed", _FIX, "The documentation does not promise an error any more.",
          'def get():\n    """Get.\n\n    :raises KeyError: None.\n    """', 'def get():\n    """Get."""'),
)  # fmt: skip

_FINAL: Final = "from typing import final\n"
_ENUM: Final = "from enum import Enum\nclass Colour(Enum):\n    RED = 1\n    BLUE = 2"
_DATA: Final = "from dataclasses import dataclass\n@dataclass\nclass Point:\n    x: int\n"
_ABC: Final = "from abc import ABC, abstractmethod\nclass Base(ABC):\n    "
_PROTOCOL: Final = "from typing import Protocol\nclass Reader(Protocol):\n    def read(self) -> str: ...\n"
_GENERIC: Final = 'from typing import Generic, TypeVar\nT = TypeVar("T")\nU = TypeVar("U")\n'

_CLASSES: Final = (
    _rule("base-removed", _BREAKING, "It does not inherit from a class any more: `isinstance` and `except` miss it.",
          "class Error(ValueError): ...", "class Error(Exception): ...", "keep the base"),
    _rule("base-added", _ADDITION, "It inherits from one more public class.", "class Error(Exception): ...",
          "class Error(Exception, ValueError): ..."),
    _rule("final-added", _BREAKING, "It cannot be inherited from, or overridden, any more.", "class Client: ...",
          _FINAL + "@final\nclass Client: ..."),
    _rule("abstract-method-added", _BREAKING, "Who inherits from it has to define one more method.",
          _ABC + "def a(self): ...", _ABC + "def a(self): ...\n    @abstractmethod\n    def b(self): ...",
          "give it a body that does what was done before"),
    _rule("became-abstract", _BREAKING, "A method has to be defined by who inherits.", _ABC + "def a(self): ...",
          _ABC + "@abstractmethod\n    def a(self): ..."),
    _rule("protocol-member-added", _BREAKING, "Objects without the new member do not satisfy the protocol any more.",
          _PROTOCOL, _PROTOCOL + "    def close(self) -> None: ...", "make a new protocol that inherits from this one"),
    _rule("slots-added", _BREAKING, "Its objects take no other attributes any more.", _CLASS + "a: int",
          _CLASS + '__slots__ = ("a",)\n    a: int'),
    _rule("type-parameters-changed", _BREAKING, "It takes other type arguments.",
          _GENERIC + "class Page(Generic[T]): ...", _GENERIC + "class Page(Generic[T, U]): ..."),
    _rule("enum-member-removed", _BREAKING, "An enumeration has lost a member.", _ENUM, _ENUM.replace("\n    BLUE = 2",
          ""),
          _DEPRECATE),
    _rule("enum-member-value-changed", _BREAKING, "A member has another value: what was stored or sent is not "
          "understood.", _ENUM, _ENUM.replace("2", "3"), "keep the value"),
    _rule("enum-member-added", _ADDITION, "An enumeration has a new member.", _ENUM, _ENUM + "\n    GREEN = 3"),
    _rule("field-removed", _BREAKING, "A field of a dataclass, NamedTuple, TypedDict or model is gone.",
          _DATA + "    y: int = 0", _DATA, _DEPRECATE),
    _rule("field-added", _ADDITION, "There is a new field that may be left out, or that only comes back.", _DATA,
          _DATA + "    y: int = 0"),
    _rule("field-added-required", _BREAKING, "There is a new field that must be given.", _DATA, _DATA + "    y: int",
          _OPTIONAL),
    _rule("field-became-required", _BREAKING, "A field has to be given now.", _DATA + "    y: int = 0",
          _DATA + "    y: int", _OPTIONAL),
    _rule("field-became-optional", _ADDITION, "A field may be left out; breaking where it was sure to come back.",
          _DATA + "    y: int", _DATA + "    y: int = 0"),
    _rule("field-moved", _BREAKING, "Fields that are given by position have changed their order.", _DATA + "    y: int",
          "from dataclasses import dataclass\n@dataclass\nclass Point:\n    y: int\n    x: int", "keep the order"),
    _rule("tuple-length-changed", _BREAKING, "A NamedTuple has a new field: who unpacks it fails.",
          "from typing import NamedTuple\nclass P(NamedTuple):\n    x: int",
          "from typing import NamedTuple\nclass P(NamedTuple):\n    x: int\n    y: int = 0", "make it a property"),
    _rule("became-frozen", _BREAKING, "Its objects cannot be changed any more.", _DATA,
          _DATA.replace("@dataclass\n", "@dataclass(frozen=True)\n")),
    _rule("became-keyword-only", _BREAKING, "Its fields cannot be given by position any more.", _DATA,
          _DATA.replace("@dataclass\n", "@dataclass(kw_only=True)\n")),
    _rule("ordering-removed", _BREAKING, "Its objects cannot be sorted any more.",
          _DATA.replace("@dataclass\n", "@dataclass(order=True)\n"), _DATA),
)  # fmt: skip

_VALUES: Final = (
    _rule("attribute-type-changed", _BREAKING, "An attribute is of another, or a wider, type.", "x: int = 1",
          'x: str = "1"'),
    _rule("attribute-type-narrowed", _FIX, "An attribute is of a narrower type.", "x: int | None = 1", "x: int = 1"),
    _rule("attribute-type-widened", _ADDITION, "A field that is only given, and never comes back, takes more values.",
          "from typing import TypedDict\nclass P(TypedDict):\n    a: int\ndef get(p: P) -> None: ...",
          "from typing import TypedDict\nclass P(TypedDict):\n    a: int | str\ndef get(p: P) -> None: ..."),
    _rule("literal-value-added", _ADDITION, "More literal values can come back, or any of their type.",
          'from typing import Literal\ndef get() -> Literal["a"]: ...',
          'from typing import Literal\ndef get() -> Literal["a", "b"]: ...'),
    _rule("attribute-value-changed", _BREAKING, "A public constant has another value; a default setting that has is an "
          "addition.", 'KIND = "a"', 'KIND = "b"', "keep the value, or add another constant"),
    _rule("api-version-changed", _ADDITION, "The default version of the service's API is another one: minor, as the "
          "guideline `python-versioning-apiversion` says.", 'API_VERSION = "2024-01-01"', 'API_VERSION = "2025-01-01"'),
    _rule("alias-type-changed", _BREAKING, "A type alias means another, or a narrower, type.",
          "from typing import Union\nName = Union[int, str]", "from typing import Union\nName = Union[bytes, bool]"),
    _rule("alias-type-widened", _ADDITION, "A type alias means a wider type.",
          "from typing import Union\nName = Union[int, str]",
          "from typing import Union\nName = Union[int, str, bytes]"),
)  # fmt: skip

_PROJECT: Final = (
    _rule("requires-python-raised", _ADDITION, "It needs a newer Python: installers keep others on the last version.",
          'requires-python = ">=3.9"', 'requires-python = ">=3.10"'),
    _rule("dependency-added", _ADDITION, "It needs one more distribution.", "dependencies = []",
          'dependencies = ["idna"]'),
    _rule("dependency-narrowed", _ADDITION, "It does not go with versions of a dependency any more that it went with.",
          'dependencies = ["idna>=2"]', 'dependencies = ["idna>=3"]'),
    _rule("dependency-removed", _FIX, "It does not bring a distribution any more.", 'dependencies = ["idna"]',
          "dependencies = []"),
    _rule("extra-removed", _BREAKING,
          "An extra is gone: installers only warn, and what it brought is missing. Of one for the "
          "project's own developers (`dev`, `tests`, `docs`) it is a fix.",
          '[project.optional-dependencies]\naio = ["aiohttp"]', "", "keep it, empty"),
    _rule("extra-added", _ADDITION, "There is a new extra.", "", '[project.optional-dependencies]\naio = ["aiohttp"]'),
    _rule("command-removed", _BREAKING, "A command is not installed any more.", '[project.scripts]\ntool = "p:main"',
          "",
          _DEPRECATE),
    _rule("command-added", _ADDITION, "There is a new command.", "", '[project.scripts]\ntool = "p:main"'),
    _rule("entry-point-removed", _BREAKING, "An entry point that others look for is gone.",
          '[project.entry-points.plugins]\na = "p:a"', ""),
    _rule("entry-point-added", _ADDITION, "There is a new entry point.",
          "", '[project.entry-points.plugins]\na = "p:a"'),
    _rule("typing-removed", _BREAKING, "`py.typed` is gone: type checkers take everything for `Any`.",
          "# file: p/py.typed", ""),
    _rule("typing-added", _ADDITION, "`py.typed` is there: type checkers look at it now.", "", "# file: p/py.typed"),
)  # fmt: skip

RULES: Final = {rule.id: rule for rule in (*_NAMES, *_PARAMETERS, *_FUNCTIONS, *_CLASSES, *_VALUES, *_PROJECT)}
