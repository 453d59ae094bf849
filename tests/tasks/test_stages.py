"""Who works on a task: search, then the cheap model, then the strong one, each until it gives up."""

import pytest

from agent.protocol.model import Role
from agent.protocol.task import TaskKind, TaskSpec
from agent.tasks.next_step import StepKind, next_step
from agent.tasks.propose_step import propose
from agent.tasks.stages import (
    MAX_TURNS,
    gives_up,
    has_last_word,
    lacks_model,
    profile,
    rounds,
    stage,
    stages,
    turns,
)
from tests.tasks.table import (
    CHEAP,
    ESCALATING,
    MODELS,
    STRONG,
    after,
    fault,
    gave_up,
    refused_by_verdict,
    steered,
    word,
    working,
)
from tests.tasks.test_next_step import FAILED, FINISH, PATCH, SPEC, recorded, state


def kind(task: object) -> StepKind | None:
    step = next_step(task)  # type: ignore[arg-type]
    return None if step is None else step.kind


def test_a_fix_without_stages_is_for_its_planner_and_everything_else_for_nobody() -> None:
    assert stages(SPEC) == ("search",)
    assert stages(ESCALATING) == ("search", "cheap", "strong")
    assert stages(TaskSpec(kind=TaskKind.DO, repository="/r")) == ()


@pytest.mark.parametrize("kind_of_task", [TaskKind.DO, TaskKind.ASK, TaskKind.REVIEW])
def test_what_needs_a_model_ends_at_once_without_one(kind_of_task: TaskKind) -> None:
    spec = TaskSpec(kind=kind_of_task, repository="/r", goal="x")
    assert lacks_model(spec)
    assert next_step(state(spec=spec)) == FINISH
    assert not lacks_model(spec.model_copy(update={"stages": ("cheap",), "models": MODELS}))
    assert lacks_model(spec.model_copy(update={"stages": ("search",)}))


def test_a_role_has_the_model_of_its_own_or_that_of_the_stage() -> None:
    assert profile(ESCALATING, "cheap", Role.EDIT) == CHEAP
    planned = ESCALATING.model_copy(update={"roles": {Role.PLAN: "strong"}})
    assert profile(planned, "cheap", Role.PLAN) == STRONG
    assert profile(planned, "cheap", Role.EDIT) == CHEAP


def test_a_planner_that_gives_up_is_followed_by_the_next_one_and_the_last_by_the_end() -> None:
    task = state(spec=ESCALATING)
    assert (stage(task), kind(task)) == ("search", StepKind.LOCALIZE)
    task = after([gave_up("search")], spec=ESCALATING, suspects=())
    assert (stage(task), kind(task)) == ("cheap", StepKind.TURN)
    task = recorded(task, working())
    task = recorded(task, gave_up("cheap"))
    assert (stage(task), kind(task)) == ("strong", StepKind.TURN)
    assert turns(task) == ()
    assert len(task.turns) == 1
    task = recorded(task, gave_up("strong"))
    assert (stage(task), next_step(task)) == (None, FINISH)


def test_the_next_planner_begins_with_no_refusals_of_its_own() -> None:
    facts = [gave_up("search"), word(), *refused_by_verdict(), word(), gave_up("cheap")]
    task = after(facts, spec=ESCALATING, suspects=())
    assert rounds(task) == ()
    assert len(task.rounds) == 1
    assert gives_up(task) == ""


def test_a_model_works_until_its_last_word() -> None:
    assert not has_last_word(after([]))
    assert not has_last_word(after([working()]))
    assert has_last_word(after([working(), word()]))
    assert kind(after([working(), word()])) is StepKind.PROPOSE


def test_a_refused_verdict_gives_the_word_back_to_the_model() -> None:
    task = after([word(), *refused_by_verdict()])
    assert not has_last_word(task)
    assert kind(task) is StepKind.TURN
    assert kind(recorded(task, word(tree="2" * 40))) is StepKind.PROPOSE


def test_a_proven_verdict_is_delivered() -> None:
    proven = refused_by_verdict(still_failing=(), fixed=(FAILED.id,))
    assert kind(after([word(), *proven])) is StepKind.DELIVER


def test_what_the_user_says_after_the_last_word_is_heard_before_anything_is_offered() -> None:
    task = after([word(), steered("keep the old name")])
    assert kind(task) is StepKind.TURN
    heard = recorded(task, word("I kept it.", steered=1))
    assert kind(heard) is StepKind.PROPOSE


def test_a_fault_is_the_end_of_a_model_and_not_of_the_task() -> None:
    task = after([gave_up("search"), fault(tree=PATCH.base)], spec=ESCALATING, suspects=())
    assert gives_up(task) == "cheap: auth"
    given_up = propose(task, None)
    assert given_up.exhausted == "cheap: auth"
    assert stage(recorded(task, given_up)) == "strong"


def test_a_fault_ends_even_a_conversation_that_was_steered() -> None:
    assert kind(after([fault(), steered("go on")])) is StepKind.PROPOSE


def test_turns_are_bounded() -> None:
    facts = [working(result=str(number), tree=f"{number:040}") for number in range(MAX_TURNS)]
    assert gives_up(after(facts[:-1])) == ""
    assert gives_up(after(facts)) == "80 turns were taken"
    assert kind(after(facts)) is StepKind.PROPOSE


def test_a_model_that_repeats_itself_is_stopped() -> None:
    task = after([working(name="read")] * 3)
    assert "repeats itself" in gives_up(task)
    assert kind(task) is StepKind.PROPOSE


def test_a_question_is_answered_or_given_up() -> None:
    spec = TaskSpec(kind=TaskKind.ASK, repository="/r", goal="?", stages=("cheap",), models=MODELS)
    assert kind(after([], spec=spec, baseline=None)) is StepKind.TURN
    assert kind(after([working()], spec=spec, baseline=None)) is StepKind.TURN
    assert kind(after([working(), word()], spec=spec, baseline=None)) is StepKind.ANSWER
    assert kind(after([fault()], spec=spec, baseline=None)) is StepKind.PROPOSE
    assert kind(after([fault(), gave_up("cheap")], spec=spec, baseline=None)) is StepKind.FINISH
