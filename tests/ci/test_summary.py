from collections.abc import Iterator

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from agent.ci.summary import summary
from agent.protocol.outcome import Outcome
from tests.ci.reports import HOSTILE, MARK, SECRET, hostile, report, verdict

OURS = ("<details><summary>", "</details>")


def tokens(text: str) -> Iterator[Token]:
    """Yield all tokens of GitHub's Markdown, those of inline text, too."""
    parser = MarkdownIt("commonmark", {"html": True, "linkify": True})
    for token in parser.enable(["table", "strikethrough", "linkify"]).parse(text):
        yield token
        yield from token.children or ()


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_outside_text_stands_in_code_and_nowhere_else(text: str) -> None:
    shown = summary([hostile(text)])
    found = list(tokens(shown))
    assert not {token.type for token in found} & {"link_open", "image", "html_inline", "s_open", "hr"}
    assert all(token.content.startswith(OURS) for token in found if token.type == "html_block")
    for token in found:
        holds = token.type in ("text", "html_block") and MARK in token.content
        assert not holds, token
    assert sum(token.type == "table_open" for token in found) == 1
    opened = [token.content.count("<details>") for token in found if token.type == "html_block"]
    closed = [token.content.count("</details>") for token in found if token.type == "html_block"]
    assert sum(opened) == sum(closed) == 4
    assert SECRET not in shown


def test_the_patch_and_the_counts_are_told() -> None:
    shown = summary([report(Outcome.VERIFIED, patch="--- a/x\n+++ b/x\n", files=("x",), cost_usd=0.5)])
    assert "✅ verified" in shown and "```diff\n--- a/x" in shown and "| passed | 3 |" in shown


def test_no_more_is_written_than_the_page_takes() -> None:
    huge = report(patch="+ä`\n" * 400_000, verdict=verdict(broken=tuple(f"t{n}" for n in range(90))))
    shown = summary([huge, huge], room=20_000)
    assert len(shown.encode()) <= 20_000
    assert "… and 40 more" in shown and shown.endswith("has all of it._\n")
    assert sum(token.content.count("<details>") for token in tokens(shown)) == 0
    assert len(summary([huge] * 3, room=600).encode()) <= 600
    assert summary([huge], room=10) == ""
