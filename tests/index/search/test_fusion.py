"""Rankings fused by rank."""

import pytest

from agent.index.search.fusion import K, fuse, orders, ranked


def test_a_first_place_gives_its_whole_weight():
    fused = fuse(orders({"words": {7: 3.0, 8: 1.0}}), {"words": 2.0})
    assert fused.scores == {7: 2.0, 8: pytest.approx(2.0 * (K + 1) / (K + 2))}


def test_two_second_places_beat_one_first():
    fused = fuse(orders({"a": {1: 9.0, 2: 8.0}, "b": {3: 9.0, 2: 8.0}}), {"a": 1.0, "b": 1.0})
    assert ranked(fused.scores)[0] == 2


def test_the_parts_of_a_score_add_up_to_it():
    fused = fuse(orders({"a": {1: 9.0, 2: 8.0}, "b": {2: 1.0}}), {"a": 1.0, "b": 0.5}, added={"c": {2: 0.25}})
    assert set(fused.parts(2)) == {"a", "b", "c"}
    assert sum(fused.parts(2).values()) == pytest.approx(fused.scores[2])


def test_what_scores_nothing_is_not_ranked_and_equals_keep_their_order():
    assert ranked({3: 1.0, 1: 1.0, 2: 0.0, 4: -1.0}) == [1, 3]
