"""The pattern that a person may begin with, to allow more than what is asked."""

from agent.protocol.policy import Action, Approval, Subject

_MAGIC = "*?["


def suggested(approval: Approval) -> str:
    """Return a glob that matches the first thing asked and a little more; the user sees and edits it."""
    for action in approval.actions:
        if found := _of(action):
            return found
    return ""


def _of(action: Action) -> str:
    value = action.value
    match action.subject:
        case Subject.COMMAND:
            program = value.split(maxsplit=1)[0] if value.strip() else ""
            return f"{_literal(program)} *" if program != value else _literal(value)
        case Subject.PATH:
            folder, slash, _ = value.rpartition("/")
            return f"{_literal(folder)}/*" if slash else _literal(value)
        case _:
            return _literal(value)


def _literal(text: str) -> str:
    """Return a glob that matches a text and nothing else."""
    return "".join(f"[{c}]" if c in _MAGIC else c for c in text)
