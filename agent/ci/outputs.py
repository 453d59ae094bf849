"""What later steps of a GitHub job may ask for, as lines of `$GITHUB_OUTPUT`."""

from collections.abc import Sequence

from agent.ci.shown import line
from agent.protocol.outcome import exit_code
from agent.protocol.report import Report


def outputs(reports: Sequence[Report], code: int) -> str:
    """Return `name=value` lines about the worst of some tasks; no value can begin another line."""
    values = {"exit_code": str(code), "tasks": str(len(reports))}
    if reports:
        worst = max(reports, key=lambda one: exit_code(one.outcome))
        values |= {
            "outcome": worst.outcome,
            "task_id": worst.task_id,
            "tree": worst.verdict.tree or worst.tree,
            "branch": worst.branch or "",
            "cost_usd": f"{sum(one.cost_usd for one in reports):.4f}",
        }
    return "".join(f"{name}={line(value)}\n" for name, value in values.items())
