"""Reads what an app wrote to its terminal, and finds whatever Textual itself does not write.

Textual's output is a few sequences that set up and restore the terminal, moves of the cursor, ends of lines,
and runs of text, each of which begins with its colours and ends with `ESC [ 0 m`. In a run there is no
control, so that a sequence which came in with a text is found wherever it stands and whatever it is.
"""

import re
from dataclasses import dataclass

_ACTED_ON = "\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
_RUN = rf"\x1b\[[0-9][0-9;]*m(?P<text>[^{_ACTED_ON}]*)\x1b\[0m"
_MOVE = r"\x1b\[(?:[0-9]+;[0-9]+)?H"
_SET_UP = (
    r"\x1b\[\?(?:1000|1002|1003|1004|1006|1015|1016|1049|2004|2026|2031|2048|25|7)[hl]"
    r"|\x1b\]22;[a-z-]*\x07|\x1b\[\?(?:2026|2048)\$p|\x1b\[>[0-9]+u|\x1b\[<u|\x1bP\+q[0-9a-f]*\x1b\\"
)
_TOKEN = re.compile(rf"{_RUN}|{_MOVE}|\r?\n|\ +|{_SET_UP}")
_CONTEXT = 60


@dataclass(frozen=True, slots=True)
class Written:
    """What an app wrote: the text of its runs, and places at which something else stood."""

    text: str
    foreign: tuple[str, ...]


def read(data: bytes) -> Written:
    """Tell the text from what Textual does not write; what is no UTF-8 is foreign, too."""
    written = data.decode("utf-8", "backslashreplace")
    texts: list[str] = []
    foreign: list[str] = []
    place = 0
    while place < len(written):
        token = _TOKEN.match(written, place)
        if token is None:
            foreign.append(ascii(written[max(0, place - _CONTEXT) : place + _CONTEXT]))
            place = _next(written, place + 1)
            continue
        texts.append("\n" if token["text"] is None else token["text"])
        place = token.end()
    return Written("".join(texts), tuple(foreign))


def _next(written: str, place: int) -> int:
    """Return where reading can go on: at the next move of the cursor."""
    found = re.compile(_MOVE).search(written, place)
    return found.start() if found is not None else len(written)
