"""Conditional changes (RFC 9110, section 13): the ETag of a record is its revision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naas.errors import FieldProblem, InvalidRequest

if TYPE_CHECKING:
    from naas.api.asking import HttpRequest

__all__ = ["etag_of", "expected_revision"]


def etag_of(revision: int) -> str:
    """Return the revision as an ETag."""
    return f'"{revision}"'


def expected_revision(request: HttpRequest) -> int | None:
    """Return at which revision the caller expects the record: 0 for none, None if they do not mind.

    Raises:
        InvalidRequest: ``If-Match`` holds something that is no ETag of ours.
    """
    if request.headers.get("if-none-match", "").strip() == "*":
        return 0
    wanted = request.headers.get("if-match", "").strip()
    if wanted in ("", "*"):
        return None
    number = wanted.removeprefix("W/").strip('"')
    if not number.isascii() or not number.isdecimal() or len(number) > 18:
        rule = 'must be one ETag as it was answered, for example "3"'
        raise InvalidRequest([FieldProblem("etag", ("header", "If-Match"), rule)])
    return int(number)
