"""`ratchet doctor`: what works on this machine, and what to do about what does not."""

import platform
from pathlib import Path

import click
from rich.text import Text

import agent
from agent.cli.doctor.daemon import daemon_findings
from agent.cli.doctor.state import state_findings
from agent.cli.options import directory_option, json_option, print_json
from agent.cli.terminal import console, one_line
from agent.config import state_dir
from agent.protocol.outcome import Outcome, exit_code
from sandboxes.doctor import Finding, Level, examine

_STYLES = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "bold red"}


@click.command()
@directory_option
@json_option
def doctor(directory: Path, as_json: bool) -> None:
    """Say what is in force here, by running something in each sandbox, and what to do about the rest.

    Exits with 0 when a sandbox works and with 60 when none does.

    \b
    ratchet doctor
    ratchet doctor --json | jq '.findings[] | select(.level != "ok")'
    """
    state = state_dir().absolute()
    findings = (_runtime(), *examine(state), *state_findings(state), *daemon_findings(state))
    works = not any(one.name == "sandbox" and one.level is Level.FAIL for one in findings)
    if as_json:
        print_json(_document(findings, works))
    else:
        _print(findings)
    if not works:
        raise click.exceptions.Exit(exit_code(Outcome.SANDBOX))


def _runtime() -> Finding:
    return Finding("ratchet", Level.OK, f"{agent.__version__} on Python {platform.python_version()}")


def _document(findings: tuple[Finding, ...], works: bool) -> dict[str, object]:
    rows = [
        {"name": one.name, "level": one.level, "detail": one.detail, "remedy": one.remedy} for one in findings
    ]
    return {"sandbox_works": works, "findings": rows}


def _print(findings: tuple[Finding, ...]) -> None:
    screen = console()
    width = max(len(finding.name) for finding in findings)
    for finding in findings:
        line = Text(f"{finding.level:5}", style=_STYLES[finding.level])
        line.append(f"{finding.name:{width}}  {one_line(finding.detail, 400)}", style="default")
        screen.print(line)
        if finding.remedy:
            screen.print(Text(f"{'':{width + 5}}  → {one_line(finding.remedy, 400)}", style="italic"))
