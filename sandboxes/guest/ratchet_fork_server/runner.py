"""Loads pytest and our plugins before any code of the repository can be found."""

import os
import sys

_PLUGINS = "ratchet_fork_server.selection"


def load():
    """Return (pytest, our plugins); afterwards imports see what `python -m pytest` would see."""
    first = _PLUGINS not in sys.modules
    import pytest

    from ratchet_fork_server import outcomes, selection

    if first:
        # The first two entries are ours; `python -m` has the current directory in their place.
        sys.path[:2] = [os.getcwd()]
    return pytest, outcomes, selection
