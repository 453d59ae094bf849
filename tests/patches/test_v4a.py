"""V4A patches are anchored by context and headings, in the order of the file."""

import pytest

from agent.patches.formats import read_edits
from agent.patches.refusal import Reason
from agent.protocol.errors import PatchRefused
from agent.protocol.model import EditFormat
from tests.patches.applying import applied, reasons, refused

V4A = EditFormat.V4A
TWINS = b"class A:\n    def f(self):\n        return 1\n\n\nclass B:\n    def f(self):\n        return 1\n"


def patch(body: str) -> str:
    return f"*** Begin Patch\n{body}*** End Patch\n"


def test_one_patch_updates_adds_deletes_and_moves() -> None:
    text = patch(
        "*** Update File: a\n@@\n one\n-two\n+2\n*** Add File: d/new\n+x\n+\n*** Delete File: old\n"
        "*** Update File: from\n*** Move to: d/to\n@@\n-f\n+g\n"
    )
    files = {"a": b"one\ntwo\n", "old": b"o\n", "from": b"f\n"}
    assert applied(V4A, text, files) == {"a": b"one\n2\n", "d/new": b"x\n\n", "d/to": b"g\n"}


def test_a_heading_says_which_of_two_equal_places() -> None:
    text = patch(
        "*** Update File: a\n@@ class {}\n@@     def f(self):\n-        return 1\n+        return 2\n"
    )
    changed = applied(V4A, text.format("B"), {"a": TWINS})["a"]
    assert changed == TWINS[:-2] + b"2\n"
    assert applied(V4A, text.format("A"), {"a": TWINS})["a"].count(b"return 2") == 1
    assert reasons(refused(V4A, text.format("C"), {"a": TWINS})) == [Reason.MISSING]
    bare = patch("*** Update File: a\n@@\n-        return 1\n+        return 2\n")
    assert reasons(refused(V4A, bare, {"a": TWINS})) == [Reason.AMBIGUOUS]


def test_parts_are_in_the_order_of_the_file() -> None:
    part = "@@\n     def f(self):\n-        return 1\n+        return 2\n"
    text = patch(f"*** Update File: a\n@@ class A:\n{part}{part}")
    assert applied(V4A, text, {"a": TWINS})["a"] == TWINS.replace(b"1", b"2")


def test_lines_are_added_at_the_end() -> None:
    for text in ("*** Update File: a\n@@\n+z\n", "*** Update File: a\n@@\n x\n+z\n*** End of File\n"):
        assert applied(V4A, patch(text), {"a": b"x\ny\nx\n"})["a"] == b"x\ny\nx\nz\n"


def test_lines_of_the_file_may_look_like_markers() -> None:
    text = patch("*** Update File: a\n@@\n *** End Patch\n *** Update File: b\n-x\n+y\n")
    assert applied(V4A, text, {"a": b"*** End Patch\n*** Update File: b\nx\n"}) == {
        "a": b"*** End Patch\n*** Update File: b\ny\n"
    }


def test_wrappers_and_missing_markers_are_taken_but_not_a_half_patch() -> None:
    body = "*** Update File: a\n@@\n-x\n+y\n"
    for text in (body, f"```\napply_patch <<'EOF'\n{patch(body)}EOF\n```", patch(body).replace("\n", "\r\n")):
        assert applied(V4A, text, {"a": b"x\n"}) == {"a": b"y\n"}
    with pytest.raises(PatchRefused, match="End Patch"):
        read_edits(V4A, f"*** Begin Patch\n{body}")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("*** Update File: a\n", "empty"),
        ("*** Update File: a\n@@\n-x\ny\n", "does not belong"),
        ("*** Add File: a\nx\n", "does not belong"),
        ("*** Replace File: a\n+x\n", "does not belong"),
        ("", "no edit"),
    ],
)
def test_a_text_that_is_no_patch_says_where(body: str, said: str) -> None:
    with pytest.raises(PatchRefused, match=said):
        read_edits(V4A, patch(body))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("*** Add File: a\n+x\n", Reason.EXISTS),
        ("*** Add File: a/b\n+x\n", Reason.PATH),
        ("*** Add File: ../b\n+x\n", Reason.PATH),
        ("*** Delete File: b\n", Reason.NO_FILE),
        ("*** Update File: a\n*** Move to: c\n@@\n-x\n+y\n", Reason.EXISTS),
        ("*** Update File: a\n*** Move to: /etc/x\n@@\n-x\n+y\n", Reason.PATH),
        ("*** Update File: a\n@@ x\n+y\n", Reason.AMBIGUOUS),
    ],
)
def test_what_does_not_fit_the_tree_is_refused(body: str, reason: Reason) -> None:
    assert reasons(refused(V4A, patch(body), {"a": b"x\n", "c": b"c\n"})) == [reason]
