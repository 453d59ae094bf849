"""A splice changes its bytes and leaves every other one alone, in any encoding with any line ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.patches.splice import apply_splices
from agent.protocol.edit import Splice
from agent.protocol.errors import PatchRefused

_PIECES = st.sampled_from(
    [
        b"a",
        b"\r\n",
        b"\n",
        b"\r",
        b"\xef\xbb\xbf",
        b"caf\xe9",
        "\u2028".encode(),
        "é".encode(),
        b"\0",
        b"\t",
        b"",
    ]
)
_BYTES = st.lists(_PIECES, max_size=20).map(b"".join)


@st.composite
def _spliced(draw: st.DrawFn) -> tuple[bytes, list[Splice], bytes]:
    """Draw a content, splices in any order, and what they must make of it."""
    content, splices, expected = b"", [], b""
    for _ in range(draw(st.integers(0, 6))):
        kept, old, new = draw(_BYTES), draw(_BYTES), draw(_BYTES)
        splices.append(Splice(path="f", start=len(content) + len(kept), old=old, new=new))
        # Two insertions at one place would depend on the order in which they are given.
        content, expected = content + kept + old + b"|", expected + kept + new + b"|"
    rest = draw(_BYTES)
    return content + rest, draw(st.permutations(splices)), expected + rest


@given(_spliced())
def test_bytes_outside_the_splices_stay(case: tuple[bytes, list[Splice], bytes]) -> None:
    content, splices, expected = case
    assert apply_splices(content, splices) == expected


@given(_spliced())
def test_reversed_splices_bring_the_content_back(case: tuple[bytes, list[Splice], bytes]) -> None:
    content, splices, expected = case
    moved, back = 0, []
    for splice in sorted(splices, key=lambda each: each.start):
        back.append(Splice(path="f", start=splice.start + moved, old=splice.new, new=splice.old))
        moved += len(splice.new) - len(splice.old)
    assert apply_splices(expected, back) == content


@given(_BYTES, st.integers(0, 50), _BYTES)
def test_a_splice_fits_exactly_or_is_refused(content: bytes, start: int, old: bytes) -> None:
    splice = Splice(path="f", start=start, old=old, new=b"new")
    if content[start : start + len(old)] == old and splice.end <= len(content):
        assert apply_splices(content, [splice]) == content[:start] + b"new" + content[splice.end :]
    else:
        with pytest.raises(PatchRefused) as caught:
            apply_splices(content, [splice])
        assert caught.value.hint


@pytest.mark.parametrize(
    ("first", "second"), [((0, 3), (2, 2)), ((0, 3), (0, 3)), ((1, 2), (0, 4)), ((0, 4), (2, 0))]
)
def test_overlapping_splices_are_refused(first: tuple[int, int], second: tuple[int, int]) -> None:
    content = b"abcdef"
    splices = [Splice(path="f", start=s, old=content[s : s + n], new=b"") for s, n in (first, second)]
    with pytest.raises(PatchRefused, match="overlap"):
        apply_splices(content, splices)


def test_splices_may_touch_and_insertions_keep_their_order() -> None:
    splices = [
        Splice(path="f", start=2, old=b"cd", new=b"X"),
        Splice(path="f", start=2, old=b"", new=b"1"),
        Splice(path="f", start=2, old=b"", new=b"2"),
        Splice(path="f", start=0, old=b"ab", new=b""),
    ]
    assert apply_splices(b"abcd", splices) == b"12X"
