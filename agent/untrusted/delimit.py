"""Wraps untrusted text so that a prompt shows it as data that cannot end itself."""

import re
from hashlib import sha256

_TAG = "untrusted"
_LOOKALIKE = re.compile(r"<(?=[\s/]{0,8}untrusted)", re.IGNORECASE)
_UNSAFE = re.compile(r"[^\w./:@#+,()\[\] -]")
_LONGEST_SOURCE = 200


def delimit(text: str, source: str) -> str:
    """Return the text between two marks that it cannot contain; `source` says where it comes from.

    The mark is named after a hash of text and source: the same text gives the same prompt, and a
    text cannot hold its own hash. Whatever looks like our mark inside is written `&lt;…`.
    """
    inside = _LOOKALIKE.sub("&lt;", text)
    name = _UNSAFE.sub("?", source)[:_LONGEST_SOURCE]
    mark = _mark(inside, name)
    return f'<{_TAG} id="{mark}" source="{name}">\n{inside.removesuffix(chr(10))}\n</{_TAG} id="{mark}">'


def _mark(text: str, name: str) -> str:
    mark = sha256(f"{name}\0{text}".encode("utf-8", "replace")).hexdigest()[:12]
    while mark in text:
        mark = sha256(mark.encode()).hexdigest()[:12]
    return mark
