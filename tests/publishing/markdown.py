"""What a forge makes of a text: a real CommonMark and GFM parser, and the linkers that run behind it."""

import re
from collections.abc import Iterator
from functools import cache, lru_cache

import cmarkgfm
from cmarkgfm.cmark import Options
from markdown_it import MarkdownIt
from markdown_it.token import Token

# What the bot itself writes as HTML, and nothing else.
OWN_HTML = re.compile(
    r"<details>\n<summary>[A-Z][\w :.,+()-]*</summary>\n|</details>\n?"
    r"|<!-- ratchet:[a-z_0-9]+:v1 task=[\w-]+ kind=[a-z]+( head=[0-9a-f]+)? -->\n"
    r"|<!-- ratchet:said:v1( [0-9a-f]{12})+ -->\n"
)
# GitHub runs these over the text of the page, code left out.
MENTION = re.compile(r"[@\uff20][\w-]")
REFERENCE = re.compile(r"#\d|\bGH-\d|!\d|https?://|www\.|\b[0-9a-f]{7,40}\b", re.IGNORECASE)
CLOSING = re.compile(
    r"\b(?:clos(?:e[sd]?|ing)|fix(?:e[sd]|ing)?|resolv(?:e[sd]?|ing)|implement(?:s|ed|ing)?)\b:? *"
    r"(?:issues? +)?(?:[\w./-]*#\d+|GH-\d+|https?://\S+)",
    re.IGNORECASE,
)
HIDDEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f\x00-\x08\x0b-\x1f]")


@cache
def parser() -> MarkdownIt:
    """Return CommonMark with the tables, strikethrough and bare links of GFM."""
    return MarkdownIt("gfm-like", {"html": True})


@lru_cache(4)
def parsed(text: str) -> list[Token]:
    """Return the blocks of a text, each with what is in it."""
    return parser().parse(text)


def tokens(text: str) -> Iterator[Token]:
    """Yield all tokens, those within lines too."""
    for token in parsed(text):
        yield token
        yield from token.children or ()


def words(text: str) -> str:
    """Return what stands in the page outside of code."""
    return "\n".join(_words(token) for token in parsed(text) if token.type == "inline")


def _words(token: Token) -> str:
    texts = (
        child.content if child.type in ("text", "text_special") else "\n" for child in token.children or ()
    )
    return "".join(texts)


def shape(text: str) -> list[tuple[str, str]]:
    """Return the blocks of a text, whatever they say."""
    return [(token.type, token.tag) for token in parsed(text)]


def assert_inert(text: str, *, source: bool = False) -> None:
    """Fail unless nothing of a text links, embeds, mentions, refers or hides; `source`: not even unparsed."""
    for token in tokens(text):
        assert token.type not in ("link_open", "image", "html_inline", "s_open"), (token.type, text)
        if token.type == "html_block":
            assert OWN_HTML.fullmatch(token.content), (token.content, text)
    seen = words(text)
    assert not MENTION.search(seen), (MENTION.search(seen), text)
    assert not REFERENCE.search(seen), (REFERENCE.search(seen), text)
    assert not HIDDEN.search(text), (HIDDEN.search(text), text)
    assert "$" not in seen.replace("\\$", ""), text
    if source:
        assert not CLOSING.search(text), (CLOSING.search(text), text)


def github_html(text: str) -> str:
    """Return what GitHub's parser makes of a text, HTML in it and all: that is filtered later."""
    options = Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_FOOTNOTES
    return str(cmarkgfm.github_flavored_markdown_to_html(text, options=options))


def github_tags(text: str) -> list[str]:
    """Return the tags of that, those around code on a line left out."""
    html = re.sub(r"<code>[^<]*</code>", "", github_html(text))
    return re.findall(r"<[^>]*>", html)
