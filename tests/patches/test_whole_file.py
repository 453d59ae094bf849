"""Whole files and definitions replace what is there and leave equal lines untouched."""

import pytest

from agent.patches.formats import format_help, read_edits
from agent.patches.refusal import Reason
from agent.patches.resolve import resolve
from agent.protocol.edit import Splice
from agent.protocol.errors import PatchRefused
from agent.protocol.model import EditFormat
from tests.patches.applying import applied, python_spans, reasons, refused

WHOLE, SYMBOL = EditFormat.WHOLE_FILE, EditFormat.SYMBOL
SOURCE = b"import os\r\n\r\n\r\nclass A:\r\n    @property\r\n    def f(self):\r\n        return 1\r\n"
SOURCE += b"\r\n    x = 2\r\n"


def test_only_the_lines_that_differ_are_spliced() -> None:
    text = "a.py\n```python\n1\n2\nthree\n4\n```\n"
    edits = resolve(read_edits(WHOLE, text), {"a.py": b"1\n2\n3\n4\n"}.get)
    assert edits == (Splice(path="a.py", start=4, old=b"3\n", new=b"three\n"),)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"1\r\n2\r\n", b"1\r\nnew\r\n"),
        (b"1\n2", b"1\nnew"),
        (b"\xef\xbb\xbf1\n2\n", b"\xef\xbb\xbf1\nnew\n"),
        (b"\xef\xbb\xbf0\n2\n", b"\xef\xbb\xbf1\nnew\n"),
        (b"", b"1\nnew\n"),
    ],
)
def test_line_ends_marks_and_last_lines_stay(before: bytes, after: bytes) -> None:
    assert applied(WHOLE, "a.py\n```\n1\nnew\n```\n", {"a.py": before}) == {"a.py": after}


def test_a_fence_may_hold_fences() -> None:
    text = "a.md\n````\n```\nx\n```\n````\n`b c.md`:\n\n```markdown\n```sh\ny\n```\n```\n"
    assert applied(WHOLE, text, {}) == {"a.md": b"```\nx\n```\n", "b c.md": b"```sh\ny\n```\n"}


def test_examples_are_left_out_and_stray_fences_refused() -> None:
    text = "Run it so:\n```sh\npytest\n```\na.py\n```python\nx\n```\n"
    assert applied(WHOLE, text, {}) == {"a.py": b"x\n"}
    for text in ("a.md\n```\n```\nx\n```\n```\n", "a.py\n```python\nx\n", "It is this:\n```\nx\n```\n"):
        with pytest.raises(PatchRefused, match=r"no path|never closed|may be part"):
            read_edits(WHOLE, text)


def test_a_file_with_lines_left_out_is_refused() -> None:
    text = "a.py\n```python\nx = 2\n# ... existing code ...\n```\n"
    assert reasons(refused(WHOLE, text, {"a.py": b"x = 1\ny = 1\n"})) == [Reason.ELISION]


def test_the_same_text_again_is_said_to_change_nothing() -> None:
    assert reasons(refused(WHOLE, "a.py\n```\nx\n```\n", {"a.py": b"x\n"})) == [Reason.UNCHANGED]


def test_a_definition_is_replaced_with_its_decorators_and_indentation() -> None:
    text = "a.py::A.f\n```python\n@cached\ndef f(self):\n    return 2\n```\n"
    assert applied(SYMBOL, text, {"a.py": SOURCE}, python_spans)["a.py"] == SOURCE.replace(
        b"@property", b"@cached"
    ).replace(b"return 1", b"return 2")


def test_an_empty_fence_removes_a_definition_and_a_path_alone_is_the_whole_file() -> None:
    text = "a.py::A.f\n```\n```\nb.py\n```\nnew\n```\n"
    after = applied(SYMBOL, text, {"a.py": SOURCE}, python_spans)
    assert after == {"a.py": b"import os\r\n\r\n\r\nclass A:\r\n\r\n    x = 2\r\n", "b.py": b"new\n"}


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (b"def f(): ...\n", "g", Reason.SYMBOL),
        (b"def f(): ...\ndef f(): ...\n", "f", Reason.AMBIGUOUS),
        (b"class A: f = 1; x = 2\nif 1: pass\n", "B.f", Reason.SYMBOL),
        (b"x = 1; y = lambda: 2\n", "y", Reason.SYMBOL),
    ],
)
def test_a_name_must_be_defined_just_once(content: bytes, name: str, reason: Reason) -> None:
    text = f"a.py::{name}\n```\ndef f(): return 1\n```\n"
    assert reasons(refused(SYMBOL, text, {"a.py": content}, python_spans)) == [reason]


def test_a_definition_beside_other_code_on_its_line_is_refused() -> None:
    def spans(path: str, content: bytes, symbol: str) -> list[tuple[int, int]]:
        return [(7, 14)]

    text = "a.js::f\n```\nf = 2\n```\n"
    assert reasons(refused(SYMBOL, text, {"a.js": b"x = 1; f = 1; y\n"}, spans)) == [Reason.SYMBOL]


@pytest.mark.parametrize("format", EditFormat)
def test_a_model_is_told_about_each_format(format: EditFormat) -> None:
    said = format_help(format)
    assert "path/to/" in said and "refused" in said and len(said) < 1800
