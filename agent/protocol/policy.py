"""What may be done without asking: rules, the actions they judge, and the approvals they lead to."""

from enum import StrEnum

from agent.protocol.value import Value


class Decision(StrEnum):
    """The answers of a policy, and of a person."""

    ALLOW = "allow"
    ASK = "ask"
    DENY = "deny"


class ApprovalScope(StrEnum):
    """How far a yes reaches; a no ends the task, so that it has none."""

    ONCE = "once"
    """What was asked, this time."""
    TASK = "task"
    """What was asked, for the rest of the task and when it is tried again."""
    PATTERN = "pattern"
    """What was asked, and for the rest of the task whatever a glob matches."""


class Subject(StrEnum):
    """What a rule is about."""

    TOOL = "tool"
    PATH = "path"
    COMMAND = "command"
    NETWORK = "network"
    COST = "cost"
    MODEL = "model"
    """Sending parts of the repository to a language model on another machine."""


class Rule(Value):
    """One line of a policy; of an origin's rules that match the last counts, of origins the strictest."""

    subject: Subject
    pattern: str
    """A glob over the action's value; for `cost` the US dollars from which the rule holds."""
    decision: Decision
    origin: str = "user"
    """default, user, repository, organization, or of one task:

    approval: what somebody allowed for the rest of it; verdict: what loosens the tests that measured it.
    """


class Action(Value):
    """Something a task is about to do."""

    subject: Subject
    value: str
    """Tool name, path in the tree, command line, host or US dollars; of a model its host."""


class Approval(Value):
    """A question to a person; the task waits for the answer."""

    id: str
    """Unique within the task."""
    actions: tuple[Action, ...]
    reason: str
    """One sentence: what would happen and which rule asks."""
    detail: str = ""
    """The exact command or diff."""
    rules: tuple[Rule, ...] = ()
    """The rule that asks, for each of `actions` in their order; empty in logs of older versions."""


class Answer(Value):
    """How an approval was settled, by whoever came first."""

    approval_id: str
    decision: Decision
    by: str
    """Front end and user, e.g. `cli:ann`, or `policy` when nobody is there to ask."""
    reason: str = ""
    scope: ApprovalScope = ApprovalScope.ONCE
    rules: tuple[Rule, ...] = ()
    """What it allows for the rest of the task, beside what was asked."""
