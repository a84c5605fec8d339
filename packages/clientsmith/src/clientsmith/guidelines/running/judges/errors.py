"""What exceptions carry of what the service said."""

from __future__ import annotations

from collections.abc import Iterator

from clientsmith.guidelines.members import ClientSource, Method
from clientsmith.guidelines.profiles import CLIENTSMITH
from clientsmith.guidelines.running.records import Raised
from clientsmith.guidelines.running.runner import Runner
from clientsmith.guidelines.running.samples import REFUSAL
from clientsmith.guidelines.verdicts import Problem, Verdict, judged, problem

__all__ = ["rich_info"]

_TEAPOT = 418  # no library treats it in a way of its own
_REQUEST_ID = "of-service"


def rich_info(runner: Runner) -> Verdict:
    """`errors-rich-info`: status, code and words of the service are attributes of the exception."""
    problems: list[Problem] = []
    evidence: list[str] = []
    for client, method in runner.driven:
        check = _of_core if runner.package.profile is CLIENTSMITH else _of_any
        problems += [
            problem(method.file, method.node, f"{method.name} {what}") for what in check(runner, client, method)
        ]
        evidence.append(method.name)
    return judged(problems, evidence, nothing=runner.nothing("there is no method"))


def _of_core(runner: Runner, client: ClientSource, method: Method) -> Iterator[str]:
    """Of our own core the names of the attributes are known."""
    facts = runner.package.operation_of(method)
    documented = facts.documented_errors if facts else ()
    status = next((each for each in documented if isinstance(each, int) and each != 404), _TEAPOT)
    attempt = runner.refused(client, method, status, REFUSAL, max_retries=0)
    error = attempt.error
    if attempt.unmade or not attempt.requests:
        return
    if error is None or not error.is_a("clientsmith.core.errors.HttpResponseError"):
        yield f"raises {error.type if error else 'nothing'} where the service answers with an error"
        return
    names = ("status_code", "error_code", "service_message", "request_id")
    if tuple(error.attributes.get(name) for name in names) != (
        status,
        REFUSAL["code"],
        REFUSAL["message"],
        _REQUEST_ID,
    ):
        yield "should raise an exception that carries the status, the code and the words of the service"
    if (status in documented or "default" in documented) and error.attributes.get("error") is None:
        yield f"should raise an exception whose `model` is the documented error of {status}"


def _of_any(runner: Runner, client: ClientSource, method: Method) -> Iterator[str]:
    """Of others any attribute will do: one that is the status, and one that has the words of the service."""
    body = {**REFUSAL, "error": {"code": REFUSAL["code"], "message": REFUSAL["message"]}}
    attempt = runner.refused(client, method, _TEAPOT, body)
    if attempt.unmade or attempt.error is None or not attempt.requests:
        return  # that nothing is raised is a matter of response-exception-on-failure
    wanted: dict[str, object] = {"status": _TEAPOT}
    if all(request.method != "HEAD" for request in attempt.requests):  # whose answers have no words
        wanted["words"] = REFUSAL["message"]
    missing = [name for name, value in wanted.items() if not _tells(attempt.error, value)]
    if missing:
        kind = attempt.error.type.rpartition(".")[2]
        yield f"raises {kind}, none of whose attributes has the {' or the '.join(missing)} of the service's answer"


def _tells(error: Raised, value: object) -> bool:
    return bool(error.holds(value)) or (isinstance(value, int) and bool(error.holds(str(value))))
