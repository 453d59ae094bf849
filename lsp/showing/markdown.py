"""Outside text in Markdown: shown as it is, and nothing in it is markup."""

import re

from lsp.showing.plain import one_line

_SIGNS = re.compile(r"([!-/:-@\[-`{-~])")


def escaped(text: str, longest: int = 400) -> str:
    """Return one line in which every sign that could be markup is escaped (CommonMark 0.31, 2.4)."""
    return _SIGNS.sub(r"\\\1", one_line(text, longest))
