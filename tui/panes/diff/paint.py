"""What each row of a diff looks like."""

from collections.abc import Iterator
from dataclasses import dataclass

from textual.content import Content

from agent.patches.hunks import Change, FileDiff
from tui.panes.diff.choice import Choice
from tui.panes.diff.colouring import Colouring
from tui.panes.diff.palette import DROPPED, MANY, MUTED, SIGNS, Palette
from tui.panes.diff.rows import Kind, Row, Shows, Side
from tui.panes.diff.spelling import spelled
from tui.panes.diff.words import changed_words
from tui.safe import content, line

_NAMES = {
    Change.EDITED: "edited",
    Change.ADDED: "added",
    Change.REMOVED: "removed",
    Change.RENAMED: "renamed",
    Change.COPIED: "copied",
}
_NO_NEWLINE = "  (no newline at the end)"
_RETURN = "␍"
_NOTHING = Content("")


@dataclass(frozen=True, slots=True)
class Cell:
    """One column of a row: what stays where it is when it is scrolled sideways, and what does not."""

    fixed: Content
    code: Content = _NOTHING
    fill: str = ""
    """Style of all of it."""


class Painter:
    """Paints the rows of one patch."""

    def __init__(self, choice: Choice, palette: Palette = MANY) -> None:
        self._files = choice.files
        self._palette = palette
        self._colouring = Colouring()
        last = (hunk for file in self._files for hunk in file.hunks[-1:])
        highest = max((max(h.old_start + h.old_count, h.new_start + h.new_count) for h in last), default=1)
        self._digits = len(str(highest))
        self._returns = [_all_return(file) for file in self._files]

    def cells(self, row: Row, choice: Choice, *, split: bool) -> list[Cell]:
        """Return the columns of a row: two of a line where they are side by side, else one."""
        dropped = row.part in choice.dropped
        match row.kind:
            case Kind.GAP:
                return [Cell(_NOTHING)]
            case Kind.FILE:
                return [
                    Cell(
                        _file_head(self._files[row.part.file], self._kept(row, choice)),
                        fill=self._palette.file,
                    )
                ]
            case Kind.OWN:
                return [Cell(_part_head("; ".join(_own(self._files[row.part.file])), dropped=dropped))]
            case Kind.HUNK:
                assert row.hunk is not None
                return [Cell(_part_head(line(row.hunk.header), dropped=dropped))]
            case Kind.LINE:
                return [*self._lines(row, dropped=dropped, split=split)]

    def _kept(self, row: Row, choice: Choice) -> str:
        own = [part for part in choice.parts if part.file == row.part.file]
        kept = len([part for part in own if part not in choice.dropped])
        return "" if kept == len(own) else f"{kept} of {len(own)} kept"

    def _lines(self, row: Row, *, dropped: bool, split: bool) -> Iterator[Cell]:
        if split:
            yield self._side(row, row.old, new=False, dropped=dropped)
            yield self._side(row, row.new, new=True, dropped=dropped)
        else:
            new = row.shows is Shows.NEW
            old, side = self._number(None if new else row.old), row.new if new or row.stayed else None
            numbers = Content.styled(f"{old} {self._number(side)} ", MUTED)
            yield self._cell(row, row.new if new else row.old, numbers, new=new, dropped=dropped)

    def _side(self, row: Row, side: Side | None, *, new: bool, dropped: bool) -> Cell:
        if side is None:
            return Cell(_NOTHING, fill=self._palette.nothing)
        numbers = Content.styled(f"{self._number(side)} ", MUTED)
        return self._cell(row, side, numbers, new=new, dropped=dropped)

    def _number(self, side: Side | None) -> str:
        return f"{side.number if side is not None else '':>{self._digits}}"

    def _cell(self, row: Row, side: Side | None, numbers: Content, *, new: bool, dropped: bool) -> Cell:
        assert side is not None
        sign = side.line.sign
        fixed = Content.assemble(numbers, (sign, MUTED if dropped else SIGNS[sign]), " ")
        if dropped:
            return Cell(fixed, Content.styled(spelled(side.line.text), MUTED))
        return Cell(fixed, self._code(row, side, new=new), self._palette.behind[sign])

    def _code(self, row: Row, side: Side, *, new: bool) -> Content:
        assert row.hunk is not None
        file, sign = self._files[row.part.file], side.line.sign
        if self._palette.syntax:
            code = self._colouring.line(file.path, row.hunk, side.number, new=new)
        else:
            code = Content.styled(spelled(side.line.text), self._palette.text[sign])
        for start, end in self._emphasis(row, new=new):
            code = code.stylize(self._palette.words[sign], start, end)
        bare = len(code.plain.rstrip())
        if sign == "+" and bare < len(code):
            code = code.stylize("on $warning", bare)
        if side.line.text.endswith("\r") and not self._returns[row.part.file]:
            code = code.append_text(_RETURN, MUTED)
        return code.append_text(_NO_NEWLINE, f"{MUTED} italic") if side.line.bare else code

    def _emphasis(self, row: Row, *, new: bool) -> list[tuple[int, int]]:
        if row.stayed or row.old is None or row.new is None:
            return []
        return changed_words(spelled(row.old.line.text), spelled(row.new.line.text))[new]


def counted(file: FileDiff) -> tuple[int, int]:
    """Return how many lines a file gains and loses."""
    signs = [one.sign for hunk in file.hunks for one in hunk.lines]
    return signs.count("+"), signs.count("-")


def _all_return(file: FileDiff) -> bool:
    return all(one.text.endswith("\r") for hunk in file.hunks for one in hunk.lines)


def _file_head(file: FileDiff, kept: str) -> Content:
    added, removed = counted(file)
    return Content.assemble(
        content(f" {line(file.path)} ", "bold"),
        f" {_NAMES[file.change]} ",
        *([(f" +{added}", "$text-success"), (f" -{removed}", "$text-error")] if file.hunks else []),
        *([(f"  {kept}", DROPPED)] if kept else []),
    )


def _part_head(said: str, *, dropped: bool) -> Content:
    state = ("✗ dropped ", DROPPED) if dropped else ("✓ kept    ", "$text-success")
    return Content.assemble(state, content(said, MUTED))


def _own(file: FileDiff) -> Iterator[str]:
    if file.change in (Change.RENAMED, Change.COPIED):
        yield f"{_NAMES[file.change]} from {line(file.old_path)}"
    elif file.change is not Change.EDITED:
        yield f"{'a new' if file.change is Change.ADDED else 'the whole'} file" + (
            "" if file.hunks or file.binary else ", empty"
        )
    if file.modes is not None:
        yield f"mode {file.modes[0]} → {file.modes[1]}"
    if file.binary:
        yield "binary, cannot be shown"
