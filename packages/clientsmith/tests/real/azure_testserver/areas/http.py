"""Status codes: successes, redirects, errors, retries, and which model an answer has."""

from __future__ import annotations

from typing import Any

from clientsmith.core.errors import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceNotFoundError,
)

from ..case import Area, check
from ..cookies import CookieJar

http = Area("httpInfrastructure", lambda: {"per_retry_policies": [CookieJar()]})
METHODS = {
    200: ("head", "get", "put", "post", "patch", "delete"),
    201: ("put", "post"),
    202: ("put", "post", "patch", "delete"),
    204: ("head", "put", "post", "patch", "delete"),
}
BODY = {"put", "post", "patch", "delete"}


def body(method: str) -> list[bool]:
    return [True] if method in BODY else []


for status, methods in METHODS.items():
    for method in methods:
        operation = "HttpSuccess_post204" if (method, status) == ("post", 204) else f"httpSuccess_{method}{status}"
        http.call(f"HttpSuccess{status}{method.capitalize()}", operation, *body(method))

# --- redirects: GET and HEAD follow all, what changes something only those that keep method and body -----------------

for status in (301, 302, 307):
    http.call(f"HttpRedirect{status}Head", f"httpRedirects_head{status}", gives=True)
    http.call(f"HttpRedirect{status}Get", f"httpRedirects_get{status}")
# 300 is a choice, which is not ours to make (RFC 9110, section 15.4.1).
for method in ("Head", "Get"):
    http.call(
        f"HttpRedirect300{method}",
        f"httpRedirects_{method.lower()}300",
        raises=HttpResponseError,
        gives=lambda error: error.status_code == 300,
    )
http.call("HttpRedirect301Put", "httpRedirects_put301", True, raises=HttpResponseError)
http.call("HttpRedirect302Patch", "httpRedirects_patch302", True, raises=HttpResponseError)
http.call("HttpRedirect303Post", "httpRedirects_post303", True)
for method in ("put", "post", "patch", "delete"):
    operation = "HttpRedirects_put307" if method == "put" else f"httpRedirects_{method}307"
    http.call(f"HttpRedirect307{method.capitalize()}", operation, True)
http.call("HttpRedirect307Options", "httpRedirects_options307")

# --- errors ----------------------------------------------------------------------------------------------------------

REFUSED = {
    400: ("head", "get", "options", "put", "post", "patch", "delete"),
    401: ("head",),
    402: ("get",),
    403: ("get", "options"),
    404: ("put",),
    405: ("patch",),
    406: ("post",),
    407: ("delete",),
    409: ("put",),
    410: ("head",),
    411: ("get",),
    412: ("get", "options"),
    413: ("put",),
    414: ("patch",),
    415: ("post",),
    416: ("get",),
    417: ("delete",),
    429: ("head",),
}
BY_STATUS: dict[int, type[BaseException]] = {
    401: ClientAuthenticationError,
    404: ResourceNotFoundError,
    409: ResourceExistsError,
}
for status, methods in REFUSED.items():
    for method in methods:
        http.call(
            f"HttpClientFailure{status}{method.capitalize()}",
            f"httpClientFailure_{method}{status}",
            *body(method),
            raises=BY_STATUS.get(status, HttpResponseError),
            gives=lambda error, status=status: error.status_code == status,
        )
for status, method in ((501, "head"), (501, "get"), (505, "post"), (505, "delete")):
    http.call(
        f"HttpServerFailure{status}{method.capitalize()}",
        f"httpServerFailure_{method}{status}",
        *body(method),
        raises=HttpResponseError,
    )

# --- again -----------------------------------------------------------------------------------------------------------

# POST and PATCH are not sent again of their own accord: who calls says that these may be.
AGAIN = {"retry_methods": ["POST", "PATCH"], "retry_statuses": [500, 503, 504]}
for status, method in ((408, "head"), (502, "get"), (502, "options"), (500, "put"), (503, "delete"), (504, "put")):
    http.call(f"HttpRetry{status}{method.capitalize()}", f"httpRetry_{method}{status}", *body(method))
for status, method in ((500, "patch"), (503, "post"), (504, "patch")):
    http.call(f"HttpRetry{status}{method.capitalize()}", f"httpRetry_{method}{status}", True, **AGAIN)

# --- which model -----------------------------------------------------------------------------------------------------

P = "multipleResponses_get"


def is_a(status: str, name: str = "") -> Any:
    """A model with this status code, of this name if it is one of several."""
    return lambda it: status in it.as_dict().values() and (not name or type(it).__name__ == name)


def refused(status: int, **fields: str) -> Any:
    def right(error: Any) -> bool:
        held = error.error.as_dict() if error.error is not None else {}
        return error.status_code == status and fields.items() <= held.items()

    return right


ANSWERS: tuple[tuple[str, str, Any], ...] = (
    ("A200MatchingModel", "200Model204NoModelDefaultError200Valid", is_a("200")),
    # A success that the document does not list is a success all the same.
    ("A201DefaultNoModel", "200Model204NoModelDefaultError201Invalid", is_a("201")),
    ("A202DefaultNoModel", "200Model204NoModelDefaultError202None", is_a("202")),
    ("A204MatchingNoModel", "200Model204NoModelDefaultError204Valid", None),
    ("B200MatchingModel", "200Model201ModelDefaultError200Valid", is_a("200")),
    ("B201MatchingModel", "200Model201ModelDefaultError201Valid", is_a("201", "B")),
    ("C200MatchingModel", "200ModelA201ModelC404ModelDDefaultError200Valid", is_a("200")),
    ("C201MatchingModel", "200ModelA201ModelC404ModelDDefaultError201Valid", is_a("201", "C")),
    ("D202MatchingNoModel", "202None204NoneDefaultError202None", None),
    ("D204MatchingNoModel", "202None204NoneDefaultError204None", None),
    ("E202MatchingInvalid", "202None204NoneDefaultNone202Invalid", None),
    ("E204MatchingNoModel", "202None204NoneDefaultNone204None", None),
    ("F200DefaultModel", "DefaultModelA200Valid", is_a("200")),
    ("F200DefaultNone", "DefaultModelA200None", None),
    ("G200DefaultInvalid", "DefaultNone200Invalid", None),
    ("G200DefaultNoModel", "DefaultNone200None", None),
    ("H200MatchingNone", "200ModelA200None", None),
    ("H200MatchingModel", "200ModelA200Valid", is_a("200")),
    ("H200MatchingInvalid", "200ModelA200Invalid", lambda it: it["statusCodeInvalid"] == "200"),
    ("H202NonMatchingModel", "200ModelA202Valid", is_a("200")),
)
for scenario, operation, right in ANSWERS:
    http.call(f"ResponsesScenario{scenario}", P + operation, gives=right)
ERRORS: tuple[tuple[str, str, Any], ...] = (
    ("A400DefaultModel", "200Model204NoModelDefaultError400Valid", refused(400, message="client error")),
    ("B400DefaultModel", "200Model201ModelDefaultError400Valid", refused(400, message="client error")),
    ("C404MatchingModel", "200ModelA201ModelC404ModelDDefaultError404Valid", refused(404, httpStatusCode="404")),
    ("C400DefaultModel", "200ModelA201ModelC404ModelDDefaultError400Valid", refused(400, message="client error")),
    ("D400DefaultModel", "202None204NoneDefaultError400Valid", refused(400, message="client error")),
    ("E400DefaultNoModel", "202None204NoneDefaultNone400None", refused(400)),
    ("E400DefaultInvalid", "202None204NoneDefaultNone400Invalid", refused(400)),
    ("F400DefaultModel", "DefaultModelA400Valid", refused(400)),
    ("F400DefaultNone", "DefaultModelA400None", refused(400)),
    ("G400DefaultInvalid", "DefaultNone400Invalid", refused(400)),
    ("G400DefaultNoModel", "DefaultNone400None", refused(400)),
    ("H400NonMatchingNone", "200ModelA400None", refused(400)),
    ("H400NonMatchingModel", "200ModelA400Valid", refused(400)),
    ("H400NonMatchingInvalid", "200ModelA400Invalid", refused(400)),
)
for scenario, operation, right in ERRORS:
    http.call(f"ResponsesScenario{scenario}", P + operation, raises=HttpResponseError, gives=right)
http.call("ResponsesScenarioEmptyErrorBody", "httpFailure_getEmptyError", raises=HttpResponseError)
http.call(
    "ResponsesScenarioNoModelErrorBody",
    "httpFailure_getNoModelError",
    raises=HttpResponseError,
    gives=lambda error: error.status_code == 400,
)
http.call("ResponsesScenarioNoModelEmptyBody", "httpFailure_getNoModelEmpty", raises=HttpResponseError)

# --- whether there is something --------------------------------------------------------------------------------------

head = Area("head")
head.call("HttpSuccess200Head", "httpSuccess_head200", gives=True)
head.call("HttpSuccess204Head", "httpSuccess_head204", gives=True)
head.call("HttpSuccess404Head", "httpSuccess_head404", gives=False)

incorrect = Area("incorrect-error-response")
incorrect.call(
    "verifyIncorrectErrorParsing",
    "getIncorrectErrorFromServer",
    raises=HttpResponseError,
    gives=lambda error: error.status_code == 444,
)

statuses = Area("xms-error-responses")
statuses.call("expectedNoErrors", "Pet_GetPetById", "tommy", gives=lambda pet: pet.name == "Tommy Tomson")
for scenario, pet, status in (
    ("animalNotFoundError", "coyoteUgly", 404),
    ("linkNotFoundError", "weirdAlYankovic", 404),
    ("stringError", "ringo", 400),
    ("intError", "alien123", 501),
):
    statuses.call(
        scenario,
        "Pet_GetPetById",
        pet,
        raises=HttpResponseError,
        gives=lambda error, status=status: error.status_code == status and error.error is not None,
    )
statuses.call(
    "expectedPetSadError",
    "Pet_DoSomething",
    "jump",
    raises=HttpResponseError,
    gives=lambda error: error.error["reason"] == "need more treats",
)
statuses.call(
    "expectedPetHungryError",
    "Pet_DoSomething",
    "fetch",
    raises=HttpResponseError,
    gives=lambda error: error.status_code == 404,
)
statuses.call(
    "sendErrorWithParamNameModels",
    "Pet_HasModelsParam",
    models="value1",
    raises=HttpResponseError,
    gives=lambda error: error.status_code == 500,
)

secrets = Area("error-with-secrets")


@secrets.script("ErrorWithSecrets")
async def an_error_does_not_tell_what_it_was_told(client: Any, _server: Any) -> None:
    try:
        await client.call("GetErrorWithSecrets")
    except HttpResponseError as error:
        check(error.status_code, 403)
        check([word for word in ("1c88a67921784300a462b2cb61da2339", "Key1=") if word in f"{error} {error!r}"], [])
    else:
        raise AssertionError("a 403 was no error")


AREAS = (http, head, incorrect, statuses, secrets)
