"""Updates that a slow reader finds joined say what each of them would have said."""

import json

import pytest

from agent.daemon.pieces import LARGEST, joined


def both(older: dict[str, object], newer: dict[str, object]) -> dict[str, object] | None:
    """Return the fields of two updates of one phase that say something once they are one."""
    found = joined(json.dumps({"phase": "verify", **older}), json.dumps({"phase": "verify", **newer}))
    if found is None:
        return None
    return {name: value for name, value in json.loads(found).items() if value is not None and name != "phase"}


@pytest.mark.parametrize(
    ("older", "newer", "expected"),
    [
        ({"message": "a", "done": 1}, {"message": "b", "done": 2}, {"message": "b", "done": 2}),
        ({"message": "a", "done": 1}, {"message": ""}, {"message": "", "done": 1}),
        ({"message": "a"}, {"message": "", "output": "x"}, {"message": "a", "output": "x"}),
        ({"output": "x\n"}, {"output": "y\n"}, {"output": "x\ny\n"}),
        ({"output": "x\n"}, {"message": "b"}, {"message": "b", "output": "x\n"}),
        ({"text": "one "}, {"text": "two"}, {"text": "one two"}),
        ({"text": "one "}, {"text": "", "message": "again"}, {"text": "", "message": "again"}),
        ({"text": "one "}, {"output": "x"}, {"text": "one ", "output": "x"}),
    ],
)
def test_the_newest_counts_and_no_piece_is_lost(
    older: dict[str, object], newer: dict[str, object], expected: dict[str, object]
) -> None:
    assert both(older, newer) == expected


def test_another_phase_takes_over_nothing_but_the_pieces() -> None:
    older = {"phase": "reproduce", "message": "a", "done": 3, "output": "x"}
    assert both(older, {"message": "b"}) == {"message": "b", "output": "x"}


def test_what_was_taken_back_and_said_anew_cannot_be_one() -> None:
    assert both({"text": ""}, {"text": "anew"}) is None


def test_what_grows_too_large_is_cut_or_kept_apart() -> None:
    found = both({"output": "x" * LARGEST}, {"output": "the end"})
    assert found is not None
    assert str(found["output"]).endswith("xthe end") and len(str(found["output"])) < LARGEST
    assert both({"text": "x" * LARGEST}, {"text": "more"}) is None
