"""Planning a release: everything is read, compared and decided here, and nothing is changed.

1. Which packages: those that were named, those of a train, or all that have something to tell their users; in the order
   in which they stand on each other.
2. For each of them: the version, from its fragments and from the diff of its last release; its section of the
   changelog; the ranges of those that depend on it.
3. What all that makes of the files of the repository.

What refuses a release is a finding, and all of them are told together.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from clientsmith.apidiff.bump import Bump
from clientsmith.core.terminal import count
from clientsmith.findings import Finding, InputError, Severity
from clientsmith.workspace import Member, Release, Workspace, git
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from . import commits
from .changelog import section, unreleased
from .choosing import Released, chosen_packages, fragments_of, read_version
from .comparing import Comparison, compare_release, uses_of
from .dependants import Ranges, broken_releases
from .files import Files
from .fragments import Fragment
from .journal import Journal
from .plan import PackagePlan, Planned, ReleasePlan, Request, tag_of
from .provenance import read_key
from .published import Index
from .versions import Decision, History, Reason, Refusal, Stage, Wish, decide_version

__all__ = ["plan_release"]


def plan_release(workspace: Workspace, request: Request, now: datetime | None = None) -> Planned:
    """Return the plan of a release, or what is against it.

    Raises:
        InputError: There is nothing to plan on: no git repository, a dirty tree, an unknown package or train, a
            release that cannot be compared.
    """
    top = git.repository_root(workspace.root)
    Journal.refuse_another(top)
    if changed := git.git(top, "status", "--porcelain").splitlines():
        more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
        raise InputError(
            f"the working tree of {top} has changes that are not committed: {changed[0][3:]}{more}",
            "a release is made of a commit: commit them, or put them away with `git stash`",
        )
    commits.who_commits(top)
    if request.signing_key:
        read_key(Path(request.signing_key))
    names = chosen_packages(workspace, request)
    return _Planning(workspace, request, top, now or datetime.now(UTC), names).plan()


@dataclass
class _Planning:
    """The state of one planning: what was found so far, of ``names`` in the order in which they are released."""

    workspace: Workspace
    request: Request
    top: Path
    now: datetime
    names: list[str]
    findings: list[Finding] = field(default_factory=list[Finding])
    reasons: dict[str, tuple[Reason, ...]] = field(default_factory=dict[str, tuple[Reason, ...]])
    unchanged: dict[str, str] = field(default_factory=dict[str, str])
    packages: list[PackagePlan] = field(default_factory=list[PackagePlan])

    def __post_init__(self) -> None:
        self.released = Released(self.workspace, self.request.target.index)
        self.files = Files(self.top, self.workspace.root)
        self.ranges = Ranges(self.workspace, frozenset(self.names), self.files, widen=self.request.widen)

    def plan(self) -> Planned:
        self._branch()
        compared = {name: self._compared(name) for name in self.names}
        for name in self.names:
            self._package(name, compared[name])
        leaving = frozenset(one.name for one in self.packages)
        for name in sorted(leaving):
            self._needs_of(name, leaving)
        refused = any(finding.severity is Severity.ERROR for finding in self.findings)
        if not self.packages and not refused:
            hint = "--final leaves the betas"
            self._error(self.request.train, "release-empty", "nothing of the train has changed", hint)
            refused = True
        return Planned(
            None if refused else self._finished(),
            tuple(self.findings),
            self.reasons,
            self.unchanged,
        )

    def _finished(self) -> ReleasePlan:
        self.files.lock({one.name: one.new for one in self.packages})
        return ReleasePlan(
            parent=git.head(self.top),
            branch=commits.branch_of(self.top),
            moment=int(self.now.timestamp()),
            packages=tuple(self.packages),
            edits=self.files.edits(),
            releases=self._shown(self.workspace.root / self.workspace.settings.releases),
            moves=tuple(self.ranges.moves),
            train=self.request.train,
            ignored=self.request.ignored,
            target=self.request.target,
            signing_key=self.request.signing_key,
            builder=self.request.builder,
        )

    def _branch(self) -> None:
        """See that what is released can be pushed: it would be on the index, and in nobody's history."""
        upstream, missing = commits.commits_behind(self.top)
        if missing:
            problem = (
                f"{upstream} has {count(missing, 'commit')} that HEAD does not have, so the release could not be pushed"
            )
            self._error(commits.branch_of(self.top), "release-behind", problem, "`git pull --rebase`, and look again")
        elif not commits.branch_of(self.top):
            self._note("HEAD", "release-detached", "no branch is checked out, so this can be shown and not carried out")

    # --- one package ---

    def _compared(self, name: str) -> Comparison:
        release = self.released.last(name)
        return self._comparison(name, release) if release is not None else Comparison()

    def _comparison(self, name: str, release: Release) -> Comparison:
        member, index = self.workspace.members[name], self.request.target.index
        return compare_release(self.workspace, member, release, index=index, ignored=self.request.ignored)

    def _package(self, name: str, comparison: Comparison) -> None:
        member = self.workspace.members[name]
        fragments, broken = fragments_of(member)
        self.findings += [replace(one, file=self._shown(Path(one.file))) for one in broken]
        # A range that an earlier package of this release moved is a change of this one.
        fragments = [*fragments, *self.ranges.fragments_for(name)]
        history = self.released.history(member)
        told = [Reason(one.bump, self._shown(one.file), one.text.splitlines()[0]) for one in fragments]
        try:
            decision = self._decided(name, history, told, comparison)
        except Refusal as refusal:
            self._refused(name, refusal, comparison)
            return
        self.reasons[name] = decision.reasons
        self._checked(member, decision.version, history)
        self._written(member, decision, history, fragments)
        self.findings += self.ranges.judge(name, decision.version, comparison.names)
        if decision.bump is Bump.MAJOR:
            self.findings += broken_releases(self.workspace, self.released, name, decision.version)

    def _decided(self, name: str, history: History, told: list[Reason], comparison: Comparison) -> Decision:
        version = read_version(self.request.version, "--version") if self.request.version else None
        stays = history.last is not None and not any(one.bump for one in [*told, *comparison.reasons])
        leaves = self.request.stage is Stage.FINAL and history.last is not None and history.last.is_prerelease
        if stays and self.request.train and version is None and not leaves and history.written == history.last:
            raise Refusal("release-unchanged", "", "")
        return decide_version(
            history, told, comparison.reasons, Wish(self.request.stage, version), self._since_final(name, history)
        )

    def _since_final(self, name: str, history: History) -> tuple[Reason, ...]:
        """Return what changed since the last final version, where the last one is a beta."""
        final = self.released.last_final(name)
        if final is None or history.last is None or not history.last.is_prerelease:
            return ()
        return self._comparison(name, final).reasons

    def _refused(self, name: str, refusal: Refusal, comparison: Comparison) -> None:
        self.reasons[name] = refusal.reasons or comparison.reasons
        if refusal.rule == "release-unchanged":
            # On a train it simply stays: the guideline wants a new version for a change, not without one.
            self.unchanged[name] = self.workspace.members[name].version
            return
        self._error(name, refusal.rule, refusal.message, refusal.hint)

    def _checked(self, member: Member, version: Version, history: History) -> None:
        tag = tag_of(member.name, str(version))
        if tag in git.tags(self.top):
            self._error(member.name, "release-tagged", f"there is a tag {tag} already", "a version is released once")
        if history.last is None:
            what = f"first release, {version}, as pyproject.toml says; if it was released elsewhere, give --index"
            self._note(member.name, "release-first", what)
        self._looked_up(member.name, str(version))
        changelog = self._changelog(member)
        if (line := unreleased(self.files.text(changelog) or "")) is not None:
            self.findings.append(
                Finding(
                    "release-unreleased",
                    Severity.ERROR,
                    "the changelog has entries under `Unreleased`, whose kind nobody knows",
                    "make a fragment of each: `clientsmith release note PACKAGE KIND TEXT`",
                    file=self._shown(changelog),
                    line=line,
                    column=1,
                )
            )

    def _looked_up(self, name: str, version: str) -> None:
        """Ask the index early: one that is away, or that has the version already, is better known before anything."""
        if not self.request.target.index:
            return
        if Version(version) in Index(self.request.target.index).versions(name):
            # Files are dated with the release commit, so these would be others of the same name.
            problem = f"the index has files of {version} already"
            self._error(name, "release-published", problem, "a version is released once: add it to releases.toml")

    def _written(self, member: Member, decision: Decision, history: History, fragments: list[Fragment]) -> None:
        new = section(decision.version, self.now.date(), fragments)
        self.files.version(member, str(decision.version))
        self.files.changelog(self._changelog(member), member.name, new)
        for fragment in fragments:
            self.files.remove(fragment.file)
        self.packages.append(
            PackagePlan(
                name=member.name,
                folder=self._shown(member.folder),
                old=str(history.last or ""),
                new=str(decision.version),
                section=new,
            )
        )

    def _needs_of(self, name: str, leaving: frozenset[str]) -> None:
        """See that what a package needs of members that stay behind is in their last release."""
        member = self.workspace.members[name]
        for other in sorted((member.runtime_names & self.workspace.members.keys()) - leaving):
            last = self.released.last(other)
            if last is None:
                problem = f"{name} needs {other}, which was never released"
            elif excluding := self._excludes(member, other, last.version):
                problem = f"{name} requires `{excluding}`, and the last release of {other} is {last.version}"
            elif uses := uses_of(member, self._comparison(other, last).names):
                problem = f"{name} uses {', '.join(uses[:3])}, which {other} {last.version} does not have"
            else:
                continue
            self._error(name, "release-order", problem, f"release {other}, too")

    def _excludes(self, member: Member, other: str, version: str) -> str:
        """Return the requirement of a package that no release of another can meet, "" if there is none."""
        for text in self.files.requirements(member):
            requirement = Requirement(text)
            if canonicalize_name(requirement.name) == other and not requirement.specifier.contains(
                version, prereleases=True
            ):
                return text
        return ""

    # --- telling ---

    def _changelog(self, member: Member) -> Path:
        return member.folder / member.configuration.release.changelog

    def _shown(self, path: Path) -> str:
        resolved = path.resolve()
        return (
            resolved.relative_to(self.top.resolve()).as_posix()
            if resolved.is_relative_to(self.top.resolve())
            else str(path)
        )

    def _error(self, name: str, rule: str, message: str, hint: str) -> None:
        self.findings.append(Finding(rule, Severity.ERROR, message, hint, file=name))

    def _note(self, name: str, rule: str, message: str) -> None:
        self.findings.append(Finding(rule, Severity.NOTE, message, file=name))
