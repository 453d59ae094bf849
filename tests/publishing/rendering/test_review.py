"""Reviews: comments on lines of the diff, suggestions that make what was proven, and the rest in the text."""

import subprocess
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.protocol.conversation import Finding
from agent.protocol.errors import PatchRefused
from agent.protocol.task import TaskKind
from agent.publishing.rendering.commentable import Side, commentable
from agent.publishing.rendering.marker import Marker
from agent.publishing.rendering.pen import Pen
from agent.publishing.rendering.review import MOST_COMMENTS, Comment, Review, review
from tests.publishing.hostile import HOSTILE, SECRET
from tests.publishing.markdown import assert_inert, parser, shape
from tests.publishing.reports import HEAD, TASK, diff, findings

MARKER = Marker(place="review", task_id=TASK, kind=TaskKind.REVIEW, head=HEAD)
BEFORE = "".join(f"line {n}\n" for n in range(1, 41))
AFTER = BEFORE.replace("line 10\n", "ten\nmore\n").replace("line 30\n", "")
CHANGE = diff("a.py", BEFORE, AFTER)
_LINES = st.lists(
    st.sampled_from(["", "a", "```", "````suggestion", "~~~", "  b", "\tc", "`", "-", "+x", "@me"])
)


def _finding(line: int, path: str = "a.py", **more: object) -> Finding:
    return Finding.model_validate(
        {"path": path, "line": line, "title": "t", "body": "b", "proven": True, **more}
    )


def _suggested(comment: Comment) -> list[str] | None:
    """Return the lines that a comment offers, as the forge reads them."""
    blocks = [token for token in parser().parse(comment.body) if token.type == "fence"]
    offered = [token.content for token in blocks if token.info == "suggestion"]
    return offered[0].split("\n")[:-1] if offered else None


def _applied(text: str, found: Review) -> str:
    """Return what a file becomes when all suggestions are taken."""
    lines = text.split("\n")
    for comment in sorted(found.comments, key=lambda one: one.line, reverse=True):
        offered = _suggested(comment)
        assert offered is not None
        lines[(comment.start_line or comment.line) - 1 : comment.line] = offered
    return "\n".join(lines)


def test_a_proven_finding_on_a_shown_line_is_a_comment_there() -> None:
    found = review(MARKER, [_finding(10), _finding(13), _finding(25), _finding(10, "b.py")], CHANGE)
    assert [(one.path, one.line, one.side, one.start_line) for one in found.comments] == [
        ("a.py", 10, Side.RIGHT, None),
        ("a.py", 13, Side.RIGHT, None),
    ]
    assert found.commit_id == HEAD and found.event == "COMMENT"
    assert (
        "Outside of the lines shown" in found.body and "`a.py:25`" in found.body and "`b.py:10`" in found.body
    )
    assert Marker.of(found.body) == MARKER


def test_an_unproven_finding_is_folded_into_the_text() -> None:
    found = review(MARKER, [_finding(10, proven=False)], CHANGE)
    assert found.comments == ()
    assert "<summary>Unproven findings (1): no test shows them</summary>" in found.body


def test_a_line_of_a_removed_file_is_on_the_left() -> None:
    found = review(MARKER, [_finding(2)], diff("a.py", "one\ntwo\n", None))
    assert [(one.line, one.side) for one in found.comments] == [(2, Side.LEFT)]


def test_more_findings_than_a_review_holds_are_in_its_text() -> None:
    text = "".join(f"{n}\n" for n in range(50))
    found = review(MARKER, [_finding(n) for n in range(1, 46)], diff("a.py", None, text))
    assert len(found.comments) == MOST_COMMENTS
    assert "`a.py:31`" in found.body


def test_a_diff_that_is_none_is_refused() -> None:
    with pytest.raises(PatchRefused):
        review(MARKER, [], "nonsense")


@settings(max_examples=150, deadline=None)
@given(_LINES, _LINES)
def test_taking_all_suggestions_makes_the_file_that_was_proven(before: list[str], after: list[str]) -> None:
    old, new = ("".join(f"{line}\n" for line in lines) for lines in (before, after))
    if not before or not after or old == new:
        return
    found = review(MARKER, [], diff("a.py", None, old), diff("a.py", old, new))
    if found.comments:
        assert _applied(old, found) == new
        spans = sorted((one.start_line or one.line, one.line) for one in found.comments)
        assert all(first <= last for first, last in spans)
        assert all(a[1] < b[0] for a, b in pairwise(spans))
    else:
        assert "cannot be suggested" in found.body


def test_most_fixes_can_be_suggested() -> None:
    fixed = AFTER.replace("ten\n", "10\n").replace("more\n", "more\nand more\n").replace("line 12\n", "")
    found = review(MARKER, [], CHANGE, diff("a.py", AFTER, fixed))
    assert [(one.start_line, one.start_side, one.line) for one in found.comments] == [
        (None, None, 10),
        (None, None, 11),
        (None, None, 13),
    ]
    assert [_suggested(one) for one in found.comments] == [["10"], ["more", "and more"], []]
    assert _applied(AFTER, found) == fixed and "apply them together" in found.body
    (many,) = review(MARKER, [], CHANGE, diff("a.py", AFTER, AFTER.replace("ten\nmore\n", "x\n"))).comments
    assert (many.start_line, many.start_side, many.line, _suggested(many)) == (10, Side.RIGHT, 11, ["x"])


@pytest.mark.parametrize(
    "fixed",
    [
        AFTER.replace("line 20\n", "twenty\n"),
        AFTER.replace("ten\n", "10\n").replace("line 20\n", "twenty\n"),
        AFTER.replace("ten\n", "t\u202een\n"),
        AFTER.replace("ten\n", f"{SECRET}\n"),
        AFTER.replace("ten\n", "ten\r\n"),
        AFTER.replace("ten\n", "`" * 300 + "\n"),
        AFTER.replace("line 40\n", "line 40"),
        None,
    ],
    ids=["not shown", "in part", "hidden", "secret", "return", "back-ticks", "no newline", "removed"],
)
def test_a_fix_that_cannot_be_suggested_whole_is_not_suggested(fixed: str | None) -> None:
    found = review(MARKER, [], CHANGE, diff("a.py", AFTER, fixed), pen=Pen(frozenset({SECRET})))
    assert found.comments == () and "cannot be suggested" in found.body and SECRET not in found.body


def test_hostile_findings_stay_in_their_place() -> None:
    pen = Pen(frozenset({SECRET}))
    plain = [one.model_copy(update={"path": "a.py", "line": 10}) for one in findings("x")]
    for text in [text for text in HOSTILE if text.strip() and "\udcff" not in text][::7]:
        proven, unproven = findings(text)
        said = review(MARKER, [proven, unproven], CHANGE, summary=text, pen=pen)
        assert_inert(said.body)
        placed = proven.model_copy(update={"path": "a.py", "line": 10, "body": "x", "evidence": "x"})
        (comment,) = review(MARKER, [placed], CHANGE, pen=pen).comments
        assert_inert(comment.body)
        assert shape(comment.body) == shape(review(MARKER, plain, CHANGE).comments[0].body), text
        assert _suggested(comment) is None and SECRET not in said.body + comment.body


def test_the_lines_that_can_be_commented_on_are_those_that_git_shows(tmp_path: Path) -> None:
    (tmp_path / "old").write_text(BEFORE)
    (tmp_path / "new").write_text(AFTER)
    command = ["git", "diff", "--no-index", "--src-prefix=a/", "--dst-prefix=b/", "old", "new"]
    made = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True).stdout
    shown = commentable(made)
    sides = [number for number in range(60) if shown.side("new", number) is Side.RIGHT]
    assert sides == [*range(7, 15), *range(28, 34)]
    assert shown.side("new", 7, 14) is Side.RIGHT
    assert shown.side("new", 14, 28) is None and shown.side("old", 8) is None
