"""Outside text in Markdown: shown, and nothing else."""

import pytest

from agent.publishing.rendering.pen import Pen
from tests.publishing.hostile import HOSTILE, SECRET
from tests.publishing.markdown import CLOSING, HIDDEN, assert_inert, parser, shape, tokens, words

PEN = Pen(frozenset({SECRET}))
CALM = shape("Before x after.\n\n- x\n- x: x\n\nend\n")


def test_there_are_hundreds_of_hostile_texts() -> None:
    assert len(HOSTILE) >= 500


@pytest.mark.parametrize("write", [PEN.line, PEN.code], ids=["line", "code"])
def test_a_hostile_text_on_a_line_changes_nothing_around_it(write) -> None:
    for text in HOSTILE:
        said = write(text)
        whole = f"Before {said} after.\n\n- {said}\n- {said}: {said}\n\nend\n"
        assert shape(whole) == CALM, (text, said)
        assert_inert(whole, source=True)
        assert SECRET not in whole
        assert "\n" not in said


def test_hostile_prose_is_paragraphs_and_code_only() -> None:
    for text in HOSTILE:
        said = f"before\n\n{PEN.prose(text)}\n\nafter\n"
        kinds = {token.type for token in tokens(said)}
        assert kinds <= {
            *("paragraph_open", "paragraph_close", "inline", "text", "text_special", "softbreak"),
            *("code_inline", "fence"),
        }, (text, said)
        assert_inert(said)
        assert words(said).startswith("before") and words(said).endswith("after"), (text, said)
        fences = [token for token in parser().parse(said) if token.type == "fence"]
        assert not any(token.info for token in fences), (text, said)


def test_a_block_holds_its_text_and_cannot_be_ended_by_it() -> None:
    for text in HOSTILE:
        found = parser().parse(f"{PEN.block(text, 'diff')}\n\nafter\n")
        assert [token.type for token in found] == ["fence", "paragraph_open", "inline", "paragraph_close"], (
            text
        )
        assert found[0].info == "diff" and SECRET not in found[0].content


def test_code_is_shown_to_the_letter_where_nothing_closes() -> None:
    for text in ("a`b", "``x``", "a|b\\|c", "test[@x-#1]", "C:\\x\\", "$x$", "*a*"):
        (inline,) = [token for token in parser().parse(f"x {PEN.code(text)} y") if token.type == "inline"]
        assert [child.content for child in inline.children or ()] == ["x ", text, " y"]


def test_words_are_shown_to_the_letter() -> None:
    for text in ("Adds *a* to <b> & c_d [x](y) 1. #x", "why: 3 < 4 > 2, \\n!", "~a~ | b"):
        (inline,) = [token for token in parser().parse(PEN.line(text)) if token.type == "inline"]
        assert "".join(child.content for child in inline.children or ()) == text


def test_code_within_prose_stays_code() -> None:
    found = [*tokens(PEN.prose("Call `f(x)` here:\n```python\nf(*a)\n```\nand @there"))]
    assert [token.content for token in found if token.type == "code_inline"] == ["f(x)", "@there"]
    assert [(token.content, token.info) for token in found if token.type == "fence"] == [("f(*a)\n", "")]


def test_a_title_refers_to_nothing_and_closes_nothing() -> None:
    for text in HOSTILE:
        title = PEN.title(text)
        bare = "".join(title.split("`")[::2])
        assert len(title.split("\n")) == 1 and "@" not in bare and "#" not in bare, title
        assert not CLOSING.search(title) and not HIDDEN.search(title) and SECRET not in title


def test_a_long_text_is_cut_after_its_secrets_are() -> None:
    for width in range(1, 60):
        written = f"{PEN.line('key ' + SECRET, width)}{PEN.tail('key ' + SECRET + ' end', width)}"
        assert SECRET[:6] not in written and SECRET[-6:] not in written


def test_plain_text_keeps_its_lines_and_nothing_hidden() -> None:
    assert PEN.plain(f"one\ntwo\u202e {SECRET}\x1b[31m") == "one\ntwo [redacted: known]"
    assert PEN.keeps("src/a b.py") and not PEN.keeps("src/\u202ea.py")
