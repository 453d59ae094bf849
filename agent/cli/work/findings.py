"""What `ask` and `review` came to, on the terminal."""

from rich.console import Console
from rich.text import Text

from agent.cli.terminal import sanitize
from agent.protocol.conversation import Finding
from agent.protocol.report import Report

_STYLES = {"error": "bold red", "warning": "yellow", "note": "cyan"}


def print_words(console: Console, report: Report) -> None:
    """Print the answer of a question and the findings of a review, if there are any."""
    if report.answer:
        console.print(Text(sanitize(report.answer)))
        console.print()
    for one in report.citations:
        if one.fault:
            place = f"{one.path}:{one.line}" + (f"-{one.end}" if one.end > one.line else "")
            console.print(Text(f"false: {sanitize(place)}: {one.fault}", style="red"))
    proven = [one for one in report.findings if one.proven]
    unproven = [one for one in report.findings if not one.proven]
    _print(console, "Proven", proven)
    _print(console, "Unproven", unproven)


def _print(console: Console, title: str, findings: list[Finding]) -> None:
    if not findings:
        return
    console.print(Text(f"{title} ({len(findings)})", style="bold"))
    for one in findings:
        head = Text(f"  {sanitize(one.path)}:{one.line} ", style="")
        head.append(one.severity, style=_STYLES.get(one.severity, ""))
        head.append(f" {sanitize(one.title)}")
        console.print(head)
        for text in (one.body, one.evidence):
            if text:
                console.print(Text(f"    {sanitize(text)}", style="dim"))
