"""Letters of other scripts in Latin, for names."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

__all__ = ["transliterated"]

# Letters without a Latin base; Greek after ISO 843, Cyrillic after ICAO 9303 (passports), which need no marks.
_LOWER: Final[dict[str, str]] = dict(
    re.findall(
        r"(\S)=(\w*)",
        """
        ß=ss æ=ae œ=oe ø=o đ=d ð=d þ=th ł=l ħ=h ı=i ŋ=ng
        α=a β=v γ=g δ=d ε=e ζ=z η=i θ=th ι=i κ=k λ=l μ=m ν=n ξ=x ο=o π=p ρ=r σ=s ς=s τ=t υ=y φ=f χ=ch ψ=ps ω=o
        а=a б=b в=v г=g д=d е=e ё=e ж=zh з=z и=i й=i к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ф=f х=kh ц=ts ч=ch
        ш=sh щ=shch ъ=ie ы=y ь= э=e ю=iu я=ia і=i ї=i є=ie ґ=g ј=j љ=lj њ=nj ћ=c ђ=d џ=dz
        """,
    )
)
_UPPER: Final = {letter.upper(): latin.capitalize() for letter, latin in _LOWER.items() if len(letter.upper()) == 1}
_LETTERS: Final = {**_LOWER, **_UPPER, "ẞ": "SS"}


def transliterated(text: str) -> str:
    """Return ``text`` with Latin letters without their marks, Greek and Cyrillic ones in Latin.

    Other scripts have no transliteration that all their readers agree on. They stay as they are: Python's identifiers
    may be written in them.
    """
    text = unicodedata.normalize("NFKC", text)
    return text if text.isascii() else "".join(map(_in_latin, text))


def _in_latin(char: str) -> str:
    if char in _LETTERS:
        return _LETTERS[char]
    letters = unicodedata.normalize("NFD", char)
    base, marks = letters[0], letters[1:]
    is_ours = base.isascii() or base in _LETTERS
    return _LETTERS.get(base, base) if is_ours and all(map(unicodedata.combining, marks)) else char
