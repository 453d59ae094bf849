"""Which tests fail at a place, as far as the tasks of its repository say."""

from collections.abc import Mapping

from lsprotocol import types

from lsp.folders import Within


def tests_of(data: object) -> tuple[str, ...]:
    """Return the tests in the data of a diagnostic of ours; nothing when the editor did not keep it."""
    given = data.get("tests") if isinstance(data, Mapping) else None
    return tuple(one for one in given if isinstance(one, str)) if isinstance(given, list | tuple) else ()


def failing_at(within: Within | None, pointed: types.Range) -> tuple[str, ...]:
    return ()
