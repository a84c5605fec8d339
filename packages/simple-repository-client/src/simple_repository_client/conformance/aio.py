"""The async twin of `simple_repository_client.conformance`: the same names."""

from __future__ import annotations

from collections.abc import Sequence

from clientsmith.core.aio import ServiceClient
from clientsmith.core.errors import ClientsmithError

from .checking import answer_of, no_answer, options_of, request_of
from .examination import examine
from .report import Report, judge

__all__ = ["check_index"]


async def check_index(client: ServiceClient, index_url: str, projects: Sequence[str] = ()) -> Report:
    """Examine an index, as `simple_repository_client.conformance.check_index` does."""
    examination = examine(index_url, projects)
    ask = next(examination)
    while True:
        try:
            answer = answer_of(ask, await client.send_request(request_of(ask), **options_of(ask)))
        except ClientsmithError as error:
            answer = no_answer(ask, error)
        try:
            ask = examination.send(answer)
        except StopIteration as finished:
            return judge(index_url, finished.value)
