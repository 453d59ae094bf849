"""The plan of a model: every step where there is room beside the transcript, else the one it is at."""

from textual.content import Content
from textual.widgets import Static

from agent.protocol.conversation import Plan, StepStatus
from tui.panes.work.turns import STEP_SIGNS
from tui.safe import content

_STYLES = {
    StepStatus.PENDING: "dim",
    StepStatus.DOING: "bold $text-warning",
    StepStatus.DONE: "$text-success",
    StepStatus.DROPPED: "dim",
}


class PlanView(Static):
    """Shows a plan; nothing where there is none."""

    DEFAULT_CSS = """
    PlanView { height: auto; max-height: 8; padding: 0 1; background: $panel; }
    PlanView.beside { dock: right; width: 36; height: 100%; max-height: 100%; }
    """

    def __init__(self) -> None:
        super().__init__("", id="plan", markup=False)
        self.display = False
        self._plan: Plan | None = None
        self._whole = False

    def show(self, plan: Plan | None, *, whole: bool) -> None:
        """Show a plan: with all steps, or in one line."""
        if (plan, whole) == (self._plan, self._whole):
            return
        self._plan, self._whole = plan, whole
        self.display = plan is not None and bool(plan.steps)
        if plan is not None and plan.steps:
            self.update(spread(plan) if whole else brief(plan))


def brief(plan: Plan) -> Content:
    """Return how far a plan is, and the step that it is at."""
    doing = [step.text for step in plan.steps if step.status is StepStatus.DOING]
    waiting = [step.text for step in plan.steps if step.status is StepStatus.PENDING]
    at = f"now: {doing[0]}" if doing else f"next: {waiting[0]}" if waiting else "nothing is left"
    return content(f"{_far(plan)} · {at}".replace("\n", " ")).truncate(200)


def spread(plan: Plan) -> Content:
    """Return every step with its state."""
    lines = [content(_far(plan), "bold")]
    for step in plan.steps:
        told = content(f"{STEP_SIGNS[step.status]} {step.text}", _STYLES[step.status])
        lines.append(told + content(" (dropped)", "dim") if step.status is StepStatus.DROPPED else told)
    return Content("\n").join(lines)


def _far(plan: Plan) -> str:
    done = sum(step.status is StepStatus.DONE for step in plan.steps)
    return f"plan {done}/{len(plan.steps)}"
