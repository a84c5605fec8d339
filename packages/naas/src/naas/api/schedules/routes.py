"""The routes of schedules."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from litestar import Response, delete, get, post, put

from naas import __version__
from naas.api.answers import answer, no_content
from naas.api.asking import HttpRequest, body_of, principal_of, runtime_of
from naas.api.revisions import etag_of, expected_revision
from naas.api.schedules.entries import schedule_answer, schedule_of
from naas.api.schedules.wire import ScheduleList, ScheduleRequest
from naas.api.validation import convert
from naas.principals import Role

if TYPE_CHECKING:
    from naas.schedules import ScheduleRecord
    from naas.store.base import Record

__all__ = ["ROUTES"]


@get("/v2/schedules")
async def list_schedules(request: HttpRequest) -> Response[bytes]:
    """List schedules by name."""
    principal = await principal_of(request)
    found = await runtime_of(request).schedules.all(principal)
    shown = [schedule_answer(each) for each in found]
    return answer(ScheduleList(schedules=shown, app="naas", version=__version__))


@post("/v2/schedules", status_code=HTTPStatus.CREATED)
async def create_schedule(request: HttpRequest) -> Response[bytes]:
    """Make a schedule."""
    principal = await principal_of(request, Role.OPERATOR)
    wish = schedule_of(convert(await body_of(request), ScheduleRequest))
    made = await runtime_of(request).schedules.create(principal, wish)
    return _shown(made, HTTPStatus.CREATED, {"Location": f"/v2/schedules/{made.value.id}"})


@get("/v2/schedules/{name:str}")
async def get_schedule(request: HttpRequest) -> Response[bytes]:
    """Read one schedule."""
    principal = await principal_of(request)
    return _shown(await runtime_of(request).schedules.get(principal, request.path_params["name"]))


@put("/v2/schedules/{name:str}")
async def put_schedule(request: HttpRequest) -> Response[bytes]:
    """Change a schedule."""
    principal = await principal_of(request, Role.OPERATOR)
    name = request.path_params["name"]
    wish = schedule_of(convert({**await body_of(request), "name": name}, ScheduleRequest))
    changed = await runtime_of(request).schedules.update(principal, wish, expected=expected_revision(request))
    return _shown(changed)


@delete("/v2/schedules/{name:str}", status_code=HTTPStatus.NO_CONTENT)
async def delete_schedule(request: HttpRequest) -> Response[None]:
    """Forget a schedule."""
    principal = await principal_of(request, Role.OPERATOR)
    name = request.path_params["name"]
    await runtime_of(request).schedules.delete(principal, name, expected=expected_revision(request))
    return no_content()


ROUTES: Final = (list_schedules, create_schedule, get_schedule, put_schedule, delete_schedule)


def _shown(
    record: Record[ScheduleRecord], status: HTTPStatus = HTTPStatus.OK, headers: dict[str, str] | None = None
) -> Response[bytes]:
    return answer(schedule_answer(record), status, {**(headers or {}), "ETag": etag_of(record.revision)})
