"""How many tokens a text is for a language model, estimated without a tokenizer."""

import re

_PIECES = re.compile(r"[A-Za-z]+|\d+|[^\sA-Za-z\d]|\n[ \t]*")
_WORD = 6
"""Letters of one token, on average, within a long word."""
_DIGITS = 3


def estimate_tokens(text: str) -> int:
    """Return the tokens of a text: what byte-pair encodings make of words, numbers, signs and line ends."""
    return sum(map(_tokens, _PIECES.findall(text)))


def _tokens(piece: str) -> int:
    if piece[0].isalpha() and piece[0].isascii():
        return -(-len(piece) // _WORD)
    if piece.isdecimal():
        return -(-len(piece) // _DIGITS)
    return 1 if piece.isascii() else 2
