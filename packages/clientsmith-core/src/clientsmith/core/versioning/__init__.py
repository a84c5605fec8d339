"""Version negotiation: which version of an API client and service speak with each other.

A small model serves every scheme in the field:

- `ApiVersion` is a version, read by a `VersionFormat`; `Known` is what this side understands, `Advertised` what the
  other side says, `Policy` what is done where they differ, and `decide` makes a `Decision` of these, without I/O.
- `clientsmith.core.versioning.sources` has the places where a service says its version,
  `clientsmith.core.versioning.senders` those where a request says it; a `Scheme` ties them together, and
  `clientsmith.core.versioning.schemes` has the usual ones.
- `Negotiator` is the negotiation of one client as it goes on; `negotiation_of` shows that of a client.
- `ApiLifecycleNotice` is what a service says about the end of something.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .decision import decide as decide
    from .errors import ApiRetiredError as ApiRetiredError
    from .errors import ApiVersionError as ApiVersionError
    from .errors import ApiVersionRefusedError as ApiVersionRefusedError
    from .errors import ApiVersionWarning as ApiVersionWarning
    from .errors import FeatureNotSupportedError as FeatureNotSupportedError
    from .errors import MalformedVersionError as MalformedVersionError
    from .errors import NewerApiVersionWarning as NewerApiVersionWarning
    from .errors import UnsupportedApiVersionError as UnsupportedApiVersionError
    from .errors import VersionMismatchError as VersionMismatchError
    from .lifecycle import ApiLifecycleNotice as ApiLifecycleNotice
    from .lifecycle import ApiLifecycleWarning as ApiLifecycleWarning
    from .model import Advertised as Advertised
    from .model import Decision as Decision
    from .model import Known as Known
    from .model import Policy as Policy
    from .negotiator import Negotiator as Negotiator
    from .negotiator import negotiation_of as negotiation_of
    from .scheme import DefaultVersion as DefaultVersion
    from .scheme import Discovery as Discovery
    from .scheme import Scheme as Scheme
    from .versions import ApiVersion as ApiVersion
    from .versions import VersionFormat as VersionFormat

if not TYPE_CHECKING:
    from ..lazy import lazy

    _TABLE = {
        "decision": "decide",
        "errors": (
            "ApiRetiredError ApiVersionError ApiVersionRefusedError ApiVersionWarning FeatureNotSupportedError "
            "MalformedVersionError NewerApiVersionWarning UnsupportedApiVersionError VersionMismatchError"
        ),
        "lifecycle": "ApiLifecycleNotice ApiLifecycleWarning",
        "model": "Advertised Decision Known Policy",
        "negotiator": "Negotiator negotiation_of",
        "scheme": "DefaultVersion Discovery Scheme",
        "versions": "ApiVersion VersionFormat",
    }
    __all__ = sorted(name for names in _TABLE.values() for name in names.split())
    __getattr__, __dir__ = lazy(__name__, _TABLE)
