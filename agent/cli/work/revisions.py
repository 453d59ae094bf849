"""The two ends of a change, as BASE..HEAD names them."""

from agent.protocol.errors import UsageError


def ends(change: str | None, clean: bool = False) -> tuple[str | None, str | None]:
    """Return base and head; None means HEAD as a base and the working tree as a head. Raises UsageError."""
    if change and "..." in change:
        raise UsageError("BASE...HEAD is not understood", hint="use BASE..HEAD")
    base, dots, head = (change or "").partition("..")
    return base or None, (head or "HEAD") if dots or clean else None
