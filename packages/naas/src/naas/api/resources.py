"""All resources of the API, in the order of the document. One more resource is one more line here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from naas.api import operations
from naas.api.audit import document as audit_document
from naas.api.audit import routes as audit
from naas.api.backups import document as backups_document
from naas.api.backups import routes as backups
from naas.api.batches import document as batches_document
from naas.api.batches import routes as batches
from naas.api.contexts import document as contexts_document
from naas.api.contexts import routes as contexts
from naas.api.documentation import routes as documentation
from naas.api.events import document as events_document
from naas.api.events import routes as events
from naas.api.health import document as health_document
from naas.api.health import routes as health
from naas.api.inventory import document as inventory_document
from naas.api.inventory import routes as inventory
from naas.api.jobs import document as jobs_document
from naas.api.jobs import routes as jobs
from naas.api.keys import document as keys_document
from naas.api.keys import routes as keys
from naas.api.schedules import document as schedules_document
from naas.api.schedules import routes as schedules
from naas.api.ui import routes as ui
from naas.api.webhooks import document as webhooks_document
from naas.api.webhooks import routes as webhooks

if TYPE_CHECKING:
    from naas.api.describe import OperationDoc, TagDoc

__all__ = ["OPERATIONS", "ROUTES", "TAGS"]

RESOURCES: Final = (
    (jobs.ROUTES, jobs_document.OPERATIONS, jobs_document.TAG),
    (batches.ROUTES, batches_document.OPERATIONS, batches_document.TAG),
    (events.ROUTES, events_document.OPERATIONS, events_document.TAG),
    (inventory.ROUTES, inventory_document.OPERATIONS, inventory_document.TAG),
    (schedules.ROUTES, schedules_document.OPERATIONS, schedules_document.TAG),
    (backups.ROUTES, backups_document.OPERATIONS, backups_document.TAG),
    (contexts.ROUTES, contexts_document.OPERATIONS, contexts_document.TAG),
    (webhooks.ROUTES, webhooks_document.OPERATIONS, webhooks_document.TAG),
    (keys.ROUTES, keys_document.OPERATIONS, keys_document.TAG),
    (audit.ROUTES, audit_document.OPERATIONS, audit_document.TAG),
    (health.ROUTES, health_document.OPERATIONS, health_document.TAG),
    (documentation.ROUTES, (), None),
    (operations.ROUTES, (), None),
    (ui.ROUTES, (), None),
)

ROUTES: Final[tuple[Any, ...]] = tuple(route for routes, _, _ in RESOURCES for route in routes)
OPERATIONS: Final[tuple[OperationDoc, ...]] = tuple(each for _, operations, _ in RESOURCES for each in operations)
TAGS: Final[tuple[TagDoc, ...]] = tuple(tag for _, _, tag in RESOURCES if tag is not None)
