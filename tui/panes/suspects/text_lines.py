"""The lines of a file of others, harmless and in the colours of its language."""

from textual.content import Content
from textual.highlight import HighlightTheme, guess_language, highlight

from tui.safe import shown

_MOST = 300_000
"""Characters up to which a text is coloured; what is generated is longer, and nobody reads it."""
_LONGEST = 1_000
"""Characters of a line that are shown; a lexer may take very long for one without an end."""


def text_lines(
    source: bytes, path: str, colours: type[HighlightTheme] | None = HighlightTheme
) -> list[Content] | None:
    """Return each line of a file, without `colours` soon; None when it is no text."""
    if b"\0" in source:
        return None
    # Lexers count columns as we do only once there are no tabs.
    text = shown(source.decode("utf-8", "replace")).expandtabs(8)
    lines = text.removesuffix("\n").split("\n")
    language = guess_language("", path) if colours is not None else "default"
    if colours is None or language == "default" or len(text) > _MOST or max(map(len, lines)) > _LONGEST:
        return [Content(one if len(one) <= _LONGEST else f"{one[:_LONGEST]}…") for one in lines]
    return highlight("\n".join(lines), language=language, theme=colours).split("\n", allow_blank=True)
