"""The settings hold from the first line that is painted on."""

import os
import sys
from pathlib import Path

import pexpect
import pytest

from tui.looks import suiting

DRACULA = b"48;2;40;42;54"
"""The background of that theme, as it is written to a terminal."""
MOUSE = b"\x1b[?1000h"


def test_a_terminal_of_few_colours_gets_its_own() -> None:
    assert suiting("standard", no_colour=False) == suiting("truecolor", no_colour=True) == "ansi-dark"
    assert suiting(None, no_colour=False) == "ansi-dark"
    assert suiting("256", no_colour=False) == suiting("truecolor", no_colour=False) == "textual-dark"


@pytest.mark.long
@pytest.mark.parametrize(
    ("settings", "has_theme", "has_mouse"),
    [
        ('theme = "dracula"\nmouse = false', True, False),
        ("", False, True),
        ("theme = 1\nmouse = 0\nno such = [", False, True),
    ],
    ids=["set", "defaults", "broken"],
)
def test_theme_and_mouse_are_in_force_in_the_first_paint(
    tmp_path: Path, settings: str, has_theme: bool, has_mouse: bool
) -> None:
    (tmp_path / "config.toml").write_text(f"[tui]\n{settings}\n")
    (tmp_path / "log.jsonl").write_text("")
    environ = {
        **{name: value for name, value in os.environ.items() if name != "NO_COLOR"},
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "RATCHET_CONFIG": str(tmp_path / "config.toml"),
        # Nothing can be kept below a file, so that no daemon is left behind.
        "RATCHET_STATE_DIR": str(tmp_path / "log.jsonl" / "state"),
    }
    arguments = ["-m", "agent", "tui", "-C", str(tmp_path)]
    app = pexpect.spawn(sys.executable, arguments, env=environ, dimensions=(24, 80), timeout=60)
    app.expect_exact("starting")
    first = app.before
    app.send("\x11")
    app.expect(pexpect.EOF)
    app.close()
    assert (DRACULA in first) is has_theme
    assert (MOUSE in first) is has_mouse
