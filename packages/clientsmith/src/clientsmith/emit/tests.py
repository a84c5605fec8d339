"""``tests/test_operations.py``: every operation of the generated client, against a server on this machine.

The sentences stand first and are the same for every client; below them is the table of the operations, one case each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from clientsmith.emit.answers import Samples, errors_of, said_by
from clientsmith.emit.calls import sample_call
from clientsmith.emit.code import ANY, Code, Symbol, builtin, call, dictionary, indexed, local, tuple_of, value
from clientsmith.emit.docstring import Docstring
from clientsmith.emit.methods import Kind, Method, methods_of
from clientsmith.emit.security import needs_credential, sample_credential
from clientsmith.emit.statements import Assign, Module
from clientsmith.emit.text import one_line, public_name
from clientsmith.emit.versions import absent_in, needed_by, refusal, versions_answer
from clientsmith.model.ir import Api

__all__ = ["tests_module"]

_TESTING: Final = "clientsmith.core.testing"
_VERSIONING: Final = "clientsmith.core.versioning"
_CASE: Final = Symbol(_TESTING, "Case")
_SERVICE: Final = Symbol(_TESTING, "Service")
_PYTEST: Final = Symbol("pytest")


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A function that is the same in every package, but for the expressions in its braces."""

    name: str
    text: str
    uses: tuple[Symbol, ...]
    parts: tuple[Code, ...] = ()

    def symbols(self) -> Iterator[Symbol]:
        yield from self.uses
        for part in self.parts:
            yield from part.symbols

    def bound(self) -> Iterator[str]:
        yield self.name

    def lines(self, names: Mapping[Symbol, str], depth: int) -> Iterator[str]:
        pieces = self.text.strip().split("{}")
        filled = "".join(
            piece + (self.parts[number].render(names) if number < len(self.parts) else "")
            for number, piece in enumerate(pieces)
        )
        yield from filled.splitlines()


_CASES: Final = _Sentence(
    "pytest_generate_tests",
    '''
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test with the operations that it is about."""
    chosen = {
        "case": CASES,
        "failing": errors_of(CASES),
        "plain": [case for case in CASES if case.is_value],
        "repeatable": [case for case in CASES if case.is_repeatable],
        "streamed": [case for case in CASES if case.is_stream],
        "versioned": [case for case in CASES if case.absent_in],
    }
    for name in chosen.keys() & set(metafunc.fixturenames):
        metafunc.parametrize(name, chosen[name], ids=str)
''',
    (_PYTEST, _CASE, Symbol(_TESTING, "errors_of")),
)
_SENT: Final = _Sentence(
    "test_each_operation_is_sent_and_its_answer_read",
    '''
def test_each_operation_is_sent_and_its_answer_read(service: Service, case: Case) -> None:
    """Method and path are those of the document; lists, jobs and streams are read to their end."""
    given = service.call(case)
    assert case.is_sent_as(service.sent[0])
    assert case.items is None or len(given) == case.items
''',
    (_SERVICE, _CASE),
)
_FAILING: Final = _Sentence(
    "test_each_documented_error_is_raised",
    '''
def test_each_documented_error_is_raised(service: Service, failing: Failure) -> None:
    """With what the service says about it as ``error``."""
    with pytest.raises(HttpResponseError) as raised:
        service.call(failing.case, failing.answer, retry=False)
    assert raised.value.status_code == failing.status
    assert failing.error is None or raised.value.error is not None
''',
    (_SERVICE, _PYTEST, Symbol(_TESTING, "Failure"), Symbol("clientsmith.core.errors", "HttpResponseError")),
)
_PLAIN: Final = _Sentence(
    "test_what_the_document_does_not_know_is_read_too",
    '''
def test_what_the_document_does_not_know_is_read_too(service: Service, plain: Case) -> None:
    """Unknown values of enums, unknown fields, null where there should be a value."""
    assert [model for model in service.surprise(plain) if SURPRISE not in model] == []
''',
    (_SERVICE, _CASE, Symbol(_TESTING, "SURPRISE")),
)
_REPEATABLE: Final = _Sentence(
    "test_a_service_that_is_busy_is_asked_again",
    '''
def test_a_service_that_is_busy_is_asked_again(service: Service, repeatable: Case) -> None:
    """After 503 with ``Retry-After`` the client sends the request once more."""
    service.call_while_busy(repeatable)
    assert repeatable.is_sent_as(service.sent[1])
''',
    (_SERVICE, _CASE),
)
_STREAMED: Final = _Sentence(
    "test_a_stream_that_breaks_off_has_not_ended",
    '''
def test_a_stream_that_breaks_off_has_not_ended(service: Service, streamed: Case) -> None:
    """What came until then is not taken for the whole."""
    with pytest.raises(ClientsmithError):
        service.call(streamed, streamed.cut(), retry=False)
''',
    (_SERVICE, _CASE, _PYTEST, Symbol("clientsmith.core.errors", "ClientsmithError")),
)
_VERSIONED: Final = _Sentence(
    "test_an_operation_of_another_version_is_not_sent",
    '''
def test_an_operation_of_another_version_is_not_sent(service: Service, versioned: Case) -> None:
    """What the version spoken does not have fails before a request."""
    with pytest.raises(FeatureNotSupportedError):
        service.call_in(versioned.absent_in, versioned)
    assert service.sent == []
''',
    (_SERVICE, _CASE, _PYTEST, Symbol(_VERSIONING, "FeatureNotSupportedError")),
)
_SAMPLES: Final = indexed(builtin("dict"), builtin("str"), ANY)
_STREAMS: Final = (Kind.EVENTS, Kind.LINES, Kind.DOWNLOAD)
_METHODS: Final = frozenset({"GET", "HEAD", "PUT", "DELETE", "OPTIONS"})


def tests_module(api: Api, header: tuple[str, ...]) -> Module:
    """The sentences that have something to speak of, and one case for each operation."""
    summary = f"Every operation of the client of {one_line(api.title)}, sync and async"
    details = (
        "Against a server on this machine that says what the document says: nothing needs a network. The table of the "
        "operations is at the end."
    )
    methods = methods_of(api)
    samples = Samples(api.shapes)
    cases = [_case(method, samples) for method in methods]
    table = Assign("CASES", tuple_of(cases), indexed(builtin("tuple"), _CASE.code, Code(("...",))))
    known = [Assign("SAMPLES", samples.table(), _SAMPLES)] if samples.used else []
    sentences = [_fixture(api), _CASES, *([_SENT] if methods else [])]
    if any(errors_of(method, samples) for method in methods):
        sentences.append(_FAILING)
    if any(method.kind in (Kind.CALL, Kind.LIST) for method in methods):
        sentences.append(_PLAIN)
    if any(method.operation.method in _METHODS for method in methods):
        sentences.append(_REPEATABLE)
    if any(method.kind in _STREAMS for method in methods):
        sentences.append(_STREAMED)
    sentences += _of_versions(api, methods)
    return Module(Docstring(summary, details), (*sentences, *known, table), header)


def _of_versions(api: Api, methods: list[Method]) -> list[_Sentence]:
    """What is tested of versions: an operation that one has not, and one that the service does not take."""
    sentences = [_VERSIONED] if any(absent_in(one.operation.lifetime, api.api_version) for one in methods) else []
    usual = [number for number, one in enumerate(methods) if not needed_by(one.operation.lifetime, api.api_version)]
    if not usual or (refused := refusal(api)) is None:
        return sentences
    told = _Sentence(
        "test_a_version_that_the_service_refuses_is_told",
        '''
def test_a_version_that_the_service_refuses_is_told(service: Service) -> None:
    """The error has the version that was asked for."""
    with pytest.raises(ApiVersionRefusedError) as raised:
        service.call(CASES[{}], {}, retry=False)
    assert raised.value.found == {}
''',
        (_SERVICE, _PYTEST, Symbol(_VERSIONING, "ApiVersionRefusedError")),
        (value(usual[0]), refused, value(api.api_version.default)),
    )
    return [*sentences, told]


def _fixture(api: Api) -> _Sentence:
    """The client in either colour; its classes under names that no document can give."""
    package, name = public_name(api.package), public_name(api.root.name)
    given = Code((", ",)) + sample_credential(api) if needs_credential(api) else Code(("",))
    if (said := versions_answer(api)) is not None:
        given += Code((", versions=",)) + said
    clients = (Symbol(package, name, "Client").code, Symbol(f"{package}.aio", name, "AsyncClient").code)
    return _Sentence(
        "service",
        '''
@pytest.fixture(scope="module", params=[{}, {}], ids=["sync", "async"])
def service(request: pytest.FixtureRequest) -> Iterator[Service]:
    """The client in one colour, and a server on this machine that says what it is told to."""
    with Service(request.param{}) as service:
        yield service
''',
        (_PYTEST, _SERVICE, Symbol("collections.abc", "Iterator")),
        (*clients, given),
    )


def _case(method: Method, samples: Samples) -> Code:
    operation, said = method.operation, said_by(method, samples)
    path = [*(group.attribute for group in method.groups), method.name]
    called = Code(("lambda client: ",)) + sample_call(method, local("client"))
    keywords: dict[str, Code] = {"items": value(said.items)} if said.items is not None else {}
    if errors := errors_of(method, samples):
        keywords["errors"] = dictionary(errors)
    scheme = method.api.api_version
    versions = {"version": needed_by(operation.lifetime, scheme), "absent_in": absent_in(operation.lifetime, scheme)}
    keywords |= {name: value(version) for name, version in versions.items() if version}
    names = (value(".".join(path)), value(operation.method.upper()), value(operation.path))
    return call(_CASE.code, *names, called, *said.answers, **keywords)
