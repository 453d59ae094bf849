"""Puts a text between back-ticks that it cannot end: code, in which Markdown reads nothing."""

import re

LONGEST_RUN = 60
"""GitHub's parser (cmark-gfm) knows no span in more than 80 back-ticks, and no fence of more than 255."""
_RUN = re.compile("`+")
_TOO_LONG = re.compile(f"(`{{{LONGEST_RUN}}})`+")


def span(text: str) -> str:
    """Return a text of one line, not empty, as a code span (CommonMark 6.1).

    Not for cells of tables, where renderers disagree on what escapes a bar (GFM 4.10). What is left out
    of a longer run of back-ticks than anybody writes is shown as `…`.
    """
    inside = _tamed(text)
    fence = "`" * (_longest_run(inside) + 1)
    # At an end a back-tick would belong to the fence, and a dollar sign begins a formula on GitHub.
    room = " " if inside[0] in "`$" or inside[-1] in "`$" else ""
    return f"{fence}{room}{inside}{room}{fence}"


def fenced(text: str, language: str = "") -> str:
    """Return a block of code to the letter, if `is_kept` (CommonMark 4.5); `language` is ours."""
    inside = _tamed(text)
    fence = "`" * max(3, _longest_run(inside) + 1)
    lines = f"{inside.removesuffix(chr(10))}\n" if inside else ""
    return f"{fence}{language}\n{lines}{fence}"


def is_kept(text: str) -> bool:
    """Say whether a text is shown to the letter between fences."""
    return _TOO_LONG.search(text) is None


def _tamed(text: str) -> str:
    return _TOO_LONG.sub(r"\1…", text)


def _longest_run(text: str) -> int:
    return max((len(run) for run in _RUN.findall(text)), default=0)
