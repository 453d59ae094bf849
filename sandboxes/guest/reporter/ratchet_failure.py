"""What an exception says about a test: its one line, its frames inside the tree, whether it is an assertion.

PYTEST_DONT_REWRITE
"""

import os

MESSAGE = 500
DETAILS = 8000
TERSE = 800
FULL_DETAILS = 200
FRAMES = 40

_spent = [0]


def details(text):
    """Return a traceback text, capped; after many failures only its end is kept."""
    _spent[0] += 1
    keep = DETAILS if _spent[0] <= FULL_DETAILS else TERSE
    if len(text) <= keep:
        return text
    half = keep // 2
    return text[:half] + "\n[...]\n" + text[-half:]


def message(exception):
    """Return the exception's type and text on one line."""
    try:
        text = str(exception)
    except BaseException as error:
        text = "<unprintable: %s>" % type(error).__name__
    line = " ".join(text.split())
    name = type(exception).__name__
    return (name + ": " + line if line else name)[:MESSAGE]


def frames(traceback, root):
    """Return [path, line] of the frames inside the tree, outermost first, paths relative to `root`."""
    found = []
    while traceback is not None:
        path = _inside(traceback.tb_frame.f_code.co_filename, root)
        if path:
            found.append([path, traceback.tb_lineno])
        traceback = traceback.tb_next
    if len(found) > FRAMES:
        found = found[: FRAMES // 2] + found[-FRAMES // 2 :]
    return found


def _inside(path, root):
    full = os.path.realpath(os.path.join(root, path)) if path and not path.startswith("<") else ""
    if not full.startswith(root + os.sep) or "site-packages" in full:
        return None
    return full[len(root) + 1 :]
