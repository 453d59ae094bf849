"""Material for a prompt: cleaned, without secrets, between marks, and what was noticed on the way."""

from collections.abc import Collection

from agent.untrusted.delimit import delimit
from agent.untrusted.guard import guard


class Quotes:
    """Wraps untrusted texts for one prompt; `flags` says what was found in them, source by source."""

    def __init__(self, known: Collection[str] = ()) -> None:
        self._known = known
        self.flags: dict[str, None] = {}

    def quote(self, text: str, source: str, path: str = "") -> str:
        """Return a text as data; `path` is the file that it is from."""
        return delimit(self.cleaned(text, source, path), source)

    def cleaned(self, text: str, source: str, path: str = "") -> str:
        """Return the user's own words, which may have been pasted: with authority, but nothing hidden."""
        guarded = guard(text, self._known, path)
        self.flags.update(dict.fromkeys(f"{source}: {flag}" for flag in guarded.flags))
        return guarded.text
