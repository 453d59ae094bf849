"""A patch merged into what an editor holds: the edits make exactly the merge, and nothing typed is lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.patches.merge import merge
from agent.protocol.api import ChangedFile
from lsp.applying.held import Held
from lsp.applying.plan import Change, Choice, Plan, plan
from lsp.applying.view import View
from lsp.text.document import Encoding
from tests.lsp.reference import Reference

PIECES = ["a", "b", "c", "def f():", "    x", "漢字", "😀", "\u2028", "\x0b", "\x0c", "é", "\x85", ""]
ENDS = ["\n", "\r\n", "\r"]


def file(before: str | bytes | None, after: str | bytes | None, mode: str = "100644") -> ChangedFile:
    """Return a file of a patch."""
    given = [one.encode() if isinstance(one, str) else one for one in (before, after)]
    return ChangedFile(path="a.py", mode=mode, before=given[0], after=given[1])


def held(text: str | None, disk: str | None = None, *, version: int | None = 3, **more: object) -> Held:
    """Return an open file, on the disk as it is in the buffer unless said otherwise."""
    return Held("a.py", "file:///r/a.py", text, disk, version, **more)  # type: ignore[arg-type]


def planned(one: ChangedFile, here: Held, choice: Choice | None = None) -> Plan:
    """Return the plan for one file, with one choice for all conflicts."""
    first = plan([one], {"a.py": here}, {})
    if choice is None:
        return first
    return plan([one], {"a.py": here}, {conflict: choice for _, conflict, _ in first.conflicts})


def only(made: Plan) -> Change:
    """Return the change of the one file."""
    assert not made.refused
    (change,) = made.changes
    return change


def after_edits(change: Change, encoding: Encoding = Encoding.UTF16) -> str:
    """Return what a client's buffer holds after the edits."""
    assert change.held.text is not None
    buffer = Reference(change.held.text, encoding)
    buffer.apply_all([(one.start, one.end, one.text) for one in change.edits])
    return buffer.text


def lines(ends: list[str]) -> st.SearchStrategy[list[str]]:
    """Texts as lines, with some line ends; the last may lack one."""
    line = st.tuples(st.sampled_from(PIECES), st.sampled_from(ends)).map("".join)
    return st.tuples(st.lists(line, max_size=12), st.sampled_from(["", "tail", "漢"])).map(
        lambda made: [*made[0], made[1]]
    )


@st.composite
def three(draw: st.DrawFn) -> tuple[str, str, str]:
    """A text, and two texts that were made of it by changing some of its lines."""
    ends = draw(st.sampled_from([["\n"], ["\r\n"], ["\n", "\r\n"], ENDS]))
    base = draw(lines(ends))
    sides = []
    for _ in range(2):
        side = list(base)
        for _ in range(draw(st.integers(0, 3))):
            start = draw(st.integers(0, len(side)))
            side[start : start + draw(st.integers(0, 2))] = draw(lines(ends))[: draw(st.integers(0, 3))]
        sides.append("".join(side))
    return "".join(base), sides[0], sides[1]


@pytest.mark.parametrize("encoding", list(Encoding))
@settings(max_examples=60, deadline=None)
@given(texts=three())
def test_the_edits_make_of_a_buffer_exactly_what_the_merge_says(
    encoding: Encoding, texts: tuple[str, str, str]
) -> None:
    check_merge(encoding, texts)


@pytest.mark.long
@pytest.mark.parametrize("encoding", list(Encoding))
@settings(max_examples=15_000, deadline=None)
@given(texts=three())
def test_the_edits_make_what_the_merge_says_of_many_buffers(
    encoding: Encoding, texts: tuple[str, str, str]
) -> None:
    check_merge(encoding, texts)


def check_merge(encoding: Encoding, texts: tuple[str, str, str]) -> None:
    base, ours, theirs = texts
    if base == theirs:
        return
    here = held(ours, base, encoding=encoding)
    view = View.of(base, ours)
    expected = merge(*(one.encode() for one in (view.show(base), ours, view.show(theirs))))
    change = only(planned(file(base, theirs), here))
    if expected.content is None:
        assert len(change.conflicts) == len({one.base.start for one in expected.conflicts})
        assert (change.edits, change.content) == ((), ours)
        check_choices(file(base, theirs), here, encoding)
        return
    assert not change.conflicts
    assert change.content == expected.content.decode()
    assert after_edits(change, encoding) == change.content


def check_choices(one: ChangedFile, here: Held, encoding: Encoding) -> None:
    """Whatever is chosen, the edits make what the plan says, and lines of ours go for theirs only."""
    for choice in Choice:
        change = only(planned(one, here, choice))
        assert not change.conflicts
        assert change.content is not None
        assert after_edits(change, encoding) == change.content
        if choice is Choice.BOTH:
            assert "<<<<<<< yours" in change.content


@settings(max_examples=60, deadline=None)
@given(texts=three(), at=st.integers(0, 40), typed=st.sampled_from(["typed here", "鍵", "🎹 keys"]))
def test_what_the_user_typed_outside_of_conflicts_is_still_there(
    texts: tuple[str, str, str], at: int, typed: str
) -> None:
    base, _, theirs = texts
    place = min(at, len(base))
    ours = base[:place] + typed + base[place:]
    if base == theirs:
        return
    change = only(planned(file(base, theirs), held(ours, base)))
    if change.conflicts:
        assert change.content == ours
        assert all(typed in (conflict.ours or "") for conflict, _ in change.conflicts)
    else:
        assert typed in after_edits(change)
    for choice in (Choice.MINE, Choice.BOTH):
        assert typed in after_edits(only(planned(file(base, theirs), held(ours, base), choice)))
