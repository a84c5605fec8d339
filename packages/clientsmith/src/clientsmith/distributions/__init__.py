"""A Python package at hand, wherever it comes from: a folder, a wheel, an sdist, a git revision, a version of an index.

- `opened` makes a `Distribution` of what a user wrote; what had to be unpacked or fetched for it goes away at the end.
- `is_document` tells a reference to an API description from one to a package; `opened_document` makes a file of it.

Nothing of a package is ever imported, run or built here.
"""

from __future__ import annotations

from .distribution import Distribution, Kind
from .opening import opened, opened_document
from .references import is_document

__all__ = ["Distribution", "Kind", "is_document", "opened", "opened_document"]
