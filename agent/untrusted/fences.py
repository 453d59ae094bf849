"""Puts a text between back-ticks that it cannot end: code, in which Markdown reads nothing."""

import re

_RUN = re.compile("`+")


def span(text: str) -> str:
    """Return a text of one line, not empty, as a code span (CommonMark 6.1).

    Not for cells of tables, where renderers disagree on what escapes a bar (GFM 4.10).
    """
    fence = "`" * (_longest_run(text) + 1)
    # At an end a back-tick would belong to the fence, and a dollar sign begins a formula on GitHub.
    room = " " if text[0] in "`$" or text[-1] in "`$" else ""
    return f"{fence}{room}{text}{room}{fence}"


def fenced(text: str, language: str = "") -> str:
    """Return a block of code to the letter (CommonMark 4.5); `language` is ours."""
    fence = "`" * max(3, _longest_run(text) + 1)
    inside = f"{text.removesuffix(chr(10))}\n" if text else ""
    return f"{fence}{language}\n{inside}{fence}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in _RUN.findall(text)), default=0)
