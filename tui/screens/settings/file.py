"""Changes the user's file: comments stay, and nothing is written that would not be read again."""

import os
import tempfile
from collections.abc import Mapping, MutableMapping, Sequence
from difflib import SequenceMatcher
from pathlib import Path as File
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Array

from agent.config import UserConfig, parse_user
from agent.protocol.errors import UsageError
from agent.routing import routing
from tui.screens.settings.kinds import Toml
from tui.screens.settings.schema import Path


def change(file: File, values: Mapping[Path, Toml | None]) -> UserConfig:
    """Set keys, take those out that are None, and return what the file says then.

    The path of a section with None takes it out with all it has. Raises UsageError, with the file as it
    was, when what comes out is not valid or cannot be written.
    """
    try:
        # As an editor may have left it a moment ago.
        document = tomlkit.parse(file.read_bytes() if file.exists() else b"")
        for path, value in values.items():
            _put(document, path, value)
        text = tomlkit.dumps(document).encode()
    except TOMLKitError as error:
        raise UsageError(f"{file} cannot be changed here: {error}", hint="edit it by hand") from None
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from None
    user = parse_user(text, str(file))
    # What the environment names instead is not of the file.
    routing(user, {})
    _replace(file, text)
    return user


def _put(document: MutableMapping[str, Any], path: Path, value: Toml | None) -> None:
    table = document
    for depth, name in enumerate(path[:-1]):
        if name not in table:
            if value is None:
                return
            table[name] = tomlkit.table(is_super_table=depth + 2 < len(path))
        table = table[name]
    name = path[-1]
    if value is None:
        table.pop(name, None)
    elif isinstance(value, list) and isinstance(table.get(name), Array):
        _adapt(table[name], value)
    else:
        table[name] = _array(value) if isinstance(value, list) else value


def _array(lines: Sequence[str]) -> Array:
    array = tomlkit.array()
    array.extend(lines)
    return array.multiline(len(lines) > 1)


def _adapt(array: Array, lines: Sequence[str]) -> None:
    """Change only what differs, so that the comments of the rest stay."""
    matcher = SequenceMatcher(None, [str(one) for one in array], list(lines), autojunk=False)
    for kind, start, end, first, last in reversed(matcher.get_opcodes()):
        if kind != "equal":
            for _ in range(start, end):
                del array[start]
            for place, line in enumerate(lines[first:last], start):
                array.insert(place, line)


def _replace(file: File, text: bytes) -> None:
    # A link into a repository of dot files stays one.
    target = file.resolve()
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Made for its owner's eyes only (0600).
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(text)
                out.flush()
                os.fsync(out.fileno())
            File(name).replace(target)
        except OSError:
            File(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise UsageError(
            f"{file} cannot be written: {error.strerror}", hint="RATCHET_CONFIG names another place"
        ) from None
