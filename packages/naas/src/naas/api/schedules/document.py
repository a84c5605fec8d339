"""The operations of schedules, as the document describes them."""

from __future__ import annotations

from typing import Final

from naas.api import wire
from naas.api.describe import OperationDoc, ResponseDoc, TagDoc, refused
from naas.api.inventory.document import entry_refusals
from naas.api.schedules import wire as schedules
from naas.principals import Role

__all__ = ["OPERATIONS", "TAG"]

TAG: Final = TagDoc("schedules", "Work that is done again and again. Needs an API key or a token.")

_SHOWN: Final = ResponseDoc("The schedule.", schedules.ScheduleAnswer, ("ETag",))
_CHANGED: Final = ResponseDoc("It has changed, or run, since it was read; read it again.", wire.MessageError)

OPERATIONS: Final = (
    OperationDoc(
        method="get",
        path="/v2/schedules",
        operation_id="listSchedules",
        tag=TAG.name,
        summary="List schedules",
        description="List the caller's schedules by name; admins see everybody's.",
        responses={200: ResponseDoc("The schedules.", schedules.ScheduleList), **refused(401, 403, 503)},
    ),
    OperationDoc(
        method="post",
        path="/v2/schedules",
        operation_id="createSchedule",
        tag=TAG.name,
        summary="Make a schedule",
        description=(
            "Make a schedule. Its jobs are the caller's, run with the credentials of the devices, and stop when the "
            "caller's key is revoked. A run that was missed is made up for once, while it is fresh."
        ),
        responses={
            201: ResponseDoc("The schedule is new.", schedules.ScheduleAnswer, ("ETag", "Location")),
            **entry_refusals(found=False, changes=True),
            409: ResponseDoc("The name is taken.", wire.MessageError),
        },
        body=schedules.ScheduleRequest,
        role=Role.OPERATOR,
    ),
    OperationDoc(
        method="get",
        path="/v2/schedules/{name}",
        operation_id="getSchedule",
        tag=TAG.name,
        summary="Get a schedule",
        description="Read one schedule, with what became of its last run.",
        responses={200: _SHOWN, **entry_refusals()},
    ),
    OperationDoc(
        method="put",
        path="/v2/schedules/{name}",
        operation_id="putSchedule",
        tag=TAG.name,
        summary="Change a schedule",
        description="Replace what a schedule does and when; whose it is stays. The name in the body is ignored.",
        responses={200: _SHOWN, **entry_refusals(changes=True), 412: _CHANGED},
        header_parameters=("If-Match",),
        body=schedules.ScheduleRequest,
        role=Role.OPERATOR,
    ),
    OperationDoc(
        method="delete",
        path="/v2/schedules/{name}",
        operation_id="deleteSchedule",
        tag=TAG.name,
        summary="Forget a schedule",
        description="Forget a schedule; the jobs that it made stay.",
        responses={204: ResponseDoc("The schedule is forgotten."), **entry_refusals(), 412: _CHANGED},
        header_parameters=("If-Match",),
        role=Role.OPERATOR,
    ),
)
