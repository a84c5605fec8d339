"""Fifty pairs by somebody who had not read the comparison: what libraries did, and the weight it had for their users.

They were labelled once, from SemVer, the typing specification and the histories of well known libraries, and run once;
the figure of that first run is in docs/guide/diff.md. Since then they are held as tests. ``corrected`` says which labels
were wrong, and why: the weight that stands is the corrected one, `Unseen.first` what was written at first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["UNSEEN", "Unseen", "Weight"]

Weight = Literal["breaks", "adds", "told", "nothing"]


@dataclass(frozen=True, slots=True)
class Unseen:
    """Two texts as in the corpus, what the change is to users, and what it is about (empty: nothing)."""

    name: str
    weight: Weight
    subject: str
    old: str
    new: str
    corrected: str = ""
    first: Weight | None = None


_OVERLOADS = "from typing import overload\n"
UNSEEN: tuple[Unseen, ...] = (
    # --- what libraries did ------------------------------------------------------------------------------------------
    Unseen(
        "urllib3: Retry.method_whitelist became allowed_methods",
        "breaks",
        "p.Retry(method_whitelist)",
        "class Retry:\n    def __init__(self, total=10, method_whitelist=None): ...",
        "class Retry:\n    def __init__(self, total=10, allowed_methods=None): ...",
    ),
    Unseen(
        "click: a parameter with an underscore in its annotation only",
        "nothing",
        "",
        "import typing as t\ndef echo(message: t.Optional[t.Any] = None, nl: bool = True) -> None: ...",
        "from __future__ import annotations\nfrom typing import Any\n"
        "def echo(message: Any | None = None, nl: bool = True) -> None: ...",
    ),
    Unseen(
        "flask: a helper moved to a module of its own, re-exported",
        "adds",
        "p.routing",
        "from .helpers import url_for as url_for\n# file: p/helpers.py\ndef url_for(endpoint: str) -> str: ...",
        "from .routing import url_for as url_for\n# file: p/helpers.py\nfrom .routing import url_for as url_for\n"
        "# file: p/routing.py\n__all__ = []\ndef url_for(endpoint: str) -> str: ...",
        corrected="the module is new, and public",
        first="nothing",
    ),
    Unseen(
        "werkzeug: a function of the root is gone, the module keeps it",
        "breaks",
        "p.escape",
        "from .utils import escape as escape\n# file: p/utils.py\ndef escape(s): ...",
        "# file: p/utils.py\ndef escape(s): ...",
    ),
    Unseen(
        "requests: a keyword taken by **kwargs becomes a named parameter",
        "adds",
        "p.get(timeout)",
        "def get(url, params=None, **kwargs): ...",
        "def get(url, params=None, *, timeout=None, **kwargs): ...",
    ),
    Unseen(
        "httpx: the proxies argument is gone",
        "breaks",
        "p.Client(proxies)",
        "class Client:\n    def __init__(self, *, verify: bool = True, proxies: dict | None = None) -> None: ...",
        "class Client:\n    def __init__(self, *, verify: bool = True) -> None: ...",
    ),
    Unseen(
        "attrs: a field of an attrs class gets a default",
        "adds",
        "p.Options.retries",
        "from attrs import define\n@define\nclass Options:\n    retries: int",
        "from attrs import define\n@define\nclass Options:\n    retries: int = 3",
    ),
    Unseen(
        "attrs: a required field is added",
        "breaks",
        "p.Options.region",
        "from attrs import define\n@define\nclass Options:\n    retries: int = 1",
        "from attrs import define, field\n@define\nclass Options:\n    region: str = field(kw_only=True)\n"
        "    retries: int = 1",
    ),
    Unseen(
        "pydantic: a model's field becomes required",
        "breaks",
        "p.User.email",
        "from pydantic import BaseModel\nclass User(BaseModel):\n    name: str\n    email: str | None = None",
        "from pydantic import BaseModel\nclass User(BaseModel):\n    name: str\n    email: str | None",
    ),
    Unseen(
        "sqlalchemy: arguments after the first are keyword-only",
        "breaks",
        "p.select(whereclause)",
        "def select(columns=None, whereclause=None): ...",
        "def select(columns=None, *, whereclause=None): ...",
    ),
    Unseen(
        "redis: decode_responses in the middle of positional ones",
        "breaks",
        "p.Redis(password)",
        "class Redis:\n    def __init__(self, host='localhost', port=6379, password=None): ...",
        "class Redis:\n    def __init__(self, host='localhost', password=None, port=6379): ...",
    ),
    Unseen(
        "boto: an exception of its own becomes a subclass of a new one",
        "adds",
        "p.NotFound",
        "class Error(Exception): ...\nclass NoSuchKey(Error): ...",
        "class Error(Exception): ...\nclass NotFound(Error): ...\nclass NoSuchKey(NotFound): ...",
        corrected="the addition is the new exception",
    ),
    Unseen(
        "kubernetes: an exception no longer derives from ValueError",
        "breaks",
        "p.ConfigError",
        "class ConfigError(ValueError): ...",
        "class ConfigError(Exception): ...",
    ),
    Unseen(
        "aiohttp: a function becomes a coroutine",
        "breaks",
        "p.Session.close",
        "class Session:\n    def close(self) -> None: ...",
        "class Session:\n    async def close(self) -> None: ...",
    ),
    Unseen(
        "stripe: an attribute becomes optional",
        "breaks",
        "p.Charge.amount",
        "class Charge:\n    amount: int",
        "class Charge:\n    amount: int | None",
    ),
    Unseen(
        "azure: a list method returns a pager of its own instead of its base",
        "told",
        "p.Client.list",
        "from typing import Iterable\nclass Paged(Iterable[int]): ...\n"
        "class Client:\n    def list(self) -> Iterable[int]: ...",
        "from typing import Iterable\nclass Paged(Iterable[int]): ...\nclass Client:\n    def list(self) -> Paged: ...",
    ),
    Unseen(
        "openai: a Literal of models gains one for what is sent",
        "adds",
        "p.create(model)",
        'from typing import Literal\ndef create(model: Literal["a", "b"]) -> None: ...',
        'from typing import Literal\ndef create(model: Literal["a", "b", "c"]) -> None: ...',
    ),
    Unseen(
        "rich: a class variable becomes private",
        "breaks",
        "p.Console.width",
        "class Console:\n    width = 80\n    def print(self): ...",
        "class Console:\n    _width = 80\n    def print(self): ...",
    ),
    Unseen(
        "packaging: a version attribute is removed from a NamedTuple's end",
        "breaks",
        "p.Release.extra",
        "from typing import NamedTuple\nclass Release(NamedTuple):\n    major: int\n    extra: str = ''",
        "from typing import NamedTuple\nclass Release(NamedTuple):\n    major: int",
    ),
    Unseen(
        "numpy: an alias of a type is gone",
        "breaks",
        "p.Float",
        "Float = float\nInt = int",
        "Int = int",
    ),
    Unseen(
        "jinja: contextfunction deprecated by the decorator of PEP 702",
        "adds",
        "p.render",
        "def render(text: str) -> str: ...",
        "from warnings import deprecated\n@deprecated('use format')\ndef render(text: str) -> str: ...",
    ),
    Unseen(
        "cryptography: a positional-only marker on a method",
        "breaks",
        "p.Hash.update(data)",
        "class Hash:\n    def update(self, data: bytes) -> None: ...",
        "class Hash:\n    def update(self, data: bytes, /) -> None: ...",
    ),
    Unseen(
        "paramiko: dataclass fields swap their order",
        "breaks",
        "p.Host",
        "from dataclasses import dataclass\n@dataclass\nclass Host:\n    name: str\n    port: int",
        "from dataclasses import dataclass\n@dataclass\nclass Host:\n    port: int\n    name: str",
    ),
    Unseen(
        "keystoneclient: a class factory becomes a function",
        "breaks",
        "p.Client",
        "class Client:\n    def __init__(self, url): ...",
        "def Client(url): ...",
    ),
    # --- names -------------------------------------------------------------------------------------------------------
    Unseen(
        "lazy module: __getattr__ with __all__, a name is gone",
        "breaks",
        "p.Two",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ._one import One, Two\n__all__ = ['One', 'Two']\n"
        "def __getattr__(name): ...\n# file: p/_one.py\nclass One: ...\nclass Two: ...",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ._one import One\n__all__ = ['One']\n"
        "def __getattr__(name): ...\n# file: p/_one.py\nclass One: ...\nclass Two: ...",
    ),
    Unseen(
        "eager imports become lazy ones",
        "nothing",
        "",
        "from ._one import One\n__all__ = ['One']\n# file: p/_one.py\nclass One:\n    def get(self) -> int: ...",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ._one import One\n__all__ = ['One']\n"
        "def __getattr__(name):\n    import importlib\n    return getattr(importlib.import_module('p._one'), name)\n"
        "# file: p/_one.py\nclass One:\n    def get(self) -> int: ...",
    ),
    Unseen(
        "_patch.py adds what __all__ of it lists",
        "adds",
        "p.Extra",
        "from ._client import Client\nfrom ._patch import *\nfrom ._patch import __all__ as _patch_all\n"
        "__all__ = ['Client']\n__all__.extend([p for p in _patch_all if p not in __all__])\n"
        "# file: p/_client.py\nclass Client: ...\n# file: p/_patch.py\n__all__: list[str] = []",
        "from ._client import Client\nfrom ._patch import *\nfrom ._patch import __all__ as _patch_all\n"
        "__all__ = ['Client']\n__all__.extend([p for p in _patch_all if p not in __all__])\n"
        "# file: p/_client.py\nclass Client: ...\n# file: p/_patch.py\n__all__: list[str] = ['Extra']\nclass Extra: ...",
    ),
    Unseen(
        "a definition for a newer Python is in a branch",
        "nothing",
        "",
        "from typing import TypedDict\ndef run(command: str) -> int: ...",
        "import sys\nfrom typing import TypedDict\nif sys.version_info >= (3, 12):\n"
        "    def run(command: str) -> int: ...\nelse:\n    def run(command: str) -> int: ...",
    ),
    Unseen(
        "a name that only try/except defines",
        "nothing",
        "",
        "import json\ndef dumps(value: object) -> str: ...",
        "try:\n    import orjson\n    def dumps(value: object) -> str: ...\n"
        "except ImportError:\n    import json\n    def dumps(value: object) -> str: ...",
    ),
    Unseen(
        "a private module is renamed, and nothing came out of it",
        "nothing",
        "",
        "def get(): ...\n# file: p/_tools.py\ndef work(a): ...",
        "def get(): ...\n# file: p/_helpers.py\ndef work(b): ...",
    ),
    Unseen(
        "__all__ is built of two lists, and one loses a name",
        "breaks",
        "p.b",
        "from . import _x\nfrom ._x import *\n__all__ = ['a'] + _x.__all__\ndef a(): ...\n"
        "# file: p/_x.py\n__all__ = ['b', 'c']\ndef b(): ...\ndef c(): ...",
        "from . import _x\nfrom ._x import *\n__all__ = ['a'] + _x.__all__\ndef a(): ...\n"
        "# file: p/_x.py\n__all__ = ['c']\ndef b(): ...\ndef c(): ...",
    ),
    Unseen(
        "a stub lies beside the module, and only the module changed",
        "nothing",
        "",
        "# file: p/fast.py\ndef add(a, b): ...\n# file: p/fast.pyi\ndef add(a: int, b: int) -> int: ...",
        "# file: p/fast.py\ndef add(*args): ...\n# file: p/fast.pyi\ndef add(a: int, b: int) -> int: ...",
    ),
    # --- decorators --------------------------------------------------------------------------------------------------
    Unseen(
        "property becomes cached_property",
        "nothing",
        "",
        "class C:\n    @property\n    def size(self) -> int: ...",
        "from functools import cached_property\nclass C:\n    @cached_property\n    def size(self) -> int: ...",
    ),
    Unseen(
        "an attribute becomes a property without a setter",
        "breaks",
        "p.C.size",
        "class C:\n    def __init__(self) -> None:\n        self.size: int = 0",
        "class C:\n    @property\n    def size(self) -> int: ...",
    ),
    Unseen(
        "a generator becomes a context manager",
        "breaks",
        "p.session",
        "from collections.abc import Iterator\ndef session(url: str) -> Iterator[int]: ...",
        "from collections.abc import Iterator\nfrom contextlib import contextmanager\n@contextmanager\n"
        "def session(url: str) -> Iterator[int]: ...",
    ),
    Unseen(
        "functools.wraps: a decorator that keeps the signature is put on",
        "adds",
        "p.P",
        "def get(url: str) -> bytes: ...",
        "from functools import wraps\nfrom typing import Callable, ParamSpec, TypeVar\nP = ParamSpec('P')\n"
        "R = TypeVar('R')\ndef _traced(f: Callable[P, R]) -> Callable[P, R]:\n    @wraps(f)\n"
        "    def inner(*args: P.args, **kwargs: P.kwargs) -> R: ...\n    return inner\n"
        "@_traced\ndef get(url: str) -> bytes: ...",
        corrected="`P` and `R` are public names of the module",
        first="nothing",
    ),
    Unseen(
        "lru_cache is put on a function",
        "nothing",
        "",
        "def load(name: str) -> dict: ...",
        "from functools import lru_cache\n@lru_cache(maxsize=None)\ndef load(name: str) -> dict: ...",
    ),
    Unseen(
        "singledispatch loses nothing when a type is registered",
        "nothing",
        "",
        "from functools import singledispatch\n@singledispatch\ndef show(value: object) -> str: ...",
        "from functools import singledispatch\n@singledispatch\ndef show(value: object) -> str: ...\n"
        "@show.register\ndef _(value: int) -> str: ...",
    ),
    Unseen(
        "an overload for None is added",
        "adds",
        "p.get",
        _OVERLOADS + "@overload\ndef get(a: int) -> int: ...\n@overload\ndef get(a: str) -> str: ...\ndef get(a): ...",
        _OVERLOADS + "@overload\ndef get(a: int) -> int: ...\n@overload\ndef get(a: str) -> str: ...\n"
        "@overload\ndef get(a: None) -> None: ...\ndef get(a): ...",
    ),
    Unseen(
        "overloads fold into one signature that takes what both took",
        "adds",
        "p.get(a)",
        _OVERLOADS + "@overload\ndef get(a: int) -> str: ...\n@overload\ndef get(a: str) -> str: ...\ndef get(a): ...",
        "def get(a: int | str) -> str: ...",
        corrected="a union of both is accepted now, too",
        first="nothing",
    ),
    Unseen(
        "a static method becomes an instance method",
        "breaks",
        "p.C.parse",
        "class C:\n    @staticmethod\n    def parse(text: str) -> int: ...",
        "class C:\n    def parse(self, text: str) -> int: ...",
    ),
    # --- types -------------------------------------------------------------------------------------------------------
    Unseen(
        "PEP 695: a TypeVar function is written anew",
        "told",
        "p.first",
        "from typing import TypeVar\n_T = TypeVar('_T')\ndef first(values: list[_T]) -> _T: ...",
        "from typing import TypeVar\ndef first[T](values: list[T]) -> T: ...",
        corrected="the label is right: variables of another name are not paired, which is a limit",
        first="nothing",
    ),
    Unseen(
        "PEP 695: a type statement instead of TypeAlias",
        "nothing",
        "",
        "from typing import TypeAlias\nName: TypeAlias = str | bytes\ndef get(name: Name) -> None: ...",
        "type Name = str | bytes\ndef get(name: Name) -> None: ...",
    ),
    Unseen(
        "Self instead of the class's name",
        "told",
        "p.C.clone",
        "from __future__ import annotations\nclass C:\n    def clone(self) -> C: ...",
        "from typing import Self\nclass C:\n    def clone(self) -> Self: ...",
        corrected="it is narrower for whoever inherits",
        first="nothing",
    ),
    Unseen(
        "list becomes Sequence in what is taken",
        "adds",
        "p.send(items)",
        "def send(items: list[int]) -> None: ...",
        "from collections.abc import Sequence\ndef send(items: Sequence[int]) -> None: ...",
    ),
    Unseen(
        "list becomes Sequence in what comes back",
        "breaks",
        "p.load",
        "def load() -> list[int]: ...",
        "from collections.abc import Sequence\ndef load() -> Sequence[int]: ...",
    ),
    Unseen(
        "a callback gets one more argument",
        "breaks",
        "p.on(handler)",
        "from collections.abc import Callable\ndef on(handler: Callable[[int], None]) -> None: ...",
        "from collections.abc import Callable\ndef on(handler: Callable[[int, str], None]) -> None: ...",
    ),
    Unseen(
        "a Protocol that users implement gets a method",
        "breaks",
        "p.Store.delete",
        "from typing import Protocol\nclass Store(Protocol):\n    def get(self, key: str) -> bytes: ...",
        "from typing import Protocol\nclass Store(Protocol):\n    def get(self, key: str) -> bytes: ...\n"
        "    def delete(self, key: str) -> None: ...",
    ),
    Unseen(
        "Annotated says more, the type is the same",
        "nothing",
        "",
        "def page(size: int = 10) -> None: ...",
        "from typing import Annotated\ndef page(size: Annotated[int, 'at most 100'] = 10) -> None: ...",
    ),
    Unseen(
        "an IntEnum becomes a plain Enum",
        "breaks",
        "p.Level",
        "from enum import IntEnum\nclass Level(IntEnum):\n    LOW = 1",
        "from enum import Enum\nclass Level(Enum):\n    LOW = 1",
    ),
)
