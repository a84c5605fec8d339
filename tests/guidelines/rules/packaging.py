"""Rules about names of packages, and about what is in a distribution."""

from __future__ import annotations

import re
from typing import Final

from .package import Package
from .rule import package_rule
from .verdicts import Met, NotApplicable, NotMet, Verdict, Waived, judged, problem

__all__ = [
    "namespaces_mgmt",
    "namespaces_prefix",
    "namespaces_register",
    "native_arch_support",
    "native_charset_support",
    "native_plat_support",
    "packaging_follow_python_rules",
    "packaging_group_nspkg",
    "packaging_init",
    "packaging_name",
    "packaging_name_allowed_chars",
    "packaging_name_disallowed_chars",
    "packaging_nspkg",
]

_NO_ROOT: Final = "the package declares no root namespace: it stands alone, not in a family that shares one"
_PYTHON_2: Final = "it is about Python 2; the package needs {}"
_PURE: Final = "the package is pure Python"


def _about_python_2(package: Package) -> Verdict:
    return NotApplicable(_PYTHON_2.format(f"Python {package.project['requires-python']}"))


@package_rule("namespaces-prefix", "P", "The library is a sub-package of the family's root namespace.")
def namespaces_prefix(package: Package) -> Verdict:
    if "." not in package.import_name:
        return Waived(_NO_ROOT)
    return Met(package.import_name)


@package_rule("namespaces-mgmt", "P", "A management API lives in the `mgmt` group of the root namespace.")
def namespaces_mgmt(package: Package) -> Verdict:
    return NotApplicable("the service has no control plane apart") if "." in package.import_name else Waived(_NO_ROOT)


@package_rule("namespaces-register", "P", "The namespace stands in the family's register.")
def namespaces_register(package: Package) -> Verdict:
    return NotApplicable("no register is declared") if "." in package.import_name else Waived(_NO_ROOT)


@package_rule("packaging-name", "P", "The distribution is named after the namespace of the main client.")
def packaging_name(package: Package) -> Verdict:
    wanted = re.sub(r"[._]", "-", package.import_name)
    if package.project["name"] != wanted:
        hint = f"name the distribution {wanted!r}, after its import name"
        return NotMet((problem(package.project_file, None, hint),))
    return Met(wanted)


@package_rule(
    "packaging-name-allowed-chars", "P", "The name of the distribution is lower case, its words joined by dashes."
)
def packaging_name_allowed_chars(package: Package) -> Verdict:
    name = package.project["name"]
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        return NotMet((problem(package.project_file, None, f"{name!r}: use lower case and dashes"),))
    return Met(name)


@package_rule("packaging-name-disallowed-chars", "P", "The name of the distribution has no underscore and no period.")
def packaging_name_disallowed_chars(package: Package) -> Verdict:
    name = package.project["name"]
    if "_" in name or "." in name:
        return NotMet((problem(package.project_file, None, f"{name!r}: write a dash instead"),))
    return Met(name)


@package_rule("packaging-follow-python-rules", "P", "Shared namespaces are the implicit ones of Python 3 (PEP 420).")
def packaging_follow_python_rules(package: Package) -> Verdict:
    parents = package.import_name.split(".")[:-1]
    folder = package.source_folder
    owned = []
    for part in parents:
        folder = folder / part
        if (folder / "__init__.py").exists():
            owned.append(
                problem(folder / "__init__.py", None, "delete it: it hides what others put into the namespace")
            )
    return judged(owned, [f"nothing stands above {package.import_name}"], nothing="")


@package_rule("packaging-nspkg", "P", "On Python 2, the distribution depends on the one that holds the namespace.")
def packaging_nspkg(package: Package) -> Verdict:
    return _about_python_2(package)


@package_rule("packaging-group-nspkg", "P", "On Python 2, the distribution depends on the one that holds its group.")
def packaging_group_nspkg(package: Package) -> Verdict:
    return _about_python_2(package)


@package_rule("packaging-init", "P", "Source distributions hold the `__init__.py` of the namespaces.")
def packaging_init(package: Package) -> Verdict:
    return Waived("it contradicts PEP 420, which packaging-follow-python-rules asks for on Python 3")


def _binary(package: Package) -> list[str]:
    root = package.root_file.parent
    return [
        str(p.relative_to(root)) for suffix in ("*.so", "*.pyd", "*.c", "*.pyx", "*.rs") for p in root.rglob(suffix)
    ]


@package_rule("native-plat-support", "P", "Binary extensions come for Windows, Linux (manylinux) and macOS.")
def native_plat_support(package: Package) -> Verdict:
    return _native(package, "build wheels for Windows, manylinux and macOS, and let a test list their tags")


@package_rule("native-arch-support", "P", "Binary extensions come for x86 and x64.")
def native_arch_support(package: Package) -> Verdict:
    return _native(package, "build wheels for x86 and x64, and let a test list their tags")


def _native(package: Package, hint: str) -> Verdict:
    found = _binary(package)
    if not found:
        return NotApplicable(_PURE)
    return NotMet(tuple(problem(package.root_file.parent / name, None, hint) for name in found))


@package_rule("native-charset-support", "P", "Binary extensions come for both Unicode builds of CPython 2.7.")
def native_charset_support(package: Package) -> Verdict:
    return _about_python_2(package)
