"""What is wanted by a comment, a label or a button, whichever way it was heard of."""

from agent.bot.commands import Command, Fix, Help, Stop, Verify, read_commands
from agent.bot.errand import Errand
from agent.protocol.forge import OUR_BRANCHES, Trigger, Verb
from agent.sections import BotConfig

_LABELLED = (Verb.VERIFY, Verb.REVIEW, Verb.FIX)
_PRESSED = (Verb.FIX, Verb.VERIFY, Verb.EXPLAIN)
_EXPLAIN = "Say what happens in the failing checks of this change, and why."


def on_own_branch(name: str) -> bool:
    """Say whether a branch of the repository itself is one that we push."""
    return name.startswith(OUR_BRANCHES)


def commanded(trigger: Trigger, body: str, login: str) -> tuple[Errand, ...]:
    """Return what the commands of a comment want, in order, and last what was not understood."""
    read = read_commands(body, login)
    errands = [_errand(trigger, command) for command in dict.fromkeys(read.commands)]
    if read.misunderstood:
        unknown = {"verb": Verb.UNKNOWN, "misunderstood": read.misunderstood}
        errands.append(Errand(trigger=trigger.model_copy(update=unknown)))
    return tuple(errands)


def labelled(trigger: Trigger, label: str, config: BotConfig, *, on_issue: bool) -> tuple[Errand, ...] | str:
    """Return what a label wants of a pull request or of an issue."""
    name, ours = label.lower(), config.label.lower()
    if not ours or name.partition(":")[0] != ours:
        return "The label is none of ours."
    if on_issue:
        if name != ours:
            return f"Only the label `{config.label}` means something on an issue."
        return (Errand(trigger=_with(trigger, Verb.DO)),)
    if name == ours:
        return (Errand(trigger=_with(trigger, config.on_pull or Verb.VERIFY)),)
    found = [verb for verb in _LABELLED if name == f"{ours}:{verb}"]
    return (Errand(trigger=_with(trigger, found[0])),) if found else "The label is none of ours."


def pressed(trigger: Trigger, identifier: str) -> tuple[Errand, ...] | str:
    """Return what a button of a check run wants."""
    found = [verb for verb in _PRESSED if identifier == verb]
    if not found:
        return "The button is none of ours."
    goal = _EXPLAIN if found[0] is Verb.EXPLAIN else ""
    return (Errand(trigger=_with(trigger, found[0]), goal=goal),)


def _errand(trigger: Trigger, command: Command) -> Errand:
    asked = _with(trigger, Verb(command.verb))
    match command:
        case Fix(tests=tests):
            return Errand(trigger=asked, tests=tests)
        case Verify() | Stop() | Help():
            return Errand(trigger=asked)
        case _:
            return Errand(trigger=asked, goal=command.goal)


def _with(trigger: Trigger, verb: Verb) -> Trigger:
    return trigger.model_copy(update={"verb": verb})
