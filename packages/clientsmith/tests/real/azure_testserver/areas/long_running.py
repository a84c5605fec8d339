"""Operations that are begun and watched to their end."""

from __future__ import annotations

from typing import Any

from clientsmith.core.errors import ClientsmithError, DecodeError, HttpResponseError, OperationFailedError

from ..case import Area
from ..cookies import CookieJar

REQUEST_ID = "9C4D50EE-2D56-4CD3-8152-34347DC9F2B0"
PRODUCT = {"location": "West US"}


def is_done(product: Any) -> bool:
    """The product, in the state that the server left it in."""
    return product.id == "100" and product.properties.provisioning_state == "Succeeded"


def is_foo(product: Any) -> bool:
    return product.id == "100" and product.name == "foo"


work = Area("lro", lambda: {"per_retry_policies": [CookieJar()]})
FIRST = (
    ("LROPutInlineComplete", "put200Succeeded", is_done),
    ("LROPutInlineComplete201", "put201Succeeded", is_done),
    ("LROPut200InlineCompleteNoState", "put200SucceededNoState", is_foo),
    ("LROPut202Retry200", "put202Retry200", is_foo),
    ("LROPutSucceededWithBody", "put201CreatingSucceeded200", is_done),
    ("LROPutSucceededNoBody", "put200UpdatingSucceeded204", is_done),
    ("LROPutAsyncRetrySucceeded", "putAsyncRetrySucceeded", is_done),
    ("LROPutAsyncNoRetrySucceeded", "putAsyncNoRetrySucceeded", is_done),
    ("LROPutNoHeaderInRetry", "putNoHeaderInRetry", is_done),
    ("LROPutAsyncNoHeaderInRetry", "putAsyncNoHeaderInRetry", is_done),
    ("LROPostSuccededWithBody", "post202Retry200", None),
    ("LROPostSuccededNoBody", "post202NoRetry204", None),
    ("LROPostAsyncRetrySucceeded", "postAsyncRetrySucceeded", is_foo),
    ("LROPostAsyncNoRetrySucceeded", "postAsyncNoRetrySucceeded", is_foo),
    ("LROPatchInlineCompleteIgnoreHeaders", "patch200SucceededIgnoreHeaders", is_done),
    ("LROPatch201WithAsyncHeader", "patch201RetryWithAsyncHeader", None),
    ("LROPatch202WithAsyncAndLocationHeader", "patch202RetryWithAsyncAndLocationHeader", None),
)
for scenario, operation, right in FIRST:
    work.call(scenario, f"LROs_{operation}", PRODUCT, gives=right or (lambda _result: True))
work.call("LROPutSubResourceInRetry", "LROs_putSubResource", {"properties": {}}, gives=lambda sub: sub.id == "100")
work.call(
    "LROPutSubResourceAsyncInRetry",
    "LROs_putAsyncSubResource",
    {"properties": {}},
    gives=lambda sub: sub.properties.provisioning_state == "Succeeded",
)
work.call("LROPutNonResourceInRetry", "LROs_putNonResource", {"name": "sku"}, gives=lambda sku: sku.name == "sku")
work.call(
    "LROPutNonResourceAsyncInRetry", "LROs_putAsyncNonResource", {"name": "sku"}, gives=lambda sku: sku.id == "100"
)
for scenario, operation in {
    "LRODeleteInlineComplete": "delete204Succeeded",
    "LRODelete200": "delete202Retry200",
    "LRODelete204": "delete202NoRetry204",
    "LRODeleteNoHeaderInRetry": "deleteNoHeaderInRetry",
    "LRODeleteAsyncNoHeaderInRetry": "deleteAsyncNoHeaderInRetry",
    "LRODeleteAsyncRetrySucceeded": "deleteAsyncRetrySucceeded",
    "LRODeleteAsyncNoRetrySucceeded": "deleteAsyncNoRetrySucceeded",
}.items():
    work.call(scenario, f"LROs_{operation}")
work.call("LRODeleteProvisioningSucceededWithBody", "LROs_deleteProvisioning202Accepted200Succeeded", gives=is_done)
work.call("LROPost200", "LROs_post200WithPayload", gives=lambda sku: sku.id == "1")
work.call("LROPostAndGetList", "LROs_post202List", gives=lambda items: [item.id for item in items] == ["100"])
work.call(
    (
        "LROPostDoubleHeadersFinalLocationPost",
        "LROPostDoubleHeadersFinalLocationAsync",
        "LROPostDoubleHeadersFinalLocationGet",
    ),
    "LROs_postDoubleHeadersFinalLocationGet",
    gives=is_foo,
)
work.call(
    "LROPostDoubleHeadersFinalAzureHeaderGet",
    "LROs_postDoubleHeadersFinalAzureHeaderGet",
    gives=lambda it: it.id == "100",
)
work.call(
    "LROPostDoubleHeadersFinalAzureHeaderGetDefault", "LROs_postDoubleHeadersFinalAzureHeaderGetDefault", gives=is_foo
)

# --- which end badly -------------------------------------------------------------------------------------------------

for scenario, operation in {
    "LROPutFailed": "put201CreatingFailed200",
    "LROPutCanceled": "put200Acceptedcanceled200",
    "LROPutAsyncRetryFailed": "putAsyncRetryFailed",
    "LROPutAsyncNoRetryCanceled": "putAsyncNoRetrycanceled",
    "LROPostAsyncRetryFailed": "postAsyncRetryFailed",
    "LROPostAsyncRetryCanceled": "postAsyncRetrycanceled",
}.items():
    work.call(scenario, f"LROs_{operation}", PRODUCT, raises=OperationFailedError)
for scenario, operation in {
    "LRODeleteAsyncRetryFailed": "deleteAsyncRetryFailed",
    "LRODeleteAsyncRetryCanceled": "deleteAsyncRetrycanceled",
    "LRODeleteProvisioningFailed": "deleteProvisioning202DeletingFailed200",
    "LRODeleteProvisioningCanceled": "deleteProvisioning202Deletingcanceled200",
}.items():
    work.call(scenario, f"LROs_{operation}", raises=OperationFailedError)

# --- with a bad moment on the way ------------------------------------------------------------------------------------

work.call("LRORetryPutSucceededWithBody", "LRORetrys_put201CreatingSucceeded200", PRODUCT, gives=is_done)
work.call(
    ("LRORetryErrorPutAsyncSucceeded", "LRORetryErrorPutAsyncSucceededPolling"),
    "LRORetrys_putAsyncRelativeRetrySucceeded",
    PRODUCT,
    gives=is_done,
)
work.call(
    "LRORetryErrorDelete202Accepted200Succeeded", "LRORetrys_deleteProvisioning202Accepted200Succeeded", gives=is_done
)
work.call("LRORetryErrorDelete202Retry200Succeeded", "LRORetrys_delete202Retry200")
work.call("LRORetryErrorDeleteAsyncRetrySucceeded", "LRORetrys_deleteAsyncRelativeRetrySucceeded")
# A POST is not sent again of its own accord: the caller says that this one may be.
AGAIN = {"retry_methods": ["POST", "GET", "PUT", "DELETE"]}
work.call("LRORetryErrorPost202Retry200Succeeded", "LRORetrys_post202Retry200", PRODUCT, **AGAIN)
work.call("LRORetryErrorPostAsyncRetrySucceeded", "LRORetrys_postAsyncRelativeRetrySucceeded", PRODUCT, **AGAIN)

# --- with errors -----------------------------------------------------------------------------------------------------

REFUSED = {
    "LRONonRetryPut400": "putNonRetry400",
    "LRONonRetryPut201Creating400": "putNonRetry201Creating400",
    "LRONonRetryPut201Creating400InvalidJson": "putNonRetry201Creating400InvalidJson",
    "LRONonRetryPutAsyncRetry400": "putAsyncRelativeRetry400",
    "LRONonRetryDelete400": "deleteNonRetry400",
    "LRONonRetryDelete202Retry400": "delete202NonRetry400",
    "LRONonRetryDeleteAsyncRetry400": "deleteAsyncRelativeRetry400",
    "LRONonRetryPost400": "postNonRetry400",
    "LRONonRetryPost202Retry400": "post202NonRetry400",
    "LRONonRetryPostAsyncRetry400": "postAsyncRelativeRetry400",
}
for scenario, operation in REFUSED.items():
    work.call(scenario, f"LROSADs_{operation}", *([] if "Delete" in scenario else [PRODUCT]), raises=HttpResponseError)
# The server forgets its lines: no state where one was due, a place that is none, half a body.
FORGETFUL: dict[str, tuple[str, type[BaseException] | None]] = {
    "LROErrorPut201NoProvisioningStatePayload": ("putError201NoProvisioningStatePayload", None),
    "LROErrorPutAsyncNoPollingStatus": ("putAsyncRelativeRetryNoStatus", ClientsmithError),
    "LROErrorPutAsyncNoPollingStatusPayload": ("putAsyncRelativeRetryNoStatusPayload", ClientsmithError),
    "LROErrorPut200InvalidJson": ("put200InvalidJson", DecodeError),
    "LROErrorPutAsyncInvalidHeader": ("putAsyncRelativeRetryInvalidHeader", HttpResponseError),
    "LROErrorPutAsyncInvalidJsonPolling": ("putAsyncRelativeRetryInvalidJsonPolling", DecodeError),
    "LROErrorDeleteNoLocation": ("delete204Succeeded", None),
    "LROErrorDelete202RetryInvalidHeader": ("delete202RetryInvalidHeader", HttpResponseError),
    "LROErrorDeleteAsyncNoPollingStatus": ("deleteAsyncRelativeRetryNoStatus", ClientsmithError),
    "LROErrorDeleteAsyncInvalidHeader": ("deleteAsyncRelativeRetryInvalidHeader", HttpResponseError),
    "LROErrorDeleteAsyncInvalidJsonPolling": ("deleteAsyncRelativeRetryInvalidJsonPolling", DecodeError),
    "LROErrorPostNoLocation": ("post202NoLocation", ClientsmithError),
    "LROErrorPost202RetryInvalidHeader": ("post202RetryInvalidHeader", HttpResponseError),
    "LROErrorPostAsyncNoPollingPayload": ("postAsyncRelativeRetryNoPayload", ClientsmithError),
    "LROErrorPostAsyncInvalidHeader": ("postAsyncRelativeRetryInvalidHeader", HttpResponseError),
    "LROErrorPostAsyncInvalidJsonPolling": ("postAsyncRelativeRetryInvalidJsonPolling", DecodeError),
}
for scenario, (operation, error) in FORGETFUL.items():
    work.call(scenario, f"LROSADs_{operation}", *([] if "Delete" in scenario else [PRODUCT]), raises=error)

# --- with a header of the caller's, which every look takes along -----------------------------------------------------

for scenario, operation in {
    "CustomHeaderPutAsyncSucceded": "putAsyncRetrySucceeded",
    "CustomHeaderPostAsyncSucceded": "postAsyncRetrySucceeded",
    "CustomHeaderPutSucceeded": "put201CreatingSucceeded200",
    "CustomHeaderPostSucceeded": "post202Retry200",
}.items():
    work.call(scenario, f"LROsCustomHeader_{operation}", PRODUCT, headers={"x-ms-client-request-id": REQUEST_ID})

hosts = Area("lro-parameterized-endpoints")
hosts.call("LROParameterizedEndpoint", "pollWithParameterizedEndpoints", gives="success")
hosts.call(
    ("LROConstantParameterizedPost", "LROConstantParameterizedGet"),
    "pollWithConstantParameterizedEndpoints",
    "iAmConstant",
    gives="success",
)

AREAS = (work, hosts)
