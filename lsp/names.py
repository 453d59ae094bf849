"""The names that editors see: commands, the source and the codes of diagnostics. They stay as they are."""

from enum import StrEnum

from agent.protocol.value import Value

SOURCE = "ratchet"


class CommandName(StrEnum):
    """What `workspace/executeCommand` takes, each with one Order; answers `{"task": id}` at once."""

    FIX = "ratchet.fix"
    """Failing tests, or with a goal what a diagnostic complains about."""
    VERIFY = "ratchet.verify"
    """The working tree against HEAD; with tests only those."""
    CHANGE = "ratchet.change"
    DOCUMENT = "ratchet.document"
    EXPLAIN = "ratchet.explain"
    APPLY = "ratchet.apply"
    """The patch of a task, into the editor's buffers."""
    CANCEL = "ratchet.cancel"
    SHOW = "ratchet.show"
    """What is known about a task, as a document."""


class Code(StrEnum):
    """What a diagnostic is about."""

    FAILING = "failing-test"
    BROKEN = "broken-by-change"
    SUSPECT = "suspicious-line"
    COMPLAINT = "new-complaint"
    FINDING = "review-finding"


class Order(Value):
    """The argument of a command; lines count from 0 as in LSP, the end is exclusive."""

    uri: str = ""
    """A document of the repository that is meant, or the folder."""
    task: str = ""
    tests: tuple[str, ...] = ()
    goal: str = ""
    start: int | None = None
    end: int | None = None
