"""No text makes a widget write anything to the terminal that is not Textual's own."""

import itertools
import json
import random
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from tests.tui.safe.grammar import Written, read
from tests.tui.safe.payloads import payloads
from tests.tui.safe.stage import KINDS, WAYS
from tests.tui.terminal import written

_ROWS, _COLUMNS = 120, 200
_FEWER_ROWS = 48
_SPARE = 8
"""Lines of a page that are left for what surrounds the texts."""
_FEW = 32
"""Payloads per widget in the gate; together they are all of them."""
_MARK = re.compile(r"p(\d+):")
_DAMAGE = "\x1b[2J\x1b]0;gone\x07\x9b5;5H"
_BYTES = bytes(range(256)) + b"\x1b\x9b\x9d\x90[]P;?\x07\\" * 20

Text = tuple[int, str]
Page = dict[str, object]


def _pages(kind: str, way: str, texts: Iterable[Text], rows: int = _ROWS) -> list[Page]:
    """Return the pages that show the texts, each of which says its number before it begins."""
    at_once = max(1, (rows - _SPARE) // KINDS[kind][1])
    waiting = iter([f"p{number}:{text}:q" for number, text in texts])
    pages: list[Page] = []
    while batch := list(itertools.islice(waiting, at_once)):
        pages.append({"kind": kind, "way": way, "texts": batch})
    return pages


def _shown(folder: Path, pages: Sequence[Page], *, rows: int = _ROWS, guarded: bool = True) -> Written:
    job = folder / "job.json"
    job.write_text(json.dumps({"pages": pages, "guarded": guarded}), encoding="ascii")
    status, data = written(["-m", "tests.tui.safe.stage", str(job)], rows=rows, columns=_COLUMNS)
    assert status == 0, data[-4000:].decode("utf-8", "replace")
    return read(data)


def _check(seen: Written, texts: Iterable[Text]) -> None:
    assert not seen.foreign, seen.foreign[:5]
    marks = set(_MARK.findall(seen.text))
    missing = [text for number, text in texts if str(number) not in marks]
    assert not missing, f"{len(missing)} never got to the terminal: {missing[:5]!r}"


def _random(count: int, seed: int) -> list[Text]:
    """Return random bytes as the several decodings make text of them; a third of them are introducers."""
    chance = random.Random(seed)
    made: list[Text] = []
    for number in range(count):
        data = bytes(chance.choices(_BYTES, k=chance.randrange(1, 60)))
        # A line of its own each, so that a page holds as many as it has lines.
        flat = data.translate(None, b"\n\r\v\f\x1c\x1d\x1e\x85") if number % 8 else data.replace(b"\n", b"")
        encoding, errors = (("utf-8", "replace"), ("latin-1", "strict"), ("utf-8", "surrogateescape"))[
            number % 3
        ]
        made.append((number, flat.decode(encoding, errors)))
    return made


def test_there_are_enough_payloads_and_every_class_of_them() -> None:
    found = payloads()
    assert len(found) >= 300 and len(set(found)) == len(found)
    for part in ("\x1b]52;", "\x1b]8;;", "\x1bP", "\x1b_", "\x9b", "\x9d", "\u202e", "\ud800", "[bold"):
        assert any(part in one for one in found), ascii(part)


def test_every_widget_keeps_its_part_of_all_payloads_to_itself(tmp_path: Path) -> None:
    numbered = list(enumerate(payloads()))
    parts = itertools.cycle([numbered[at : at + _FEW] for at in range(0, len(numbered), _FEW)])
    pages: list[Page] = []
    used: list[Text] = []
    for kind, way in zip(KINDS, itertools.cycle(WAYS), strict=False):
        part = next(parts)
        used += part
        pages += _pages(kind, way, part, _FEWER_ROWS)
    assert {number for number, _ in used} == {number for number, _ in numbered}
    _check(_shown(tmp_path, pages, rows=_FEWER_ROWS), used)


@pytest.mark.long
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_widget_keeps_every_payload_to_itself(tmp_path: Path, kind: str, way: str) -> None:
    numbered = list(enumerate(payloads()))
    _check(_shown(tmp_path, _pages(kind, way, numbered)), numbered)


def test_random_bytes_get_no_further(tmp_path: Path) -> None:
    texts = _random(400, seed=7)
    ways = zip(
        ("Static of content", "RichLog", "Log", "DataTable"), ("safe", "raw", "safe", "raw"), strict=True
    )
    pages = [page for at, (kind, way) in enumerate(ways) for page in _pages(kind, way, texts[at::4])]
    _check(_shown(tmp_path, pages), texts)


@pytest.mark.long
@pytest.mark.parametrize(
    ("kind", "seed"), [("Static of content", 1), ("RichLog", 2), ("DataTable", 3), ("Log", 4)]
)
def test_a_hundred_thousand_random_texts_get_no_further(tmp_path: Path, kind: str, seed: int) -> None:
    texts = _random(25_000, seed)
    for way, part in zip(WAYS, (texts[::2], texts[1::2]), strict=True):
        _check(_shown(tmp_path, _pages(kind, way, part)), part)


def test_without_the_boundary_a_widget_writes_what_it_is_given(tmp_path: Path) -> None:
    kinds = list(KINDS)[::2]
    pages = [page for kind in kinds for page in _pages(kind, "raw", [(0, _DAMAGE), (1, _DAMAGE)])]
    seen = _shown(tmp_path, pages, rows=_FEWER_ROWS, guarded=False)
    assert len(seen.foreign) >= len(kinds)
