"""The hidden first line by which the bot finds its own comment again."""

import re
from typing import Self

from pydantic import Field

from agent.protocol.task import TaskKind
from agent.protocol.value import Value

_LINE = re.compile(
    r"<!-- ratchet:(?P<place>[a-z][a-z_0-9]{0,19}):v1 task=(?P<task_id>[\w-]{1,64})"
    r" kind=(?P<kind>[a-z]{1,20})(?: head=(?P<head>[0-9a-f]{40,64}))? -->"
)
STICKY, REVIEW, PULL_REQUEST = "sticky", "review", "pull_request"


class Marker(Value):
    """What a comment is about; anybody can write one, so its author has to be checked as well."""

    place: str = Field(default=STICKY, pattern=r"^[a-z][a-z_0-9]{0,19}$")
    task_id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    kind: TaskKind
    head: str = Field(default="", pattern=r"^([0-9a-f]{40,64})?$")
    """Commit of the pull request that was looked at; the next review begins there."""

    def __str__(self) -> str:
        """Return it as the line that it is in a comment."""
        head = f" head={self.head}" if self.head else ""
        return f"<!-- ratchet:{self.place}:v1 task={self.task_id} kind={self.kind.value}{head} -->"

    @classmethod
    def of(cls, body: str) -> Self | None:
        """Return the marker that a comment begins with; further down it is a quotation."""
        found = _LINE.match(body)
        if found is None or found["kind"] not in set(TaskKind) or not found["task_id"].isascii():
            return None
        return cls.model_validate({**found.groupdict(default="")})
