"""The values of a repository's own secrets, so that they are known wherever they turn up, name or no name."""

from collections.abc import Iterator

from agent.untrusted.assignments import assigned, looks_random
from agent.untrusted.redact import private_keys
from agent.untrusted.tokens import tokens

_SHORTEST = 10
_SHORTEST_LINE = 24


def harvest(text: str, path: str) -> Iterator[str]:
    """Yield values of a file that are secret by their name or shape, those alone that no word could be."""
    for start, end in private_keys(text):
        lines = (line.strip() for line in text[start:end].splitlines() if "-----" not in line)
        yield from (line for line in lines if len(line) >= _SHORTEST_LINE)
    for start, end, _ in (*assigned(text, path), *tokens(text)):
        value = text[start:end]
        if len(value) >= _SHORTEST and looks_random(value):
            yield value
