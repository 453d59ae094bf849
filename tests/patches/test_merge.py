"""A merge takes both sides' changes, and gives a conflict as spans where both changed one place."""

import random
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.patches.merge import Hunk, Span, merge, split_lines

_TEXT = st.lists(st.sampled_from([b"a\n", b"b\n", b"c\r\n", b"\n", b"d"]), max_size=8).map(b"".join)


def test_changes_in_different_places_are_both_made() -> None:
    merged = merge(b"1\n2\n3\n4\n5\n", b"one\n2\n3\n4\n5\n", b"1\n2\n3\n4\nfive\n6\n")
    assert merged.content == b"one\n2\n3\n4\nfive\n6\n"
    assert merged.conflicts == ()
    assert [hunk.base for hunk in merged.hunks] == [Span(0, 1), Span(4, 5)]


def test_a_conflict_names_its_lines_in_all_three_texts() -> None:
    merged = merge(b"1\n2\n3\n", b"1\nours\nmore\n3\n", b"0\n1\ntheirs\n3\n")
    assert merged.content is None
    assert merged.conflicts == (Hunk(Span(1, 2), Span(1, 3), Span(2, 3), None),)
    assert [hunk.merged for hunk in merged.hunks] == [(b"0\n",), None]


def test_the_same_change_on_both_sides_is_one_change() -> None:
    assert merge(b"1\n2\n", b"1\ntwo\n", b"1\ntwo\n").content == b"1\ntwo\n"


def test_line_ends_and_last_lines_are_part_of_the_lines() -> None:
    assert merge(b"a\r\nb\r\nc", b"a\r\nb\r\nc\n", b"A\r\nb\r\nc").content == b"A\r\nb\r\nc\n"


@given(_TEXT, _TEXT)
def test_a_side_that_changed_nothing_takes_the_other(base: bytes, other: bytes) -> None:
    assert merge(base, base, other).content == other
    assert merge(base, other, base).content == other
    assert merge(base, other, other).content == other


@given(_TEXT, _TEXT, _TEXT)
def test_the_hunks_hold_every_difference(base: bytes, ours: bytes, theirs: bytes) -> None:
    merged = merge(base, ours, theirs)
    rebuilt, position = b"", 0
    lines = split_lines(ours)
    for hunk in merged.hunks:
        rebuilt += b"".join(
            split_lines(base)[position : hunk.base.start] + lines[hunk.ours.start : hunk.ours.end]
        )
        position = hunk.base.end
    unchanged = b"".join(split_lines(base)[position:])
    assert rebuilt + unchanged == ours
    assert (merged.content is None) == bool(merged.conflicts)


@pytest.mark.parametrize("seed", range(40))
def test_what_merges_without_conflict_is_what_git_merges(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    base = [f"line {n}\n".encode() for n in range(40)]
    ours, theirs = _changed(rng, base, 0), _changed(rng, base, 1)
    for name, lines in (("ours", ours), ("base", base), ("theirs", theirs)):
        (tmp_path / name).write_bytes(b"".join(lines))
    command = ["git", "merge-file", "-p", "-q", "ours", "base", "theirs"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    merged = merge(*(b"".join(lines) for lines in (base, ours, theirs)))
    assert (merged.content is None) == bool(done.returncode)
    if merged.content is not None:
        assert merged.content == done.stdout


def _changed(rng: random.Random, base: list[bytes], side: int) -> list[bytes]:
    lines = list(base)
    for at in sorted(rng.sample(range(1, 39), rng.randint(1, 4)), reverse=True):
        lines[at : at + rng.randint(0, 2)] = [f"side {side}, new {at}\n".encode()] * rng.randint(0, 2)
    return lines
