"""Whatever a text of edits holds, it is applied inside the tree or refused."""

import multiprocessing
import os
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

import pytest

from agent.protocol.model import EditFormat
from tests.patches.fuzz import fuzz

INPUTS = 1_000_000
CHUNK = 10_000
PARSED_SHARE = 0.3


@pytest.mark.parametrize("format", EditFormat)
def test_broken_edits_neither_surprise_nor_leave_the_tree(format: EditFormat) -> None:
    seen = fuzz((format, 0, 1500))
    _check_shares(format, seen)


@pytest.mark.long
@pytest.mark.parametrize("format", EditFormat)
def test_a_million_broken_edits_neither_surprise_nor_leave_the_tree(format: EditFormat) -> None:
    cases = [(format, 1 + number, CHUNK) for number in range(INPUTS // CHUNK)]
    seen: Counter[str] = Counter()
    with ProcessPoolExecutor(os.cpu_count(), mp_context=multiprocessing.get_context("spawn")) as pool:
        for counted in pool.map(fuzz, cases):
            seen += counted
    assert seen.total() == INPUTS
    _check_shares(format, seen)


def _check_shares(format: EditFormat, seen: Counter[str]) -> None:
    parsed = (seen["refused"] + seen["applied"]) / seen.total()
    print(f"{format.value}: {dict(seen)}, {parsed:.1%} read")
    assert parsed >= PARSED_SHARE
    assert seen["refused"] and seen["applied"] and seen["unreadable"]
