"""Structured output: from what a device printed to rows, by TextFSM, ntc-templates, TTP or Genie.

::

    problem = check_template(StructuredOptions(textfsm_template=text))  # None, or why it is no template
    rows = parse("cisco_ios", "show version", output, StructuredOptions())  # list of dicts, or the text as it was

Templates of callers are programs of strangers: a pattern can search for years, and a TTP template can hold Python. So
parsing happens in processes of its own (:mod:`naas.parsing.processes`) that know no secret, are killed when they take
too long, and TTP templates are read and judged before (:mod:`naas.parsing.ttp_check`).
"""

from __future__ import annotations

from naas.parsing.base import ParsingFailed, StructuredOptions
from naas.parsing.parse import Parser, check_template, parse

__all__ = ["Parser", "ParsingFailed", "StructuredOptions", "check_template", "parse"]
