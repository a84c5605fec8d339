"""Classes of its own for the errors of a service, where the configuration asks for them, and their names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from clientsmith.configuration import Configuration
from clientsmith.findings import Finding

from ..decided import refused
from ..error_classes import BASE, error_models, kinds_of
from ..ir import Api, ErrorClass, Ref
from ..lock import error_key, shape_keys
from ..names import MODULE_NAMES, Wish, allocate, first_of, pascal_case
from ..words import split_words, vocabulary

__all__ = ["CORE_ERRORS", "name_errors"]

# The runtime's errors, which users import beside ours; compared with those of `clientsmith.core` by a test.
CORE_ERRORS: Final = vocabulary(
    """
    ApiRetiredError ApiVersionError ApiVersionRefusedError ApiVersionWarning ArgumentError CircuitOpenError
    ClientAuthenticationError ClientsmithError CredentialError DeadlineExceededError DecodeError EndpointNotFoundError
    FeatureNotSupportedError FrozenClientError HttpResponseError InsecureTransportError MalformedVersionError
    NewerApiVersionWarning OperationFailedError PollTimeoutError RateLimitedError ResourceExistsError
    ResourceModifiedError ResourceNotFoundError ResourceNotModifiedError ServiceRequestError
    ServiceRequestTimeoutError ServiceResponseError ServiceResponseTimeoutError SettingError SignInError SignatureError
    TokenRefusedError TokenUnavailableError TooManyRedirectsError TransportError UnknownSettingError
    UnsupportedApiVersionError UsageError VersionMismatchError
    """
)
_TAKEN: Final = CORE_ERRORS | MODULE_NAMES
# The first word of a class's name: what its status says.
_SAID: Final[Mapping[str, str]] = {
    "ClientAuthenticationError": "Authentication",
    "RateLimitedError": "RateLimited",
    "ResourceExistsError": "Exists",
    "ResourceModifiedError": "Modified",
    "ResourceNotFoundError": "NotFound",
    "ResourceNotModifiedError": "NotModified",
}
# Words at the end of a model's name that say what it is in, and then those that every error's name ends with.
_CONTAINERS: Final = vocabulary("response result model body details detail schema dto payload object")
_ERRORS: Final = vocabulary("error errors exception")


@dataclass(frozen=True, slots=True)
class _Family:
    """A model, the classes of the runtime that its errors are, and what their names are made of."""

    pointer: str
    model: str  # its name
    bases: tuple[str, ...]  # `BASE` first
    key: str  # the model's in the lock and in the configuration
    told: str


def name_errors(api: Api, configuration: Configuration) -> tuple[Api, list[Finding]]:
    """Give each model that documented errors have a class of errors, and one more for each status that has one."""
    families = _families(api, configuration)
    kept = configuration.lock.errors
    given = [group.name for group in api.root.walk()] + [shape.name for shape in api.shapes.values()]
    wishes = [
        Wish(one.key, _of_base(one, api), told=one.told, kept=kept.get(error_key(one.key, BASE), ""))
        for one in families
    ]
    names = dict(allocate(wishes, _TAKEN, given=given))
    findings = refused(wishes, names, configuration, {one.key: ("models", one.key, "error") for one in families})
    rest = [
        Wish(
            error_key(one.key, base), _of_status(one, base, names[one.key]), kept=kept.get(error_key(one.key, base), "")
        )
        for one in families
        for base in one.bases[1:]
    ]
    names |= allocate(rest, _TAKEN, given=[*given, *names.values()])
    classes = [
        ErrorClass(Ref(one.pointer), base, names[one.key if base == BASE else error_key(one.key, base)])
        for one in families
        for base in one.bases
    ]
    return replace(api, error_classes=tuple(classes)), findings


def _families(api: Api, configuration: Configuration) -> list[_Family]:
    """The models that have classes, by name."""
    found: dict[str, set[str]] = {}
    for operation in api.operations:
        for status, _, model in error_models(api, operation):
            found.setdefault(model.pointer, set()).update(kinds_of(operation, status))
    keys = shape_keys(api) if found else {}
    families: list[_Family] = []
    for pointer, kinds in found.items():
        told = next((said.error for key in keys[pointer] if (said := configuration.models.get(key))), None)
        if told or configuration.errors == "classes":
            bases = (BASE, *sorted(kinds - {BASE}))
            families.append(_Family(pointer, api.shapes[pointer].name, bases, keys[pointer][0], told or ""))
    return sorted(families, key=lambda one: one.model)


def _of_base(family: _Family, api: Api) -> tuple[str, ...]:
    """`Problem` → ProblemError; `ApiError` → ApiResponseError beside the model; `Error` → PetstoreError.

    A model `NotFound` leaves NotFoundError to the class of that status.
    """
    stem = _stem(family.model) or api.root.name.removesuffix("Client")
    plain = [f"{stem}Error"] if stem not in _SAID.values() else []
    return _free([*plain, f"{stem}ResponseError", f"{family.model}ResponseError"])


def _of_status(family: _Family, base: str, name: str) -> tuple[str, ...]:
    """`NotFoundProblemError`; what the model's name says already is not said twice."""
    said, stem = _SAID[base], _stem(family.told or family.model)
    whole = name.removesuffix("Error")
    return _free([f"{said}{(stem or whole).replace(said, '')}Error", f"{said}{whole}Error", f"{said}{name}Error"])


def _free(names: Iterable[str]) -> tuple[str, ...]:
    return first_of([name for name in names if name not in _TAKEN])


def _stem(name: str) -> str:
    """What a model's name says beside that it is an error: `ApiErrorResponse` → Api, `Error` → nothing."""
    words = split_words(name)
    while len(words) > 1 and words[-1] in _CONTAINERS:
        words.pop()
    kept = words[:-1] if words[-1] in _ERRORS else words
    end = len("".join(kept))
    # In the case of the model's own name: HTTPValidationError → HTTPValidation.
    return name[:end] if name[:end].lower() == "".join(kept) else pascal_case(" ".join(kept), "") if kept else ""
