"""Live updates that wait for a reader, joined: of most the newest counts, of texts every piece."""

import json
from typing import Any

LARGEST = 64 * 1024
"""Characters of output that are kept for a reader who does not keep up: the newest."""
_CUT = "\n[...]\n"


def joined(older: str, newer: str) -> str | None:
    """Return two updates in JSON as one, None when a reader has to get both."""
    before, after = json.loads(older), json.loads(newer)
    text, fits = _text(before.get("text"), after.get("text"))
    if not fits:
        return None
    output = _output(before.get("output"), after.get("output"))
    kept = before if before.get("phase") == after.get("phase") else {}
    told = {name: value for name, value in after.items() if value is not None}
    if kept and is_piece(after) and not after.get("message"):
        told.pop("message", None)
    return json.dumps({**kept, **told, "text": text, "output": output})


def _text(older: str | None, newer: str | None) -> tuple[str | None, bool]:
    """Return the text of both; an empty one takes back what was said, which nothing else can say."""
    if older is None or newer == "":
        return newer, True
    if newer is None:
        return older, True
    return older + newer, older != "" and len(older) < LARGEST


def _output(older: str | None, newer: str | None) -> str | None:
    if older is None or newer is None:
        return newer if older is None else older
    whole: str = older + newer
    return whole if len(whole) <= LARGEST else _CUT + whole[-LARGEST // 2 :]


def is_piece(update: dict[str, Any]) -> bool:
    """Say whether an update brings a piece of a text, so that none may take its place."""
    return update.get("text") is not None or update.get("output") is not None
