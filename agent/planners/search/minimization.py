"""Leaves out the parts of a confirmed edit that the tests do not need."""

from collections.abc import Callable

from agent.protocol.edit import Splice


def minimize(splices: tuple[Splice, ...], passes: Callable[[tuple[Splice, ...]], bool]) -> tuple[Splice, ...]:
    """Return a smallest subset that still passes, by leaving out one part after the other.

    Parts that only make sense together (a statement removed here and inserted there) stay together,
    because the half of a move does not pass or is a different, unproven edit: a subset is only
    taken when `passes`, a run of the target tests in a fresh process, says so.
    """
    kept = splices
    for part in splices:
        rest = tuple(splice for splice in kept if splice is not part)
        if rest and passes(rest):
            kept = rest
    return kept
