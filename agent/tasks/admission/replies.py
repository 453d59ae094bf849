"""What a command comes to that needs no work: stop, help, what is no command."""

from agent.protocol.forge import Verb
from agent.protocol.outcome import Outcome
from agent.protocol.state import TaskState
from agent.tasks.context import Context
from agent.tasks.judgement import Judgement


def reply(state: TaskState, context: Context) -> Judgement:
    """Return the end of an admitted task of kind reply; `stop` ends the older tasks about the same place."""
    trigger = state.spec.trigger if state.spec is not None else None
    if trigger is None:
        return Judgement(
            outcome=Outcome.USAGE,
            reason="a reply answers what happened on a forge, and nothing did",
            hint="submit a task of another kind",
        )
    if trigger.verb is not Verb.STOP:
        return Judgement(outcome=Outcome.DONE, reason="answered")
    # Again after a crash: those that it ended before are no longer open, and are not counted twice.
    count = context.hold.cancel_place(trigger.place, f"forge:{trigger.actor}")
    if not count:
        return Judgement(outcome=Outcome.DONE, reason="nothing was going on here")
    return Judgement(outcome=Outcome.DONE, reason=f"{count} task{'s' if count != 1 else ''} stopped")
