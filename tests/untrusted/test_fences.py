"""Fences that what is between them cannot end."""

import pytest
from markdown_it import MarkdownIt

from agent.untrusted.fences import fenced, is_kept, span

PARSER = MarkdownIt("commonmark")


def test_a_fence_is_longer_than_every_run_in_it() -> None:
    for size in range(12):
        (fence,) = PARSER.parse(fenced(f"{'`' * size}\n x {'`' * size}\n", "suggestion"))
        assert (fence.content, fence.info) == (f"{'`' * size}\n x {'`' * size}\n", "suggestion")


def test_a_run_that_no_parser_takes_is_cut() -> None:
    for make in (span, fenced):
        assert make("`" * 60 + "a").count("`") == 60 + 2 * 61
        assert make("`" * 500 + "a").count("`") == 60 + 2 * 61
    assert is_kept("`" * 60) and not is_kept("`" * 61)


def test_no_line_is_not_an_empty_line() -> None:
    assert (fenced(""), fenced("\n")) == ("```\n```", "```\n\n```")


@pytest.mark.parametrize(
    "text", ["a", "a`b", "`a", "a`", "``a``", "$x$", "a``b```c", "`", "*a* <b> [c](d)", " "]
)
def test_a_span_shows_its_text_to_the_letter(text: str) -> None:
    (inline,) = [token for token in PARSER.parse(f"x {span(text)} y") if token.type == "inline"]
    assert [child.content for child in inline.children or ()] == ["x ", text, " y"]
