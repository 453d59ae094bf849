"""The door to the edit formats: read a model's text, say a change in a format, tell a model about one."""

from collections.abc import Callable
from importlib.resources import files

from agent.patches.intent import Intent
from agent.patches.parsing.malformed import malformed
from agent.patches.parsing.search_replace import parse_search_replace
from agent.patches.parsing.unified_diff import parse_unified_diff
from agent.patches.parsing.v4a import parse_v4a
from agent.patches.parsing.whole_file import parse_symbol, parse_whole_file
from agent.protocol.model import EditFormat

_PARSERS: dict[EditFormat, Callable[[str], tuple[Intent, ...]]] = {
    EditFormat.SEARCH_REPLACE: parse_search_replace,
    EditFormat.UNIFIED_DIFF: parse_unified_diff,
    EditFormat.V4A: parse_v4a,
    EditFormat.WHOLE_FILE: parse_whole_file,
    EditFormat.SYMBOL: parse_symbol,
}
_MAX_CHARS = 4_000_000


def read_edits(format: EditFormat, text: str) -> tuple[Intent, ...]:
    """Return what a text asks for, at least one edit; raises PatchRefused with what is wrong with it."""
    if len(text) > _MAX_CHARS:
        raise malformed("the text is longer than 4,000,000 characters", "make fewer edits at once")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise malformed("the text is not valid Unicode", "leave out half surrogate pairs") from error
    intents = _PARSERS[format](text)
    if not intents:
        raise malformed("there is no edit in the text", format_help(format))
    return intents


def format_help(format: EditFormat) -> str:
    """Return what a model is told about a format, as Markdown."""
    return files("agent.patches").joinpath("help", f"{format.value}.md").read_text(encoding="utf-8")
