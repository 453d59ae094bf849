"""Lines that failing tests execute and passing ones do not are the most suspicious."""

import math

import pytest

from agent.planners.search.suspicion import Suspicion, normalized, rank_lines, trace_scores
from agent.protocol.check import Location, TestResult, TestStatus


def lines(*numbers: int) -> frozenset[tuple[str, int]]:
    return frozenset(("m.py", number) for number in numbers)


def failed(*frames: int) -> TestResult:
    trace = tuple(Location(path="m.py", line=frame) for frame in frames)
    return TestResult(id="t", status=TestStatus.FAILED, trace=trace)


def test_a_line_of_failing_tests_only_outranks_one_that_all_execute():
    scores = rank_lines([lines(1, 2)], [lines(1, 3)], [])
    assert scores[("m.py", 2)].score > scores[("m.py", 1)].score
    assert ("m.py", 3) not in scores


def test_scores_follow_ochiai():
    scores = rank_lines([lines(1), lines(1, 2)], [lines(1)] * 2, [])
    assert scores[("m.py", 1)].score == pytest.approx(0.7 * 2 / math.sqrt(2 * 4))
    assert scores[("m.py", 2)].score == pytest.approx(0.7 / math.sqrt(2) + 0.05)


def test_without_contrast_the_stack_trace_decides():
    scores = rank_lines([lines(1, 2, 3)], [], [failed(1, 3)])
    ranked = sorted(scores, key=lambda line: -scores[line].score)
    assert [number for _, number in ranked] == [3, 1, 2]


def test_a_frame_counts_less_the_further_out_it_is():
    assert trace_scores([failed(1, 2, 3)]) == {
        ("m.py", 3): 1.0,
        ("m.py", 2): 0.5,
        ("m.py", 1): pytest.approx(1 / 3),
    }


def test_a_recursive_frame_counts_once():
    assert trace_scores([failed(1, 2, 2, 2)]) == {("m.py", 2): 1.0, ("m.py", 1): 0.5}


def test_the_largest_score_becomes_one():
    scores = normalized({("m.py", 1): Suspicion(0.2, "a"), ("m.py", 2): Suspicion(0.1, "b")})
    assert scores == {("m.py", 1): Suspicion(1.0, "a"), ("m.py", 2): Suspicion(0.5, "b")}
    assert normalized({}) == {}


def test_a_reason_names_the_signals():
    scores = rank_lines([lines(1)], [lines(1)], [failed(1)])
    assert scores[("m.py", 1)].reason == (
        "executed by 1 failing and 1 passing tests (Ochiai 0.71), in the stack trace"
    )
