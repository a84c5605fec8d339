"""All settings as one value that never changes, and the table that is made of it."""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from naas.config.checks import problems_of
from naas.config.problems import ConfigurationProblems
from naas.config.sections import SECTIONS, AccessSettings, DeviceSettings, JobSettings, ObservabilitySettings
from naas.config.sections.server import ServerSettings
from naas.config.table import Setting

if TYPE_CHECKING:
    import dataclasses
    from collections.abc import Mapping

__all__ = ["TABLE", "Settings"]


@dataclass(frozen=True, kw_only=True)
class Settings(ServerSettings, JobSettings, DeviceSettings, AccessSettings, ObservabilitySettings):
    """How one process of the service runs. Times are seconds. The fields are listed in the guide to configuration.

    Made by `naas.config.load` from file, environment and flags, or directly, as tests do; then call `check`.
    """

    @property
    def key_file(self) -> Path:
        """Where the master key lives if the environment does not give one."""
        return self._beside_database(".key")

    @property
    def known_hosts_file(self) -> Path:
        """Where the host keys of devices are remembered."""
        return self.known_hosts or self._beside_database(".known_hosts")

    @property
    def store_url(self) -> str:
        """The store as a URL: ``database_url``, or SQLite at ``database``."""
        # Three slashes and an absolute path make four; SQLAlchemy reads them as such.
        return self.database_url or f"sqlite:///{self.database.absolute()}"

    @property
    def pool_size(self) -> int:
        """How many sessions a process holds."""
        return self.connection_pool_max_size or self.worker_threads

    @property
    def has_tls(self) -> bool:
        """Whether a certificate is given, as a file or as text."""
        return self.tls_cert is not None or self.cert is not None

    @property
    def shutdown_timeout(self) -> float:
        """What the existing service calls `drain_seconds`."""
        return self.drain_seconds

    def _beside_database(self, ending: str) -> Path:
        scheme, _, path = (self.database_url or "").partition(":///")
        # With another kind of store, `database` still says in which folder these files stand.
        file = Path(path) if scheme == "sqlite" and path else self.database
        return file.with_name(file.name + ending)

    def check(self) -> None:
        """Return if the service may start like this.

        Raises:
            ConfigurationProblems: It may not: plain HTTP off loopback, half a TLS pair, and whatever else
                `naas.config.checks` lists; all of it.
        """
        if problems := problems_of(self):
            raise ConfigurationProblems(problems)


def _row(section: str, field: dataclasses.Field[Any]) -> Setting:
    default = field.default if field.default_factory is MISSING else field.default_factory()
    told = field.metadata
    return Setting(field.name, section, told["kind"], default, told["help"], told["also"], told["used_by"])


# By name, section after section.
TABLE: Final[Mapping[str, Setting]] = {
    field.name: _row(section, field) for section, fields_of in SECTIONS.items() for field in fields(fields_of)
}
