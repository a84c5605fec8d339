"""Rules about names of packages, and about what is in a distribution."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from clientsmith.guidelines.examples import PROJECT, Example
from clientsmith.guidelines.package import Package
from clientsmith.guidelines.rule import HumanRule, Rule
from clientsmith.guidelines.verdicts import Met, NotApplicable, NotMet, Problem, Verdict, Waived, judged, problem

__all__ = [
    "NamespacesGrouping",
    "NamespacesGroupingDontIntroduceNewPackages",
    "NamespacesMgmt",
    "NamespacesNaming",
    "NamespacesPrefix",
    "NamespacesRegister",
    "NativeApproval",
    "NativeArchSupport",
    "NativeCharsetSupport",
    "NativePlatSupport",
    "PackagingFollowPythonRules",
    "PackagingFollowRepoRules",
    "PackagingGroupNspkg",
    "PackagingInit",
    "PackagingName",
    "PackagingNameAllowedChars",
    "PackagingNameDisallowedChars",
    "PackagingNspkg",
]

_NO_ROOT: Final = "the package declares no root namespace (`namespace` of [check]): it stands alone, in no family"
_PURE: Final = "the package is pure Python"
_NATIVE: Final = (".so", ".pyd", ".dylib", ".pyx", ".c", ".cpp", ".rs")
_SOURCE: Final = '"""A client of the depot."""\n'
_FAMILY: Final = f'{PROJECT}\n[tool.clientsmith.check]\nnamespace = "acme"\n'
_GOOD: Final = Example(project=PROJECT)


def _named(name: str, *, marked: bool = True) -> Example:
    """Return a package whose distribution has a name."""
    mark = "  # <--" if marked else ""
    return Example(
        _SOURCE, project=PROJECT.replace("[project]\n", f"[project]{mark}\n", 1).replace("depot-client", name)
    )


def _in_family(name: str, project: str = "") -> Example:
    """Return a package of a family that has the root namespace ``acme``."""
    path = f"src/{name.replace('.', '/')}/__init__.py"
    text = (project or _FAMILY).replace('"depot-client"', f'"{name.replace(".", "-")}"')
    return Example(files={path: _SOURCE}, project=text)


def _at_project(package: Package, hint: str) -> NotMet:
    return NotMet((problem(package.project_file, None, hint),))


class NamespacesPrefix(Rule):
    """The family's name comes first."""

    id = "namespaces-prefix"
    kinds = "PS"
    meaning = "The library is a sub-package of the family's root namespace."
    why = "Completion after `acme.` shows what the house offers, and no name of another house is taken by accident."
    good = _in_family("acme.depot")
    bad = Example(_SOURCE.rstrip() + "  # <--\n", project=_FAMILY)

    def judge(self, package: Package) -> Verdict:
        if not package.namespace:
            return NotApplicable(_NO_ROOT)
        if package.import_name.startswith(f"{package.namespace}."):
            return Met(package.import_name)
        hint = f"move {package.import_name} below {package.namespace}, the root namespace of its family"
        return NotMet((problem(package.root_file, None, hint),))


class NamespacesNaming(HumanRule):
    """The name leads there."""

    id = "namespaces-naming"
    kinds = "H"
    meaning = "The name leads from the service to the package, and outlives a change of brand."
    why = (
        "Users search for the service's name. A package called after a code name or this year's brand is not found, or "
        "has to be renamed, and every import with it."
    )
    good = _named("depot-client", marked=False)
    bad = _named("blue-whale-sdk", marked=False)
    look = "does a user of the service expect this name, and will it outlive the brand?"

    def judge(self, package: Package) -> Verdict:
        return NotApplicable(f"for a person to judge: is `{package.import_name}` what a user of the service looks for?")


class NamespacesGrouping(Rule):
    """A family may have groups."""

    id = "namespaces-grouping"
    kinds = "PH"
    meaning = "Services that share behaviour may share a group in their namespace."
    why = "`acme.storage.blob` and `acme.storage.queue` say that they belong together, and which one a newcomer needs."
    good = _in_family("acme.storage.blob")
    bad = Example()

    def judge(self, package: Package) -> Verdict:
        inner = package.import_name.removeprefix(f"{package.namespace}.").split(".") if package.namespace else []
        if len(inner) > 1:
            return Met(f"{package.import_name} is in the group {package.namespace}.{'.'.join(inner[:-1])}")
        return NotApplicable("a group is allowed, not asked for, and the package is in none")


class NamespacesGroupingDontIntroduceNewPackages(HumanRule):
    """No second name for the sake of a group."""

    id = "namespaces-grouping-dont-introduce-new-packages"
    kinds = "PH"
    meaning = "No distribution is published again under another name for the sake of a group."
    why = (
        "Two names for one library are two versions in one environment, two sets of exceptions, and a question that "
        "every user has to ask."
    )
    good = _named("depot-client", marked=False)
    bad = _named("acme-storage-depot-client", marked=False)
    look = "was the library published under another name before? An index cannot tell"


class NamespacesMgmt(Rule):
    """Control planes have a group."""

    id = "namespaces-mgmt"
    kinds = "PH"
    meaning = "A management API lives in the `mgmt` group of the root namespace."
    why = "Who uses a database does not want the library that creates servers for it: the group says which is which."
    good = _in_family("acme.mgmt.depot", _FAMILY.replace('"clientsmith-core[requests]"', '"azure-mgmt-core"'))
    bad = Example(
        files={"src/acme/depot/__init__.py": '"""Manages depots."""  # <--\n'},
        project=_FAMILY.replace('"depot-client"', '"acme-depot"').replace(
            '"clientsmith-core[requests]"', '"azure-mgmt-core"'
        ),
    )

    def judge(self, package: Package) -> Verdict:
        if not package.namespace:
            return NotApplicable(_NO_ROOT)
        is_mgmt = package.import_name.startswith(f"{package.namespace}.mgmt.")
        manages = any(each.lower().startswith("azure-mgmt-core") for each in package.requires)
        if manages and not is_mgmt:
            hint = f"it stands on azure-mgmt-core: move it below {package.namespace}.mgmt"
            return NotMet((problem(package.root_file, None, hint),))
        return Met(package.import_name) if is_mgmt else NotApplicable("the package manages no resources")


class NamespacesRegister(HumanRule):
    """The family keeps a list."""

    id = "namespaces-register"
    kinds = "PH"
    meaning = "The namespace stands in the family's register."
    why = "Two teams that choose the same name find out when it is cheap: before either has users."
    good = _in_family("acme.depot")
    bad = _in_family("acme.whatever")
    look = "is the namespace in the register of the house?"

    def judge(self, package: Package) -> Verdict:
        return super().judge(package) if package.namespace else NotApplicable(_NO_ROOT)


class PackagingName(Rule):
    """One name for the import and the distribution."""

    id = "packaging-name"
    kinds = "P"
    meaning = "The distribution is named after the namespace of the main client."
    why = "Who reads `import depot_client` in a program knows what to install, and the other way round."
    good = _named("depot-client", marked=False)
    bad = _named("depot")

    def judge(self, package: Package) -> Verdict:
        wanted = re.sub(r"[._]", "-", package.import_name)
        if not package.name:
            return NotApplicable("nothing says the distribution's name")
        if re.sub(r"[-_.]+", "-", package.name).lower() != wanted.lower():
            return _at_project(
                package, f"name the distribution {wanted!r}, after its import name; it is {package.name!r}"
            )
        return Met(wanted)


class PackagingNameAllowedChars(Rule):
    """Lower case and dashes."""

    id = "packaging-name-allowed-chars"
    kinds = "P"
    meaning = "The name of the distribution is lower case, its words joined by dashes."
    why = "A name is typed, read aloud and searched for. Indexes take every spelling for the same, people do not."
    good = _named("depot-client", marked=False)
    bad = _named("Depot-Client")

    def judge(self, package: Package) -> Verdict:
        if not package.name:
            return NotApplicable("nothing says the distribution's name")
        if re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", package.name.lower()) and package.name != package.name.lower():
            return _at_project(package, f"{package.name!r}: write it in lower case")
        if not re.fullmatch(r"[a-z0-9]+([-_.][a-z0-9]+)*", package.name):
            return _at_project(package, f"{package.name!r}: use lower case and dashes")
        return Met(package.name)


class PackagingNameDisallowedChars(Rule):
    """No underscore, no period."""

    id = "packaging-name-disallowed-chars"
    kinds = "P"
    meaning = "The name of the distribution has no underscore and no period."
    why = "`depot_client`, `depot.client` and `depot-client` are one name to an index: write the one that it shows."
    good = _named("depot-client", marked=False)
    bad = _named("depot_client")

    def judge(self, package: Package) -> Verdict:
        if not package.name:
            return NotApplicable("nothing says the distribution's name")
        if "_" in package.name or "." in package.name:
            return _at_project(package, f"{package.name!r}: write a dash instead")
        return Met(package.name)


class PackagingFollowRepoRules(HumanRule):
    """The repository's own rules."""

    id = "packaging-follow-repo-rules"
    kinds = "H"
    meaning = "Packages follow the packaging guide of their repository."
    why = "Where many packages live together, what is alike in all of them is written once, and tools rely on it."
    good = _named("depot-client", marked=False)
    bad = _named("depot-client", marked=False)
    look = "read CONTRIBUTING of the repository; `clientsmith gate` shows that the distributions build and install"


class PackagingFollowPythonRules(Rule):
    """Namespaces belong to nobody."""

    id = "packaging-follow-python-rules"
    kinds = "P"
    meaning = "Shared namespaces are the implicit ones of Python 3 (PEP 420)."
    why = (
        "A distribution that puts an `__init__.py` into a shared namespace hides what other distributions have there, "
        "and which one wins depends on the order of installation."
    )
    good = _in_family("acme.depot")
    bad = Example(
        files={"src/acme/depot/__init__.py": _SOURCE, "src/acme/__init__.py": '"""Ours."""  # <--\n'},
        project=_FAMILY.replace('"depot-client"', '"acme-depot"'),
    )

    def judge(self, package: Package) -> Verdict:
        owned: list[Problem] = []
        folder = package.source_folder
        for name in package.import_name.split(".")[:-1]:
            folder = folder / name
            if (folder / "__init__.py").exists():
                hint = "delete it: it hides what others put into the namespace"
                owned.append(problem(folder / "__init__.py", None, hint))
        if package.import_name == package.namespace:  # the namespace itself is a package, and was taken for it
            hint = f"delete it: {package.namespace} is a namespace that others share"
            owned.append(problem(package.root_file, None, hint))
        return judged(owned, [f"nothing stands above {package.import_name}"], nothing="")


class PackagingInit(Rule):
    """Superseded by PEP 420."""

    id = "packaging-init"
    kinds = "P"
    meaning = "Source distributions hold the `__init__.py` of the namespaces."
    why = (
        "Before Python 3.3 a folder was no package without this file. Since PEP 420 the file does harm in a shared "
        "namespace, and packaging-follow-python-rules asks for the opposite."
    )
    good = _GOOD
    bad = Example()

    def judge(self, package: Package) -> Verdict:
        if "." not in package.import_name:
            return NotApplicable("the package is in no namespace")
        return Waived("it contradicts PEP 420, which packaging-follow-python-rules asks for on Python 3")


class _AboutPython2(Rule):
    """What only Python 2 needed."""

    def judge(self, package: Package) -> Verdict:
        needed = package.requires_python or "Python 3"
        return NotApplicable(f"it is about Python 2; the package needs {needed}")


class PackagingNspkg(_AboutPython2):
    """A distribution for the namespace."""

    id = "packaging-nspkg"
    kinds = "P"
    meaning = "On Python 2, the distribution depends on the one that holds the namespace."
    why = (
        "Python 2 knew no implicit namespaces, so one distribution had to own the `__init__.py` that all others share."
    )
    good = _GOOD
    bad = Example()


class PackagingGroupNspkg(_AboutPython2):
    """A distribution for the group."""

    id = "packaging-group-nspkg"
    kinds = "P"
    meaning = "On Python 2, the distribution depends on the one that holds its group."
    why = "As packaging-nspkg, for the group below the namespace: Python 3 needs neither of the two."
    good = _GOOD
    bad = Example()


class NativeCharsetSupport(_AboutPython2):
    """Two builds of CPython 2.7."""

    id = "native-charset-support"
    kinds = "P"
    meaning = "Binary extensions come for both Unicode builds of CPython 2.7."
    why = "CPython 2.7 came with two widths of characters, and an extension worked with one of them; CPython 3 has one."
    good = _GOOD
    bad = Example()


def binaries_in(package: Package) -> list[Path]:
    """Return what is compiled, or is to be, in a package."""
    root = package.root_file.parent if package.root_file.name == "__init__.py" else package.root_file
    return sorted(path for path in root.rglob("*") if path.suffix in _NATIVE) if root.is_dir() else []


_EXTENSION: Final = Example(_SOURCE, files={"src/depot_client/fast.pyx": "def fast(): pass  # <--\n"})


_WHEELS: Final = Example(
    _SOURCE,
    project=f'{PROJECT}\n[tool.cibuildwheel]\nbuild = "cp311-*"\n',
    files={"src/depot_client/fast.pyx": "def fast(): pass\n"},
)


class NativeApproval(HumanRule):
    """Somebody said yes."""

    id = "native-approval"
    kinds = "PH"
    meaning = "Binary extensions are approved before they ship."
    why = "An extension has to be built for every system and every Python, signed, scanned and updated: for years."
    good = Example(_SOURCE)
    bad = Example(_SOURCE, files={"src/depot_client/fast.pyx": "def fast(): pass\n"})
    look = "who approved the binary extensions?"

    def judge(self, package: Package) -> Verdict:
        found = binaries_in(package)
        return super().judge(package) if found else NotApplicable(_PURE)


class _Native(Rule):
    """Binary extensions have wheels that say where they run."""

    kinds = "P"
    hint: str

    def judge(self, package: Package) -> Verdict:
        found = binaries_in(package)
        if not found:
            return NotApplicable(_PURE)
        if "cibuildwheel" in package.project_file.read_text(encoding="utf-8", errors="replace"):
            return Met("cibuildwheel builds the wheels")
        return NotMet(tuple(problem(path, None, self.hint) for path in found))


class NativePlatSupport(_Native):
    """Every platform."""

    id = "native-plat-support"
    meaning = "Binary extensions come for Windows, Linux (manylinux) and macOS."
    why = "Where there is no wheel, pip compiles, and most users have no compiler: to them the library is broken."
    good = _WHEELS
    bad = _EXTENSION
    hint = "build wheels for Windows, manylinux and macOS, for example by cibuildwheel"


class NativeArchSupport(_Native):
    """Every architecture."""

    id = "native-arch-support"
    meaning = "Binary extensions come for x86 and x64."
    why = "The same program runs on both; a library that does not is found out in production, on the other machine."
    good = _WHEELS
    bad = _EXTENSION
    hint = "build wheels for x86 and x64, for example by cibuildwheel"
