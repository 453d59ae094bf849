"""Breaks up what a forge acts on in text that is no Markdown: the message of a commit that is pushed."""

import re

# Where a reader sees the same, a forge sees none of its words any more once a space stands here.
_BREAKS = re.compile(
    r"(?<![\w])[@\uff20](?=\w)"  # a mention
    r"|[#\uff03!](?=\d)|\bGH-(?=\d)"  # an issue, a merge request: also one that is closed
    r"|://(?=\S)"  # an address, which may be that of an issue
    r"|(?<=\[)(?=(?:skip|no|ci|actions)[ -])"  # `[skip ci]` and its like
    r"|^[ \t]*[\w-]+(?=:)(?:(?<=-by)|(?<=skip-checks))",  # trailers: who made it, who vouches for it
    re.IGNORECASE | re.MULTILINE,
)


def inert(text: str) -> str:
    """Return text in which nobody is mentioned, nothing closed, no author added and no check skipped."""
    return _BREAKS.sub(r"\g<0> ", text)
