"""The settings, section by section, in the order of help texts and tables."""

from __future__ import annotations

from naas.config.sections.access import AccessSettings
from naas.config.sections.devices import DeviceSettings
from naas.config.sections.jobs import JobSettings
from naas.config.sections.observability import ObservabilitySettings
from naas.config.sections.server import ServerSettings

__all__ = ["SECTIONS", "AccessSettings", "DeviceSettings", "JobSettings", "ObservabilitySettings", "ServerSettings"]

SECTIONS = {
    "server": ServerSettings,
    "jobs": JobSettings,
    "devices": DeviceSettings,
    "access": AccessSettings,
    "observability": ObservabilitySettings,
}
