"""What a review has said, hidden in its text, so that the next one does not say it again."""

import re
from collections.abc import Sequence
from hashlib import sha256

from agent.protocol.conversation import Finding

_MOST, _SHORT = 400, 12
_LINE = re.compile(rf"<!-- ratchet:said:v1((?: [0-9a-f]{{{_SHORT}}}){{1,{_MOST}}}) -->")


def memory(findings: Sequence[Finding]) -> str:
    """Return the findings as a hidden line; empty when there are none."""
    keys = [key(one) for one in findings[:_MOST]]
    return f"<!-- ratchet:said:v1 {' '.join(keys)} -->" if keys else ""


def remembered(body: str) -> frozenset[str]:
    """Return the keys of what a review of our own said; they stand below its marker, and nowhere else."""
    found = _LINE.fullmatch("".join(body.replace("\r\n", "\n").split("\n\n", 2)[1:2]))
    return frozenset(found[1].split()) if found else frozenset()


def key(finding: Finding) -> str:
    """Return what stays the same of a finding while lines move: its file and its title."""
    return sha256(f"{finding.path}\0{finding.title}".encode("utf-8", "replace")).hexdigest()[:_SHORT]
