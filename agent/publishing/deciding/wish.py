"""An effect that a task may want: its name is known at once, what it says only when it is its turn."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from agent.publishing.effect import Effect, Result


@dataclass(frozen=True, slots=True)
class Wish:
    """A name and how to say what is wanted under it; None when it turns out that nothing is."""

    name: str
    say: Callable[[], Effect | None]


def first_open(wishes: Iterable[Wish], made: Mapping[str, Result]) -> tuple[str, Effect] | None:
    """Return the first effect after the last one that was made.

    What comes before it was passed over for a reason, or is new in this version: a finished task is
    not taken up again for either.
    """
    ordered = [*wishes]
    passed = max((at for at, wish in enumerate(ordered, 1) if wish.name in made), default=0)
    for wish in ordered[passed:]:
        effect = wish.say()
        if effect is not None:
            return wish.name, effect
    return None
