"""A publisher that is killed anywhere, or that looks only now and then, makes the same things in the end."""

import json
import random
from pathlib import Path

import pytest

from agent.protocol.control import RetryRequested
from agent.protocol.event import Event, TriggerAdmitted, parse_event
from agent.protocol.outcome import Outcome
from agent.protocol.state import TaskState, fold
from agent.protocol.task import TaskKind
from agent.publishing.effect import Effect, Result
from tests.publishing.stories import TASK, Seen, events, seen_from, shown, story

LOG = Path(__file__).parents[2] / "data" / "logs" / "v4" / "every-event.jsonl"
OF_ATTEMPTS = "2/"


def _real(*, fork: bool, refused: str) -> tuple[Event, ...]:
    """Return the log that has every event, admitted or not, on a branch of ours."""
    log = [parse_event(json.loads(line)) for line in LOG.read_text().splitlines()]
    (admitted,) = (one for one in log if isinstance(one.body, TriggerAdmitted))
    said = admitted.body.admission.model_copy(update={"fork": fork, "refused": refused})
    admit = admitted.body.model_copy(update={"admission": said})
    changed = [one.model_copy(update={"body": admit}) if one is admitted else one for one in log]
    at = next(at for at, one in enumerate(changed) if isinstance(one.body, RetryRequested))
    # The second attempt is admitted again, as every attempt is.
    again = admitted.model_copy(update={"body": admit, "step_key": "2/admit"})
    return (*changed[: at + 1], again, *changed[at + 1 :])


def _again(kind: TaskKind, place: str, outcome: Outcome) -> tuple[Event, ...]:
    bodies = [one.body for one in story(kind, place, outcome, asks=True)]
    return events([*bodies, RetryRequested(by="cli:ann"), *bodies[1:]])


LOGS = {
    "every event": _real(fork=False, refused=""),
    "every event of a fork": _real(fork=True, refused=""),
    "refused": _real(fork=False, refused="The pull request has moved."),
    **{
        f"{kind} {place}": _again(kind, place, outcome)
        for kind, place, outcome in (
            (TaskKind.FIX, "pull", Outcome.VERIFIED),
            (TaskKind.FIX, "fork", Outcome.VERIFIED),
            (TaskKind.DO, "issue", Outcome.VERIFIED),
            (TaskKind.FIX, "run", Outcome.VERIFIED),
            (TaskKind.FIX, "run of a pull", Outcome.NOT_REPRODUCED),
            (TaskKind.REVIEW, "pull", Outcome.DONE),
            (TaskKind.ASK, "line", Outcome.DONE),
            (TaskKind.REPLY, "issue", Outcome.DONE),
        )
    },
}


def _all(log: tuple[Event, ...]) -> list[TaskState]:
    return [fold(log[:count]) for count in range(1, len(log) + 1)]


@pytest.mark.parametrize("log", LOGS.values(), ids=LOGS)
def test_what_is_left_after_a_kill_is_what_was_left_before(log: tuple[Event, ...]) -> None:
    for state in _all(log):
        whole = shown(state, seen_from("pull"))
        for count in range(len(whole) + 1):
            made: dict[str, Result] = {}
            before = shown(state, seen_from("pull"), made, most=count)
            assert [*before, *shown(state, seen_from("pull"), made)] == whole


@pytest.mark.parametrize("failing", [(), ("push",), ("open_pull", "post_review"), ("begin_check", "react")])
@pytest.mark.parametrize("log", LOGS.values(), ids=LOGS)
def test_whenever_it_looks_it_repeats_nothing_and_leaves_nothing_out(
    log: tuple[Event, ...], failing: tuple[str, ...]
) -> None:
    chance, states, fails = random.Random(8), _all(log), dict.fromkeys(failing, "no")
    reference = _followed(states, [100] * len(states), fails)
    for _ in range(20):
        # None: it was not there; else how far it came before it was killed.
        far = [chance.choice((None, 0, 1, 2, 100)) for _ in states[:-1]]
        made = _followed(states, [*far, 100], fails)
        assert made.items() <= reference.items()
        assert _last(states[-1], made) == _last(states[-1], reference)


def _followed(states: list[TaskState], far: list[int | None], failing: dict[str, str]) -> dict[str, Effect]:
    """Return what is made of a task; it is at work while nobody looks."""
    made: dict[str, Result] = {}
    found: dict[str, Effect] = {}
    for state, most in zip(states, far, strict=True):
        if most is not None:
            for one in shown(state, Seen(), made, most=most, failing=failing):
                assert one.name not in found
                found[one.name] = one.effect
    return found


def test_whoever_asked_is_answered_once_whenever_a_later_task_comes_and_goes() -> None:
    chance, state = random.Random(9), fold(story(TaskKind.FIX, "pull"))
    seen = set()
    for _ in range(300):
        made: dict[str, Result] = {}
        found: list[str] = []
        while "done" not in made:
            newest = chance.random() < 0.5
            found += [
                one.name for one in shown(state, Seen(), made, newest=newest, most=chance.randint(0, 3))
            ]
        assert sorted(found) == sorted({*found}) and ("sticky:end" in found) != ("result" in found)
        seen |= {*found} & {"sticky:end", "result"}
    assert len(seen) == 2


def _last(state: TaskState, found: dict[str, Effect]) -> dict[str, Effect]:
    """Return what the end of the newest attempt is shown by."""
    own = OF_ATTEMPTS if state.attempt > 1 else ""
    over = ["refused", "refused:react", "answer", "push", "pull", "review", "check:end", "sticky:end", "done"]
    kept = {name for name in found if name in {"eyes", *(f"{own}{end}" for end in over)}}
    return {name: found[name] for name in kept}


def test_two_looks_name_no_effect_alike_that_say_something_else() -> None:
    """Whatever the state, a name stands for one content as long as the forge has the same."""
    for log in LOGS.values():
        said: dict[str, Effect] = {}
        for state in _all(log):
            for one in shown(state, Seen()):
                assert said.setdefault(one.name, one.effect) == one.effect, one.name


def test_the_logs_have_all_that_can_be_made() -> None:
    kinds = {one.effect.kind for log in LOGS.values() for state in _all(log) for one in shown(state, Seen())}
    assert kinds == {
        *("react", "post", "sticky", "begin_check", "end_check", "push", "open_pull", "post_review"),
    }
    assert all(state.task_id in (TASK, "t1") for state in map(fold, LOGS.values()))
