"""The sections of the configuration files, and which of them each file may have."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from agent.policy import PolicyConfig
from agent.protocol.forge import Verb
from agent.protocol.model import ModelProfile
from agent.protocol.value import Value


class EnvironmentConfig(Value):
    """`[environment]`: what the repository needs to run, where detection is not enough."""

    python: str = ""
    """Wanted Python, e.g. "3.12"."""
    packages: tuple[str, ...] = ()
    """More PEP 508 requirements."""
    system: tuple[str, ...] = ()
    """Debian packages of the root."""
    setup: tuple[str, ...] = ()
    """Shell commands of the build phase, run without network."""
    extras: tuple[str, ...] | None = None
    """Extras of the project to install; None means the usual test extras."""
    groups: tuple[str, ...] | None = None
    """Dependency groups to install; None means the usual test groups."""


class CheckConfig(Value):
    """`[checks.NAME]`: a command run at the root of the tree."""

    command: str
    results: str = "exit"
    """pytest, unittest, junit:GLOB, diagnostics, or exit (one result: the exit code)."""


class LimitsConfig(Value):
    """`[limits]`: unset fields keep their default; a repository may only lower them."""

    seconds: float | None = Field(default=None, gt=0)
    test_seconds: float | None = Field(default=None, gt=0)
    memory_mib: int | None = Field(default=None, ge=64)
    workspace_mib: int | None = Field(default=None, ge=16)
    pids: int | None = Field(default=None, ge=16)
    cpus: float | None = Field(default=None, gt=0)


class SandboxConfig(Value):
    """`[sandbox]`: which backend to use."""

    kind: str = "auto"


class DaemonConfig(Value):
    """`[daemon]`: how much the daemon does at a time, and how long it stays."""

    workers: int | None = Field(default=None, ge=1)
    """Tasks worked on at the same time; None means half the cores, but two at least."""
    per_repository: int = Field(default=2, ge=1)
    """Tasks of one repository worked on at the same time."""
    idle_minutes: float = Field(default=30.0, ge=0)
    """The daemon ends after this time without work; 0 means never."""


class RetentionConfig(Value):
    """`[retention]`: what is kept of finished tasks and of what can be made again."""

    days: float = Field(default=30.0, gt=0)
    """Age since the last use from which a finished task, an environment or a log may go."""
    size_mib: int | None = Field(default=None, ge=1)
    """Bound on what is kept below the state directory, least recently used first; None means none."""


class RoutingConfig(Value):
    """`[routing]`: which model does what, and what all of them together may cost."""

    plan: str = ""
    """Name of the model of this role; empty means that of the stage."""
    edit: str = ""
    review: str = ""
    stages: tuple[str, ...] = ()
    """`search` and names of models in the order they are tried; empty means all models, as they stand."""
    cost_usd_per_day: float | None = Field(default=None, ge=0)
    tokens_per_day: int | None = Field(default=None, ge=0)
    calls_per_day: int | None = Field(default=None, ge=0)
    cost_usd_per_task: float | None = Field(default=None, ge=0)
    """`--budget` of a task holds besides."""
    tokens_per_task: int | None = Field(default=None, ge=0)
    calls_per_task: int | None = Field(default=None, ge=0)


class Notify(StrEnum):
    """How a terminal tells that a task has ended or asks."""

    BELL = "bell"
    DESKTOP = "desktop"
    """A notification of the desktop, for terminals that pass it on (OSC 9 or 777)."""
    OFF = "off"


class DiffLayout(StrEnum):
    """How a diff is laid out."""

    UNIFIED = "unified"
    SPLIT = "split"
    """Side by side, where the terminal is wide enough."""


class TuiConfig(Value):
    """`[tui]`: how the terminal user interface looks and behaves."""

    theme: str = ""
    """Name of a theme; empty means one that suits the colours of the terminal."""
    vim_keys: bool = False
    """j, k, h, l, g, G, Ctrl+D and Ctrl+U move wherever nothing is typed."""
    mouse: bool = True
    """False leaves the mouse to the terminal, e.g. to select text."""
    notify: Notify = Notify.BELL
    diff: DiffLayout = DiffLayout.UNIFIED


def _unless_off(given: object) -> object:
    # TOML has no word for nothing.
    return None if given == "off" else given


class BotConfig(Value):
    """`[bot]`: the forge whose pull requests Ratchet works on, and as whom.

    Keys, tokens and secrets are references, `env:VARIABLE` or `keyring:SERVICE`, and stand in no file.
    """

    api: str = "https://api.github.com"
    """Root of the REST API; of GitHub Enterprise Server `https://HOST/api/v3`."""
    web: str = "https://github.com"
    """Where repositories are fetched from and pushed to, as `WEB/owner/name.git`."""
    app: int | None = None
    """Id of the GitHub App; None means that `token` is used."""
    private_key: str = "env:RATCHET_APP_KEY"
    """The App's key, PEM."""
    token: str = "env:GITHUB_TOKEN"
    login: str = ""
    """Whom a mention in a comment means, beside `/ratchet`; empty asks the forge who we are."""
    secrets: tuple[str, ...] = ("env:RATCHET_WEBHOOK_SECRET", "env:RATCHET_WEBHOOK_SECRET_OLD")
    """What deliveries are signed with; the second is for the time in which the first is changed."""
    label: str = "ratchet"
    """An issue that gets this label becomes a task, a branch and a pull request; empty means none does."""
    on_pull: Annotated[Literal[Verb.VERIFY, Verb.REVIEW] | None, BeforeValidator(_unless_off)] = Verb.VERIFY
    """What a pull request gets when it is opened and with each push: verify, review or off."""
    on_failure: bool = True
    """Whether a failed workflow run becomes a task."""
    attended: bool = True
    """Somebody looks at the TUI, so that a task may wait for an approval; else what would ask is denied."""
    repositories: tuple[str, ...] = ()
    """`owner/name`, or globs of it, that tasks are taken from; empty means every one that the App is in.

    Polling asks for these, without globs.
    """


class RepositoryConfig(Value):
    """All that a repository may say about itself."""

    environment: EnvironmentConfig = EnvironmentConfig()
    checks: Mapping[str, CheckConfig] = {}
    limits: LimitsConfig = LimitsConfig()
    policy: PolicyConfig = PolicyConfig()
    """May only ask and deny."""


class UserConfig(Value):
    """The user's own file."""

    sandbox: SandboxConfig = SandboxConfig()
    limits: LimitsConfig = LimitsConfig()
    policy: PolicyConfig = PolicyConfig()
    daemon: DaemonConfig = DaemonConfig()
    retention: RetentionConfig = RetentionConfig()
    models: Mapping[str, ModelProfile] = {}
    routing: RoutingConfig = RoutingConfig()
    tui: TuiConfig = TuiConfig()
    bot: BotConfig = BotConfig()


class OrganizationConfig(Value):
    """The organization's file; nobody weakens what it says."""

    sandbox: SandboxConfig | None = None
    """The only sandbox that may be used."""
    limits: LimitsConfig = LimitsConfig()
    """The most that anybody may ask for."""
    policy: PolicyConfig = PolicyConfig()
