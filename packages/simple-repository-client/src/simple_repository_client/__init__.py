"""A client for Python package indexes: the Simple API, in JSON and HTML (PEP 503, 691 and their kin).

- `SimpleRepositoryClient` asks an index; its twin of the same name is in `simple_repository_client.aio`.
- `ProjectPage`, `ProjectFile`, `ProjectList`, `CoreMetadata` and `Provenance` are what it answers.
- `DiskCache` keeps answers; `NetrcCredential`, `KeyringCredential` and `api_token` say who is calling.
- `simple_repository_client.pages` reads pages without any client.

Names are imported when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .cache import DiskCache as DiskCache
    from .client import SimpleRepositoryClient as SimpleRepositoryClient
    from .credentials import KeyringCredential as KeyringCredential
    from .credentials import NetrcCredential as NetrcCredential
    from .credentials import api_token as api_token
    from .errors import ContentNegotiationError as ContentNegotiationError
    from .errors import DownloadsFailedError as DownloadsFailedError
    from .errors import ExistingFileError as ExistingFileError
    from .errors import FileError as FileError
    from .errors import ForeignPageError as ForeignPageError
    from .errors import HashMismatchError as HashMismatchError
    from .errors import MetadataUnavailableError as MetadataUnavailableError
    from .errors import ProjectNotFoundError as ProjectNotFoundError
    from .errors import ProvenanceUnavailableError as ProvenanceUnavailableError
    from .errors import SizeMismatchError as SizeMismatchError
    from .errors import UnsafeFileNameError as UnsafeFileNameError
    from .errors import UnverifiableFileError as UnverifiableFileError
    from .metadata import CoreMetadata as CoreMetadata
    from .names import FileKind as FileKind
    from .names import FileName as FileName
    from .names import normalize_name as normalize_name
    from .names import read_file_name as read_file_name
    from .pages import Finding as Finding
    from .pages import ProjectFile as ProjectFile
    from .pages import ProjectList as ProjectList
    from .pages import ProjectPage as ProjectPage
    from .pages import ProjectStatus as ProjectStatus
    from .pages import UnreadablePageError as UnreadablePageError
    from .provenance import Attestation as Attestation
    from .provenance import AttestationBundle as AttestationBundle
    from .provenance import Provenance as Provenance

    __version__: str

if not TYPE_CHECKING:
    from clientsmith.core.lazy import lazy

    from ._version import VERSION as __version__  # noqa: F401  for whoever asks the package

    _TABLE = {
        "cache": "DiskCache",
        "client": "SimpleRepositoryClient",
        "credentials": "KeyringCredential NetrcCredential api_token",
        "errors": (
            "ContentNegotiationError DownloadsFailedError ExistingFileError FileError ForeignPageError "
            "HashMismatchError MetadataUnavailableError ProjectNotFoundError ProvenanceUnavailableError "
            "SizeMismatchError UnsafeFileNameError UnverifiableFileError"
        ),
        "metadata": "CoreMetadata",
        "names": "FileKind FileName normalize_name read_file_name",
        "pages": "Finding ProjectFile ProjectList ProjectPage ProjectStatus UnreadablePageError",
        "provenance": "Attestation AttestationBundle Provenance",
    }
    __all__ = sorted(["__version__", *(name for names in _TABLE.values() for name in names.split())])
    __getattr__, __dir__ = lazy(__name__, _TABLE)
