"""Callbacks are messages of the service, too; what several operations share is one message."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def test_a_callback_that_operations_share_is_one_message(describe: Callable[..., Any]) -> None:
    body = {"content": {"application/json": {"schema": {"properties": {"id": {"type": "string"}}}}}}
    done = {"{$request.body#/url}": {"post": {"requestBody": body, "responses": {"204": {"description": "d"}}}}}
    shared = {
        "callbacks": {"done": {"$ref": "#/components/callbacks/done"}},
        "responses": {"204": {"description": "d"}},
    }
    api = describe({"/a": {"post": shared}, "/b": {"post": shared}}, components={"callbacks": {"done": done}}).api
    assert [one.pointer for one in api.webhooks] == ["/components/callbacks/done/{$request.body#~1url}/post"]
