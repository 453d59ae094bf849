"""What becomes of the work of a model that stops: an offer, or the reason why there is none."""

from agent.tasks.next_step import Step, StepKind, next_step
from agent.tasks.propose_step import propose
from agent.tasks.stages import MAX_REFUSALS
from tests.tasks.table import after, fault, refused_by_verdict, word, working
from tests.tasks.test_next_step import PATCH

BASE = PATCH.base


def test_an_unchanged_tree_is_no_offer() -> None:
    assert propose(after([word(tree=BASE)]), None).exhausted == "the model changed nothing"


def test_a_tree_that_was_refused_is_not_offered_again() -> None:
    task = after([word(), *refused_by_verdict(), word()])
    assert propose(task, None).exhausted == "the model offers nothing new"


def test_a_model_that_failed_before_it_changed_anything_offers_nothing() -> None:
    task = after([working(tree=BASE), fault("overload", tree=BASE)])
    assert propose(task, None).exhausted == "cheap: overload"


def test_a_model_that_never_came_to_its_first_turn_offers_nothing() -> None:
    assert propose(after([fault("budget", tree="")]), None).exhausted == "cheap: budget"


def test_a_model_that_failed_is_not_asked_again_because_its_work_was_refused() -> None:
    task = after([working(), fault("overload"), *refused_by_verdict()])
    assert next_step(task) == Step(kind=StepKind.PROPOSE, round=2)
    assert propose(task, None).exhausted == "cheap: overload"


def test_a_loop_is_the_reason_when_nothing_was_changed() -> None:
    task = after([working(name="read", tree=BASE)] * 3)
    assert "repeats itself" in propose(task, None).exhausted


def test_after_too_many_refusals_even_a_new_tree_is_no_offer() -> None:
    facts = []
    for number in range(MAX_REFUSALS):
        tree = f"{number:040}"
        facts += [word(tree=tree), *refused_by_verdict(tree)]
    task = after([*facts, word(tree="f" * 40)])
    assert propose(task, None).exhausted == "every proposal was refused"
    assert propose(task, None).proposal.planner == "cheap"
