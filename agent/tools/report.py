"""The text of a tool's answer: our own words, and untrusted material between marks."""

from agent.protocol.conversation import Plan
from agent.tools.outputs import capped
from agent.tools.tool import Desk, Outcome
from agent.untrusted.delimit import delimit
from agent.untrusted.guard import guard

_LONGEST_NAME = 200


class Report:
    """Collects what a tool says; `flags` says what was noticed in the material, source by source."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._parts: list[str] = []
        self.flags: dict[str, None] = {}

    def say(self, text: str) -> "Report":
        """Add words of ours; whatever others wrote goes through `show` or `named`."""
        self._parts.append(text)
        return self

    def add(self, text: str) -> "Report":
        """Add material that was guarded and delimited before."""
        return self.say(text)

    def show(self, text: str, source: str, path: str = "") -> "Report":
        """Add material: cleaned, without secrets, cut in the middle when long, between marks."""
        guarded = guard(text, self._desk.secrets, path)
        self.note(source, guarded.flags)
        shown, left_out = capped(self._desk.store, guarded.text)
        self._parts.append(delimit(shown, source))
        if left_out:
            self._parts.append(left_out)
        return self

    def own(self, text: str, source: str = "arguments") -> str:
        """Return a model's own words fit to be kept: they can repeat what it was shown."""
        guarded = guard(text, self._desk.secrets)
        self.note(source, guarded.flags)
        return guarded.text

    def note(self, source: str, flags: tuple[str, ...]) -> None:
        """Remember what was noticed in a source."""
        self.flags.update(dict.fromkeys(f"{named(source)}: {flag}" for flag in flags))

    def outcome(self, *, refused: bool = False, tree: str | None = None, plan: Plan | None = None) -> Outcome:
        """Return the answer."""
        text = "\n".join(part for part in self._parts if part)
        return Outcome(text, refused=refused, tree=tree, plan=plan, flags=tuple(self.flags))


def refusal(desk: Desk, text: str) -> Outcome:
    """Return the answer of a tool that could do nothing, in words of ours."""
    return Report(desk).say(text).outcome(refused=True)


def named(name: str) -> str:
    """Return a name that others gave (a path, a symbol) fit for a sentence of ours."""
    plain = guard(name).text.replace("\n", " ")
    return plain if len(plain) <= _LONGEST_NAME else f"{plain[:_LONGEST_NAME]}…"
