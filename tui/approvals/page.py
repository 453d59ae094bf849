"""What a question is about, line by line and to the letter."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest

from agent.protocol.policy import Action, Rule, Subject
from tui.approvals.question import Question
from tui.safe import shown

_DOES = {
    Subject.TOOL: "do the step",
    Subject.PATH: "change the file",
    Subject.COMMAND: "run the command",
    Subject.NETWORK: "fetch from the host",
    Subject.COST: "spend on models up to US$",
    Subject.MODEL: "send code to the model at",
}
_EXACT = (Subject.PATH, Subject.COMMAND)
"""What `detail` is about."""
_WHOSE = {
    "default": "which holds where nobody says otherwise",
    "user": "from your config.toml",
    "repository": "from the repository's .ratchet.toml",
    "organization": "from your organization's file",
    "approval": "from an answer in this task",
    "verdict": "from the verdict, which the change makes easier to pass",
}


class Tone(StrEnum):
    """What kind of line it is."""

    PLAIN = "plain"
    STRONG = "strong"
    FAINT = "faint"
    QUOTED = "quoted"
    """Not our words: has a bar before it, so that nothing can pass for ours."""
    ADDED = "added"
    REMOVED = "removed"
    PLACE = "place"
    """Says where in a diff the next lines are."""

    @property
    def is_quoted(self) -> bool:
        """Say whether others wrote it."""
        return self in (Tone.QUOTED, Tone.ADDED, Tone.REMOVED, Tone.PLACE)


@dataclass(frozen=True, slots=True)
class Row:
    """One line, harmless and not wrapped yet."""

    text: str
    tone: Tone = Tone.PLAIN


def page(question: Question) -> tuple[Row, ...]:
    """Return what a question is about: the reason, every action with its rule, and the exact diff."""
    approval = question.approval
    rows = [*_quoted(question.subject), *_quoted(question.spec.origin), Row("")]
    # The reason quotes commands and paths, which the task took from the repository.
    rows += _quoted(approval.reason)
    for action, rule in zip_longest(approval.actions, approval.rules[: len(approval.actions)]):
        rows += [Row(""), *_of_action(action, rule)]
    values = [one.value for one in approval.actions if one.subject in _EXACT]
    if approval.detail and approval.detail != "\n".join(values):
        rows += [Row(""), Row("exactly", Tone.STRONG), *_diff(approval.detail.rstrip("\n"))]
    return tuple(rows)


def _of_action(action: Action, rule: Rule | None) -> Iterator[Row]:
    yield Row(_DOES[action.subject], Tone.STRONG)
    yield from _quoted(action.value)
    if rule is not None:
        yield Row(
            f"because of the rule {_WHOSE.get(rule.origin, 'of an origin that is not known here')}:",
            Tone.FAINT,
        )
        yield from _quoted(f'{rule.subject} = "{rule.decision} {rule.pattern}"')


def _quoted(text: str) -> Iterator[Row]:
    return (Row(one, Tone.QUOTED) for one in _lines(text))


def _diff(text: str) -> Iterator[Row]:
    for one in _lines(text):
        yield Row(one, _tone(one))


def _tone(line: str) -> Tone:
    if line.startswith(("diff --git ", "@@ ", "--- ", "+++ ", "index ")):
        return Tone.PLACE
    return {"+": Tone.ADDED, "-": Tone.REMOVED}.get(line[:1], Tone.QUOTED)


def _lines(text: str) -> list[str]:
    return [shown(one).expandtabs() for one in text.replace("\r\n", "\n").split("\n")]
