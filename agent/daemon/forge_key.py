"""Whether the user has a forge on which tasks can be shown."""

from agent.config import load_user
from agent.protocol.errors import RatchetError


def without_forge() -> str:
    """Return one sentence why no forge can be asked, e.g. that a key is missing; empty when one can."""
    # The keyring takes part of a second to import, and most daemons never show a task.
    from agent.keys import find_secret  # noqa: PLC0415

    try:
        config = load_user().bot
        name = "token" if config.app is None else "private_key"
        reference = config.token if config.app is None else config.private_key
        if not find_secret(reference, f"`{name}` of [bot]"):
            return f"`{name}` of [bot] names no key"
    except RatchetError as error:
        return f"{error.message} ({error.hint})" if error.hint else error.message
    return ""
