"""What the panes are made of holds for every state that a recorded task went through."""

from pathlib import Path

import pytest

from agent.protocol.log import parse_log
from agent.protocol.state import TaskState, advance
from tui.panes.suspects.attempts import attempts, tried
from tui.panes.suspects.changed import changed
from tui.panes.suspects.heat import heat_maps
from tui.panes.suspects.paint import attempts_content, reason_content
from tui.panes.verdict.detail import detail
from tui.panes.verdict.judged import counting, judged
from tui.panes.verdict.paint import detail_content, row_content, standing_content
from tui.panes.verdict.rows import rows_before, rows_of
from tui.panes.verdict.standing import standing, waiting

LOGS = sorted((Path(__file__).parents[2] / "data" / "logs").glob("*/*.jsonl"))


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.parent.name)
def test_every_state_of_a_recorded_task_can_be_shown(path: Path) -> None:
    events = parse_log(path.read_text())
    state = TaskState()
    for number, event in enumerate(events, 1):
        state = advance(state, event)
        verdicts = judged(state)
        place = counting(verdicts)
        rows = rows_of(state, verdicts[place].verdict) if verdicts else rows_before(state)
        assert all(row_content(row, 80) and detail_content(detail(row)) for row in rows)
        stood = standing(state, verdicts[place], len(verdicts)) if verdicts else waiting(state)
        assert standing_content(stood).plain.startswith(("✓", "✗", "…"))
        found = attempts(events[:number])
        assert bool(attempts_content(found)) == bool(found) == bool(tried(found))
        assert all(reason_content(one) for one in state.suspects or ())
        assert len(heat_maps(state.suspects or ())) <= len(state.suspects or ())
        changed(state.patch.diff if state.patch else "")


def test_there_are_recorded_tasks() -> None:
    assert LOGS
