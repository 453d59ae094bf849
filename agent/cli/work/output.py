"""What a finished task looks like on the terminal: one sentence, the verdict table, the diff."""

from collections.abc import Iterator

from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from agent.cli.terminal import sanitize
from agent.cli.work.findings import print_words
from agent.protocol.outcome import Outcome
from agent.protocol.report import Report
from agent.protocol.verdict import ProofKind, Verdict

_GOOD = {Outcome.VERIFIED, Outcome.VERIFIED_WITH_PREEXISTING, Outcome.DONE}
_SHOWN = 20
_ROWS = (
    ("fixed", "green"),
    ("broken", "bold red"),
    ("vanished", "red"),
    ("not_run", "red"),
    ("flaky", "yellow"),
    ("skipped_now", "yellow"),
    ("still_failing", "yellow"),
    ("new", "cyan"),
)


def print_report(console: Console, report: Report) -> None:
    """Print a report for a person."""
    if report.verdict.scope and (report.verdict.seconds or report.verdict.passed):
        console.print(_verdict_table(report.verdict))
    for note in report.verdict.notes:
        console.print(Text(f"note: {sanitize(note)}", style="dim"))
    if report.patch and report.planner:
        _print_diff(console, sanitize(report.patch))
    print_words(console, report)
    _print_conclusion(console, report)


def _print_diff(console: Console, diff: str) -> None:
    # Highlighted text wraps softly; a Syntax block would cut long lines at the terminal's edge.
    console.print(Syntax("", "diff", background_color="default").highlight(diff))


def _print_conclusion(console: Console, report: Report) -> None:
    style = "bold green" if report.outcome in _GOOD else "bold red"
    line = Text(f"{report.outcome}", style=style)
    line.append(f"  {sanitize(report.reason)}", style="default")
    console.print(line)
    if report.branch:
        console.print(Text(f"branch   {report.branch}"))
    if report.applied:
        console.print("applied  to the working tree (`ratchet undo` takes it back)")
    if report.model_calls:
        console.print(Text(_spent(report), style="dim"))
    if report.sandbox:
        console.print(Text(f"sandbox  {_sandbox(report)}", style="dim"))
    if report.hint:
        console.print(Text(f"hint: {sanitize(report.hint)}"))
    if report.log and report.outcome not in _GOOD:
        console.print(Text(sanitize(report.log[-4000:]), style="dim"))


def _spent(report: Report) -> str:
    tokens = report.tokens
    names = ", ".join(report.by_model)
    cost = f", US$ {report.cost_usd:.4f}" if report.cost_usd else ""
    return f"models   {names}: {report.model_calls} calls, {tokens.input} + {tokens.output} tokens{cost}"


def _sandbox(report: Report) -> str:
    assert report.sandbox is not None
    missing = report.sandbox.missing_limits
    unenforced = f"; not enforced: {', '.join(missing)}" if missing else ""
    return f"{report.sandbox.kind}, network {report.sandbox.network}{unenforced}"


def _verdict_table(verdict: Verdict) -> Table:
    table = Table(title=f"Verdict ({verdict.scope} check, tree {verdict.tree[:12]})", title_justify="left")
    table.add_column("class")
    table.add_column("tests", justify="right")
    table.add_column("which", overflow="fold")
    for name, style in _ROWS:
        tests = getattr(verdict, name)
        if tests:
            table.add_row(Text(name, style=style), str(len(tests)), _names(tests))
    table.add_row(Text("passed", style="green"), str(verdict.passed), "")
    if verdict.diagnostics:
        lines = [f"{d.location.path}:{d.location.line}: {d.message}" for d in verdict.diagnostics]
        table.add_row(Text("diagnostics", style="red"), str(len(lines)), _names(lines))
    for name, style, found in _evidence(verdict):
        table.add_row(Text(name, style=style), str(len(found)), _names(found))
    return table


def _evidence(verdict: Verdict) -> Iterator[tuple[str, str, list[str]]]:
    """Yield what speaks for a change and against it, beside the outcomes of its tests."""
    shown = [proof for proof in verdict.proofs if proof.kind is not ProofKind.NONE]
    if shown:
        yield "proof", "green", [f"{one.test} ({one.kind}: {one.message})" for one in shown]
    places = [f"{one.location.path}:{one.location.line} {one.kind}" for one in verdict.tampering]
    if places:
        yield "loosened", "red", places
    if verdict.strength is not None and verdict.strength.survivors:
        survivors = verdict.strength.survivors
        lines = [f"{one.location.path}:{one.location.line} {one.change}" for one in survivors]
        yield "unnoticed", "yellow", lines


def _names(names: tuple[str, ...] | list[str]) -> Text:
    shown = [sanitize(name).replace("\n", " ") for name in names[:_SHOWN]]
    if len(names) > _SHOWN:
        shown.append(f"… and {len(names) - _SHOWN} more (--json lists all)")
    return Text("\n".join(shown))
