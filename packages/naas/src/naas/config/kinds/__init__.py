"""What a setting may be: each kind reads text or a TOML value, says what is wrong with it, and describes itself.

Text comes from the environment and from flags, TOML values from the configuration file; both give the same value.
Messages follow the name of the setting, as in ``NAAS_PORT`` + ``is 'x'; write a whole number``.
"""

from __future__ import annotations

from naas.config.kinds.base import Kind, Unusable
from naas.config.kinds.lists import Names, Pairs
from naas.config.kinds.numbers import Number, Seconds
from naas.config.kinds.texts import File, Secret, Text
from naas.config.kinds.urls import Url
from naas.config.kinds.words import Choice, Switch

__all__ = [
    "Choice",
    "File",
    "Kind",
    "Names",
    "Number",
    "Pairs",
    "Seconds",
    "Secret",
    "Switch",
    "Text",
    "Unusable",
    "Url",
]
