"""Why there is nothing in the list, and what to do about it."""

from tui.feed.feed import Link, LinkState

_BEGIN = "say below what you want; /fix looks for failing tests, /help tells more"
_AGAIN = "Ctrl+R tries again"
_LOOKING = "it is being looked for"


def emptiness(link: LinkState, *, known: int, filtered: bool, in_repository: bool) -> tuple[str, str]:
    """Return a sentence and a hint for a list that is empty though `known` tasks are known."""
    if known:
        return _hidden(known, filtered)
    match link.link:
        case Link.CONNECTING:
            return link.reason or "connecting to the daemon…", link.hint
        case Link.LOST:
            return link.reason, "\n".join(one for one in (link.hint, _LOOKING) if one)
        case Link.DOWN:
            return link.reason, "\n".join(one for one in (link.hint, _AGAIN) if one)
        case Link.RECORDED:
            return link.reason, "F8 plays the next event, F7 all of them"
    if in_repository:
        return "no tasks yet", _BEGIN
    return (
        "no tasks yet, and no repository here",
        "a task needs one: open this inside of it, or `ratchet tui -C DIR`",
    )


def _hidden(known: int, filtered: bool) -> tuple[str, str]:
    if not filtered:
        return "no tasks of this repository yet", f"{_BEGIN}\nA shows all repositories"
    tasks = "the only task does not match" if known == 1 else f"none of {known} tasks matches"
    return tasks, "Esc clears the filter, A shows all repositories"
