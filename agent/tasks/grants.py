"""What a yes allows for the rest of a task, as rules; pure."""

from collections.abc import Iterable
from glob import escape

from agent.policy import APPROVAL
from agent.protocol.errors import UsageError
from agent.protocol.policy import Action, Approval, ApprovalScope, Decision, Rule, Subject
from agent.tasks.policy import matches

_HINT = "give a pattern as in [policy], e.g. 'docs/*', or the scope `task`"


def granted(approval: Approval, scope: ApprovalScope, pattern: str | None) -> tuple[Rule, ...]:
    """Return the rules that an answer allows beyond what was asked; raises UsageError.

    A pattern holds for the subjects of those asked actions that it matches, and has to match one.
    """
    if scope is not ApprovalScope.PATTERN:
        if pattern is not None:
            raise UsageError(f"the scope {scope} takes no pattern", hint="use the scope `pattern`")
        exact = (_rule(action.subject, _exactly(action)) for action in approval.actions)
        return _each_once(exact) if scope is ApprovalScope.TASK else ()
    if pattern is None:
        raise UsageError("the scope pattern needs a pattern", hint=_HINT)
    wide = (_rule(action.subject, pattern) for action in approval.actions)
    fitting = (
        rule for rule, action in zip(wide, approval.actions, strict=True) if _means(rule, pattern, action)
    )
    rules = _each_once(fitting)
    if not rules:
        raise UsageError(f"{pattern!r} matches nothing of what is asked", hint=_HINT)
    return rules


def _means(rule: Rule, pattern: str, action: Action) -> bool:
    if rule.subject is Subject.COST and not _is_number(pattern):
        return False
    return matches(rule, action)


def _exactly(action: Action) -> str:
    return action.value if action.subject is Subject.COST else escape(action.value)


def _rule(subject: Subject, pattern: str) -> Rule:
    return Rule(subject=subject, pattern=pattern, decision=Decision.ALLOW, origin=APPROVAL)


def _each_once(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    return tuple(dict.fromkeys(rules))


def _is_number(text: str) -> bool:
    try:
        return float(text) >= 0
    except ValueError:
        return False
