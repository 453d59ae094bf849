"""What the doctor finds about the configured models: each is asked something small."""

import os
from collections.abc import Iterator

from agent.cli.doctor.sights import finding
from agent.config import load_user
from agent.protocol.model import ModelProfile
from agent.routing import routing
from sandboxes.doctor import Finding, Level

MODELS = "models"


def model_findings() -> Iterator[Finding]:
    """Ask every configured model, for some hundred tokens each; raises UsageError on a file that is wrong."""
    profiles = routing(load_user(), os.environ).models
    if not profiles:
        yield Finding(
            MODELS,
            Level.WARN,
            "None is configured: `fix` and `verify` work, `do`, `ask` and `review` do not.",
            "Add [models.NAME] with base_url and model to your config.toml; see docs/models.md.",
        )
    for profile in profiles:
        yield from _findings(profile)


def works(findings: tuple[Finding, ...]) -> bool:
    """Say whether there is a model with nothing against it that would stop it."""
    names = {one.name.partition(":")[0] for one in findings} - {MODELS}
    failed = {one.name.partition(":")[0] for one in findings if one.level is Level.FAIL}
    return bool(names - failed)


def _findings(profile: ModelProfile) -> Iterator[Finding]:
    from agent.models.probe import probe

    for sight in probe(profile):
        yield finding(profile.name, sight)
