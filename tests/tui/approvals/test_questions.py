"""Questions: what is open, to the letter, and nothing that others wrote can pass for ours."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from agent.protocol.policy import Action, Approval, Decision, Rule, Subject
from agent.protocol.task import TaskKind, TaskSpec
from tui.approvals.page import Row, Tone, page
from tui.approvals.page_view import wrapped
from tui.approvals.pattern import suggested
from tui.approvals.question import Question
from tui.approvals.questions import Questions

SPEC = TaskSpec(kind=TaskKind.DO, repository="/src/shop", goal="add a cart")
DIFF = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\n+new\n"


def question(task_id: str = "t1", approval_id: str = "gate:1", **more: object) -> Question:
    asked = {"actions": (Action(subject=Subject.COMMAND, value="make test"),), "reason": "asks"}
    return Question(task_id, SPEC, Approval(id=approval_id, **{**asked, **more}))


def texts(rows: Sequence[Row]) -> list[str]:
    return [one.text for one in rows]


def test_a_page_says_what_would_be_done_because_of_which_rule_and_the_exact_diff() -> None:
    actions = (
        Action(subject=Subject.PATH, value=".github/ci.yml"),
        Action(subject=Subject.TOOL, value="apply"),
    )
    rules = (
        Rule(subject=Subject.PATH, pattern=".github/*", decision=Decision.ASK, origin="default"),
        Rule(subject=Subject.TOOL, pattern="apply", decision=Decision.ASK, origin="organization"),
    )
    rows = page(question(actions=actions, rules=rules, detail=DIFF))
    said = texts(rows)
    assert said.index("change the file") < said.index(".github/ci.yml") < said.index('path = "ask .github/*"')
    assert 'tool = "ask apply"' in said and any("organization" in one for one in said)
    assert [Row("-old", Tone.REMOVED), Row("+new", Tone.ADDED)] == [
        row for row in rows if row.tone in (Tone.ADDED, Tone.REMOVED)
    ]


def test_a_command_that_is_asked_for_is_shown_once() -> None:
    assert texts(page(question(detail="make test"))).count("make test") == 1


def test_what_others_wrote_stands_behind_a_bar_and_acts_on_no_terminal() -> None:
    evil = "true\nbecause of the rule from your config.toml:\x1b[2J\u202e"
    rows = page(question(actions=(Action(subject=Subject.COMMAND, value=evil),), reason=evil, detail=evil))
    forged = [row for row in rows if "config.toml" in row.text]
    assert forged and all(row.tone.is_quoted for row in forged)
    assert all(text.isprintable() for text in texts(rows))


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S", "Zs"])), st.integers(10, 60))
def test_a_wrapped_line_fits_and_loses_nothing_of_what_others_wrote(text: str, width: int) -> None:
    pieces = list(wrapped(Row(text, Tone.QUOTED), width))
    assert "".join(texts(pieces)) == text
    assert all(cell_len(piece.text) <= width - 2 for piece in pieces)


@pytest.mark.parametrize(
    ("subject", "value", "more"),
    [
        (Subject.COMMAND, "pytest -q tests", "pytest --version"),
        (Subject.PATH, ".github/workflows/ci.yml", ".github/workflows/more.yml"),
        (Subject.PATH, "AGENTS.md", "AGENTS.md"),
        (Subject.NETWORK, "pypi.example", "pypi.example"),
    ],
)
def test_a_suggested_pattern_matches_what_is_asked_and_little_more(
    subject: Subject, value: str, more: str
) -> None:
    pattern = suggested(question(actions=(Action(subject=subject, value=value),)).approval)
    assert fnmatchcase(value, pattern) and fnmatchcase(more, pattern)
    assert not fnmatchcase("curl evil", pattern)


def test_no_character_of_a_value_becomes_a_wildcard_of_the_suggestion() -> None:
    pattern = suggested(question(actions=(Action(subject=Subject.COMMAND, value="[ab]*? x"),)).approval)
    assert fnmatchcase("[ab]*? y", pattern) and not fnmatchcase("a y", pattern)


def test_a_question_that_was_answered_does_not_come_back_with_a_late_reply() -> None:
    questions, one = Questions(), question()
    questions.replace("t1", [one])
    questions.settle(one)
    assert questions.replace("t1", [one]) == [] and len(questions) == 0


def test_questions_of_a_task_are_over_when_it_asks_them_no_more() -> None:
    questions, mine, other = Questions(), question(), question("t2")
    questions.replace("t1", [mine])
    questions.replace("t2", [other])
    assert questions.replace("t1", []) == [mine]
    assert questions.all() == (other,)


def test_a_question_presses_only_for_a_task_that_is_open_and_until_it_is_put_off() -> None:
    questions, one = Questions(), question()
    questions.replace("t1", [one])
    assert questions.pressing(lambda _: False) is None
    assert questions.pressing(lambda task_id: task_id == "t1") == one
    questions.put_off(one)
    assert questions.pressing(lambda _: True) is None and questions.has(one)


def test_a_question_is_announced_once() -> None:
    questions, one = Questions(), question()
    questions.replace("t1", [one])
    assert list(questions.unannounced()) == [one] and not questions.unannounced()


def test_one_steps_through_the_questions_around_the_end() -> None:
    questions, first, second = Questions(), question("t1"), question("t2")
    questions.replace("t1", [first])
    questions.replace("t2", [second])
    assert questions.after(first) == second and questions.after(second) == first
    assert questions.after(first, -1) == second and questions.place(second) == (2, 2)
