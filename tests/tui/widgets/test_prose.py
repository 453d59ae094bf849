"""Markdown of others is laid out with all that was written in it."""

from textual.strip import Strip

from tui.widgets.prose import Typesetter, pieces

TEXT = """# Plan

First **look** at `stack.py`.

- one

- two

```python
def pop():

    return 1
```

See [here](http://example.org/x) <b>now</b>.
"""


def laid_out(text: str, width: int = 60) -> list[Strip]:
    return Typesetter(width, {"primary": "#0178d4", "accent": "ansi_default"}, dark=True).lines(text)


def read(text: str) -> str:
    return "\n".join(strip.text.rstrip() for strip in laid_out(text))


def test_markdown_is_laid_out_within_the_width() -> None:
    strips = laid_out(TEXT + "word " * 100, 40)
    assert max(strip.cell_length for strip in strips) <= 40
    assert "Plan" in strips[0].text and "**" not in read(TEXT)


def test_what_looks_like_html_is_seen() -> None:
    assert "<b>now</b>" in read(TEXT)
    assert "<script>" in read("<script>\nhidden\n</script>")
    assert "a <!-- secret --> b" in read("a <!-- secret --> b")


def test_the_address_of_a_link_is_seen_and_nothing_is_linked() -> None:
    assert "here (http://example.org/x)" in read(TEXT)
    segments = [segment for strip in laid_out(TEXT) for segment in strip]
    assert all(segment.style is None or segment.style.link is None for segment in segments)


def test_what_a_terminal_acts_on_is_spelled_out() -> None:
    assert all(strip.text.isprintable() for strip in laid_out("a\x1b]0;t\x07\n\n`\x9b31m`\n\n[x](\u202ey)"))


def test_pieces_are_the_whole_and_end_where_nothing_goes_on() -> None:
    parts = pieces(TEXT)
    assert "\n".join(parts) == TEXT
    assert parts[0] == "# Plan\n" and any("def pop" in part and "return 1" in part for part in parts)
    assert [part for part in parts if "- one" in part] == [part for part in parts if "- two" in part]


def test_a_growing_text_changes_only_its_last_piece() -> None:
    for end in range(len(TEXT)):
        assert pieces(TEXT[:end])[:-1] == pieces(TEXT)[: len(pieces(TEXT[:end])) - 1]
