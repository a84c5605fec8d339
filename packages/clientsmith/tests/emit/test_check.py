"""The net below the code model: wrong files are found before they are written."""

from __future__ import annotations

import pytest
from clientsmith.emit.check import check_files, check_source
from clientsmith.emit.errors import GeneratedCodeError


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("x = (", "does not parse"),
        ("# coding: utf-7\nx = +AGE-", "is not bound"),
        ("x = y", "the name 'y' is not bound"),
        ("def f(a: Missing) -> None: ...", "the name 'Missing' is not bound"),
        ("class A(B): ...", "the name 'B' is not bound"),
        ("f = lambda a: b", "the name 'b' is not bound"),
        ("def f():\n  def g():\n    return h", "the name 'h' is not bound"),
        ("try:\n  x = 1\nexcept Nope:\n  pass", "the name 'Nope' is not bound"),
        ("f = lambda a, *a: 1", "an argument stands twice"),
        ("class A: ...\nclass A: ...", "'A' is defined twice"),
        ("class A:\n  def f(self): ...\n  def f(self): ...", "'f' is defined twice"),
        ("import os", "'os' is imported and not used"),
        ("from a import b as c\nb = 1", "'c' is imported and not used"),
    ],
)
def test_a_wrong_file_is_refused(source: str, reason: str) -> None:
    with pytest.raises(GeneratedCodeError, match=reason):
        check_source("x.py", source.encode())


@pytest.mark.parametrize(
    "source",
    [
        "from a import b\n__all__ = ['b']",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n  from .x import A\n__all__ = ['A']",
        "def f(a, *, b=1, **c):\n  d = a\n  return [d for _ in range(b)], c",
        "class A:\n  x: int = 1\n  def f(self) -> 'A':\n    return self",
        "f = lambda: A\nclass A: ...",
    ],
)
def test_a_right_file_passes(source: str) -> None:
    check_source("x.py", source.encode())


def test_modules_find_in_each_other_what_they_ask_for() -> None:
    """Across files, and through the alias of a module; what we do not generate is not judged."""
    files = {
        "src/p/__init__.py": b"",
        "src/p/models/__init__.py": b"__all__ = ['Pet']",
        "src/p/_client.py": b"from . import models as _models\nfrom ._patch import Mine\nx = (_models.Pet, Mine)",
    }
    check_files(files)
    with pytest.raises(GeneratedCodeError, match="src/p/models has no 'Dog'"):
        check_files({**files, "src/p/a.py": b"from . import models\nx = models.Dog"})
    with pytest.raises(GeneratedCodeError, match="src/p/_client has no 'y'"):
        check_files({**files, "src/p/a.py": b"from ._client import y\nx = y"})


def test_a_module_that_stays_what_it_is_is_found_too() -> None:
    """Where one schema of several was renamed: the models are written anew, and the enums are not."""
    files = {
        "src/p/models/__init__.py": b"__all__ = ['Pet']",
        "src/p/models/_models.py": b"from . import _enums\nx = _enums.Y",
    }
    check_files(files, kept=["src/p/models/_enums.py"])
    with pytest.raises(GeneratedCodeError, match="src/p/models has no '_enums'"):
        check_files(files)


def test_the_message_names_the_place() -> None:
    with pytest.raises(GeneratedCodeError) as caught:
        check_source("src/p/x.py", b"a = 1\nb = c")
    assert (caught.value.path, caught.value.line) == ("src/p/x.py", 2)
    assert str(caught.value).startswith("src/p/x.py:2: the name 'c' is not bound; nothing was written")
