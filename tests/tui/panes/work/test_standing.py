"""The figures that are always on the screen of a task."""

from agent.protocol.control import ApprovalRequested, CancelRequested, PauseRequested
from agent.protocol.conversation import Turn
from agent.protocol.event import BaselineMeasured, Body, SandboxInForce, TurnTaken
from agent.protocol.limits import TaskLimits
from agent.protocol.model import Role
from agent.protocol.outcome import Outcome
from agent.protocol.policy import Approval
from agent.protocol.progress import Progress
from agent.protocol.proposal import Effort
from agent.protocol.state import TaskState
from agent.protocol.summary import Status
from agent.protocol.task import TaskKind
from tests.lsp import history
from tui.panes.work.standing import bar, figures, outcome, subject
from tui.widgets.entry import Tone

SPEC = history.spec(
    TaskKind.FIX, tests=("test_a",), planner="small", limits=TaskLimits(seconds=300, cost_usd=2)
)


def state(*bodies: Body) -> TaskState:
    return history.state("t", SPEC, *((str(number), body) for number, body in enumerate(bodies)))


def words(*bodies: Body, running: float = 0.0) -> list[str]:
    return [part.text for part in figures(state(*bodies), running)]


def test_time_and_money_are_shown_with_what_is_left_of_them() -> None:
    turn = Turn(
        role=Role.EDIT, model="strong", effort=Effort(cost_usd=1.0, tokens_input=5_000, tokens_output=70)
    )
    assert words(TurnTaken(turn=turn), running=150) == [
        "2:30 left [███···]",
        "$1.00 of $2.00 [███···]",
        "sandbox auto",
        "strong",
        "5.0k in 70 out",
    ]


def test_a_sandbox_says_which_limits_it_lacks() -> None:
    force = SandboxInForce(kind="bubblewrap", image="", missing_limits=("memory", "pids"))
    measured = BaselineMeasured(checks=(), environment="k", sandbox=force, runs=())
    (part,) = [one for one in figures(state(measured), 0) if "bubblewrap" in one.text]
    assert part.text == "! bubblewrap without memory, pids" and part.tone is Tone.ATTENTION


def test_the_state_is_a_sign_and_a_word() -> None:
    asked = ApprovalRequested(approval=Approval(id="1", actions=(), reason="may it"))
    shown = {
        "○ waits for its turn": outcome(state(), Status.QUEUED, None),
        "◐ at work": outcome(state(), Status.RUNNING, None),
        "◐ search": outcome(state(), Status.RUNNING, Progress(phase="search")),
        "? asks, F8 answers": outcome(state(asked), Status.WAITING, None),
        "‖ paused": outcome(state(PauseRequested(by="a")), Status.PAUSED, None),
        "! being cancelled": outcome(state(CancelRequested(by="a")), Status.RUNNING, None),
        "✓ verified": outcome(state(history.finished()[1]), Status.FINISHED, None),
        "✗ broken": outcome(state(history.finished(Outcome.BROKEN)[1]), Status.FINISHED, None),
        "! no patch": outcome(state(history.finished(Outcome.NO_PATCH)[1]), Status.FINISHED, None),
    }
    assert {part.text for part in shown.values()} == set(shown)
    assert all(part.text == said for said, part in shown.items())


def test_what_a_task_is_about_is_said_before_anything_is_measured() -> None:
    assert subject(state()) == "fix: test_a" and subject(TaskState()) == "" and figures(TaskState(), 0) == ()


def test_a_bar_stays_within_its_ends() -> None:
    assert [bar(share) for share in (-1, 0, 0.5, 1, 7)] == [
        "[······]",
        "[······]",
        "[███···]",
        "[██████]",
        "[██████]",
    ]
