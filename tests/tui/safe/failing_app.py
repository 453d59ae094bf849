"""`python -m tests.tui.safe.failing_app`: the app fails, and the reason is a text of others."""

from collections.abc import Callable

from tui.app import RatchetApp
from tui.desk import Desk


def _load() -> Callable[[RatchetApp], Desk]:
    raise ValueError("begin \x1b]0;gone\x07\x9b2J\u202e[bold end")


if __name__ == "__main__":
    RatchetApp(_load).run()
