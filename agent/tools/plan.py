"""Tool: keep the plan of the task."""

from pydantic import Field

from agent.protocol.conversation import Plan, PlanStep, StepStatus
from agent.protocol.value import Value
from agent.tools.report import Report
from agent.tools.tool import Desk, Outcome


class Step(Value):
    """One line."""

    text: str = Field(min_length=1, max_length=500)
    status: StepStatus = StepStatus.PENDING


class PlanArguments(Value):
    """The whole plan, in order."""

    steps: tuple[Step, ...] = Field(min_length=1, max_length=30)


class PlanTool:
    """The plan is shown to the user; nothing rests on it."""

    name = "plan"
    description = "Write down the steps of your work with their status, each time all of them, in order."
    arguments = PlanArguments
    parallel = False

    def run(self, desk: Desk, arguments: PlanArguments) -> Outcome:
        """Take the steps as the plan."""
        report = Report(desk)
        steps = tuple(PlanStep(text=report.own(step.text), status=step.status) for step in arguments.steps)
        done = sum(step.status is StepStatus.DONE for step in steps)
        return report.say(f"The plan has {len(steps)} steps, {done} done.").outcome(plan=Plan(steps=steps))
