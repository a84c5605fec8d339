"""Rules about one version number by itself; what a change does to it is a matter of two releases."""

from __future__ import annotations

import ast
import re
from typing import Final

from .package import Package
from .rule import package_rule
from .verdicts import Met, NotMet, Verdict, problem

__all__ = ["version_of", "versioning_beta", "versioning_semver"]

_RELEASE: Final = r"\d+\.\d+\.\d+"


def version_of(package: Package) -> str:
    """Return the version of the distribution: from ``pyproject.toml``, or from ``_version.py`` if that is where it lies."""
    if "version" in package.project:
        return str(package.project["version"])
    module = package.source.modules[f"{package.import_name}._version"]
    node = module.definitions["VERSION"]
    assert isinstance(node, ast.Assign | ast.AnnAssign)
    assert node.value is not None
    return str(ast.literal_eval(node.value))


@package_rule("versioning-semver", "P", "The version is a semantic one: three numbers, and a pre-release after them.")
def versioning_semver(package: Package) -> Verdict:
    version = version_of(package)
    if not re.match(_RELEASE, version):
        return NotMet((problem(package.project_file, None, f"{version!r}: write major.minor.patch"),))
    return Met(version)


@package_rule("versioning-beta", "P", "Pre-releases are spelt `bN`, as PEP 440 has it.")
def versioning_beta(package: Package) -> Verdict:
    version = version_of(package)
    if not re.fullmatch(rf"{_RELEASE}(b\d+)?", version):
        return NotMet((problem(package.project_file, None, f"{version!r}: a pre-release is spelt 1.2.0b1"),))
    return Met(version)
