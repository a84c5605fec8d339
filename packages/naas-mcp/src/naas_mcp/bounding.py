"""What a device printed, made fit for a model: of bounded size, and without characters that nobody sees.

Rules, all of them pure functions:

- One answer holds `MOST_TEXT` characters of output, however many commands it has. Short outputs stay whole; the long
  ones share what is left, and lose their middle, since the beginning says what it is and the end how it ended.
- Control characters, escape sequences of terminals, and the invisible characters of Unicode that hide text from
  people (tags, zero-width and bidirectional marks) are shown as escapes: what a model reads is what a person sees.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

__all__ = ["MOST_TEXT", "bounded", "shortened", "visible"]

MOST_TEXT: Final = 60_000
"""Characters of output in one answer: 15,000 tokens or so, which a model reads without losing its thread."""

_HIDDEN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e0fff]"
)


def visible(text: str) -> str:
    """Return the text with line feeds for line ends, and with escapes for what nobody would see."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return _HIDDEN.sub(lambda found: f"\\u{{{ord(found.group()):x}}}", plain)


def shortened(text: str, most: int = MOST_TEXT) -> str:
    """Return the text, its middle cut out if it is longer than ``most`` characters."""
    if len(text) <= most:
        return text
    head, tail = most - most // 2, most // 2
    return f"{text[:head]}\n… {len(text) - most} characters are left out …\n{text[len(text) - tail :]}"


def bounded(outputs: Mapping[str, Any], most: int = MOST_TEXT) -> dict[str, Any]:
    """Return the outputs by command, text or records, all together within ``most`` characters or little more."""
    ready = {visible(command): _shown(output) for command, output in outputs.items()}
    shares = _shares({command: _length(output) for command, output in ready.items()}, most)
    return {command: _cut(output, shares[command]) for command, output in ready.items()}


def _shares(lengths: Mapping[str, int], most: int) -> dict[str, int]:
    """Return how much each may have: the shortest first, so that what they leave goes to the longer ones."""
    shares: dict[str, int] = {}
    left = most
    for number, (name, length) in enumerate(sorted(lengths.items(), key=lambda item: item[1])):
        shares[name] = min(length, left // (len(lengths) - number))
        left -= shares[name]
    return shares


def _shown(value: Any) -> Any:
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {visible(str(name)): _shown(each) for name, each in cast("Mapping[Any, Any]", value).items()}
    if isinstance(value, list):
        return [_shown(each) for each in cast("Sequence[Any]", value)]
    return value


def _length(output: Any) -> int:
    return len(output) if isinstance(output, str) else len(json.dumps(output, default=str))


def _cut(output: Any, most: int) -> Any:
    if _length(output) <= most:
        return output
    if isinstance(output, str):
        return shortened(output, most)
    if not isinstance(output, list):
        return shortened(json.dumps(output, default=str), most)
    records = cast("Sequence[Any]", output)
    kept: list[Any] = []
    for record in records:
        most -= _length(record) + 2
        if most < 0:
            break
        kept.append(record)
    return [*kept, f"… {len(records) - len(kept)} of {len(records)} records are left out …"]
