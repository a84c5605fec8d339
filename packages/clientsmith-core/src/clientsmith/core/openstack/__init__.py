"""OpenStack: sign in at keystone, and find the services in its catalog.

    credential = KeystonePasswordCredential(auth_url, "ada", password, project_name="physics")
    catalog = fetch_catalog(credential)
    client = ComputeClient(catalog.endpoint("compute"), credential)

- `KeystonePasswordCredential` and `KeystoneApplicationCredential` get tokens as they are needed, for clients of either
  colour; `credential_from_environment` makes one of the ``OS_…`` variables.
- `fetch_catalog` signs in, if need be, and returns the `Catalog` that came with the token. `fetch_endpoint` asks a
  service where one version of its API is. Their async twins are in `clientsmith.core.openstack.aio`.

Microversions are a scheme of `clientsmith.core.versioning`: `clientsmith.core.versioning.schemes.microversion`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .catalog import Catalog as Catalog
    from .catalog import CatalogEndpoint as CatalogEndpoint
    from .credentials import KeystoneApplicationCredential as KeystoneApplicationCredential
    from .credentials import KeystoneCredential as KeystoneCredential
    from .credentials import KeystonePasswordCredential as KeystonePasswordCredential
    from .environment import credential_from_environment as credential_from_environment
    from .fetching import fetch_catalog as fetch_catalog
    from .fetching import fetch_endpoint as fetch_endpoint

if not TYPE_CHECKING:
    from ..lazy import lazy

    _TABLE = {
        "catalog": "Catalog CatalogEndpoint",
        "credentials": "KeystoneApplicationCredential KeystoneCredential KeystonePasswordCredential",
        "environment": "credential_from_environment",
        "fetching": "fetch_catalog fetch_endpoint",
    }
    __all__ = sorted(name for names in _TABLE.values() for name in names.split())
    __getattr__, __dir__ = lazy(__name__, _TABLE)
