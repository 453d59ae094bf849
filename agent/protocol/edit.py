"""Edits on the bytes of one tree: a splice, a new file, a removed file."""

from typing import Annotated, Literal

from pydantic import Field

from agent.protocol.value import Value


class Splice(Value):
    """Replace bytes `start:end` of a file, which must equal `old`, by `new`."""

    kind: Literal["splice"] = "splice"
    path: str
    start: int = Field(ge=0)
    old: bytes
    new: bytes

    @property
    def end(self) -> int:
        """Return the byte offset after the replaced bytes."""
        return self.start + len(self.old)


class Create(Value):
    """Add a file that must not exist."""

    kind: Literal["create"] = "create"
    path: str
    content: bytes
    executable: bool = False


class Delete(Value):
    """Remove a file whose content must equal `old`."""

    kind: Literal["delete"] = "delete"
    path: str
    old: bytes


Edit = Annotated[Splice | Create | Delete, Field(discriminator="kind")]
