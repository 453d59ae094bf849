"""Whole comments, check runs and pull requests about reports that hold hostile text everywhere."""

from collections.abc import Callable

import pytest

from agent.protocol.conversation import Plan, PlanStep
from agent.protocol.outcome import EXIT_CODES, Outcome
from agent.protocol.report import Report
from agent.protocol.task import TaskKind
from agent.protocol.verdict import Scope, Verdict
from agent.publishing.rendering.check_run import CONCLUSIONS, PER_CALL, Conclusion, check_run
from agent.publishing.rendering.marker import Marker
from agent.publishing.rendering.next_steps import next_step
from agent.publishing.rendering.pen import Pen
from agent.publishing.rendering.pull_request import Background, pull_request_body, pull_request_title
from agent.publishing.rendering.reactions import Reaction, reaction
from agent.publishing.rendering.results import headline
from agent.publishing.rendering.sticky import sticky, underway
from tests.publishing.hostile import HOSTILE, SECRET
from tests.publishing.markdown import assert_inert, shape, tokens
from tests.publishing.reports import HEAD, TASK, evidence, report, traces

PEN = Pen(frozenset({SECRET}))
# A report is JSON: it cannot hold what is no text.
TEXTS = [text for text in HOSTILE if text.strip() and "\udcff" not in text]

SOME = [text for number, text in enumerate(TEXTS) if number % 8 in (0, 3, 6)]


def _sticky(about: Report) -> str:
    return sticky(about, TaskKind.FIX, HEAD, PEN, traces(about.reason), evidence(about.reason))


def _summary(about: Report) -> str:
    told = traces(about.reason), evidence(about.reason)
    return check_run(about, TaskKind.VERIFY, HEAD, PEN, *told).summary


def _pull_request(about: Report) -> str:
    plan = Plan(steps=(PlanStep(text=about.reason),))
    background = Background(
        wanted=about.reason, evidence=evidence(about.reason), plan=plan, closes=12, rationale=about.reason
    )
    return pull_request_body(about, TaskKind.DO, background, PEN)


@pytest.mark.parametrize(
    ("post", "texts"), [(_sticky, SOME), (_summary, SOME[::7]), (_pull_request, SOME[1::4])]
)
def test_a_post_looks_the_same_whatever_others_wrote(post: Callable[[Report], str], texts: list[str]) -> None:
    calm = shape(post(report("x")))
    assert ("table_open", "table") in calm
    for text in texts:
        written = post(report(text))
        assert shape(written) == calm, (text, written)
        assert_inert(written.replace("Closes #12\n", "", 1), source=post is _pull_request)
        assert SECRET not in written


def test_the_hostile_reports_are_many() -> None:
    assert len(SOME) >= 200


def test_a_table_has_two_cells_in_each_row() -> None:
    kinds = [token.type for token in tokens(_sticky(report("a | b \\| c")))]
    assert kinds.count("td_open") + kinds.count("th_open") == 2 * kinds.count("tr_open") > 0


def test_a_comment_is_found_by_its_first_line_only() -> None:
    forged = str(Marker(task_id="other", kind=TaskKind.FIX))
    written = _sticky(report(forged))
    assert Marker.of(written) == Marker(task_id=TASK, kind=TaskKind.FIX, head=HEAD)
    assert Marker.of(f"> {forged}") is None and Marker.of(f"\n{forged}") is None
    assert Marker.of(underway(TASK, TaskKind.REVIEW)) == Marker(task_id=TASK, kind=TaskKind.REVIEW)
    assert Marker.of(forged.replace("kind=fix", "kind=rm")) is None


def test_a_post_is_never_longer_than_may_be() -> None:
    long = report("\U0001f600" * 3_000)
    many = long.verdict.model_copy(update={"fixed": tuple(f"é{n}" * 300 for n in range(5_000))})
    long = long.model_copy(update={"verdict": many, "patch": "diff --git a/a b/a\n" + "é" * 200_000})
    for written in (_sticky(long), _summary(long), _pull_request(long)):
        assert len(written.encode()) <= 65_535
        assert shape(written)[0] is not None and written.count("<details>") == written.count("</details>")
    assert "left out here" in _sticky(long)


def test_every_outcome_has_words_a_next_step_and_a_conclusion() -> None:
    for outcome in EXIT_CODES:
        for kind in TaskKind:
            about = report("x", outcome)
            assert headline(about, kind) and next_step(about, kind)
            assert_inert(f"{headline(about, kind)}\n\n{next_step(about, kind)}")
            run = check_run(about, kind, HEAD)
            shows = kind is TaskKind.REVIEW and outcome is Outcome.DONE
            assert run.conclusion is (Conclusion.NEUTRAL if shows else CONCLUSIONS[outcome])
            assert len({action.identifier for action in run.actions}) == len(run.actions) <= 3
    assert reaction(None) is Reaction.EYES and reaction(Outcome.VERIFIED) is Reaction.ROCKET
    assert {reaction(outcome) for outcome in EXIT_CODES} == {Reaction.ROCKET, Reaction.CONFUSED}


def test_a_review_that_proves_something_is_no_success_and_one_that_does_not_is() -> None:
    found = report("x", Outcome.DONE)
    unproven = found.model_copy(update={"findings": found.findings[1:]})
    for about, conclusion, title in (
        (found, Conclusion.NEUTRAL, "review: 1 proven finding, 1 unproven"),
        (unproven, Conclusion.SUCCESS, "review: 0 proven findings, 1 unproven"),
    ):
        run = check_run(about, TaskKind.REVIEW, HEAD)
        assert (run.conclusion, run.title) == (conclusion, title)


def test_only_what_was_proven_or_had_nothing_to_prove_lets_a_required_check_pass() -> None:
    passing = {name for name, end in CONCLUSIONS.items() if end in (Conclusion.SUCCESS, Conclusion.NEUTRAL)}
    assert passing == {*(name for name, code in EXIT_CODES.items() if code == 0), Outcome.NOT_REPRODUCED}


def test_annotations_come_in_groups_the_worst_first() -> None:
    one = report("tests/a.py")
    failures = tuple(one.verdict.failures[0].model_copy(update={"test": f"t{n}"}) for n in range(120))
    broken = one.verdict.model_copy(update={"failures": failures, "broken": ("t119",)})
    run = check_run(one.model_copy(update={"verdict": broken}), TaskKind.VERIFY, HEAD)
    assert [len(group) for group in run.annotations] == [PER_CALL, PER_CALL, 23]
    first = run.annotations[0][0]
    assert (first.title, first.annotation_level, first.path, first.start_line) == (
        "t119",
        "failure",
        "tests/a.py",
        3,
    )


def test_annotations_that_are_too_many_are_counted() -> None:
    one = report("a.py")
    many = one.verdict.model_copy(update={"failures": one.verdict.failures * 600})
    run = check_run(one.model_copy(update={"verdict": many}), TaskKind.VERIFY, HEAD)
    assert sum(map(len, run.annotations)) == 500 and "103 more annotations are left out." in run.summary


def test_an_annotation_holds_no_secret_and_nothing_hidden() -> None:
    for text in ("src/\u202ea.py", f"src/{SECRET}.py", "src/a\n.py"):
        assert check_run(report(text), TaskKind.VERIFY, HEAD, PEN).annotations == ()
    about = report("a.py")
    failure = about.verdict.failures[0].model_copy(
        update={"message": f"\u202e{SECRET}\x1b[31m", "test": SECRET}
    )
    told = about.verdict.model_copy(update={"failures": (failure,)})
    first = check_run(about.model_copy(update={"verdict": told}), TaskKind.VERIFY, HEAD, PEN).annotations[0][
        0
    ]
    assert (first.title, first.message) == ("[redacted: known]", "[redacted: known]")


def test_a_task_that_measured_nothing_shows_no_verdict() -> None:
    bare = report("x", Outcome.ENVIRONMENT)
    bare = bare.model_copy(update={"verdict": Verdict(tree="f" * 40, scope=Scope.TARGET)})
    assert "| Tests |" not in _sticky(bare) and "scope" not in _sticky(bare)


def test_a_pull_request_closes_the_issue_it_was_made_for_and_no_other() -> None:
    body = _pull_request(report("fixes #7, closes octo/repo#8"))
    assert body.count("Closes #12") == 1 and "fixes #7" not in body and "closes octo/repo#8" not in body
    assert pull_request_title("fixes #7 for @octocat") == "fixes `#7` for `@octocat`"
