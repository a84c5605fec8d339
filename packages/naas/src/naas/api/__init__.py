"""The HTTP side: it translates between the wire and the services, and decides nothing.

One folder a resource, shared parts beside them. How a resource is added, in the order in which one writes it:

1. ``api/things/wire.py``: its shapes as `msgspec.Struct`, every field described and bounded (`naas.api.wire` has the
   shared ones). Requests are checked and documented from the same structure, so the two cannot differ.
2. ``api/things/routes.py``: Litestar handlers and ``ROUTES``. A handler asks `naas.api.asking` who is there and what
   was sent (`principal_of`, `query_of`, `body_of`), calls one service method, and answers by `naas.api.answers`
   (`answer`, `cacheable`). Errors are raised as `naas.errors` and rendered in one place (`naas.api.errors`).
3. ``api/things/document.py``: ``OPERATIONS``, made of `naas.api.describe.OperationDoc`, one for each path and method
   under ``/v2/``. What has no version or is no API for programs (``/ui``, ``/metrics``) needs none.
4. One line in `naas.api.resources.RESOURCES`. The document, the role × route matrix of the tests and naas-client
   follow from there; ``tests/api/test_document.py`` fails while a route is undocumented.
"""
