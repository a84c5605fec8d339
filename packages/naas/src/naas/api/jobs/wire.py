"""The shapes of submissions: what a request to run a job may say. The answers are in `naas.api.jobs.reports`."""

from __future__ import annotations

from typing import Annotated, Final, Protocol

from msgspec import Meta, Struct

from naas.api.wire import (
    ContextName,
    DriverName,
    EntryName,
    Host,
    Lines,
    Password,
    PlatformName,
    Port,
    RequestTags,
    Username,
)
from naas.jobs import Priority

__all__ = [
    "CacheRequest",
    "CheckRequest",
    "ReplayRequest",
    "SendCommandRequest",
    "SendCommandStructuredRequest",
    "SendConfigRequest",
    "Submission",
]

# An hour holds the longest commands there are, such as copying an image; ten minutes the slowest login. The existing
# service cut every job off at 120 seconds, so no request of its clients is refused by these.
LONGEST_READ: Final = 3600
LONGEST_CONNECT: Final = 600
LONGEST_JOB: Final = 86_400
# Bounds that are far beyond any use and keep one request from costing much.
MOST_CHECKS: Final = 100
LONGEST_TEMPLATE: Final = 262_144
LONGEST_URL: Final = 2048


class DeviceLogin(Struct, kw_only=True, frozen=True):
    """The device login of a request that comes with an API key. A request with a device login ignores it."""

    username: Annotated[
        Username | None,
        Meta(
            description=(
                "User at the device. Needed with an API key unless `credential` or `device` is given; ignored with "
                "Basic authentication, whose user it is."
            )
        ),
    ] = None
    password: Annotated[Password | None, Meta(description="Their password; needed and ignored as `username` is.")] = (
        None
    )
    enable: Annotated[
        Password | None,
        Meta(
            description=(
                "Password of privileged mode. If it is given, commands run in that mode. Configuration always does; "
                "its default is the password of the caller."
            )
        ),
    ] = None
    credential: Annotated[
        EntryName | None,
        Meta(description="Name of a stored credential to use instead of `username` and `password`."),
    ] = None


class RunOptions(DeviceLogin, kw_only=True, frozen=True):
    """How a job is run: as whom, how long, before which others, and who is told."""

    read_timeout: Annotated[
        float,
        Meta(ge=1.0, le=LONGEST_READ, description="Longest wait for the answer to one command, in seconds."),
    ] = 30.0
    conn_timeout: Annotated[
        float,
        Meta(ge=1.0, le=LONGEST_CONNECT, description="Longest wait for the connection to the device, in seconds."),
    ] = 10.0
    job_timeout: Annotated[
        Annotated[float, Meta(ge=1.0, le=LONGEST_JOB)] | None,
        Meta(
            description=(
                "Longest time that the whole job may run, in seconds. By default as long as its commands may take by "
                "their own timeouts, and at least 120."
            )
        ),
    ] = None
    priority: Annotated[
        Priority, Meta(description="Whether the job goes before or after others that wait for the same device.")
    ] = Priority.NORMAL
    tags: RequestTags = None
    webhook_url: Annotated[
        Annotated[str, Meta(min_length=1, max_length=LONGEST_URL)] | None,
        Meta(
            description="Where to POST that the job has ended: an `https` address. Results are not sent there.",
            examples=["https://hooks.example.com/naas"],
        ),
    ] = None
    webhook_secret: Annotated[
        Password | None,
        Meta(description="Key with which that message is signed: HMAC-SHA256, in `X-NAAS-Signature`."),
    ] = None


class Submission(RunOptions, kw_only=True, frozen=True):
    """What every submission of one job has in common."""

    host: Annotated[
        Host | None,
        Meta(description="IPv4 address, IPv6 address or host name of the device; or give `device`."),
    ] = None
    device: Annotated[
        EntryName | None,
        Meta(
            description=(
                "Name of a device of the inventory, instead of `host`; its address, port, platform, context and "
                "credential are used."
            )
        ),
    ] = None
    port: Annotated[Port, Meta(description="TCP port of the device's SSH server.")] = 22
    platform: Annotated[
        PlatformName,
        Meta(
            description=(
                "Netmiko platform name of the device, or `autodetect`. An unknown name is refused with the nearest "
                "known names."
            )
        ),
    ] = "cisco_ios"
    driver: Annotated[
        DriverName, Meta(description="What talks to the device; `scrapli` knows fewer platforms and may be absent.")
    ] = "netmiko"
    context: Annotated[ContextName, Meta(description="Which group of workers runs the job.")] = "default"

    def __repr__(self) -> str:
        return f"{type(self).__name__}(host={self.host!r}, port={self.port}, platform={self.platform!r})"


class CacheRequest(Struct, kw_only=True, frozen=True):
    """Whether an earlier answer would do: the result of an equal job of the same caller, with the same login."""

    ttl: Annotated[
        int, Meta(ge=1, le=LONGEST_JOB, description="The oldest result that is good enough, in seconds.")
    ] = 300
    refresh: Annotated[bool, Meta(description="Whether to ask the device in any case; others may use the answer.")] = (
        False
    )


_COMMANDS: Final = Meta(
    description="The commands, each as it would be typed: one line, not blank, without control characters.",
    examples=[["show version"]],
)
_CACHE: Final = Meta(
    description=(
        "Whether an earlier result would do. A configuration job for the device in between makes it unusable. Only "
        "for commands that read, such as `show` and `display`."
    )
)


class SendCommandRequest(Submission, kw_only=True, frozen=True):
    """Commands to run on one device, in order."""

    commands: Annotated[Lines, _COMMANDS]
    expect_string: Annotated[
        Annotated[str, Meta(max_length=512)] | None,
        Meta(description="Regular expression that ends the output of each command; by default the device's prompt."),
    ] = None
    cache: Annotated[CacheRequest | None, _CACHE] = None


class SendCommandStructuredRequest(Submission, kw_only=True, frozen=True):
    """Commands to run on one device, in order, whose output is parsed into records."""

    commands: Annotated[Lines, _COMMANDS]
    textfsm_template: Annotated[
        Annotated[str, Meta(min_length=1, max_length=LONGEST_TEMPLATE)] | None,
        Meta(description="TextFSM template for every command; by default the one that ntc-templates has for it."),
    ] = None
    ttp_template: Annotated[
        Annotated[str, Meta(min_length=1, max_length=LONGEST_TEMPLATE)] | None,
        Meta(description="TTP template for every command, or `ttp://` and the name of one; not with the other."),
    ] = None
    use_genie: Annotated[
        bool, Meta(description="Whether Genie parses the output, where it is installed and no template is given.")
    ] = False
    cache: Annotated[CacheRequest | None, _CACHE] = None


class CheckRequest(Struct, kw_only=True, frozen=True):
    """A command, and what its output must and must not hold."""

    command: Annotated[str, Meta(min_length=1, max_length=1024, description="The command, as it would be typed.")]
    includes: Annotated[
        list[Annotated[str, Meta(min_length=1, max_length=4096)]],
        Meta(max_length=MOST_CHECKS, description="Texts that must all be in the output."),
    ] = []
    excludes: Annotated[
        list[Annotated[str, Meta(min_length=1, max_length=4096)]],
        Meta(max_length=MOST_CHECKS, description="Texts of which none may be in the output."),
    ] = []


Checks = Annotated[list[CheckRequest], Meta(max_length=MOST_CHECKS)]


# Single jobs and batches say the same; structures of two parents cannot share them otherwise.
SaveConfig = Annotated[
    bool, Meta(description="Whether to save the configuration so that it survives a restart of the device.")
]
Commit = Annotated[bool, Meta(description="Whether to commit the candidate configuration, on platforms that have one.")]
DryRun = Annotated[
    bool,
    Meta(
        description=(
            "Whether only to show what would change, in `diff`. Only on platforms with a candidate configuration; "
            "on others the job ends with an error and the device is not touched."
        )
    ),
]
WantDiff = Annotated[bool, Meta(description="Whether to show what changed, in `diff` of the result.")]
PreChecks = Annotated[
    Checks | None,
    Meta(description="What must hold before the change; the first that does not prevents it."),
]
PostChecks = Annotated[
    Checks | None,
    Meta(description="What must hold after the change; one that does not is told, and asks a person to look."),
]


class ConfigOptions(Protocol):
    """What to do with a configuration beside entering it; single jobs and batches both say it."""

    @property
    def save_config(self) -> bool: ...
    @property
    def commit(self) -> bool: ...
    @property
    def dry_run(self) -> bool: ...
    @property
    def diff(self) -> bool: ...
    @property
    def pre_checks(self) -> list[CheckRequest] | None: ...
    @property
    def post_checks(self) -> list[CheckRequest] | None: ...


class SendConfigRequest(Submission, kw_only=True, frozen=True):
    """Configuration lines to enter on one device, as one set. One of `config` and `commands` is required."""

    config: Annotated[
        Lines | None,
        Meta(
            description=(
                "The configuration lines, in order: at least one, none blank, none with line ends inside or other "
                "control characters but tabs."
            ),
            examples=[["interface Loopback0", "description made by naas"]],
        ),
    ] = None
    commands: Annotated[Lines | None, Meta(description="Another name for `config`; `config` wins.")] = None
    save_config: SaveConfig = False
    commit: Commit = False
    dry_run: DryRun = False
    diff: WantDiff = False
    pre_checks: PreChecks = None
    post_checks: PostChecks = None


class ReplayRequest(DeviceLogin, kw_only=True, frozen=True):
    """The device login for a replay. The body may be left away with Basic authentication."""
