"""What a release is, as values that fit into a journal: packages, edits of files, ranges that move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from clientsmith.findings import Finding

from .versions import Reason, Stage

__all__ = ["Edit", "PackagePlan", "Planned", "RangeMove", "ReleasePlan", "Request", "Target", "tag_of"]

_SUBJECT: Final = 72  # what git and forges show of a commit's subject on one line


def tag_of(package: str, version: str) -> str:
    """Return the tag of a release: ``naas-client-v1.0.0b6``."""
    return f"{package}-v{version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where files are published, and where they are read back from; "" for nowhere.

    Attributes:
        publish_url: Where files are uploaded to.
        index: URL of the index that has them then (the Simple API).
    """

    publish_url: str = ""
    index: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked for.

    Attributes:
        packages: Names; none of them, and no train, is every package that has something to tell its users.
        train: The packages of a release train, together.
        version: For exactly one package.
        widen: Whether the range of a dependant that excludes the new version is moved over it.
        ignored: Rules of the diff that are not heard, as ``clientsmith diff`` calls them.
        target: Where it is published.
        signing_key: A file with an Ed25519 key that signs the provenance; "" for no signature.
        builder: A URI of who builds, for the provenance; "" to find out.
    """

    packages: tuple[str, ...] = ()
    train: str = ""
    stage: Stage = Stage.SAME
    version: str = ""
    widen: bool = False
    ignored: tuple[str, ...] = ()
    target: Target = Target()
    signing_key: str = ""
    builder: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackagePlan:
    """One package of a release. ``folder`` is relative to the repository; ``old`` is "" for a first release."""

    name: str
    folder: str
    old: str
    new: str
    section: str

    @property
    def tag(self) -> str:
        return tag_of(self.name, self.new)

    @property
    def files(self) -> tuple[str, str]:
        """What the wheel and the sdist are called, of a package without compiled code."""
        stem = f"{self.name.replace('-', '_')}-{self.new}"
        return f"{stem}-py3-none-any.whl", f"{stem}.tar.gz"


@dataclass(frozen=True, slots=True)
class Edit:
    """A file of the repository and its new text; None takes it away."""

    path: str
    text: str | None


@dataclass(frozen=True, slots=True)
class RangeMove:
    """A requirement of a dependant that changes with the release, and why."""

    dependant: str
    old: str
    new: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasePlan:
    """Everything that a release will do, decided before any of it is done.

    Attributes:
        parent: The commit that everything was decided on.
        branch: The branch that it is the tip of; "" for none, and then it can be shown and not carried out.
        moment: When it was planned, in seconds since 1970: the date of its commits, so that a release that was
            interrupted ends in the same commits as one that was not.
        packages: Those that others stand on come first.
        edits: What the release commit changes.
        releases: The file of all releases, relative to the repository.
    """

    parent: str
    branch: str
    moment: int
    packages: tuple[PackagePlan, ...]
    edits: tuple[Edit, ...]
    releases: str
    moves: tuple[RangeMove, ...] = ()
    train: str = ""
    ignored: tuple[str, ...] = ()
    target: Target = Target()
    signing_key: str = ""
    builder: str = ""

    @property
    def title(self) -> str:
        """``naas 2.4.0, naas-client 1.1.0``."""
        return ", ".join(f"{one.name} {one.new}" for one in self.packages)

    @property
    def message(self) -> str:
        """The message of the release commit."""
        notes = [f"Train: {self.train}"] if self.train else []
        notes += [f"Rules of the diff that were not heard: {', '.join(self.ignored)}"] if self.ignored else []
        return self.message_of("release", notes)

    @property
    def record_message(self) -> str:
        """The message of the commit that adds the release to the list of releases."""
        return self.message_of("releases")

    def message_of(self, what: str, notes: Sequence[str] = ()) -> str:
        """Return the message of a commit: the packages in its subject, or in its body where they are too many."""
        subject = f"{what}: {self.title}"
        if len(subject) <= _SUBJECT:
            return "\n\n".join([subject, *notes]) + "\n"
        subject = f"{what}: train {self.train}" if self.train else f"{what}: {len(self.packages)} packages"
        listed = "\n".join(f"{one.name} {one.new}" for one in self.packages)
        return "\n\n".join([subject, listed, *notes]) + "\n"

    def package(self, name: str) -> PackagePlan:
        """Return the package of a name that is in it."""
        return next(one for one in self.packages if one.name == name)

    def as_data(self) -> dict[str, Any]:
        """Return it as plain data for JSON."""
        return asdict(self)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> ReleasePlan:
        """Return a plan from what `as_data` gave.

        Raises:
            KeyError, TypeError: It is not of that form.
        """
        parts = dict(data)
        parts["packages"] = tuple(PackagePlan(**one) for one in parts["packages"])
        parts["edits"] = tuple(Edit(**one) for one in parts["edits"])
        parts["moves"] = tuple(RangeMove(**one) for one in parts["moves"])
        parts["ignored"] = tuple(parts["ignored"])
        parts["target"] = Target(**parts["target"])
        return cls(**parts)


@dataclass(frozen=True, slots=True)
class Planned:
    """The outcome of planning: a plan if nothing is against it, and what is to be told in any case.

    Attributes:
        plan: None where a finding is an error.
        findings: What refuses the release, and what is worth knowing.
        reasons: Why each package has its version, by name: for ``--explain``.
        unchanged: Packages of a train that stay at their version, with it.
    """

    plan: ReleasePlan | None
    findings: tuple[Finding, ...]
    reasons: Mapping[str, tuple[Reason, ...]] = field(default_factory=dict[str, tuple[Reason, ...]])
    unchanged: Mapping[str, str] = field(default_factory=dict[str, str])
