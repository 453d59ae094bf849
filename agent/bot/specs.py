"""From an errand to the spec of its task: the settings are the user's, nothing is the stranger's."""

from agent.bot.errand import Errand
from agent.client.request import configured
from agent.protocol.forge import Happened, Verb
from agent.protocol.task import TaskSpec
from agent.sections import BotConfig

_AUTOMATIC = (Happened.PULL, Happened.RUN)
_TALK = (Verb.STOP, Verb.HELP, Verb.UNKNOWN)
_SOON, _PERSON, _USUAL = 10, 50, 100


def spec_of(errand: Errand, config: BotConfig) -> TaskSpec:
    """Return what the daemon is asked for; raises UsageError when the settings cannot be used."""
    trigger = errand.trigger
    return configured(
        errand.kind,
        f"github:{trigger.repository}",
        # A comment names tests and never a command, however it looks.
        tests=errand.tests,
        goal=errand.goal,
        trigger=trigger,
        priority=_priority(errand),
        attended=config.attended,
        front_end="bot",
    )


def _priority(errand: Errand) -> int:
    """Return who goes first: what takes no time, then what somebody waits for."""
    if errand.trigger.verb in _TALK:
        return _SOON
    return _USUAL if errand.trigger.happened in _AUTOMATIC else _PERSON
