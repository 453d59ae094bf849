"""What a forge said about a task that came from there, as an entry of the transcript."""

from agent.protocol.event import TriggerAdmitted
from tui.widgets.entry import Entry, Tone


def admitted(body: TriggerAdmitted) -> Entry:
    """Return who asked, whether that is enough, and which commit it is about."""
    said, trigger = body.admission, body.spec.trigger
    who = f"{trigger.actor} has {said.permission} access" if trigger is not None else ""
    if said.refused:
        return Entry(f"not admitted: {said.refused}", "✗", Tone.BAD, note=who)
    fork = " of a fork, from which nothing is pushed" if said.fork else ""
    about = [f"pull request {said.pull.number}{fork}: {said.pull.title}"] if said.pull else []
    about += [f"{one.workflow}: {one.job}: {one.step}" for one in [said.evidence] if one is not None]
    head = f" at {said.pull.head[:10]}" if said.pull else ""
    return Entry(f"admitted{head}", "◇", Tone.MUTED, note=who, body="\n".join(about))
