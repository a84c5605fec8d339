"""The four ways to read an output. Runs inside a parsing process only; see :mod:`naas.parsing.sandbox`.

Each function returns rows, or None when nothing fits: then the caller gets the text as it was, as the wire contract
says.
"""

from __future__ import annotations

import io
import os
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from naas.parsing.base import ParsingFailed, Rows
from naas.parsing.platforms import template_platforms

__all__ = ["read_with_genie", "read_with_ntc", "read_with_textfsm", "read_with_ttp", "textfsm_problem"]

# None of these libraries is typed.
textfsm: Any = import_module("textfsm")
clitable: Any = import_module("textfsm.clitable")


def read_with_textfsm(template: str, text: str) -> Rows | None:
    """Read with the caller's TextFSM template; columns keep the case in lower letters, as ntc-templates has them."""
    return _rows_of(_machine(template), text)


def textfsm_problem(template: str) -> str | None:
    """Return why ``template`` is no TextFSM template."""
    try:
        textfsm.TextFSM(io.StringIO(template))
    except (textfsm.Error, RecursionError, OverflowError) as error:
        return " ".join(str(error).split()) or type(error).__name__
    return None


def read_with_ntc(platform: str, command: str, text: str) -> Rows | None:
    """Read with the template that ntc-templates has for the command on the platform."""
    for name in template_platforms(platform):
        files = _templates_for(name, command)
        if files is None:
            continue
        rows = _merged_rows(files, text) if ":" in files else _rows_of(_machine_from(files), text)
        if rows:
            return rows
    return None


def read_with_ttp(template: str, text: str) -> Rows | None:
    """Read with a TTP template that was found harmless, or one of the installed collection (``ttp://``).

    Raises:
        ParsingFailed: it is not installed, or there is no such template.
    """
    try:
        ttp: Any = import_module("ttp").ttp
    except ImportError as error:
        raise ParsingFailed("TTP is not installed in this service; install `pip install 'naas[ttp]'`") from error
    parser = ttp(template=_ttp_source(template), log_level="CRITICAL")
    # The new line keeps an output that happens to be the name of a file from being taken for that file.
    parser.add_input(data="\n" + text)
    parser.parse(one=True)
    return list(_dictionaries_in(parser.result(format="raw"))) or None


def read_with_genie(platform: str, command: str, text: str) -> Rows | None:
    """Read with Cisco's Genie.

    Raises:
        ParsingFailed: it is not installed.
    """
    try:
        import_module("genie")
    except ImportError as error:
        message = "Genie is not installed in this service; install `pip install genie pyats`, or leave out `use_genie`"
        raise ParsingFailed(message) from error
    from netmiko.utilities import get_structured_data_genie

    found = get_structured_data_genie(text, platform=platform, command=command)
    return [found] if isinstance(found, dict) else None


# TextFSM


@lru_cache(maxsize=256)  # compiling a template takes milliseconds, reading an output with it less than one
def _machine(template: str) -> Any:
    return textfsm.TextFSM(io.StringIO(template))


@lru_cache(maxsize=256)
def _machine_from(file_name: str) -> Any:
    with (_template_folder() / file_name).open(encoding="utf-8") as file:
        return textfsm.TextFSM(file)


def _rows_of(machine: Any, text: str) -> Rows | None:
    machine.Reset()
    try:
        records = machine.ParseText(text)
    except textfsm.TextFSMError:
        # The template met a line that it calls an error: it does not fit.
        return None
    columns = [str(name).lower() for name in machine.header]
    return [dict(zip(columns, record, strict=True)) for record in records] or None


def _merged_rows(files: str, text: str) -> Rows | None:
    """Several templates for one output, joined by their keys."""
    table = clitable.CliTable("index", str(_template_folder()))
    try:
        table.ParseCmd(text, templates=files)
    except (clitable.Error, textfsm.Error):
        return None
    columns = [str(name).lower() for name in table.header]
    return [dict(zip(columns, list(row), strict=True)) for row in table] or None


@lru_cache(maxsize=4096)
def _templates_for(platform: str, command: str) -> str | None:
    """The file or files of the first row of the index that fits."""
    index = clitable.CliTable("index", str(_template_folder())).index
    row = index.GetRowMatch({"Platform": platform, "Command": command})
    return cast("str", index.index[row]["Template"]) if row else None


def _template_folder() -> Path:
    own = os.environ.get("NTC_TEMPLATES_DIR")
    if own:
        return Path(own)
    return Path(str(import_module("ntc_templates").__file__)).parent / "templates"


# TTP


def _ttp_source(template: str) -> str:
    if not template.startswith("ttp://"):
        return template
    try:
        get_template: Any = import_module("ttp_templates").get_template
    except ImportError as error:
        message = f"{template!r} needs the package ttp-templates; install `pip install ttp-templates` in the service"
        raise ParsingFailed(message) from error
    source = get_template(path=template.removeprefix("ttp://"))
    if not source:
        raise ParsingFailed(f"ttp-templates has no template {template!r}; see its list of templates")
    return str(source)


def _dictionaries_in(found: object) -> Rows:
    """TTP nests its results by template, input and group; the wire has one list of objects."""
    if isinstance(found, dict):
        return [cast("dict[str, Any]", found)] if found else []
    if isinstance(found, list):
        return [row for part in cast("list[object]", found) for row in _dictionaries_in(part)]
    return []
