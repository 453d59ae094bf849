"""What the line of live progress shows."""

import io

from rich.console import Console

from agent.cli.work.progress import ProgressLine
from agent.protocol.progress import Progress


def test_what_a_command_prints_meanwhile_takes_no_message_away() -> None:
    line = ProgressLine(Console(file=io.StringIO(), width=200))
    line(Progress(phase="verify", message="running the check"))
    line(Progress(phase="verify", output="collected 3 items\n"))
    assert "running the check" in line.__rich__().plain
    assert "collected" not in line.__rich__().plain
