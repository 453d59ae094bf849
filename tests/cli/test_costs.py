"""What models cost, by repository and model, and what a proven change came to."""

from agent.cli.tasks.costs import cost_table
from agent.protocol.outcome import Outcome
from agent.protocol.proposal import Effort
from agent.protocol.report import Report, Tokens
from agent.protocol.verdict import Scope, Verdict


def report(outcome: Outcome, planner: str, **spent: float) -> Report:
    efforts = {name: Effort(model_calls=2, tokens_input=10, cost_usd=cost) for name, cost in spent.items()}
    return Report(
        task_id="t",
        outcome=outcome,
        base_commit="",
        tree="",
        branch=None,
        patch=None,
        files=(),
        verdict=Verdict(tree="", scope=Scope.FULL),
        planner=planner,
        candidates=0,
        candidates_per_second=0.0,
        seconds=1.0,
        model_calls=0,
        tokens=Tokens(),
        cost_usd=sum(spent.values()),
        sandbox=None,
        reason="",
        by_model=efforts,
    )


def test_what_was_spent_in_vain_counts_for_the_fixes_that_were_proven() -> None:
    (one,) = cost_table(
        [
            ("/r", report(Outcome.VERIFIED, "cheap", cheap=0.1)),
            ("/r", report(Outcome.NO_PATCH, "cheap", cheap=0.3)),
            ("/r", report(Outcome.VERIFIED_WITH_PREEXISTING, "cheap", cheap=0.2)),
        ]
    )
    assert (one.tasks, one.verified, one.calls, one.tokens_input) == (3, 2, 6, 30)
    assert (one.cost_usd, one.usd_per_verified) == (0.6, 0.3)


def test_a_fix_counts_for_the_model_that_made_it_and_its_cost_for_all() -> None:
    found = cost_table([("/r", report(Outcome.VERIFIED, "strong", cheap=0.1, strong=0.5))])
    assert [(one.model, one.cost_usd, one.usd_per_verified) for one in found] == [
        ("strong", 0.5, 0.5),
        ("cheap", 0.1, None),
    ]


def test_repositories_are_told_apart_and_tasks_without_a_model_left_out() -> None:
    searched = report(Outcome.VERIFIED, "search")
    found = cost_table([("/a", report(Outcome.DONE, "", cheap=0.1)), ("/b", searched)])
    assert [(one.repository, one.usd_per_verified) for one in found] == [("/a", None)]
    assert cost_table([]) == []
