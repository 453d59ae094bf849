"""Tool: change files, all edits of a call or none, in the format that the model writes best."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import Field

from agent.index.syntax_errors import SyntaxProblem, syntax_problem
from agent.patches.formats import read_edits
from agent.patches.refusal import Refusal
from agent.patches.resolve import resolve
from agent.patches.splice import apply_splices
from agent.protocol.edit import Create, Delete, Edit, Splice
from agent.protocol.errors import PatchRefused, RepositoryError
from agent.protocol.value import Value
from agent.repo.tree import EXECUTABLE
from agent.tools.harmless import shown
from agent.tools.overlay import Overlay, extracted
from agent.tools.recent import RECENT
from agent.tools.report import Report, refusal
from agent.tools.tool import Desk, Outcome

_PLACEHOLDER = b"[redacted: "
_AROUND = 3


class EditArguments(Value):
    """The edits, as text."""

    edits: str = Field(min_length=1, description="the edits, in the format that you were told")
    unchecked: bool = Field(
        default=False, description="only where our grammar takes valid code for an error, as with macros"
    )


class EditTool:
    """Makes a new tree of the working tree; the user's checkout is not touched."""

    name = "edit"
    description = (
        "Change, create, delete or move files. All edits are made or, when one does not fit, none: then you "
        "get the file's present text. Edits after which a file is no valid syntax any more are refused."
    )
    arguments = EditArguments
    parallel = False

    def run(self, desk: Desk, arguments: EditArguments) -> Outcome:
        """Return the new tree."""
        overlay = Overlay(desk)
        try:
            edits = _edits(desk, overlay, arguments.edits)
            if isinstance(edits, Refusal):
                return _refused(desk, edits.text)
            changes = _changes(overlay, edits)
            if any(_hides_a_secret(change) for change in changes):
                return refusal(desk, _KEEP_OUT)
            problems = [(change, problem) for change in changes if (problem := _broken(change))]
            if refused := [one for one in problems if _is_refused(*one, arguments.unchecked)]:
                return _unparsable(desk, refused)
            tree = desk.store.apply(desk.tree, edits, _read(overlay, changes))
        except (PatchRefused, RepositoryError) as error:
            return _refused(desk, f"{error.message}\n{error.hint}")
        # A model that edits a file often reads it next.
        listed = desk.store.list(tree)
        RECENT.keep({listed[one.path].blob: one.after for one in changes if one.after is not None})
        return _done(desk, changes, problems, tree)


_KEEP_OUT = (
    "Nothing was changed: your edit holds `[redacted: …]`, which stands for a secret that you are not shown. "
    "Leave those lines out of your edit."
)


@dataclass(frozen=True, slots=True)
class Change:
    """One file before and after; None when it is not there."""

    path: str
    before: bytes | None
    after: bytes | None
    places: tuple[tuple[int, int], ...] = ()
    """First and last line of what is new, in the file after."""


def _edits(desk: Desk, overlay: Overlay, text: str) -> tuple[Edit, ...] | Refusal:
    known: dict[str, bytes | None] = {}

    def read(path: str) -> bytes | None:
        if path not in known:
            known[path] = overlay.contents([path]).get(path)
        return known[path]

    def is_executable(path: str) -> bool:
        return path in overlay.entries and overlay.entries[path].mode == EXECUTABLE

    return resolve(read_edits(desk.edit_format, text), read, _spans, is_executable)


def _spans(path: str, content: bytes, symbol: str) -> Sequence[tuple[int, int]]:
    """Return where the definitions of a qualified name are."""
    return [(row[6], row[7]) for row in extracted(path, content).definitions if row[1] == symbol]


def _changes(overlay: Overlay, edits: Sequence[Edit]) -> list[Change]:
    before = overlay.contents({edit.path for edit in edits})
    splices: dict[str, list[Splice]] = {}
    found = []
    for edit in edits:
        if isinstance(edit, Splice):
            splices.setdefault(edit.path, []).append(edit)
        elif isinstance(edit, Create):
            lines = max(1, edit.content.count(b"\n"))
            found.append(Change(edit.path, None, edit.content, ((1, lines),)))
        elif isinstance(edit, Delete):
            found.append(Change(edit.path, edit.old, None))
    found += [_spliced(path, before, group) for path, group in splices.items()]
    return sorted(found, key=lambda change: change.path)


def _read(overlay: Overlay, changes: Sequence[Change]) -> dict[str, bytes]:
    """Return by blob id the files before, as they are in the tree."""
    found = overlay.contents(one.path for one in changes)
    return {overlay.entries[path].blob: content for path, content in found.items()}


def _spliced(path: str, before: Mapping[str, bytes], splices: list[Splice]) -> Change:
    content = before.get(path)
    if content is None:
        raise PatchRefused(f"{path} is not a file of the tree")
    after, places, moved = apply_splices(content, splices), [], 0
    for splice in sorted(splices, key=lambda one: one.start):
        start = splice.start + moved
        first = after.count(b"\n", 0, start) + 1
        places.append((first, first + max(0, splice.new.count(b"\n") - splice.new.endswith(b"\n"))))
        moved += len(splice.new) - len(splice.old)
    return Change(path, content, after, tuple(places))


def _hides_a_secret(change: Change) -> bool:
    """Say whether our mark for a secret would be written over the secret itself."""
    if change.after is None:
        return False
    return change.after.count(_PLACEHOLDER) > (change.before or b"").count(_PLACEHOLDER)


def _broken(change: Change) -> SyntaxProblem | None:
    return None if change.after is None else syntax_problem(change.path, change.after)


def _is_refused(change: Change, problem: SyntaxProblem, unchecked: bool) -> bool:
    if change.before is None or syntax_problem(change.path, change.before) is not None:
        return False
    return problem.certain or not unchecked


def _refused(desk: Desk, text: str) -> Outcome:
    return Report(desk).say("Nothing was changed; this is why:").show(text, "edit").outcome(refused=True)


def _unparsable(desk: Desk, problems: Sequence[tuple[Change, SyntaxProblem]]) -> Outcome:
    """Say where the syntax breaks, and show those lines as the edit would have made them."""
    report = Report(desk).say("Nothing was changed: after the edit this would be no valid syntax any more.")
    for change, problem in problems:
        assert change.after is not None
        lines = shown(change.after, change.path, desk.secrets).text.split("\n")
        first = max(1, problem.line - _AROUND)
        around = enumerate(lines[first - 1 : problem.line + _AROUND], first)
        text = "\n".join(f"{number}\t{line}" for number, line in around)
        report.show(f"{change.path}:{problem.line}: {problem.message}\n{text}", "edit", change.path)
        if not problem.certain:
            report.say("If the grammar is wrong about it, send the edit again with unchecked=true.")
    return report.outcome(refused=True)


def _done(
    desk: Desk, changes: Sequence[Change], problems: Sequence[tuple[Change, SyntaxProblem]], tree: str
) -> Outcome:
    report = Report(desk).say(f"Done; {len(changes)} files changed:")
    report.show("\n".join(line for change in changes for line in _said(change)), "edit")
    if problems:
        report.say("Not refused, but no valid syntax as far as we can tell:")
        report.show(
            "\n".join(f"{one.path}:{problem.line}: {problem.message}" for one, problem in problems), "edit"
        )
    return report.outcome(tree=tree)


def _said(change: Change) -> Iterator[str]:
    if change.after is None:
        yield f"{change.path}: deleted"
    elif change.before is None:
        yield f"{change.path}: created, {change.places[0][1]} lines"
    else:
        places = ", ".join(f"{first}-{last}" if last > first else str(first) for first, last in change.places)
        yield f"{change.path}: changed, new text now at lines {places}"
