"""Long pastes, which the text shows as one mark each."""

import re
from collections.abc import Mapping

FOLDED_LINES = 6
FOLDED_CHARACTERS = 1000


class Pasted:
    """Remembers what stands behind the marks of one text."""

    def __init__(self, known: Mapping[str, str] | None = None) -> None:
        self._texts = dict(known or {})

    def fold(self, text: str) -> str:
        """Return the mark of a text that is long, and the text itself when it is not."""
        lines = len(text.splitlines())
        if lines < FOLDED_LINES and len(text) < FOLDED_CHARACTERS:
            return text
        size = f"{lines} lines" if lines > 1 else f"{len(text)} characters"
        mark, number = f"[pasted {size}]", 1
        while self._texts.get(mark, text) != text:
            number += 1
            mark = f"[pasted {size}, {number}]"
        self._texts[mark] = text
        return mark

    def whole(self, shown: str) -> str:
        """Return a text with what stands behind its marks."""
        if not self._texts:
            return shown
        # In one pass: what was pasted may hold the text of a mark.
        marks = "|".join(map(re.escape, self._texts))
        return re.sub(marks, lambda found: self._texts[found[0]], shown)

    def marks_in(self, shown: str) -> dict[str, str]:
        """Return the marks of a text, and what stands behind them."""
        return {mark: text for mark, text in self._texts.items() if mark in shown}

    def mark_before(self, shown: str) -> str:
        """Return the mark that a text ends with, empty when it ends with none."""
        return next((mark for mark in self._texts if shown.endswith(mark)), "")
