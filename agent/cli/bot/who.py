"""The settings of the bot, its forge and its name there."""

from agent.bot.intake import Note
from agent.client.client import Client
from agent.client.launch import finder
from agent.config import load_user, state_dir
from agent.repo.forge.errors import ForgeError
from agent.repo.forge.port import Forge
from agent.sections import BotConfig

FRONT_END = "bot"
"""Its token may submit and cancel, and approve nothing."""


def settings() -> BotConfig:
    """Return `[bot]` of the user's file; raises UsageError."""
    return load_user().bot


def client(note: Note) -> Client:
    """Return a client of this machine's daemon, which is started when none runs; the caller closes it."""
    return Client(finder(state_dir(), note, FRONT_END))


def login(config: BotConfig, forge: Forge, note: Note) -> str:
    """Return our own name on the forge, empty while that cannot be asked; raises UsageError without a key."""
    if config.login:
        return config.login
    try:
        return forge.me().login
    except ForgeError as error:
        note(f"it is not known who we are, so that a mention is not read: {error.message}")
        return ""
