"""Scores become steps that can be told apart, file by file."""

import pytest

from agent.protocol.proposal import Suspect
from tui.panes.suspects.heat import Heat, heat, heat_maps, ranked


def suspect(path: str, line: int, score: float) -> Suspect:
    return Suspect(path=path, line=line, score=score)


@pytest.mark.parametrize(
    ("score", "step"),
    [
        (1.0, Heat.HOTTEST),
        (0.85, Heat.HOTTEST),
        (0.84, Heat.HOTTER),
        (0.6, Heat.HOTTER),
        (0.3, Heat.HOT),
        (0.01, Heat.WARM),
        (0.0, Heat.WARM),
    ],
)
def test_a_score_is_one_of_four_steps(score: float, step: Heat) -> None:
    assert heat(score) is step


def test_of_two_scores_for_a_line_the_higher_counts() -> None:
    found = ranked([suspect("a.py", 1, 0.2), suspect("b.py", 1, 0.5), suspect("a.py", 1, 0.9)])
    assert [(one.path, one.score) for one in found] == [("a.py", 0.9), ("b.py", 0.5)]


def test_the_hottest_file_comes_first_and_other_lines_are_cold() -> None:
    maps = heat_maps([suspect("a.py", 1, 0.2), suspect("b.py", 7, 0.9), suspect("a.py", 3, 0.7)])
    assert list(maps) == ["b.py", "a.py"]
    assert [maps["a.py"].at(line) for line in (1, 2, 3)] == [Heat.WARM, Heat.COLD, Heat.HOTTER]
    assert maps["a.py"].score(2) is None
