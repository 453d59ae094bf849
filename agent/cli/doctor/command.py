"""`ratchet doctor`: what works on this machine, and what to do about what does not."""

import platform
from pathlib import Path

import click
from rich.text import Text

import agent
from agent.cli.doctor.bot import bot_findings, bot_settings
from agent.cli.doctor.bot import works as bot_works
from agent.cli.doctor.daemon import daemon_findings
from agent.cli.doctor.models import model_findings, works
from agent.cli.doctor.state import state_findings
from agent.cli.errors import shown_to_the_user
from agent.cli.options import directory_option, json_option, print_json
from agent.cli.terminal import console, one_line
from agent.config import state_dir
from agent.protocol.outcome import Outcome, exit_code
from sandboxes.doctor import Finding, Level, examine

_STYLES = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "bold red"}


@click.command()
@click.option("--models", is_flag=True, help="Ask each configured model instead; costs some hundred tokens.")
@click.option(
    "--bot", is_flag=True, help="Ask the forge of [bot] instead, with requests that change nothing."
)
@directory_option
@json_option
def doctor(models: bool, bot: bool, directory: Path, as_json: bool) -> None:
    """Say what is in force here, by running something in each sandbox, and what to do about the rest.

    Exits with 0 when a sandbox works and with 60 when none does; with --models, with 0 when a model works and
    with 32 when none does; with --bot, with 1 when something keeps the bot from working. Without
    them no model and no forge is asked.

    \b
    ratchet doctor
    ratchet doctor --models
    ratchet doctor --bot
    ratchet doctor --json | jq '.findings[] | select(.level != "ok")'
    """
    if models and bot:
        raise click.UsageError("--models and --bot are two questions; ask one at a time")
    with shown_to_the_user(as_json):
        if models:
            _models(as_json)
        elif bot:
            _bot(as_json)
        else:
            _machine(as_json)


def _machine(as_json: bool) -> None:
    state = state_dir().absolute()
    findings = (_runtime(), *examine(state), *state_findings(state), *daemon_findings(state), *bot_settings())
    isolated = not any(one.name == "sandbox" and one.level is Level.FAIL for one in findings)
    _show(findings, {"sandbox_works": isolated}, as_json)
    if not isolated:
        raise click.exceptions.Exit(exit_code(Outcome.SANDBOX))


def _models(as_json: bool) -> None:
    findings = tuple(model_findings())
    _show(findings, {"model_works": works(findings)}, as_json)
    if not works(findings):
        raise click.exceptions.Exit(exit_code(Outcome.NO_PLANNER))


def _bot(as_json: bool) -> None:
    findings = tuple(bot_findings())
    _show(findings, {"bot_works": bot_works(findings)}, as_json)
    if not bot_works(findings):
        raise click.exceptions.Exit(exit_code(Outcome.ERROR))


def _show(findings: tuple[Finding, ...], summary: dict[str, object], as_json: bool) -> None:
    if as_json:
        print_json(summary | _document(findings))
    else:
        _print(findings)


def _runtime() -> Finding:
    return Finding("ratchet", Level.OK, f"{agent.__version__} on Python {platform.python_version()}")


def _document(findings: tuple[Finding, ...]) -> dict[str, object]:
    rows = [
        {"name": one.name, "level": one.level, "detail": one.detail, "remedy": one.remedy} for one in findings
    ]
    return {"findings": rows}


def _print(findings: tuple[Finding, ...]) -> None:
    screen = console()
    width = max(len(finding.name) for finding in findings)
    for finding in findings:
        line = Text(f"{finding.level:5}", style=_STYLES[finding.level])
        line.append(f"{finding.name:{width}}  {one_line(finding.detail, 400)}", style="default")
        screen.print(line)
        if finding.remedy:
            screen.print(Text(f"{'':{width + 5}}  → {one_line(finding.remedy, 400)}", style="italic"))
