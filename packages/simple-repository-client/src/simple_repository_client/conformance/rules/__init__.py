"""The rules: small classes, each a sentence of a standard with examples that keep and break it."""

from __future__ import annotations

from typing import Any, Final

from .base import Rule
from .html_files import HTML_FILE_RULES
from .html_pages import HTML_PAGE_RULES
from .json_files import JSON_FILE_RULES
from .json_pages import JSON_PAGE_RULES
from .negotiation import NEGOTIATION_RULES
from .together import TOGETHER_RULES
from .urls import URL_RULES

__all__ = ["RULES", "Rule"]

RULES: Final[tuple[Rule[Any], ...]] = (
    *NEGOTIATION_RULES,
    *URL_RULES,
    *TOGETHER_RULES,
    *JSON_PAGE_RULES,
    *JSON_FILE_RULES,
    *HTML_PAGE_RULES,
    *HTML_FILE_RULES,
)
