"""Names of the functions that read a service's messages, and what tells the messages apart."""

from __future__ import annotations

from dataclasses import replace

from clientsmith.configuration import Configuration
from clientsmith.findings import Finding

from ..ir import Api, Webhook
from ..lookup import Shapes, properties_of, word_values
from ..names import METHOD_NAMES, Wish, allocate, first_of, snake_case

__all__ = ["name_webhooks"]


def name_webhooks(api: Api, configuration: Configuration) -> tuple[Api, list[Finding]]:
    """Name each message, `parse_new_pet`, and find the member whose value says which message it is."""
    wishes = [Wish(one.pointer, _candidates(one)) for one in api.webhooks]
    names = allocate(wishes, METHOD_NAMES | {"parse_event", "parse_message", "verifier"})
    member = _telling_member(api.webhooks, api.shapes)
    said = configuration.webhook_signature
    webhooks = tuple(
        replace(
            one,
            name=names[one.pointer],
            event=(member, _values(one, member, api.shapes)) if member else None,
            signature=one.signature if said == "auto" else "" if said == "none" else said,
        )
        for one in api.webhooks
    )
    return replace(api, webhooks=webhooks), []


def _candidates(webhook: Webhook) -> tuple[str, ...]:
    key = snake_case(webhook.key, "message")
    return first_of(
        [f"parse_{key}", f"parse_{snake_case(webhook.operation_id or key)}", f"parse_{key}_{webhook.method.lower()}"]
    )


def _telling_member(webhooks: tuple[Webhook, ...], shapes: Shapes) -> str:
    """Return the required member that has its own values in each message, "" if there is none."""
    if len(webhooks) < 2:
        return ""
    for name in properties_of(webhooks[0].shape, shapes):
        values = [_values(one, name, shapes) for one in webhooks]
        every = [value for listed in values for value in listed]
        if all(values) and len(every) == len(set(every)):
            return name
    return ""


def _values(webhook: Webhook, member: str, shapes: Shapes) -> tuple[str, ...]:
    part = properties_of(webhook.shape, shapes).get(member)
    return word_values(part.shape, shapes) if part is not None else ()
