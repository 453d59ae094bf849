"""What tasks came to, as Markdown for the page of a workflow run."""

from collections.abc import Iterator, Sequence

from agent.ci.shown import code, code_block, line
from agent.protocol.outcome import exit_code
from agent.protocol.report import Report
from agent.protocol.verdict import Verdict

LIMIT = 1024 * 1024
"""Bytes that GitHub takes from one step; it shows nothing of a longer one."""
_SHOWN = 50
_LONGEST_LOG = 4000
_CLASSES = (
    *("fixed", "broken", "vanished", "weakened", "not_run", "skipped_now", "flaky", "still_failing", "new"),
)
_LISTED = _CLASSES[:-1]
_CUT = "\n_The rest does not fit here; `--json` has all of it._\n"


def summary(reports: Sequence[Report], room: int = LIMIT) -> str:
    """Return the summary of some tasks, at most `room` bytes of UTF-8.

    Outside text stands in code spans and fenced blocks only.
    """
    left = room - len(_CUT.encode())
    kept: list[str] = []
    for block in (block for report in reports for block in _blocks(report)):
        size = len(block.encode("utf-8", "replace"))
        if size > left:
            return "".join([*kept, _CUT]) if left >= 0 else ""
        kept.append(block)
        left -= size
    return "".join(kept)


def _blocks(report: Report) -> Iterator[str]:
    """Yield pieces that each stand for themselves, the most important first."""
    yield f"## Ratchet: {_mark(report)} {report.outcome.replace('_', ' ')}\n\n{code(report.reason, 600)}\n\n"
    if report.hint:
        yield f"Next: {code(report.hint, 400)}\n\n"
    verdict = report.verdict
    if verdict.passed or verdict.seconds:
        yield _table(verdict)
    yield from _tests(verdict)
    yield from _places(verdict)
    yield from _findings(report)
    if report.answer:
        yield _folded("In the words of the model", code_block(report.answer))
    yield _facts(report)
    if report.log and exit_code(report.outcome):
        yield _folded("Log", code_block(report.log[-_LONGEST_LOG:]))
    if report.patch:
        title = f"Patch ({len(report.files)} files)"
        yield _folded(title, code_block(report.patch, "diff"))


def _mark(report: Report) -> str:
    return "❌" if exit_code(report.outcome) else "✅"


def _table(verdict: Verdict) -> str:
    rows = [(name, len(getattr(verdict, name))) for name in _CLASSES]
    rows += [("passed", verdict.passed), ("complaints", len(verdict.diagnostics))]
    shown = "".join(f"| {name.replace('_', ' ')} | {count} |\n" for name, count in rows if count)
    return f"| {verdict.scope} check | tests |\n|---|---:|\n{shown}\n"


def _tests(verdict: Verdict) -> Iterator[str]:
    messages = {one.test: one.message for one in verdict.failures}
    for name in _LISTED:
        tests = getattr(verdict, name)
        items = [code(test) + _said(messages.get(test, "")) for test in tests[:_SHOWN]]
        yield _list(name.replace("_", " ").capitalize(), items, len(tests))


def _places(verdict: Verdict) -> Iterator[str]:
    complaints = [
        f"{_place(one.location.path, one.location.line)}{_said(one.message)}" for one in verdict.diagnostics
    ]
    loosened = [
        f"{_place(one.location.path, one.location.line)} {one.kind.replace('_', ' ')}{_said(one.message)}"
        for one in verdict.tampering
    ]
    notes = [code(note, 400) for note in verdict.notes]
    for title, items in (("New complaints", complaints), ("Loosened", loosened), ("Notes", notes)):
        yield _list(title, items[:_SHOWN], len(items))


def _findings(report: Report) -> Iterator[str]:
    for title, proven in (("Proven findings", True), ("Unproven findings", False)):
        found = [one for one in report.findings if one.proven is proven]
        items = [f"{_place(one.path, one.line)}{_said(one.title)}" for one in found[:_SHOWN]]
        listed = _list(title, items, len(found))
        yield listed if proven or not listed else _folded(f"{title} ({len(found)})", listed)


def _facts(report: Report) -> str:
    facts = [f"task {code(report.task_id)}", f"{report.seconds:.0f} s"]
    if _tree(report):
        facts.append(f"tree {code(_tree(report)[:12])}")
    if report.branch:
        facts.append(f"branch {code(report.branch)}")
    if report.model_calls:
        facts.append(f"{report.model_calls} model calls, US$ {report.cost_usd:.4f}")
    if report.sandbox:
        facts.append(f"sandbox {code(report.sandbox.kind)}, network {code(report.sandbox.network)}")
        if report.sandbox.missing_limits:
            facts.append(f"not enforced: {code(', '.join(report.sandbox.missing_limits))}")
    return " · ".join(facts) + "\n\n"


def _tree(report: Report) -> str:
    """Return the tree that the verdict holds for; a `verify` has no other."""
    return report.verdict.tree or report.tree


def _list(title: str, items: Sequence[str], count: int) -> str:
    if not items:
        return ""
    more = f"- … and {count - len(items)} more\n" if count > len(items) else ""
    return f"**{title}** ({count})\n\n" + "".join(f"- {item}\n" for item in items) + f"{more}\n"


def _place(path: str, number: int) -> str:
    return code(f"{line(path)}:{number}", 240)


def _said(text: str) -> str:
    return f": {code(text, 300)}" if text.strip() else ""


def _folded(title: str, inside: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{inside}\n\n</details>\n\n"
