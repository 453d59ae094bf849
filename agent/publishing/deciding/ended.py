"""What a finished task leaves: branch, pull request, review, check run and the last word of the comment."""

from collections.abc import Iterator, Mapping

from agent.protocol.forge import OUR_BRANCHES
from agent.protocol.report import Report, report
from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind
from agent.publishing.deciding.answered import done
from agent.publishing.deciding.begun import CHECK, has_sticky
from agent.publishing.deciding.place import CHANGES, CHECKED, Place
from agent.publishing.deciding.reviewed import reviewed
from agent.publishing.deciding.traced import traced
from agent.publishing.deciding.wish import Wish
from agent.publishing.effect import Effect, EndCheck, OpenPull, Post, Push, Result, Sticky
from agent.publishing.look import Look
from agent.publishing.rendering.check_run import check_run
from agent.publishing.rendering.pen import Pen
from agent.publishing.rendering.pull_request import Background, pull_request_body, pull_request_title
from agent.publishing.rendering.sticky import outcome, sticky

PUSH, PULL, LEFT_REVIEW, LAST_WORD, RESULT = "push", "pull", "review", "sticky:end", "result"


def ended(
    place: Place, state: TaskState, made: Mapping[str, Result], look: Look, *, newest: bool
) -> Iterator[Wish]:
    """Yield what is left, in an order in which each may name those before it."""
    key, about = state.step_key, report(state)
    yield Wish(key(PUSH), lambda: _push(place, state))
    yield Wish(key(PULL), lambda: _pull(place, state, about, made, look))
    yield Wish(key(LEFT_REVIEW), lambda: reviewed(place, about, look, Pen(look.secrets())))
    yield Wish(key(f"{CHECK}:end"), lambda: _check(place, state, about, made, look))
    # What was said once is not said in the other way when a later task comes or turns out to be none.
    if has_sticky(place) and (newest or key(LAST_WORD) in made) and key(RESULT) not in made:
        yield Wish(key(LAST_WORD), lambda: _sticky(place, state, about, made, look))
    elif has_sticky(place):
        yield Wish(key(RESULT), lambda: _result(place, state, about, made, look))
    yield done(place, state)


def _push(place: Place, state: TaskState) -> Effect | None:
    delivered = state.delivered
    if place.is_fork or place.kind not in CHANGES or delivered is None:
        return None
    if delivered.branch is None or not delivered.branch.startswith(OUR_BRANCHES):
        return None
    assert state.spec is not None
    return Push(mirror=state.spec.repository, branch=delivered.branch, commit=delivered.commit)


def _pull(
    place: Place, state: TaskState, about: Report, made: Mapping[str, Result], look: Look
) -> Effect | None:
    pushed = made.get(state.step_key(PUSH))
    if place.is_pull or pushed is None or "failed" in pushed:
        return None
    base = look.default_branch()
    if place.is_run and look.run_branch() != base:
        return None
    assert state.delivered is not None and state.delivered.branch is not None
    pen = Pen(look.secrets())
    body = pull_request_body(about, place.kind, _background(place, state, about), pen)
    title = pull_request_title(_title(state, about), pen)
    return OpenPull(head=state.delivered.branch, base=base, title=title, body=body)


def _title(state: TaskState, about: Report) -> str:
    """Return what a pull request is called; no word of ours in it closes what others wrote behind it."""
    assert state.spec is not None
    goal = state.spec.goal.strip().splitlines()
    if state.spec.kind is TaskKind.DO and goal:
        return goal[0]
    fixed = about.verdict.fixed or state.spec.tests
    more = f" and {len(fixed) - 1} more" if len(fixed) > 1 else ""
    if fixed:
        return f"Make {fixed[0].rpartition('::')[2]}{more} pass"
    evidence = state.admission.evidence if state.admission else None
    return f"Make {evidence.step} of {evidence.job} pass" if evidence else "Make the failing check pass"


def _background(place: Place, state: TaskState, about: Report) -> Background:
    assert state.spec is not None and state.admission is not None
    said = {test.id: test.message for run in state.baseline or () for test in run.tests}
    # A part of what an issue is about does not close it.
    whole = place.is_issue and place.parent is None and not state.children
    return Background(
        wanted=state.spec.goal.strip().partition("\n\n")[0],
        failing={test: said.get(test, "") for test in about.verdict.fixed},
        evidence=state.admission.evidence,
        plan=state.plan,
        rationale=state.proposal.rationale if state.proposal else "",
        closes=place.number if whole else None,
    )


def _check(
    place: Place, state: TaskState, about: Report, made: Mapping[str, Result], look: Look
) -> Effect | None:
    if place.head is None or place.kind not in CHECKED:
        return None
    assert state.admission is not None
    traces, pen = traced(place, state, made, look), Pen(look.secrets())
    check = check_run(about, place.kind, place.head, pen, traces, state.admission.evidence)
    named = {"name": place.check_name, "external_id": place.external_id}
    return EndCheck(check=check.model_copy(update=named))


def _sticky(
    place: Place, state: TaskState, about: Report, made: Mapping[str, Result], look: Look
) -> Effect | None:
    assert place.number is not None and state.admission is not None
    traces, pen = traced(place, state, made, look), Pen(look.secrets())
    body = sticky(about, place.kind, place.head or "", pen, traces, state.admission.evidence)
    return Sticky(number=place.number, body=body)


def _result(
    place: Place, state: TaskState, about: Report, made: Mapping[str, Result], look: Look
) -> Effect | None:
    """Return the answer to whoever asked in a comment, where the sticky one is about a later task."""
    assert place.number is not None and state.admission is not None
    assert state.spec is not None and state.spec.trigger is not None
    if state.spec.trigger.comment is None:
        return None
    marker, pen = place.marker("result"), Pen(look.secrets())
    body = outcome(marker, about, pen, traced(place, state, made, look), state.admission.evidence)
    return Post(number=place.number, marker=str(marker), body=body)
