"""A large verdict and source in the terminal: `python -m tests.benchmarks.tui_proof`."""

import argparse
import asyncio
import time

from textual.app import App, ComposeResult
from textual.widgets import DataTable

from agent.protocol.proposal import Suspect
from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind
from agent.protocol.verdict import Verdict
from tests.benchmarks.index import row, spread, timed
from tests.lsp import history
from tui.panes.listing import Listing
from tui.panes.suspects.heat import heat_maps
from tui.panes.suspects.source import Shown, Source
from tui.panes.suspects.text_lines import text_lines
from tui.panes.verdict.matrix import Matrix
from tui.panes.verdict.rows import rows_of

TESTS = 10_000
LINES = 5_000
MOVES = 300
_KEY = "p95 <= 50 ms"


class Screen(App[None]):
    """The matrix, the source and a table, each as high as the terminal."""

    CSS = "Matrix, Source, DataTable { height: 50; }"

    def compose(self) -> ComposeResult:
        """Lay them out."""
        yield Matrix(id="matrix")
        yield Source(id="source")
        yield DataTable[str](id="table", cursor_type="row")


def judged() -> tuple[TaskState, Verdict]:
    """Return a task whose change was measured with many tests."""
    tests = [history.passed(f"tests/test_{number % 100}.py::test_{number}") for number in range(TESTS)]
    told = history.verdict(broken=tuple(test.id for test in tests[:5]), passed=TESTS - 5)
    state = history.state("t", history.spec(TaskKind.FIX), history.measured(*tests), told)
    assert state.verdict is not None
    return state, state.verdict


async def moves(listing: Listing) -> list[float]:
    """Return the seconds from a move of the cursor until all that is seen was painted anew."""
    seconds = []
    for number in range(MOVES):
        began = time.perf_counter()
        listing.cursor = 997 * (number + 1) % listing.count
        listing.render_lines(listing.size.region)
        seconds.append(time.perf_counter() - began)
        await asyncio.sleep(0)
    return seconds


async def matrix(app: Screen) -> None:
    """Print what the verdict takes."""
    state, verdict = judged()
    began = time.perf_counter()
    rows = rows_of(state, verdict)
    made = time.perf_counter() - began
    shown = app.query_one(Matrix)
    filled = timed(lambda: shown.show(rows))
    table = app.query_one(DataTable)
    table.add_columns("class", "before", "after", "test")
    peer = timed(
        lambda: [table.add_row(one.kind.value, one.before, one.after, one.name) for one in rows] and None
    )
    row(f"{len(rows):,} tests: rows made; put on screen", f"table {peer * 1e3:.0f} ms", _both(made, filled))
    row("a move to any of them, painted", _KEY, spread(await moves(shown)))


async def source(app: Screen) -> None:
    """Print what a heated source takes."""
    code = b"".join(b"def f_%d(x):\n    return [x + %d, 'text']  # why\n" % (n, n) for n in range(LINES // 2))
    began = time.perf_counter()
    lines = text_lines(code, "a.py")
    coloured = time.perf_counter() - began
    assert lines is not None
    suspects = [Suspect(path="a.py", line=line, score=1 / line) for line in range(1, 400)]
    shown, heated = app.query_one(Source), heat_maps(suspects)["a.py"]
    filled = timed(lambda: shown.show(Shown(heated, lines), 1))
    row(f"{len(lines):,} lines: coloured, in a thread; put on screen", "", _both(coloured, filled))
    row("a move to any of them, painted", _KEY, spread(await moves(shown)))


def _both(first: float, second: float) -> str:
    return f"{first * 1e3:.0f} ms; {second * 1e3:.1f} ms"


async def measure() -> None:
    """Print each figure beside its limit, or beside Textual's own table."""
    app = Screen()
    async with app.run_test(size=(200, 50)) as pilot:
        await pilot.pause()
        await matrix(app)
        await source(app)


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    asyncio.run(measure())
