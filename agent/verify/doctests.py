"""The examples in docstrings and prose, read as text: which of them a change drops or answers otherwise."""

import doctest
from collections.abc import Iterator, Mapping

from agent.protocol.verdict import TamperKind


def lost_examples(
    old: Mapping[str, str], new: Mapping[str, str]
) -> Iterator[tuple[TamperKind, int, str, str]]:
    """Yield kind, line, owner and message of lost examples; both sides map an owner to its text.

    A docstring that is gone as a whole has no examples any more; lines count within the text.
    """
    for owner, text in old.items():
        before, after = _examples(text), _examples(new.get(owner, ""))
        for (source, want), line in before.items():
            if (source, want) in after:
                continue
            answers = [(other, place) for (asked, other), place in after.items() if asked == source]
            kind = TamperKind.CHANGED_EXPECTATION if answers else TamperKind.REMOVED
            shown = f" -> {answers[0][0].strip()}" if answers else ""
            message = f">>> {source.strip()}: {want.strip()}{shown}"
            yield kind, answers[0][1] if answers else line, owner, message[:200]


def _examples(text: str) -> dict[tuple[str, str], int]:
    """Return the examples with an answer that is compared, each with its line in the text."""
    try:
        found = doctest.DocTestParser().get_examples(text)
    except ValueError:
        return {}
    return {(one.source, one.want): one.lineno + 1 for one in found}
