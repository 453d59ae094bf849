"""What a task has to be allowed, and whether it is; pure."""

import re
from collections.abc import Mapping, Sequence
from glob import escape

from agent.policy import DEFAULTS, VERDICT
from agent.protocol.patch import Patch
from agent.protocol.policy import Action, Answer, Approval, Decision, Rule, Subject
from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind
from agent.tasks.judge_verify import loosened
from agent.tasks.policy import deciding

START = "permit"
"""Before anything of the repository runs."""
DELIVERY = "gate"
"""Between the verdict and the delivery of a patch."""
_FILES = re.compile(r"^(?=diff --git )", re.MULTILINE)


def rules_of(state: TaskState, moment: str) -> tuple[Rule, ...]:
    """Return the rules of a task at a moment: everybody's, and what the task itself has led to."""
    of_client = state.spec.policy if state.spec else ()
    return (*DEFAULTS, *of_client, *state.rules, *state.granted, *_of_verdict(state, moment))


def _of_verdict(state: TaskState, moment: str) -> tuple[Rule, ...]:
    files = _set_apart(state) if moment == DELIVERY else ()
    return tuple(
        Rule(subject=Subject.PATH, pattern=escape(path), decision=Decision.ASK, origin=VERDICT)
        for path in files
    )


def _set_apart(state: TaskState) -> tuple[str, ...]:
    """Return the files of a patch that was handed in which loosen what measures it.

    A planner's patch that does so is never accepted, so that nobody is asked about it.
    """
    given = state.spec is not None and state.spec.kind is TaskKind.VERIFY
    return loosened(state.verdict) if given and state.verdict is not None else ()


def actions_at(state: TaskState, moment: str) -> tuple[Action, ...]:
    """Return what a task is about to do at a moment."""
    if moment == START:
        return state.actions
    assert state.spec is not None and state.patch is not None
    given = state.spec.kind is TaskKind.VERIFY
    wanted = {"deliver": bool(state.spec.branch) or not given, "apply": state.spec.apply}
    tools = (Action(subject=Subject.TOOL, value=tool) for tool, is_wanted in wanted.items() if is_wanted)
    files = dict.fromkeys((*state.patch.files, *_set_apart(state)))
    return (*tools, *(Action(subject=Subject.PATH, value=path) for path in files))


def in_question(state: TaskState, moment: str) -> dict[Action, Decision]:
    """Return the actions that the rules do not simply allow, with what they say."""
    return {action: rule.decision for action, rule in _deciding(state, moment).items()}


def _deciding(state: TaskState, moment: str) -> dict[Action, Rule]:
    """Return the actions that the rules do not simply allow, each with the rule that counts."""
    rules = rules_of(state, moment)
    found = {action: deciding(rules, action) for action in actions_at(state, moment)}
    return {action: rule for action, rule in found.items() if rule and rule.decision is not Decision.ALLOW}


def settled(state: TaskState, moment: str) -> bool:
    """Say whether a task may go on: nothing is in question, or somebody allowed what is."""
    questions = in_question(state, moment)
    if Decision.DENY in questions.values():
        return False
    wanted = approval_id(state, moment)
    allowed = {answer.approval_id for answer in state.answers if answer.decision is Decision.ALLOW}
    granted = {action for one in state.approvals if one.id == wanted for action in one.actions}
    return not questions or (wanted in allowed and set(questions) <= granted)


def approval_id(state: TaskState, moment: str) -> str:
    """Return the id of the approval that a moment leads to: the key of its step."""
    once = moment == START or not state.proposals
    return state.step_key(moment if once else f"{moment}:{state.proposals}")


def approval(state: TaskState, moment: str) -> Approval:
    """Return the question to a person, with the exact commands or hunks it is about."""
    questions = _deciding(state, moment)
    asked = tuple(questions)
    return Approval(
        id=approval_id(state, moment),
        actions=asked,
        reason=f"the policy asks before {described(asked)}",
        detail=_detail(asked, state.patch),
        rules=tuple(questions.values()),
    )


def described(actions: Sequence[Action]) -> str:
    """Say in words what actions do."""
    verbs = {
        Subject.TOOL: "the step",
        Subject.PATH: "a change of",
        Subject.COMMAND: "running",
        Subject.NETWORK: "fetching from",
        Subject.COST: "spending up to US$",
        Subject.MODEL: "sending code to the model at",
    }
    said = [f"{verbs[action.subject]} {action.value}" for action in actions[:3]]
    more = f" and {len(actions) - 3} more" if len(actions) > 3 else ""
    return ", ".join(said) + more


def refused(state: TaskState) -> Answer | None:
    """Return the answer by which a person said no."""
    return next((answer for answer in state.answers if answer.decision is Decision.DENY), None)


def _detail(actions: Sequence[Action], patch: Patch | None) -> str:
    hunks = _hunks(patch) if patch is not None else {}
    exact = {Subject.PATH: hunks, Subject.COMMAND: {}}
    parts = [
        exact[action.subject].get(action.value, action.value) for action in actions if action.subject in exact
    ]
    return "\n".join(parts)


def _hunks(patch: Patch) -> Mapping[str, str]:
    # git lists the files of a diff in the order of `files`; no line of a hunk begins like a header.
    return dict(zip(patch.files, _FILES.split(patch.diff)[1:], strict=False))
