"""Answers as far as they are used; whatever else GitHub says, or leaves out, is no matter."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from agent.repo.forge.errors import ForgeUnreachable


class Shape(BaseModel):
    """Part of an answer."""

    model_config = ConfigDict(frozen=True, extra="ignore")


_S = TypeVar("_S", bound=Shape)


def parsed(shape: type[_S], content: bytes) -> _S:
    """Return an answer; raises ForgeUnreachable for half of one, because it may still have been done."""
    return _shaped(shape, _loaded(content))


def parsed_list(shape: type[_S], content: bytes, key: str = "") -> Iterator[_S]:
    """Yield the things of a list, `key` being where an object has it."""
    said = _loaded(content)
    things = said.get(key) if key and isinstance(said, dict) else said
    if not isinstance(things, list):
        raise ForgeUnreachable("GitHub's answer is no list")
    for thing in things:
        yield _shaped(shape, thing)


def _loaded(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise ForgeUnreachable("GitHub's answer is not whole") from None


def _shaped(shape: type[_S], said: object) -> _S:
    try:
        return shape.model_validate(said)
    except ValidationError as error:
        fields = ", ".join(sorted({".".join(map(str, one["loc"])) for one in error.errors()})[:5])
        raise ForgeUnreachable(f"GitHub's answer lacks what is expected: {fields}") from None


class Dated(Shape):
    """Part of an answer that says when."""

    created_at: datetime | None = None
    updated_at: datetime | None = None

    @property
    def began(self) -> int:
        """Return when it was made, in seconds since the epoch; 0 when that is not said."""
        return seconds(self.created_at) if self.created_at else 0

    @property
    def changed(self) -> int:
        """Return when it was last changed, in seconds since the epoch; 0 when that is not said."""
        moment = self.updated_at or self.created_at
        return seconds(moment) if moment else 0


class ErrorShape(Shape):
    """What went wrong with a query in GraphQL, whose answer has status 200 all the same."""

    type: str = ""


class ErrorsShape(Shape):
    """Answer to a query in GraphQL."""

    errors: tuple[ErrorShape, ...] = ()


class Nothing(Shape):
    """An answer that is not looked at."""


def seconds(moment: datetime) -> int:
    """Return seconds since the epoch; GitHub's clock is UTC."""
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
