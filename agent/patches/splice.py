"""Splices on the bytes of one file: everything outside them stays as it was, bit for bit."""

from collections.abc import Sequence
from itertools import pairwise

from agent.protocol.edit import Splice
from agent.protocol.errors import PatchRefused

_HINT = "read the file again and anchor the edit on its present bytes"


def apply_splices(content: bytes, splices: Sequence[Splice]) -> bytes:
    """Return the content with all splices applied at once; raises PatchRefused, changing nothing.

    Offsets mean the original content. Two splices may touch but not overlap; of two insertions
    at one offset the earlier given comes first, and an insertion comes before a replacement there.
    """
    ordered = sorted(splices, key=lambda splice: (splice.start, splice.end))
    for splice in ordered:
        _refuse_mismatch(content, splice)
    for before, after in pairwise(ordered):
        if after.start < before.end:
            raise PatchRefused(
                f"{after.path}: two edits overlap at byte {after.start}", hint="merge them into one edit"
            )
    return _joined(content, ordered)


def _joined(content: bytes, ordered: Sequence[Splice]) -> bytes:
    pieces: list[bytes] = []
    position = 0
    for splice in ordered:
        pieces += [content[position : splice.start], splice.new]
        position = splice.end
    return b"".join([*pieces, content[position:]])


def _refuse_mismatch(content: bytes, splice: Splice) -> None:
    if splice.end > len(content):
        raise PatchRefused(f"{splice.path}: the edit ends after the file does", hint=_HINT)
    if content[splice.start : splice.end] != splice.old:
        raise PatchRefused(f"{splice.path}: byte {splice.start} does not hold the expected text", hint=_HINT)
