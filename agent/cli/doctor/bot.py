"""What the doctor finds about `[bot]`: its keys without asking anybody, with `--bot` what the forge says."""

from collections.abc import Callable, Iterator

from agent.cli.doctor.sights import finding
from agent.config import load_user
from agent.protocol.errors import RatchetError, UsageError
from agent.sections import BotConfig
from sandboxes.doctor import Finding, Level

_ASK = "`ratchet doctor --bot` asks the forge what it may do there."


def bot_settings() -> Iterator[Finding]:
    """Look at the keys of the bot where one is set up; the forge is not asked."""
    try:
        config = load_user().bot
    except UsageError as error:
        yield _broken("settings", error)
        return
    missing = _missing(lambda: _find_key(config))
    if config == BotConfig() and missing is not None:
        return
    if missing is not None:
        yield _broken("key", missing)
    else:
        yield Finding("bot: key", Level.OK, f"{_place(config)} holds one; {_ASK}")
    if config != BotConfig():
        yield _secret(config)


def bot_findings() -> Iterator[Finding]:
    """Ask the forge who we are, what we may and what is left of its limits; raises UsageError."""
    from agent.repo.forge.github.probe import probe

    config = load_user().bot
    for sight in probe(config):
        yield finding("bot", sight)
    yield _secret(config)


def works(findings: tuple[Finding, ...]) -> bool:
    """Say whether nothing that was found keeps the bot from working."""
    return not any(one.level is Level.FAIL for one in findings)


def _secret(config: BotConfig) -> Finding:
    from agent.bot.signature import signatures

    missing = _missing(lambda: signatures(config.secrets))
    if missing is None:
        return Finding("bot: secret", Level.OK, "deliveries of a webhook can be checked")
    # Neither polling nor the Action needs one.
    detail = f"`ratchet bot serve` does not start: {missing.message}"
    return Finding("bot: secret", Level.WARN, detail, missing.hint or "")


def _find_key(config: BotConfig) -> str:
    from agent.keys import find_key, find_secret

    if config.app is not None:
        return find_secret(config.private_key, "`private_key` of [bot]")
    return find_key(config.token, "`token` of [bot]")


def _place(config: BotConfig) -> str:
    return config.token if config.app is None else config.private_key


def _missing(ask: Callable[[], object]) -> RatchetError | None:
    try:
        ask()
    except UsageError as error:
        return error
    return None


def _broken(aspect: str, error: RatchetError) -> Finding:
    return Finding(f"bot: {aspect}", Level.FAIL, error.message, error.hint or "Look at [bot] of the file.")
