"""Prose rots unless something reads it."""

from __future__ import annotations

import ast
import asyncio
import importlib.util
import inspect
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
GUIDES = sorted(ROOT.glob("docs/guide/*.md"))
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("packages/*/README.md")]


def test_reference_pages_are_what_the_code_says() -> None:
    """`make docs` writes them; a change of the code without them is not whole."""
    checked = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "docs.py"), "check"], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_link_leads_nowhere(page: Path) -> None:
    """Links between our own pages."""
    prose = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)#]+)[^)]*\)", prose)
    own = [target for target in targets if not target.startswith(("http:", "https:", "mailto:"))]
    assert [target for target in own if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_python_example_is_python_and_imports_what_there_is(page: Path) -> None:
    """Names that a page imports from our packages exist."""
    for block in re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
        tree = compile(block, str(page), "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(("clientsmith.", "naas")):
                module = importlib.import_module(node.module or "")
                missing = [a.name for a in node.names if not hasattr(module, a.name)]
                # A module of a package is none of its attributes before somebody imports it.
                assert [name for name in missing if not importlib.util.find_spec(f"{node.module}.{name}")] == []


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.stem)
def test_the_examples_of_a_guide_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From its first block to its last, in one namespace, as a reader would type them; ``await`` as in a notebook."""
    monkeypatch.chdir(tmp_path)
    module = ModuleType(page.stem)
    monkeypatch.setitem(sys.modules, page.stem, module)  # frameworks look up the module of a handler
    namespace: dict[str, Any] = vars(module)
    text = page.read_text(encoding="utf-8")
    with asyncio.Runner() as runner:
        for found in re.finditer(r"^( *)```python\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE):
            # Empty lines before the block make a traceback point at the line of the page.
            above = "\n" * text.count("\n", 0, found.start(2))
            source = above + textwrap.dedent(found.group(2))
            code = compile(source, str(page), "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
            answer = eval(code, namespace)  # our own pages
            if inspect.iscoroutine(answer):
                runner.run(answer)


def test_the_first_example_of_the_readme_runs(tmp_path: Path) -> None:
    """Its lines, against the package that the generator makes today."""
    example = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)[0]
    petstore = ROOT / "packages" / "clientsmith" / "tests" / "specs" / "oai-petstore.json"
    made = tmp_path / "petstore-client"
    command = Path(sys.executable).with_name("clientsmith")
    subprocess.run([command, "generate", petstore, "-o", made], check=True, capture_output=True)
    scripted = (
        "from clientsmith.core.testing import Answer, ScriptedTransport\n"
        "rex = {'id': 7, 'name': 'Rex'}\n"
        "service = ScriptedTransport(Answer(201), Answer(json=[rex]), Answer(json=rex))\n"
    )
    program = scripted + example.replace('petstore.example.com/v1")', 'petstore.example.com/v1", transport=service)')
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=made / "src")
    assert (ran.stdout, ran.stderr) == ("7 Rex\nRex\n", "")


def test_every_make_target_that_the_docs_name_exists() -> None:
    """A command in the docs is a promise."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {name for page in PAGES for name in re.findall(r"`make ([a-z-]+)`", page.read_text(encoding="utf-8"))}
    assert named <= targets


@pytest.mark.parametrize("name", ["clientsmith-core", "clientsmith", "naas", "naas-client", "naas-mcp"])
def test_every_dependency_has_its_reason(name: str) -> None:
    """docs/dependencies.md names what pyproject.toml requires."""
    import tomllib

    project = tomllib.loads((ROOT / "packages" / name / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(r for extra in project.get("optional-dependencies", {}).values() for r in extra),
    ]
    names = {re.split(r"[\[<>=~! ]", requirement)[0] for requirement in wanted}
    reasons = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    assert [dependency for dependency in names if dependency not in reasons] == []
