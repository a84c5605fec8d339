"""Carrying a plan out, in steps that can be taken again.

    commit      the release commit, as an object that no branch has yet
    build       wheel and sdist of each package, twice, and the wheel from the sdist
    inspect     what is in them
    attest      where they come from
    look        what the index has already
    land        the branch moves to the release commit
    tag         a tag a package
    publish     the first step that cannot be taken back
    verify      what the index gives back is what was built
    record      releases.toml, in a commit of its own: it names the release commit, which cannot name itself

All packages pass a step before any of them comes to the next, and publishing and verifying go package by package, those
first on which others stand. Whatever can be found out is found out before `land`. Every step asks first whether it has
been done: killed at any moment and resumed, a release ends in the same commits, tags and files as one that was not.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from clientsmith.findings import Finding, InputError, Severity
from clientsmith.workspace import git

from . import commits
from .artefacts import build_release, check_release, hash_of
from .journal import Journal
from .manifests import backend_of, with_entries
from .plan import Edit, PackagePlan, ReleasePlan
from .provenance import builder_of, read_key, signed, source_of, statement
from .published import Index, upload

__all__ = ["ReleaseError", "Step", "Watcher", "abort", "carry_out", "steps_of"]

Build = Callable[[Path, str, PackagePlan, Path], dict[str, str]]
Send = Callable[[Sequence[Path], str], None]


class ReleaseError(Exception):
    """A step refused to go on. Nothing that cannot be taken back has happened unless a step before it says so.

    Attributes:
        message: Which step, and why.
        hint: What to do.
        findings: What was found wrong with the files.
    """

    def __init__(self, message: str, hint: str, findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(message, hint, findings)
        self.message, self.hint, self.findings = message, hint, findings

    def __str__(self) -> str:
        return f"{self.message}\n  hint: {self.hint}"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: of a kind, for a package or for all of them ("")."""

    kind: str
    package: str = ""

    @property
    def name(self) -> str:
        return f"{self.kind} {self.package}".strip()

    @property
    def is_irreversible(self) -> bool:
        """Whether nobody can take it back."""
        return self.kind == "publish"


class Watcher(Protocol):
    """Is told of every step: before it begins, and when it is written down that it was done."""

    def begins(self, step: Step) -> None: ...

    def done(self, step: Step) -> None: ...


@dataclass(frozen=True, slots=True)
class _Silence:
    def begins(self, step: Step) -> None:
        """Say nothing."""

    def done(self, step: Step) -> None:
        """Say nothing."""


def steps_of(plan: ReleasePlan) -> list[Step]:
    """Return the steps of a plan, in their order."""
    names = [one.name for one in plan.packages]
    steps = [Step("commit")]
    steps += [Step(kind, name) for kind in ("build", "inspect", "attest") for name in names]
    if plan.target.index:
        steps += [Step("look", name) for name in names]
    steps += [Step("land"), *(Step("tag", name) for name in names)]
    if plan.target.publish_url:
        steps += [Step(kind, name) for name in names for kind in ("publish", "verify")]
    return [*steps, Step("record")]


def carry_out(
    top: Path,
    journal: Journal,
    watcher: Watcher | None = None,
    *,
    build: Build = build_release,
    send: Send = upload,
) -> Path:
    """Take all steps that were not taken yet, and return the folder with what was built.

    Args:
        top: The repository.
        journal: Of the release.
        watcher: Is told of each step.
        build: Makes the files of a package.
        send: Sends files to an index.

    Raises:
        ReleaseError: The files are not fit to be published.
        InputError: A step could not be taken; the release can be resumed.
    """
    watcher = watcher or _Silence()
    run = _Run(top, journal, build, send)
    with journal.held():
        for step in steps_of(journal.plan):
            if journal.is_done(step.name):
                continue
            watcher.begins(step)
            journal.begin_step(step.name)
            journal.finish_step(step.name, run.take(step))
            watcher.done(step)
        return journal.close()


def abort(top: Path, journal: Journal) -> list[str]:
    """Take a release back, unless something of it is published; return what was undone.

    Raises:
        InputError: Something is published, or may be, or the commit cannot be taken back.
    """
    with journal.held():
        published = list(_published(journal))
        if published:
            raise InputError(
                f"{', '.join(published)} is published already, which cannot be taken back",
                "--resume goes on; a version that is wrong is yanked on the index and followed by another one",
            )
        undone = list(_undone(top, journal)) if journal.is_done("commit") else []
        journal.forget()
    return [*undone, "what was built is gone"]


def _undone(top: Path, journal: Journal) -> Iterator[str]:
    plan, commit = journal.plan, str(journal.result("commit"))
    commits.step_back(top, commit, plan.parent)
    yield f"the branch is at {plan.parent[:12]}"
    for one in plan.packages:
        if commits.tag_commit(top, one.tag) == commit:
            commits.remove_tag(top, one.tag, commit)
            yield f"the tag {one.tag} is gone"


def _published(journal: Journal) -> Iterator[str]:
    """Yield the packages of which the index has a file that this release built."""
    index = Index(journal.plan.target.index)
    for one in journal.plan.packages:
        if journal.is_begun(f"publish {one.name}"):
            held = index.hashes(one.name)
            if any(name in held for name in journal.result(f"build {one.name}")):
                yield f"{one.name} {one.new}"


class _Run:
    """Takes steps. Each of its methods does one kind, and does nothing twice."""

    def __init__(self, top: Path, journal: Journal, build: Build, send: Send) -> None:
        self._top, self._journal, self._plan = top, journal, journal.plan
        self._build, self._send = build, send

    def take(self, step: Step) -> Any:
        if not step.package:
            whole: Mapping[str, Callable[[], Any]] = {
                "commit": self._commit,
                "land": self._land,
                "record": self._record,
            }
            return whole[step.kind]()
        one: Mapping[str, Callable[[PackagePlan], Any]] = {
            "build": self._built,
            "inspect": self._inspect,
            "attest": self._attest,
            "look": self._look,
            "tag": self._tag,
            "publish": self._publish,
            "verify": self._verify,
        }
        return one[step.kind](self._plan.package(step.package))

    @property
    def _release_commit(self) -> str:
        commit: str = self._journal.result("commit")
        return commit

    def _files(self, package: PackagePlan) -> list[Path]:
        """Return what was built of a package.

        Raises:
            ReleaseError: A file is not as it was built: a release may lie for a while before it is resumed.
        """
        folder = self._journal.dist(package.name)
        for name, digest in self._hashes(package).items():
            path = folder / name
            if not path.is_file() or hash_of(path) != digest:
                raise ReleaseError(
                    f"{path} is {'changed' if path.is_file() else 'gone'} since it was built",
                    "put it back; or --abort, if nothing is published, and release again",
                )
        return [folder / name for name in self._hashes(package)]

    def _hashes(self, package: PackagePlan) -> dict[str, str]:
        hashes: dict[str, str] = self._journal.result(f"build {package.name}")
        return hashes

    # --- before anything moves ---

    def _commit(self) -> str:
        plan = self._plan
        return commits.commit_of(self._top, plan.parent, plan.edits, plan.message, plan.moment)

    def _built(self, package: PackagePlan) -> dict[str, str]:
        return self._build(self._top, self._release_commit, package, self._journal.dist(package.name))

    def _inspect(self, package: PackagePlan) -> list[str]:
        findings = check_release(self._top, self._release_commit, package, self._files(package))
        if any(one.severity is Severity.ERROR for one in findings):
            raise ReleaseError(
                f"the files of {package.name} {package.new} are not fit to be published; nothing was changed",
                "--abort, put that right, commit it and release again",
                tuple(findings),
            )
        return [f"{one.file}: {one.message}" for one in findings]

    def _attest(self, package: PackagePlan) -> list[str]:
        plan, written = self._plan, list[str]()
        key = read_key(Path(plan.signing_key)) if plan.signing_key else None
        manifest = git.show(self._top, self._release_commit, f"{package.folder}/pyproject.toml") or ""
        for file, digest in self._hashes(package).items():
            told = statement(
                file,
                digest,
                package=package.name,
                version_=package.new,
                source=source_of(commits.remote_of(self._top)),
                commit=self._release_commit,
                moment=plan.moment,
                builder=builder_of(plan.builder),
                backend=backend_of(manifest),
            )
            name = f"{file}.dsse.json" if key is not None else f"{file}.intoto.json"
            data = signed(told, key) if key is not None else told
            path = self._journal.dist(package.name) / name
            path.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
            written.append(name)
        return written

    def _look(self, package: PackagePlan) -> list[str]:
        index = Index(self._plan.target.index)
        return [path.name for path in index.missing(package.name, self._files(package))]

    # --- what can be taken back ---

    def _land(self) -> None:
        commits.land(self._top, self._release_commit, self._plan.branch)

    def _tag(self, package: PackagePlan) -> None:
        message = f"{package.name} {package.new}\n\n{package.section}"
        commits.make_tag(self._top, package.tag, self._release_commit, message, self._plan.moment)

    # --- what cannot ---

    def _publish(self, package: PackagePlan) -> list[str]:
        # The index is asked again: another may have been here since, and after a failure some files are there.
        missing = Index(self._plan.target.index).missing(package.name, self._files(package))
        if missing:
            self._send(missing, self._plan.target.publish_url)
        return [path.name for path in missing]

    def _verify(self, package: PackagePlan) -> None:
        Index(self._plan.target.index).verify(package.name, self._hashes(package))

    def _record(self) -> str:
        for package in self._plan.packages:
            self._files(package)  # whoever uploads them gets what was built
        shown = self._plan.releases
        before = git.show(self._top, "HEAD", shown) or ""
        text = with_entries(before, [(one.name, one.new, self._release_commit) for one in self._plan.packages])
        if text == before:
            return git.head(self._top)
        commit = commits.commit_of(
            self._top, git.head(self._top), [Edit(shown, text)], self._plan.record_message, self._plan.moment
        )
        commits.land(self._top, commit, self._plan.branch)
        return commit
