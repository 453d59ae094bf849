"""What is written to the terminal when a task ends is one sequence of ours, whatever the task is called."""

import re

import pytest

from agent.sections import Notify
from tui.notices.signal import signal

NASTY = "a\x1b]52;c;cHdu\x07;b\x9c\x9dc\nd\u202ee\x1b\\" + "x" * 500
SEQUENCES = re.compile(
    r"\x1b\](9;[^;\x00-\x1f\x7f-\x9f]*|777;notify;[^;\x00-\x1f]*;[^;\x00-\x1f\x7f-\x9f]*)\x07"
)


@pytest.mark.parametrize("environ", [{"TERM": "xterm-256color"}, {"TERM": "foot"}, {"VTE_VERSION": "7200"}])
def test_no_text_ends_the_sequence_it_stands_in(environ: dict[str, str]) -> None:
    written = signal(Notify.DESKTOP, NASTY, NASTY, environ)
    assert SEQUENCES.fullmatch(written)
    assert len(written) < 300


@pytest.mark.parametrize(
    ("how", "environ", "written"),
    [
        (Notify.OFF, {}, ""),
        (Notify.BELL, {}, "\a"),
        (Notify.DESKTOP, {"TMUX": "/tmp/x"}, "\a"),
        (Notify.DESKTOP, {"TERM": "rxvt-unicode"}, "\x1b]777;notify;fix;done\a"),
        (Notify.DESKTOP, {"TERM": "xterm-kitty"}, "\x1b]9;fix: done\a"),
    ],
)
def test_each_terminal_is_told_in_its_own_words(how: Notify, environ: dict[str, str], written: str) -> None:
    assert signal(how, "fix", "done", environ) == written
