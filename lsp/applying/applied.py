"""What became of the patches that were put into the editor: whether what is there now was proven."""

from dataclasses import dataclass
from enum import StrEnum


class Standing(StrEnum):
    """How the changed files stand to those that the verdict was made on."""

    APPLYING = "applying"
    """The editor or the user has not answered yet."""
    VERIFIED = "verified"
    """Every changed file is, or once saved will be, byte for byte what was verified."""
    UNVERIFIED = "unverified"
    """Something of the patch is in the editor, and the tree is not the one that was verified."""
    NOT_APPLIED = "not_applied"
    """Nothing of it is in the editor."""


@dataclass(frozen=True, slots=True)
class Applied:
    """A patch as it was put into the editor, at the time when it was; kept by the task's id."""

    standing: Standing
    reasons: tuple[str, ...] = ()
    """Sentences: why it is not applied, or what is not as it was verified."""
    judge: str = ""
    """Id of the task that verifies the merged tree, once the user asked for that."""
