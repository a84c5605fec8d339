"""What the mock says to a request: a decision without I/O, made from one document."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlsplit

from clientsmith.model.ir import Api
from clientsmith.model.media import is_json
from clientsmith.model.passes.find_conditions import ETAG_PROPERTIES
from clientsmith.model.words import vocabulary
from clientsmith.openapi.data import is_object
from clientsmith.openapi.resolve import Resolver

from .answers import Answers, acceptable
from .checks import Checker, media_of
from .description import Described, Requirement, ResponseRule, described_operations
from .exchange import Problem, Reply, Request, Wishes, problem
from .jobs import JOBS, Job, Jobs, first_headers, is_whole, schema_of
from .paging import PageMaker, value_at, with_value
from .parameters import Kinds
from .routes import Found, Routes
from .schemas import Schemas
from .validation import Validator
from .values import ValueMaker
from .versions import Versions

__all__ = ["REDIRECTED", "Service"]

REDIRECTED: Final = "/.mock/redirected"
_JSON: Final = "application/json"
# What the mock sets itself where it applies, and what belongs to the connection.
_OWN_HEADERS: Final = vocabulary(
    """
    link location operation-location azure-asyncoperation retry-after etag last-modified content-type content-length
    content-encoding transfer-encoding connection date www-authenticate content-range accept-ranges
    """
)


class Service:
    """The service that a document describes.

    Args:
        api: The document's IR.
        resolver: The document itself.
        seed: Other seeds give other values.
        refuse_unknown: Whether parameters of the query that the document does not name are refused.
    """

    def __init__(self, api: Api, resolver: Resolver, *, seed: int = 0, refuse_unknown: bool = False) -> None:
        self.api = api
        self.schemas = Schemas(resolver)
        self.validator = Validator(self.schemas)
        self.kinds = Kinds(self.schemas)
        self.maker = ValueMaker(self.schemas, api.shapes, self.validator, seed=seed)
        self.operations = described_operations(api, resolver, self.schemas)
        self.routes = Routes(self.operations)
        self.base = urlsplit(api.endpoint).path.rstrip("/")
        self._answers = Answers(self.maker, self.validator, self.kinds)
        self._checker = Checker(api, self.validator, self.maker, self.kinds, refuse_unknown=refuse_unknown)
        self._pages = PageMaker(self.maker, self.kinds)
        self._jobs = Jobs()
        self._versions = Versions(api)

    def answer(self, request: Request) -> Reply:
        """Return what the service says to a request."""
        path = request.raw_path
        inner = path[len(self.base) :] if self.base and path.startswith(f"{self.base}/") else path
        if (refused := self._versions.refused(inner, request)) is not None:
            return refused
        return self._versions.told(inner, request, self._answered(inner, request))

    def _answered(self, inner: str, request: Request) -> Reply:
        if inner.startswith(JOBS):
            return self._watched(inner, request)
        if inner == REDIRECTED:
            return Reply(
                200, {"Content-Type": "application/octet-stream"}, b"some bytes", operation="the redirect's target"
            )
        found = self.routes.at(inner or "/", request)
        own = [one for one in found if one.described.method == request.method]
        if not own and request.method == "HEAD":
            own = [one for one in found if one.described.method == "GET"]
        if not own and request.own("__page"):  # the next link of a list that is asked for with POST
            own = [one for one in found if one.described.operation.paging is not None]
        if not own:
            return self._nowhere(inner, found, request)
        if wanted := Wishes.of(request).operation:
            own = [one for one in own if one.described.operation.operation_id == wanted] or own
        first, problems = own[0], self._checker.problems(own[0].described, request, own[0].parameters)
        for other in own[1:] if problems else ():
            if not self._checker.problems(other.described, request, other.parameters):
                first, problems = other, []  # two operations share the path, and the request fits this one
                break
        if self._jobs.at(inner) is not None:  # its id is ours, and need not look like one of the service
            problems = [one for one in problems if one.location != "path"]
        return replace(self._asked(first, problems, inner, request), operation=first.described.operation.name)

    # --- what is no operation ---

    def _nowhere(self, path: str, found: list[Found], request: Request) -> Reply:
        job = self._jobs.begun_at(path)
        if job is not None and request.method == "GET":  # where the result of a job is, though the document has no GET
            return self._result(job)
        if found:
            allowed = ", ".join(sorted({one.described.method for one in found}))
            detail = f"{request.method} is not among the methods of {found[0].described.path}: {allowed}"
            return problem(405, "Method Not Allowed", detail, headers={"Allow": allowed})
        near = self.routes.near(path)
        hint = f"; near it are {', '.join(near)}" if near else ""
        return problem(404, "Not Found", f"the document has no path that fits {path}{hint}", near=near)

    # --- an operation ---

    def _asked(self, found: Found, problems: list[Problem], path: str, request: Request) -> Reply:
        described, wishes = found.described, Wishes.of(request)
        if (lacking := self._versions.lacks(described.operation, request)) is not None:
            return lacking
        if wishes.code:
            return self._wished(described, wishes, request)
        if needed := self._checker.missing_credentials(described, request):
            return _unauthorized(needed)
        if described.bodies and "content-type" in request.headers and media_of(described, request) is None:
            return _unsupported(described, request)
        if problems:
            return _refused(described, problems)
        if (refused := self._conditions(described, path, request)) is not None:
            return refused
        if described.operation.long_running is not None:
            return self._begun(described, path, request)
        reply = self._succeeded(described, wishes, request)
        job = self._jobs.at(path) or self._jobs.begun_at(path) if request.method == "GET" else None
        if job is not None:
            where = job.running.resource_status_path if self._jobs.at(path) is None else ()
            words = self._words(job, described, where)
            reply = _with_json(reply, lambda body: job.with_status(body, is_over=job.look(), words=words, path=where))
        return self._tagged(described, path, request, reply)

    def _wished(self, described: Described, wishes: Wishes, request: Request) -> Reply:
        """Answer with the status that the caller prefers."""
        rule = described.responses.get(wishes.code) or described.responses.get(f"{wishes.code[:1]}XX")
        rule = rule or described.responses.get("default")
        if rule is None or not (wishes.code.isdigit() and 200 <= int(wishes.code) <= 599):
            known = ", ".join(described.responses) or "no status"
            detail = f"`Prefer: code={wishes.code[:20]}` asks for a response that is not described; there is {known}"
            return problem(404, "No such response", detail)
        status = int(wishes.code)
        credentials = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
        reply = self._response(described, rule, status, wishes, request)
        return replace(reply, headers={**reply.headers, **credentials})

    def _succeeded(self, described: Described, wishes: Wishes, request: Request) -> Reply:
        rule = _success(described)
        if rule is None:
            return Reply(200 if request.method == "HEAD" else 204)  # nobody says what a success looks like
        status = (
            int(rule.status)
            if rule.status.isdigit()
            else int(f"{rule.status[0]}00")
            if rule.status != "default"
            else 200
        )
        return self._response(described, rule, status, wishes, request)

    def _response(
        self, described: Described, rule: ResponseRule, status: int, wishes: Wishes, request: Request
    ) -> Reply:
        headers = self._headers(described, rule, status, request)
        if not rule.contents or status in (204, 205, 304):
            return Reply(status, headers)
        # An error that the caller cannot read says more than a 406 in its place (RFC 9110, section 15.5.7).
        media = acceptable(rule.contents, request.headers.get("accept", "") if status < 400 else "")
        if media is None:
            offered = ", ".join(one.media_type for one in rule.contents)
            detail = f"the service answers with {offered}, which `Accept: {request.headers['accept']}` does not take"
            return problem(406, "Not Acceptable", detail)
        try:
            value, finding = self._answers.value(media, wishes, (described.place, rule.status, media.media_type))
        except LookupError:
            named = ", ".join(name for name in media.examples if name) or "none"
            detail = (
                f"`Prefer: example={wishes.example[:40]}` asks for an example that is not there; there are: {named}"
            )
            return problem(404, "No such example", detail)
        if described.operation.paging is not None and is_json(media.media_type) and status < 300:
            cut = self._pages.cut(described, media, value, request, _sent(request))
            value, headers = cut.body, {**headers, **cut.headers}
        written = self._answers.written(value, media, described.stream)
        headers["Content-Type"] = written.media_type
        findings = (finding,) if finding else ()
        return Reply(status, headers, written.content, written.pieces, findings=findings)

    def _headers(self, described: Described, rule: ResponseRule, status: int, request: Request) -> dict[str, str]:
        """Return the header fields that the document describes, with values of their schemas."""
        found: dict[str, str] = {}
        paging = described.operation.paging
        own = {*_OWN_HEADERS, paging.header.lower() if paging is not None else ""}
        for name, schema in rule.headers.items():
            if name.lower() not in own and not name.lower().startswith("access-control-"):
                value = self.maker.make(schema)
                text = value if isinstance(value, str) else json.dumps(value)
                if text.isascii() and text.isprintable() and name.replace("-", "").replace("_", "").isalnum():
                    found[name] = text
        names = {name.lower() for name in rule.headers}
        if 300 <= status < 400 and status != 304:
            found["Location"] = f"{request.origin}{self.base}{REDIRECTED}"
        elif "location" in names:
            found["Location"] = request.url
        if "retry-after" in names or status in (429, 503):
            found["Retry-After"] = "0"
        return found

    # --- conditions ---

    def _conditions(self, described: Described, path: str, request: Request) -> Reply | None:
        """Return 304 or 412 where the request depends on another version than there is (RFC 9110, section 13)."""
        tag = self._tag(path)
        matching, other = request.headers.get("if-match", ""), request.headers.get("if-none-match", "")
        if request.method in ("GET", "HEAD"):
            is_known = tag in _tags(other) or (other.strip() == "*" and self._gives_tags(described))
            return Reply(304, {"ETag": tag}) if is_known else None
        stands = not matching or "*" in _tags(matching) or tag in _tags(matching) or not self._is_tagged(described.path)
        if stands and tag not in _tags(other):
            return None
        detail = f"the resource has the version {tag}, and the request asks for another one"
        return problem(412, "Precondition Failed", detail, headers={"ETag": tag})

    def _tagged(self, described: Described, path: str, request: Request, reply: Reply) -> Reply:
        """Say which version an answer is of, in its header and in its body, where the document has a place for it."""
        if not 200 <= reply.status < 300:
            return reply
        tag = self._tag(path)
        if self._gives_tags(described):
            reply = replace(reply, headers={**reply.headers, "ETag": tag})
        if not self._is_tagged(described.path):
            return reply
        return _with_json(reply, lambda body: _with_tag(body, tag))

    def _gives_tags(self, described: Described) -> bool:
        documented = any(name.lower() == "etag" for rule in described.responses.values() for name in rule.headers)
        conditions = described.operation.conditions
        return documented or (conditions is not None and conditions.compare_etags)

    def _is_tagged(self, path: str) -> bool:
        """Whether a GET of this path says which version there is."""
        return any(one.method == "GET" and one.path == path and self._gives_tags(one) for one in self.operations)

    def _tag(self, path: str) -> str:
        return f'"{hashlib.sha256(path.encode()).hexdigest()[:12]}"'

    # --- operations that take long ---

    def _begun(self, described: Described, path: str, request: Request) -> Reply:
        """Begin a job, unless the document has no answer that says that there is one."""
        rule = described.responses.get("202") or described.responses.get("201") or _success(described)
        job = self._jobs.begin(described)
        status = int(rule.status) if rule is not None and rule.status.isdigit() else 202
        media = acceptable(rule.contents, "") if rule is not None else None
        value: Any = None
        if media is not None and is_json(media.media_type):
            value = self.maker.make(media.schema, variation=job.number)
        job.told = frozenset(first_headers(job, rule, request, self.base))
        is_over = not job.told and not job.running.poll_path
        for where in (job.running.status_path, job.running.resource_status_path):
            if where and value_at(value, where) is not None:
                value = job.with_status(value, is_over=is_over, words=self._words(job, described, where), path=where)
        self._jobs.watch(job, value, path)
        headers = first_headers(job, rule, request, self.base)
        if media is None or value is None:
            return Reply(status, headers)
        return Reply(status, {**headers, "Content-Type": _JSON}, json.dumps(value).encode())

    def _watched(self, path: str, request: Request) -> Reply:
        """Answer at one of our own addresses: the status of a job, or its result."""
        place, _, tail = path.partition("/result")
        job = self._jobs.at(place)
        if job is None:
            return problem(404, "Not Found", f"there is no job at {path}")
        if tail == "" and path.endswith("/result"):
            return self._result(job)
        is_over = job.look()
        body = self._result_of(job)
        if job.told == frozenset({"Location"}):  # a place that tells by its status code
            return self._result(job) if is_over else Reply(202, {"Location": request.url, "Retry-After": "0"})
        whole = with_value(None, job.running.result_path, body) if job.running.result_path else body
        told = job.with_status(whole if is_whole(whole) else {}, is_over=is_over, words=self._words(job))
        return Reply(200, {"Content-Type": _JSON, "Retry-After": "0"}, json.dumps(told).encode(), operation="its job")

    def _result(self, job: Job) -> Reply:
        body = self._result_of(job)
        if body is None:
            return Reply(204, operation="its result")
        return Reply(200, {"Content-Type": _JSON}, json.dumps(body).encode(), operation="its result")

    def _result_of(self, job: Job) -> Any:
        """Return what a job ends with; where that tells a status itself, the one of the end."""
        body = self._made_result(job)
        for path in (job.running.status_path, job.running.resource_status_path):
            if path and value_at(body, path) is not None:
                body = job.with_status(body, is_over=True, words=[], path=path)
        return body

    def _made_result(self, job: Job) -> Any:
        for status in ("200", "201"):
            rule = job.described.responses.get(status)
            media = acceptable(rule.contents, _JSON) if rule is not None else None
            if media is not None:
                return self.maker.make(media.schema)
        return self.maker.make(schema_of(job.running.result)) if job.described.method != "DELETE" else None

    def _words(self, job: Job, described: Described | None = None, path: tuple[str, ...] = ()) -> list[str]:
        """Return the words that the document has for the status of a job, in an operation's answer or its result."""
        rule = _success(described) if described is not None else None
        media = acceptable(rule.contents, _JSON) if rule is not None else None
        schema = media.schema if media is not None else schema_of(job.running.result)
        for name in path or job.running.status_path:
            schema = self.kinds.properties(schema).get(name, {})
        return [word for part in self.kinds.parts(schema) for word in part.get("enum", ()) if isinstance(word, str)]


def _success(described: Described) -> ResponseRule | None:
    """Return the response to a request that nothing is wrong with: the first success, else what comes near it."""
    rules = described.responses
    for beginning in ("2", "3", "d"):
        found = sorted(status for status in rules if status.startswith(beginning) and status != "304")
        if found:
            return rules[found[0]]
    return None


def _unauthorized(lacking: list[Requirement]) -> Reply:
    schemes = ["Basic" if one.kind == "basic" else "Bearer" if one.kind == "bearer" else "ApiKey" for one in lacking]
    wanted = [
        f"the {one.location} {one.name!r}" if one.kind == "key" else f"an Authorization: {one.kind}" for one in lacking
    ]
    detail = f"the operation needs a credential: {' and '.join(wanted)}; any value will do here"
    return problem(401, "Unauthorized", detail, headers={"WWW-Authenticate": ", ".join(dict.fromkeys(schemes))})


def _unsupported(described: Described, request: Request) -> Reply:
    known = ", ".join(media.media_type for media in described.bodies)
    detail = f"the body is {request.media_type or 'of no media type'}; the operation takes {known}"
    return problem(415, "Unsupported Media Type", detail, headers={"Accept": known})


def _refused(described: Described, problems: list[Problem]) -> Reply:
    """422 for a body that can be read and is wrong, where the service knows that status; else 400."""
    readable = all(one.location == "body" and one.rule not in ("syntax", "required") for one in problems)
    status = 422 if readable and "422" in described.responses else 400
    things = "one thing in" if len(problems) == 1 else f"{len(problems)} things in"
    are = "is" if len(problems) == 1 else "are"
    detail = f"{things} the request of {described.method} {described.path} {are} not what the document says"
    return problem(status, "Unprocessable Content" if status == 422 else "Bad Request", detail, errors=problems)


def _sent(request: Request) -> Any:
    if not is_json(request.media_type):
        return None
    try:
        return json.loads(request.content)
    except ValueError:
        return None


def _tags(header: str) -> set[str]:
    return {part.strip().removeprefix("W/") for part in header.split(",")}


def _with_json(reply: Reply, change: Callable[[dict[str, Any]], Any]) -> Reply:
    """Return a reply with its JSON object changed; any other one as it is."""
    if not is_json(reply.headers.get("Content-Type", "")) or not 200 <= reply.status < 300:
        return reply
    body = json.loads(reply.content or b"null")
    return replace(reply, content=json.dumps(change(body), ensure_ascii=False).encode()) if is_object(body) else reply


def _with_tag(body: Mapping[str, Any], tag: str) -> dict[str, Any]:
    return {**body, **{name: tag for name in ETAG_PROPERTIES & body.keys() if isinstance(body[name], str)}}
