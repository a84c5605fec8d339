"""What handing out a client for a thing does."""

from __future__ import annotations

from clientsmith.guidelines.running.runner import Runner
from clientsmith.guidelines.source import parameters_of
from clientsmith.guidelines.verdicts import Problem, Verdict, judged, problem

__all__ = ["vends_quietly"]


def vends_quietly(runner: Runner) -> Verdict:
    """`client-hier-vend`: the client of a thing is handed out at once, without a request."""
    problems: list[Problem] = []
    evidence: list[str] = []
    for client in runner.side.clients:
        for name, (cls, node) in client.vended.items():
            names = [p.name for p in parameters_of(node) if p.kind == "positional" and not p.is_optional]
            attempt = runner.call(client, None, name=name, arguments=dict.fromkeys(names, "sample"), way="only")
            if attempt.unmade or (attempt.error is not None and not attempt.requests):
                continue
            if attempt.requests:
                hint = f"{name} has to hand out the client at once, without a request"
                problems.append(problem(cls.module.file, node, hint))
            evidence.append(f"{client.name}.{name} sends nothing")
    return judged(problems, evidence, nothing="no client hands out another")
