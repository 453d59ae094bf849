"""`ratchet tasks costs`: what models cost, and what a proven change came to, by repository and model."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agent.cli.errors import shown_to_the_user
from agent.cli.options import json_option, print_json
from agent.protocol.outcome import Outcome
from agent.protocol.report import Report

if TYPE_CHECKING:
    from agent.client.client import Client
    from agent.protocol.api import TaskView

_PROVEN = (Outcome.VERIFIED, Outcome.VERIFIED_WITH_PREEXISTING)


@dataclass(frozen=True, slots=True)
class Cost:
    """One model on one repository; `usd_per_verified` is None when nothing was proven."""

    repository: str
    model: str
    tasks: int
    verified: int
    """Tasks whose proven change is this model's."""
    calls: int
    tokens_input: int
    tokens_output: int
    cost_usd: float
    usd_per_verified: float | None


@click.command()
@click.option(
    "--limit", type=click.IntRange(min=1), default=500, show_default=True, help="Newest tasks to count."
)
@json_option
def costs(limit: int, as_json: bool) -> None:
    """Show what models cost, by repository and model, and what each proven change came to.

    \b
    ratchet tasks costs
    ratchet tasks costs --json | jq '.costs[] | {model, usd_per_verified}'
    """
    with shown_to_the_user(as_json):
        found = cost_table((view.spec.home, view.report) for view in _views(limit) if view.report)
    if as_json:
        print_json({"costs": [asdict(one) for one in found]})
    elif found:
        _print(found)
    else:
        click.echo("no finished task has asked a model yet", err=True)


def cost_table(reports: Iterable[tuple[str, Report]]) -> list[Cost]:
    """Return what finished tasks spent, the dearest first."""
    groups: dict[tuple[str, str], list[Report]] = {}
    for repository, report in reports:
        for model in report.by_model:
            groups.setdefault((repository, model), []).append(report)
    found = [_cost(repository, model, of_both) for (repository, model), of_both in groups.items()]
    return sorted(found, key=lambda one: (-one.cost_usd, one.repository, one.model))


def _cost(repository: str, model: str, reports: list[Report]) -> Cost:
    efforts = [report.by_model[model] for report in reports]
    verified = sum(1 for report in reports if report.planner == model and report.outcome in _PROVEN)
    cost = sum(effort.cost_usd for effort in efforts)
    return Cost(
        repository=repository,
        model=model,
        tasks=len(reports),
        verified=verified,
        calls=sum(effort.model_calls for effort in efforts),
        tokens_input=sum(effort.tokens_input for effort in efforts),
        tokens_output=sum(effort.tokens_output for effort in efforts),
        cost_usd=round(cost, 6),
        usd_per_verified=round(cost / verified, 6) if verified else None,
    )


def _views(limit: int) -> "list[TaskView]":
    from agent.cli.daemon.link import ask
    from agent.protocol.summary import Status

    async def job(client: "Client") -> "list[TaskView]":
        found = [one async for one in client.tasks(status=Status.FINISHED, limit=limit)]
        return [await client.task(one.task_id) for one in found if one.kind != "verify"]

    return ask(job)


def _print(found: list[Cost]) -> None:
    from rich.table import Table

    from agent.cli.terminal import console, one_line

    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("repository", "model", "tasks", "verified", "calls", "tokens", "US$", "US$/verified"):
        table.add_column(heading, justify="left" if heading in ("repository", "model") else "right")
    for one in found:
        per_fix = "" if one.usd_per_verified is None else f"{one.usd_per_verified:.4f}"
        tokens = f"{one.tokens_input} + {one.tokens_output}"
        counts = (str(one.tasks), str(one.verified), str(one.calls), tokens)
        name = one_line(Path(one.repository).name)
        table.add_row(name, one_line(one.model), *counts, f"{one.cost_usd:.4f}", per_fix)
    console().print(table)
