"""Changes as a unified diff, and as a V4A patch."""

from collections.abc import Iterable, Iterator

from agent.patches.block import NO_NEWLINE
from agent.patches.document import Document
from agent.patches.rendering.change import Change, ChangedLines, changed_lines, raw_line, raw_lines

_NOTHING = Document(())


def unified_diff_text(changes: Iterable[Change], context: int) -> str:
    """Return the changes as git writes them."""
    lines: list[str] = []
    for change in changes:
        old, new = (_quoted(f"{side}/{change.path}") for side in "ab")
        lines.append(f"diff --git {old} {new}")
        if change.before is None:
            lines.append("new file mode 100644")
        if change.after is None:
            lines.append("deleted file mode 100644")
        places = [*changed_lines(change.before or _NOTHING, change.after or _NOTHING, context)]
        if places:
            lines.append(f"--- {old if change.before is not None else '/dev/null'}")
            lines.append(f"+++ {new if change.after is not None else '/dev/null'}")
        for place in places:
            lines += [_range(place), *_signed(place, change)]
    return "\n".join([*lines, ""])


def v4a_text(changes: Iterable[Change], context: int) -> str:
    """Return the changes as a patch without line numbers."""
    lines = ["*** Begin Patch"]
    for change in changes:
        if change.after is None:
            lines.append(f"*** Delete File: {change.path}")
        elif change.before is None:
            lines.append(f"*** Add File: {change.path}")
            lines += [f"+{text}" for text in raw_lines(change.after.lines, change.after.charset)]
        else:
            lines.append(f"*** Update File: {change.path}")
            for place in changed_lines(change.before, change.after, context):
                lines += ["@@", *_signed(place, change)]
    return "\n".join([*lines, "*** End Patch", ""])


def _signed(place: ChangedLines, change: Change) -> Iterator[str]:
    charset = (change.before or change.after or _NOTHING).charset
    for sign, line in place.signed:
        yield sign + raw_line(line, charset)
        if not line.end:
            yield NO_NEWLINE


def _range(place: ChangedLines) -> str:
    old, new = len(place.old), len(place.new)
    # A side without lines names the line before it.
    starts = place.old_start + (old > 0), place.new_start + (new > 0)
    return f"@@ -{starts[0]},{old} +{starts[1]},{new} @@"


def _quoted(path: str) -> str:
    if '"' not in path and not path.endswith(" "):
        return path
    return '"' + path.replace('"', '\\"') + '"'
