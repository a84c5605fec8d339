"""Rules about the links to files on pages in HTML (PEP 503, 658, 714, 740)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any, ClassVar, Final

from ..answers import Subject
from ..levels import Level, Serialization
from ..pages import HtmlFile, joined
from .base import Rule, hash_faults, is_secure
from .json_files import specifier_fault

__all__ = ["HTML_FILE_RULES"]

_SHA256: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_LINK: Final = f'<a href="../../files/holygrail-1.0.tar.gz#sha256={_SHA256}">holygrail-1.0.tar.gz</a>'


def _link(attributes: str = "", fragment: str = f"#sha256={_SHA256}") -> HtmlFile:
    return HtmlFile.of(f'<a href="holygrail-1.0.tar.gz{fragment}" {attributes}>holygrail-1.0.tar.gz</a>')


class _LinkRule(Rule[HtmlFile]):
    serialization = Serialization.HTML
    subject: ClassVar[type[Subject]] = HtmlFile


class _AttributeRule(_LinkRule):
    """A rule about an attribute that a link may lack."""

    attribute: str

    def applies(self, subject: HtmlFile, /) -> bool:
        return self.attribute in subject.anchor.attributes


class LinkText(_LinkRule):
    id = "html-filename"
    source = "PEP 503"
    level = Level.MUST
    text = "The text of a link is the last part of its URL: the file's name."
    good = (HtmlFile.of(_LINK), HtmlFile.of('<a href="holygrail-1.0%2Blocal.tar.gz">holygrail-1.0+local.tar.gz</a>'))
    bad = (HtmlFile.of('<a href="holygrail-1.0.tar.gz">Holy Grail 1.0</a>'), HtmlFile.of('<a href="files/">files</a>'))

    def breaches(self, subject: HtmlFile, /) -> Iterator[str]:
        if subject.anchor.text != subject.filename:
            yield f"the text is {subject.anchor.text!r}, the file is {subject.filename!r}"


class WebUrl(_LinkRule):
    id = "html-url"
    source = "PEP 503"
    level = Level.MUST
    text = "A link leads to a place on the web, whole or relative to the page."
    good = (_link(), HtmlFile.of('<a href="https://files.example/a-1.tar.gz">a-1.tar.gz</a>'))
    bad = (HtmlFile.of('<a href="ftp://files.example/a-1.tar.gz">a-1.tar.gz</a>'), HtmlFile.of('<a href="//[">a</a>'))

    def breaches(self, subject: HtmlFile, /) -> Iterator[str]:
        if not subject.url.startswith(("http://", "https://")):
            yield f"it leads to {subject.anchor.attributes['href']!r}"


class HasHash(_LinkRule):
    id = "html-hash"
    source = "PEP 503"
    level = Level.SHOULD
    text = "A link has a hash in its fragment, `#sha256=…`, of a kind that every Python has."
    good = (_link(), _link(fragment="#md5=d41d8cd98f00b204e9800998ecf8427e"))
    bad = (_link(fragment=""), _link(fragment="#egg=holygrail"), _link(fragment="#SHA256=" + _SHA256))

    def breaches(self, subject: HtmlFile, /) -> Iterator[str]:
        name, digest = subject.hash
        if not name:
            yield "it has none"
        elif name not in hashlib.algorithms_guaranteed:
            yield f"{name!r} is no hash"
        else:
            yield from hash_faults({name: digest})


class SecureHash(_LinkRule):
    id = "html-hash-secure"
    source = "PEP 503"
    level = Level.SHOULD
    text = "The hash of a link protects the file: sha256 is recommended, md5 and sha1 protect nothing."
    good = (_link(),)
    bad = (_link(fragment="#md5=d41d8cd98f00b204e9800998ecf8427e"),)

    def applies(self, subject: HtmlFile, /) -> bool:
        return bool(subject.hash[0])

    def breaches(self, subject: HtmlFile, /) -> Iterator[str]:
        if not is_secure(subject.hash[0].lower()):
            yield f"it is {subject.hash[0]}"


class RequiresPython(_AttributeRule):
    id = "html-requires-python"
    source = "PEP 345, PEP 503"
    level = Level.SHOULD
    text = "`data-requires-python` is a version specifier, as the metadata has it."
    attribute = "data-requires-python"
    good = (_link('data-requires-python="&gt;=3.8"'),)
    bad = (_link('data-requires-python="&gt;=3.6.*"'), _link("data-requires-python"))

    def breaches(self, subject: HtmlFile, /) -> Iterator[str]:
        if fault := specifier_fault(subject.anchor.attributes[self.attribute]):
            yield fault


class RequiresPythonEscaped(_AttributeRule):
    id = "html-requires-python-escaped"
    source = "PEP 503"
    level = Level.MUST
    text = "In `data-requires-python`, `<` and `>` are written `&lt;` and `&gt;`."
    attribute = "data-requires-python"
    good = (_link('data-requires-python="&gt;=3.8,&lt;4"'), _link('data-requires-python="&#62;=3.8"'))
    bad = (_link('data-requires-python=">=3.8"'), _link("data-requires-python='&gt;=3.8,<4'"))

    def breaches(self, subject: HtmlFile, /) -> Iterator[str]:
        found = re.search(r"""data-requires-python\s*=\s*("[^"]*"|'[^']*')""", subject.anchor.source, re.IGNORECASE)
        if found and re.search("[<>]", found[1]):
            yield f"it is written {found[1]}"


class MetadataName(_LinkRule):
    id = "html-metadata-name"
    source = "PEP 714"
    level = Level.MUST
    text = (
        "What is said about metadata stands in `data-core-metadata`; the older name is at most beside it, and agrees."
    )
    good = (
        _link('data-core-metadata="true"'),
        _link('data-core-metadata="sha256=00" data-dist-info-metadata="sha256=00"'),
    )
    bad = (
        _link('data-dist-info-metadata="true"'),
        _link('data-core-metadata="sha256=00" data-dist-info-metadata="true"'),
    )

    def applies(self, subject: HtmlFile, /) -> bool:
        return subject.core_metadata is not None

    def breaches(self, subject: HtmlFile, /) -> Iterator[str]:
        attributes = subject.anchor.attributes
        if "data-core-metadata" not in attributes:
            yield "it stands in `data-dist-info-metadata` alone"
        elif attributes.get("data-dist-info-metadata", subject.core_metadata) != subject.core_metadata:
            yield "`data-dist-info-metadata` says something else"


class MetadataValue(_LinkRule):
    id = "html-metadata"
    source = "PEP 658, PEP 714"
    level = Level.MUST
    text = "`data-core-metadata` is `<hash>=<hexadecimal digest>`, or `true` where there is no hash."
    good = (_link('data-core-metadata="true"'), _link(f'data-core-metadata="sha256={_SHA256}"'))
    bad = (_link('data-core-metadata="yes"'), _link('data-core-metadata=""'), _link('data-core-metadata="sha256=no"'))

    def applies(self, subject: HtmlFile, /) -> bool:
        return subject.core_metadata is not None

    def breaches(self, subject: HtmlFile, /) -> Iterator[str]:
        name, equals, digest = (subject.core_metadata or "").partition("=")
        if not equals and subject.core_metadata not in ("true", "false"):
            yield f"it is {subject.core_metadata!r}"
        elif equals:
            yield from hash_faults({name: digest})


class HasMetadata(_LinkRule):
    id = "html-metadata-offered"
    source = "PEP 658"
    level = Level.MAY
    text = "A wheel's metadata can be had without the wheel: `data-core-metadata`."
    good = (HtmlFile.of('<a href="a-1-py3-none-any.whl" data-core-metadata="true">a-1-py3-none-any.whl</a>'),)
    bad = (HtmlFile.of('<a href="a-1-py3-none-any.whl">a-1-py3-none-any.whl</a>'),)

    def applies(self, subject: HtmlFile, /) -> bool:
        return subject.filename.endswith(".whl")

    def breaches(self, subject: HtmlFile, /) -> Iterator[str]:
        if subject.core_metadata in (None, "false"):
            yield "there is none"


class Signature(_AttributeRule):
    id = "html-gpg-sig"
    source = "PEP 503"
    level = Level.MUST
    text = "`data-gpg-sig` is `true` or `false`."
    attribute = "data-gpg-sig"
    good = (_link('data-gpg-sig="true"'),)
    bad = (_link('data-gpg-sig="yes"'), _link("data-gpg-sig"))

    def breaches(self, subject: HtmlFile, /) -> Iterator[str]:
        if (said := subject.anchor.attributes[self.attribute]) not in ("true", "false"):
            yield f"it is {said!r}"


class Provenance(_AttributeRule):
    id = "html-provenance"
    source = "PEP 740"
    level = Level.MUST
    text = "`data-provenance` is a whole URL."
    attribute = "data-provenance"
    good = (_link('data-provenance="https://index.example/integrity/holygrail-1.0.tar.gz"'),)
    bad = (_link('data-provenance="true"'), _link("data-provenance"))

    def breaches(self, subject: HtmlFile, /) -> Iterator[str]:
        said = subject.anchor.attributes[self.attribute]
        if not said or not joined("", said).startswith(("http://", "https://")):
            yield f"it is {said!r}"


HTML_FILE_RULES: Final[tuple[Rule[Any], ...]] = (
    LinkText(),
    WebUrl(),
    HasHash(),
    SecureHash(),
    RequiresPython(),
    RequiresPythonEscaped(),
    MetadataName(),
    MetadataValue(),
    HasMetadata(),
    Signature(),
    Provenance(),
)
