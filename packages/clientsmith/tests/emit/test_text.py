"""Text of a document reaches code escaped, or not at all."""

from __future__ import annotations

import ast
import io
import textwrap
import tokenize

import pytest
from clientsmith.emit.docstring import Docstring, Entry
from clientsmith.emit.text import comment, identifier, literal, markdown, printable, public_name, sentence, wrapped
from hypothesis import given
from hypothesis import strategies as st

HOSTILE = [
    '"""',
    '"',
    '\\"""',
    "\\",
    "\\\\",
    'x"""\n__import__("os").system("true")\n"""',
    "'''",
    "\\N{BULLET}",
    "\\x00\\u0000",
    "a\x00b",
    "line\rreturn\x0cfeed\x85next\u2028line\u2029paragraph",
    "right to left \u202e\u2066 override",
    "lone \ud800 surrogate",
    "{__import__('os')}",
    "%s {0} $x ${y}",
    ">>> __import__('os').system('true')",
    "# type: ignore",
    "coding: utf-7",
    "Args:\n    x: y",
]
texts = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(exclude_categories=())), st.text("\"'\\\n#>u{}N "))
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), texts),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(texts, inner)),
    max_leaves=8,
)


@given(json_values)
def test_a_literal_reads_back_as_the_value(value: object) -> None:
    """And holds printable characters only, so nothing in it can hide."""
    text = literal(value)
    assert ast.literal_eval(text) == value
    assert text.isprintable()


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), object(), {1, 2}, b"x"],
    ids=["not a number", "infinity", "object", "set", "bytes"],
)
def test_what_json_does_not_have_is_no_literal(value: object) -> None:
    with pytest.raises(ValueError, match="cannot be written as a literal"):
        literal(value)


@given(texts, texts, texts)
def test_a_docstring_is_one_string_and_nothing_else(summary: str, description: str, about: str) -> None:
    """Whatever stands in it, the source is a single constant expression without control characters."""
    docstring = Docstring(
        summary, description, arguments=(Entry("name", about),), returns=about, raises=(Entry("E", about),)
    )
    source = "\n".join(docstring.lines())
    (statement,) = ast.parse(source.encode()).body
    assert isinstance(statement, ast.Expr)
    assert isinstance(statement.value, ast.Constant)
    assert isinstance(statement.value.value, str)
    assert all(line.isprintable() for line in source.split("\n"))
    assert ">>>" not in source


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("Matches `^\\d+$`.", 'r"""Matches `^\\d+$`."""'),
        ("Ends in \\", '"""Ends in \\\\"""'),
        ('Holds """ and \\.', '"""Holds \\"\\"\\" and \\\\."""'),
    ],
    ids=["raw", "at the end", "quotes"],
)
def test_backslashes_are_raw_where_that_is_safe(text: str, source: str) -> None:
    assert Docstring(text).lines() == (source,)


@given(st.one_of(texts, st.from_regex(r"\A.*coding[:=]\s*utf-7.*\Z")))
def test_a_comment_stays_a_comment(text: str) -> None:
    """It neither ends its line nor chooses the encoding of the file."""
    source = f"# {comment(text)}\nx = 1\n".encode()
    assert tokenize.detect_encoding(io.BytesIO(source).readline)[0] == "utf-8"
    kinds = [token.type for token in tokenize.tokenize(io.BytesIO(source).readline)]
    assert kinds.count(tokenize.COMMENT) == 1
    assert len(ast.parse(source).body) == 1


@pytest.mark.parametrize(
    "name",
    ["", "1st", "class", "None", "a-b", "a b", "a;b", "x=1", "ﬁn", "a\u202eb", "__import__('os')", "µ"],
    ids=[
        "empty",
        "digit",
        "keyword",
        "constant",
        "dash",
        "space",
        "semicolon",
        "equals",
        "ligature",
        "bidi",
        "call",
        "nfkc",
    ],
)
def test_only_identifiers_are_names(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be a Python name"):
        identifier(name)


@pytest.mark.parametrize("name", ["_private", "__class__", "__init__", "_"])
def test_names_with_a_leading_underscore_are_our_own(name: str) -> None:
    with pytest.raises(ValueError, match="leading underscore are reserved"):
        public_name(name)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\tb", "a b"),
        ("a\u00a0b", "a b"),
        ("a\r\nb", "a\nb"),
        ("a\u2028b", "a\nb"),
        ("a\u202eb\u200b", "ab"),
        ("a\ud800b", "a\ufffdb"),
        ("café 🦀", "café 🦀"),
    ],
    ids=["tab", "no-break space", "carriage return", "line separator", "bidi and zero width", "surrogate", "letters"],
)
def test_printable_text_keeps_what_can_be_seen(text: str, expected: str) -> None:
    assert printable(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("List all pets", "List all pets."),
        ("Done.", "Done."),
        ("Why?", "Why?"),
        ("`x`", "`x`."),
        ("  a\n b ", "a b."),
        ("", ""),
    ],
)
def test_a_summary_ends_as_a_sentence_does(text: str, expected: str) -> None:
    assert sentence(text) == expected


def test_wrapping_keeps_lists_and_code() -> None:
    """Paragraphs are filled, list items keep their marks, fenced and indented lines stay as they are."""
    text = (
        "One two three four five six seven eight nine.\n\n"
        "- first item of a list that is too long\n- second\n\n```\na  =  1\n```"
    )
    assert wrapped(text, 40) == [
        "One two three four five six seven eight",
        "nine.",
        "",
        "- first item of a list that is too long",
        "- second",
        "",
        "```",
        "a  =  1",
        "```",
    ]


@given(st.lists(st.sampled_from(["a", "word", "hyphen-ated", "x" * 39, "y" * 60]), max_size=30), st.integers(40, 100))
def test_paragraphs_are_filled_as_textwrap_does(words: list[str], width: int) -> None:
    """Whole words; one that is longer than a line has a line of its own."""
    for mark, paragraph in (("", " ".join(words)), ("- ", f"- {' '.join(words)}"), ("10. ", f"10. {' '.join(words)}")):
        filled = textwrap.wrap(
            " ".join(words),
            width,
            initial_indent=mark,
            subsequent_indent=" " * len(mark),
            break_long_words=False,
            break_on_hyphens=False,
        )
        assert not words or wrapped(paragraph, width) == filled


def test_markdown_of_a_title_is_plain_text() -> None:
    assert markdown("<script> [x](javascript:1) `a` **b**\n# c") == (
        r"\<script\> \[x\](javascript:1) \`a\` \*\*b\*\* \# c"
    )
