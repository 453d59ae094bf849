"""The fields of the user's file, from the types that validate it."""

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from agent.config import SANDBOX_KINDS, UserConfig
from agent.protocol.limits import TaskLimits
from agent.sections import LimitsConfig
from tui.screens.settings.docs import attribute_docs, class_doc

Path = tuple[str, ...]
"""Names of sections, and of the key in the innermost."""

_BEHIND: Mapping[type[BaseModel], type[BaseModel]] = {LimitsConfig: TaskLimits}
"""Where what holds for an unset field is found."""
_CHOICES: Mapping[Path, tuple[str, ...]] = {("sandbox", "kind"): SANDBOX_KINDS}
_BOUNDS = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}


class Kind(StrEnum):
    """What a value is."""

    TEXT = "a text"
    WHOLE = "a whole number"
    NUMBER = "a number"
    CHOICE = "a choice"
    LINES = "lines of text"


@dataclass(frozen=True, slots=True)
class Field:
    """One key of the file; everything but its value."""

    path: Path
    kind: Kind
    doc: str
    default: object
    """None for a value that has none, or where other things decide."""
    is_required: bool = False
    choices: tuple[str, ...] = ()
    bounds: str = ""

    @property
    def section(self) -> Path:
        """Return the names of its sections."""
        return self.path[:-1]

    @property
    def name(self) -> str:
        """Return its key."""
        return self.path[-1]


def fields(user: UserConfig, given: Mapping[str, Any]) -> tuple[Field, ...]:
    """Return every field there is; those of models for each model that is `given` in the file."""
    return tuple(_of_class(type(user), (), given))


def section_doc(path: Path) -> str:
    """Return what the schema says about a section."""
    kind: type[BaseModel] = UserConfig
    for name in path:
        field = kind.model_fields.get(name)
        inner = _model(field.annotation) if field is not None else None
        if inner is None:
            break
        kind = inner
    return class_doc(kind)


def _of_class(kind: type[BaseModel], path: Path, given: Mapping[str, Any]) -> Iterator[Field]:
    docs = {**attribute_docs(_BEHIND.get(kind, kind)), **attribute_docs(kind)}
    for name, info in kind.model_fields.items():
        here, inner = (*path, name), _model(info.annotation)
        below = given.get(name)
        below = below if isinstance(below, Mapping) else {}
        if inner is None:
            yield _field(here, info, docs.get(name, ""), _default(kind, name, info))
        elif get_origin(info.annotation) is Mapping:
            for key in below:
                of_one = below[key] if isinstance(below[key], Mapping) else {}
                yield from (
                    one for one in _of_class(inner, (*here, key), of_one) if one.path[2:] != ("name",)
                )
        else:
            yield from _of_class(inner, here, below)


def _field(path: Path, info: FieldInfo, doc: str, default: object) -> Field:
    kind, choices = _kind(info.annotation)
    chosen = _CHOICES.get(path, choices)
    bounds = [
        f"{word} {getattr(one, key)}"
        for one in info.metadata
        for key, word in _BOUNDS.items()
        if hasattr(one, key)
    ]
    return Field(
        path,
        Kind.CHOICE if chosen else kind,
        doc,
        default,
        info.is_required(),
        chosen,
        " and ".join(bounds),
    )


def _default(kind: type[BaseModel], name: str, info: FieldInfo) -> object:
    if info.is_required():
        return None
    if info.default is None and kind in _BEHIND:
        return _BEHIND[kind].model_fields[name].default
    return info.default


def _kind(annotation: Any) -> tuple[Kind, tuple[str, ...]]:
    of = _without_none(annotation)
    if get_origin(of) is tuple:
        return Kind.LINES, ()
    if of is bool:
        return Kind.CHOICE, ("true", "false")
    if isinstance(of, type) and issubclass(of, Enum):
        return Kind.CHOICE, tuple(str(one.value) for one in of)
    return {int: Kind.WHOLE, float: Kind.NUMBER}.get(of, Kind.TEXT), ()


def _model(annotation: Any) -> type[BaseModel] | None:
    """Return the class of a section, or of each of several sections."""
    of = _without_none(annotation)
    inner = get_args(of)[-1] if get_args(of) else of
    return inner if isinstance(inner, type) and issubclass(inner, BaseModel) else None


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) in (Union, types.UnionType):
        return next(one for one in get_args(annotation) if one is not type(None))
    return annotation
