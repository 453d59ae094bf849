"""How many tokens a text is for a language model, estimated without a tokenizer."""

import re
from functools import lru_cache

_PIECES = re.compile(r"[A-Za-z]+|\d+|[!-/:-@\[-`{-~]+|[^\sA-Za-z\d!-~]|\n\s*")
_LETTERS, _DIGITS, _SIGNS = 7, 3, 4
"""How many of each make one token, on average, in a run of them."""


def estimate_tokens(text: str) -> int:
    """Return the tokens of a text: what byte-pair encodings make of words, numbers, signs and line ends."""
    return sum(map(_tokens, _PIECES.findall(text)))


@lru_cache(maxsize=65_536)
def _tokens(piece: str) -> int:
    first = piece[0]
    if first.isspace():
        return 1
    if not first.isascii():
        return 2
    run = _LETTERS if first.isalpha() else _DIGITS if first.isdecimal() else _SIGNS
    return -(-len(piece) // run)
