"""The diff of a release against the tip: what changed, as reasons for a version, and what is new."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from clientsmith.apidiff.bump import bump_of
from clientsmith.apidiff.difference import Difference, Kind, Place, chosen
from clientsmith.distributions import Distribution, opened
from clientsmith.findings import InputError
from clientsmith.workspace import Member, Release, Workspace, git, read_member

from .described import UNREADABLE, compare_descriptions, has_description, is_library
from .family import families_in, reasons_of_family
from .versions import Reason

__all__ = ["Comparison", "compare_release", "new_names", "uses_of"]

# The rule of the diff for a module that it could say nothing of.
_UNREADABLE: Final = "source-unreadable"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the diff of a release against the tip found.

    Attributes:
        differences: Of what the package promises: its Python API and its metadata; of a service the document that it
            serves and its metadata.
        names: What the tip has and the release had not, by dotted name, whether it is a promise or not.
        family: What the bond to a family of the service's API demands.
        folder: The package's.
        top: The repository's.
    """

    differences: tuple[Difference, ...] = ()
    names: frozenset[str] = frozenset()
    family: tuple[Reason, ...] = ()
    folder: Path = Path()
    top: Path = Path()

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Differences and the bond to an API family, as reasons for a version."""
        return (*self.family, *(self._reason(one) for one in self.differences))

    def file_of(self, place: Place) -> str:
        """Return the file of a place of the tip, as seen from the top of the repository.

        The diff tells files from the current folder, and those of the project itself from the package's.
        """
        for folder in (self.folder, Path.cwd()):
            path = (folder / place.file).resolve()
            if path.is_file() and path.is_relative_to(self.top):
                return path.relative_to(self.top).as_posix()
        return place.file

    def _reason(self, difference: Difference) -> Reason:
        where = difference.rule
        if difference.new is not None:
            where += f", {replace(difference.new, file=self.file_of(difference.new))}"
        return Reason(bump_of([difference]), where, f"{difference.subject}: {difference.message}", difference.rule)


def compare_release(
    workspace: Workspace, member: Member, release: Release, *, index: str = "", ignored: Iterable[str] = ()
) -> Comparison:
    """Compare a release with the tip of a package.

    The release is what its commit had; where that commit is not here, what ``index`` holds.

    Raises:
        InputError: The release cannot be had, or the two cannot be compared.
    """
    from clientsmith.apidiff.python import compare_packages
    from clientsmith.apidiff.python.project import compare_projects

    served = list[Difference]()
    if has_description(workspace, member) and UNREADABLE not in ignored:
        served = chosen(compare_descriptions(workspace, member, release), ignore=ignored)
    with _release_at_hand(workspace, member, release, index) as (old, folder), opened(str(member.folder)) as new:
        differences = chosen(compare_packages(old, new), ignore=ignored)
        if unread := next((one for one in differences if one.rule == _UNREADABLE), None):
            place = unread.new or unread.old
            raise InputError(
                f"cannot compare {member.name} {release.version} with the tip: {unread.message} ({place})",
                f"make Python of it; or --ignore {_UNREADABLE}, and its changes are not heard",
            )
        names, family = new_names(differences), tuple(_family(folder, old, member, new))
        if not is_library(workspace, member):
            promised = set(compare_projects(old, new))
            differences = [one for one in differences if one in promised]
        top = git.repository_root(workspace.root).resolve()
        return Comparison((*served, *differences), names, family, member.folder, top)


@contextmanager
def _release_at_hand(
    workspace: Workspace, member: Member, release: Release, index: str
) -> Generator[tuple[Distribution, Path | None]]:
    """Give the release as a package, and its folder in the repository of then, None where that is not known.

    Its commit is asked first: it is here, and what is in it was compared by the same rules. The index is for clones
    that do not have it.
    """
    with ExitStack() as stack:
        room = Path(stack.enter_context(TemporaryDirectory(prefix="clientsmith-release-")))
        top = git.repository_root(workspace.root)
        try:
            path = member.folder.relative_to(top.resolve()).as_posix()
            folder = git.export(top, release.commit, room / "old", path)
        except InputError as problem:
            if not index:
                raise InputError(
                    f"cannot compare with {release.package} {release.version}: {problem.message}",
                    problem.hint or "its commit has to be here, with the package in the same folder; or give --index",
                ) from problem
            reference = f"{member.name}=={release.version}"
            yield stack.enter_context(opened(reference, index=index, inside=room)), None
        else:
            yield stack.enter_context(opened(str(folder), inside=room)), folder


def _family(folder: Path | None, old: Distribution, member: Member, new: Distribution) -> list[Reason]:
    declared = member.configuration.release.api_family
    before = read_member(folder).configuration.release.api_family if folder is not None else declared
    if not declared and not before:
        return []
    return reasons_of_family(before, declared, families_in(old.packages.values()), families_in(new.packages.values()))


def new_names(differences: Iterable[Difference]) -> frozenset[str]:
    """Return what the tip has and the release had not, by dotted name."""
    return frozenset(one.subject.partition("(")[0] for one in differences if one.kind is Kind.ADDITION)


def uses_of(member: Member, names: frozenset[str]) -> list[str]:
    """Return those of ``names`` that a member imports, by name.

    A method or a parameter that is new is seen only by tests against the oldest version that the range lets in.
    """
    return sorted(name for name in names if any(one == name or one.startswith(f"{name}.") for one in member.imported))
