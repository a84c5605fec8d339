"""What is raised for an answer that is no page at all."""

from __future__ import annotations

from clientsmith.core.errors import ClientsmithError
from clientsmith.core.redaction import redact_url

__all__ = ["UnreadablePageError"]


class UnreadablePageError(ClientsmithError):
    """An answer of an index that cannot be read as the page that was asked for.

    Single irregularities are never raised: they are `Finding` values of the page.

    Attributes:
        url: Of the answer, redacted.
        content_type: What the answer said that it is, "" if it did not say.
        why: What is wrong with it.
        advice: What to do.
    """

    def __init__(self, why: str, *, url: str, content_type: str, advice: str) -> None:
        super().__init__(why)
        self.why, self.advice = why, advice
        self.url = redact_url(url)
        self.content_type = content_type

    def __str__(self) -> str:
        return f"{self.url} ({self.content_type or 'no Content-Type'}): {self.why}; {self.advice}"
