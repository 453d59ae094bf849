"""How far a yes reaches: what was asked once, for the whole task, or by a pattern."""

import pytest

from agent.protocol.errors import UsageError
from agent.protocol.policy import Action, Approval, ApprovalScope, Decision, Rule, Subject
from agent.tasks.grants import granted
from agent.tasks.policy import decide

ASK, ALLOW, DENY = Decision.ASK, Decision.ALLOW, Decision.DENY
CI = Action(subject=Subject.PATH, value=".github/workflows/ci[1].yml")
RUN = Action(subject=Subject.COMMAND, value="make test")
COST = Action(subject=Subject.COST, value="0.50")
ASKED = Approval(id="gate:1", actions=(CI, RUN, COST), reason="")


def path(pattern: str, decision: Decision, origin: str) -> Rule:
    return Rule(subject=Subject.PATH, pattern=pattern, decision=decision, origin=origin)


def after(scope: ApprovalScope, pattern: str | None, action: Action, *rules: Rule) -> Decision:
    """Return what holds for an action once all that was asked has been allowed with a scope."""
    asks = [Rule(subject=subject, pattern=of, decision=ASK) for subject, of in EVERYTHING]
    return decide((*asks, *rules, *granted(ASKED, scope, pattern)), action)


EVERYTHING = ((Subject.PATH, "*"), (Subject.COMMAND, "*"), (Subject.COST, "0"))


def test_once_is_for_what_was_asked_and_nothing_further() -> None:
    assert granted(ASKED, ApprovalScope.ONCE, None) == ()


@pytest.mark.parametrize("action", [CI, RUN, COST])
def test_for_the_task_the_very_same_things_are_allowed(action: Action) -> None:
    assert after(ApprovalScope.TASK, None, action) is ALLOW
    other = action.model_copy(update={"value": "0.51" if action is COST else f"{action.value}.x"})
    assert after(ApprovalScope.TASK, None, other) is ASK


def test_a_pattern_allows_what_it_matches_for_the_subjects_that_were_asked_about() -> None:
    one = Action(subject=Subject.PATH, value=".github/CODEOWNERS")
    assert after(ApprovalScope.PATTERN, ".github/*", one) is ALLOW
    assert after(ApprovalScope.PATTERN, ".github/*", RUN) is ASK
    assert [rule.subject for rule in granted(ASKED, ApprovalScope.PATTERN, ".github/*")] == [Subject.PATH]


def test_a_pattern_of_a_cost_is_the_most_that_is_allowed() -> None:
    assert after(ApprovalScope.PATTERN, "2", COST.model_copy(update={"value": "1.99"})) is ALLOW
    assert after(ApprovalScope.PATTERN, "2", COST.model_copy(update={"value": "2.01"})) is ASK


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (path("*", ASK, "default"), ALLOW),
        (path("*", ASK, "user"), ALLOW),
        (path("*", DENY, "user"), DENY),
        (path("*", ASK, "repository"), ASK),
        (path("*", DENY, "repository"), DENY),
        (path("*", ASK, "organization"), ASK),
        (path("*", DENY, "organization"), DENY),
        (path("*", ASK, "verdict"), ASK),
    ],
)
def test_a_wider_yes_answers_the_user_and_the_defaults_and_nobody_else(
    rule: Rule, expected: Decision
) -> None:
    assert after(ApprovalScope.PATTERN, "*", CI, rule) is expected


@pytest.mark.parametrize(
    ("scope", "pattern", "said"),
    [
        (ApprovalScope.PATTERN, None, "needs a pattern"),
        (ApprovalScope.PATTERN, "docs/*", "matches nothing of what is asked"),
        (ApprovalScope.TASK, "*", "takes no pattern"),
        (ApprovalScope.ONCE, "*", "takes no pattern"),
    ],
)
def test_a_pattern_that_means_nothing_is_refused(
    scope: ApprovalScope, pattern: str | None, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        granted(ASKED, scope, pattern)
