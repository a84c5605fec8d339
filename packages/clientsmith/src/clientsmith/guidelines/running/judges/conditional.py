"""Which condition is sent (RFC 9110, section 13)."""

from __future__ import annotations

from clientsmith.guidelines.annotations import alternatives, annotation_names
from clientsmith.guidelines.members import ClientSource, Method
from clientsmith.guidelines.profiles import CLIENTSMITH
from clientsmith.guidelines.running.records import Answer, member
from clientsmith.guidelines.running.runner import Runner
from clientsmith.guidelines.verdicts import Problem, Verdict, judged, problem

__all__ = ["explicit_etag_wins"]

_MINE = '"mine"'


def explicit_etag_wins(runner: Runner) -> Verdict:
    """`method-conditional-request`: the etag that is given is the one that is sent."""
    problems: list[Problem] = []
    evidence: list[str] = []
    for client, method in runner.driven:
        keywords = {p.name for p in method.parameters if p.kind == "keyword"}
        if not {"etag", "match_condition"} <= keywords:
            continue
        sent = _sent(runner, client, method)
        if sent is None:
            continue
        if sent != [_MINE]:
            hint = f"{method.name}: the etag that is given has to be the one that is sent"
            problems.append(problem(method.file, method.node, hint))
        evidence.append(f"{method.name}(etag=…) sends If-Match")
    return judged(problems, evidence, nothing=runner.nothing("no method takes `etag` and `match_condition`"))


def _sent(runner: Runner, client: ClientSource, method: Method) -> list[str] | None:
    """Return the conditions that were sent, None if nothing was sent at all."""
    parameter = next(p for p in method.parameters if p.name == "match_condition")
    named = [name for name in annotation_names(parameter.annotation) if name.endswith(("Conditions", "Condition"))]
    if not named:
        return None
    arguments = {"etag": _MINE, "match_condition": member(method.owner.module.name, named[0], "not", "modified")}
    if runner.package.profile is CLIENTSMITH:
        bodies = [p.name for p in method.parameters if "Mapping" in alternatives(p.annotation)]
        arguments |= {name: {"etag": '"of the model"'} for name in bodies}
    attempt = runner.call(client, method, [Answer(json={})], arguments=arguments)
    if not attempt.requests:
        return None
    return [value for each in attempt.requests[:1] for name, value in each.headers.items() if name == "if-match"]
