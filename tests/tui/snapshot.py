"""Compares a picture of a screen with the one that is kept, and says in words what differs."""

import difflib
import html
import re
from pathlib import Path

import pytest

KEPT = Path(__file__).parent / "__snapshots__"
_UNIQUE = re.compile(r"terminal-\d+")
_TEXT = re.compile(r'<text [^>]*?x="([\d.]+)"[^>]*?clip-path="url\(#terminal-line-(\d+)\)"[^>]*>(.*?)</text>')
_CELL = 12.2
"""Width of a cell in the pictures that Rich draws."""


def normal(picture: str) -> str:
    """Return a picture without the names that are made up anew for every content."""
    return _UNIQUE.sub("terminal", picture)


def lines(picture: str) -> list[str]:
    """Return the text of a picture, line by line."""
    found: dict[int, str] = {}
    for left, number, text in _TEXT.findall(normal(picture)):
        before = found.get(int(number), "").ljust(round(float(left) / _CELL))
        found[int(number)] = before + html.unescape(text).replace("\xa0", " ")
    return [found.get(number, "").rstrip() for number in range(max(found, default=-1) + 1)]


def compare(name: str, picture: str, folder: Path, *, update: bool = False) -> str:
    """Return what differs from the picture of this name, nothing where it is the same.

    The new one is left in `folder`; with `update` it is kept instead.
    """
    kept, now = KEPT / f"{name}.svg", normal(picture)
    if update:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(now, encoding="utf-8")
        return ""
    before = kept.read_text(encoding="utf-8") if kept.exists() else ""
    if before == now:
        return ""
    seen = folder / f"{name.replace('/', '-')}.svg"
    seen.write_text(now, encoding="utf-8")
    return "\n".join([f"{name} differs; it is now {seen}", *_differences(before, now)])


def _differences(before: str, now: str) -> list[str]:
    if not before:
        return ["there was none"]
    found = list(difflib.unified_diff(lines(before), lines(now), "kept", "now", lineterm="", n=1))
    return found or ["the same text in other colours"]


def failed(differences: list[str]) -> None:
    """Fail with all differences, and with what to do about them."""
    if found := [one for one in differences if one]:
        how = "pytest tests/tui/screens/test_snapshots.py --update-snapshots keeps the new ones"
        pytest.fail("\n\n".join([*found, how]), pytrace=False)
