"""Search/replace blocks are found exactly or harmlessly unlike, else refused with what is there."""

import pytest

from agent.patches.formats import read_edits
from agent.patches.refusal import Reason
from agent.protocol.errors import PatchRefused
from agent.protocol.model import EditFormat
from tests.patches.applying import applied, reasons, refused

SR = EditFormat.SEARCH_REPLACE


def block(search: str, replace: str, path: str = "a.py") -> str:
    return f"{path}\n<<<<<<< SEARCH\n{search}=======\n{replace}>>>>>>> REPLACE\n"


def test_lines_are_replaced_and_all_others_stay() -> None:
    files = {"a.py": b"one\ntwo\nthree\n", "b.py": b"two\n"}
    assert applied(SR, block("two\n", "2\n"), files) == {**files, "a.py": b"one\n2\nthree\n"}


@pytest.mark.parametrize(
    "text",
    [
        "Here it is:\n\n```python\na.py\n<<<<<<< SEARCH\ntwo\n=======\n2\n>>>>>>> REPLACE\n```\nDone.",
        "a.py\n```python\n<<<<<<< SEARCH\ntwo\n=======\n2\n>>>>>>> REPLACE\n```\n",
        "**`a.py`**:\n\n<<<<<<< SEARCH\ntwo\n=======\n2\n>>>>>>> REPLACE",
        "### ./a.py\n<<<<<<< SEARCH\r\ntwo\r\n=======\r\n2\r\n>>>>>>> REPLACE\r\n",
        "```python a.py\n<<<<<<<<< SEARCH\ntwo\n=========\n2\n>>>>>>>>> REPLACE\n```",
        "a.py\n<<<<<<< SEARCH\ntwo\n======\n2\n>>>>>> REPLACE\n",
    ],
)
def test_blocks_may_be_fenced_decorated_and_longer(text: str) -> None:
    assert applied(SR, text, {"a.py": b"one\ntwo\n"}) == {"a.py": b"one\n2\n"}


def test_a_block_without_a_path_means_the_file_of_the_one_before() -> None:
    text = block("one\n", "1\n") + "And now:\n" + block("two\n", "2\n", "")
    assert applied(SR, text, {"a.py": b"one\ntwo\n"}) == {"a.py": b"1\n2\n"}


def test_a_later_block_sees_what_an_earlier_one_wrote() -> None:
    text = block("one\n", "two\n") + block("two\n", "three\nfour\n")
    assert applied(SR, text, {"a.py": b"one\n"}) == {"a.py": b"three\nfour\n"}


def test_an_empty_search_makes_a_file_but_never_fills_one_with_text() -> None:
    assert applied(SR, block("", "x\n", "d/new.py"), {}) == {"d/new.py": b"x\n"}
    assert applied(SR, block("", "x\n"), {"a.py": b""}) == {"a.py": b"x\n"}
    assert reasons(refused(SR, block("", "x\n"), {"a.py": b"y\n"})) == [Reason.AMBIGUOUS]


@pytest.mark.parametrize(
    ("content", "search", "replace", "after"),
    [
        (
            b"    if x:\n        y\n",
            "if x:\n    y\n",
            "if x:\n    y\n    z\n",
            b"    if x:\n        y\n        z\n",
        ),
        (b"if x:\n    y\n", "    if x:\n        y\n", "    if x:\n        z\n", b"if x:\n    z\n"),
        (b"\tif x:\n\t\ty\n", "if x:\n\ty\n", "if z:\n\ty\n", b"\tif z:\n\t\ty\n"),
        (b"a  \nb\t\n", "a\nb\n", "a\nc\n", b"a  \nc\n"),
        (b"a\nb\n", "\na\nb\n", "\na\nc\n", b"a\nc\n"),
        (b"a\r\nb\r\n", "a\nb\n", "a\nb2\nc\n", b"a\r\nb2\r\nc\r\n"),
        (b"a\nb\n", "a\r\nb\r\n", "a\r\nc\r\n", b"a\nc\n"),
        (b"x\na\r\nb\n", "a\nb\n", "a\nz\n", b"x\na\r\nz\r\n"),
        (b"a\nb", "b\n", "c\n", b"a\nc"),
        (b"a\nb", "a\n", "c\n", b"c\nb"),
        (b"\xef\xbb\xbfa\nb\n", "a\n", "c\n", b"\xef\xbb\xbfc\nb\n"),
        (
            "say \u201chi\u201d \u2013 ok\nx\n".encode(),
            'say "hi" - ok\nx\n',
            'say "hi" - ok\ny\n',
            "say \u201chi\u201d \u2013 ok\ny\n".encode(),
        ),
        (b"caf\xe9\nx\n", "caf\u00e9\nx\n", "caf\u00e9\n\u00e8\n", b"caf\xe9\n\xe8\n"),
        (b"caf\xe9\nx\n", "caf\ufffd\nx\n", "caf\ufffd\ny\n", b"caf\xe9\ny\n"),
        (b"\xff\xc3\xa9\nx\n", "\ufffd\u00e9\nx\n", "\ufffd\u00e9\n\u00e8\n", b"\xff\xc3\xa9\n\xc3\xa8\n"),
    ],
)
def test_harmless_differences_are_bridged(content: bytes, search: str, replace: str, after: bytes) -> None:
    assert applied(SR, block(search, replace), {"a.py": content}) == {"a.py": after}


@pytest.mark.parametrize(
    ("content", "search", "reason"),
    [
        (b"a\nb\na\n", "a\n", Reason.AMBIGUOUS),
        (b"  a\n    a\n", "a\n", Reason.AMBIGUOUS),
        (b"if x:\n  y\n", "if x:\n    y\n", Reason.MISSING),
        (b"def f():\n    return 1\n", "def f():\n    return 2\n", Reason.MISSING),
        (b"a\nb\nc\n", "a\n...\nc\n", Reason.ELISION),
        (b"a\nb\nc\n", "a\n# ... existing code ...\nc\n", Reason.ELISION),
        (b"abc\n", "b\n", Reason.MISSING),
    ],
)
def test_what_is_missing_ambiguous_or_elided_is_refused(content: bytes, search: str, reason: Reason) -> None:
    refusal = refused(SR, block(search, "new\n"), {"a.py": content})
    assert reasons(refusal) == [reason]
    assert refusal.misses[0].nearest or reason is Reason.MISSING


def test_an_equal_place_is_taken_before_an_indented_one() -> None:
    files = {"a.py": b"    x = 1\nx = 1\n"}
    assert applied(SR, block("x = 1\n", "x = 2\n"), files) == {"a.py": b"    x = 1\nx = 2\n"}


def test_a_refusal_shows_the_present_text_around_the_nearest_lines() -> None:
    content = "".join(f"line {n}\n" for n in range(100)) + "def wanted():\n    return 1\n"
    refusal = refused(SR, block("def wanted():\n    return 2\n", "x\n"), {"a.py": content.encode()})
    assert refusal.misses[0].line == 98
    assert refusal.misses[0].nearest == "line 97\nline 98\nline 99\ndef wanted():\n    return 1"
    assert "`return 2` is not there" in refusal.text


def test_one_edit_that_does_not_fit_stops_those_of_all_files() -> None:
    text = block("one\n", "1\n") + block("nothing\n", "2\n", "b.py") + block("three\n", "3\n", "c.py")
    refusal = refused(SR, text, {"a.py": b"one\n", "b.py": b"two\n"})
    assert [(m.number, m.path, m.reason) for m in refusal.misses] == [
        (2, "b.py", Reason.MISSING),
        (3, "c.py", Reason.NO_FILE),
    ]


@pytest.mark.parametrize(
    "path", ["../x", "/etc/passwd", ".git/config", "a/.GIT/x", "C:\\x", "a//b", "\u200c.git"]
)
def test_a_path_outside_of_the_tree_is_refused(path: str) -> None:
    assert reasons(refused(SR, block("", "x\n", path), {})) == [Reason.PATH]


def test_an_elision_in_the_new_text_is_refused_but_not_python_s_own() -> None:
    text = block("a\n", "b\n# ... rest of the code ...\n")
    assert reasons(refused(SR, text, {"a.py": b"a\n"})) == [Reason.ELISION]
    assert applied(SR, block("a\n", "def f():\n    ...\n"), {"a.py": b"a\n"}) == {
        "a.py": b"def f():\n    ...\n"
    }


def test_the_final_newline_can_be_added_and_removed() -> None:
    marker = "\\ No newline at end of file\n"
    assert applied(SR, block("b\n", "b\n" + marker), {"a.py": b"a\nb\n"}) == {"a.py": b"a\nb"}
    assert applied(SR, block("b\n" + marker, "b\n"), {"a.py": b"a\nb"}) == {"a.py": b"a\nb\n"}


def test_files_are_deleted_and_moved_by_a_line() -> None:
    text = "*** Delete File: a.py\n*** Move File: b.py -> d/c.py\n" + block("b\n", "c\n", "d/c.py")
    assert applied(SR, text, {"a.py": b"a\n", "b.py": b"b\n"}) == {"d/c.py": b"c\n"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nothing", "no edit"),
        ("a.py\n<<<<<<< SEARCH\na\n=======\nb\n", "no `>>>>>>> REPLACE`"),
        ("a.py\n<<<<<<< SEARCH\na\n>>>>>>> REPLACE\n", "0 lines of"),
        ("a.rst\n<<<<<<< SEARCH\nHeading\n=======\n=======\nb\n>>>>>>> REPLACE\n", "2 lines of"),
        ("<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n", "no path"),
        ("a.py\n<<<<<<< SEARCH\n\ud800\n=======\nb\n>>>>>>> REPLACE\n", "Unicode"),
    ],
)
def test_a_text_that_is_not_in_the_format_says_where(text: str, said: str) -> None:
    with pytest.raises(PatchRefused, match=said) as caught:
        read_edits(SR, text)
    assert caught.value.hint
