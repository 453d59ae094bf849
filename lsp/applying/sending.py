"""A plan as the `WorkspaceEdit` that a client understands."""

from collections.abc import Sequence

from lsprotocol import types

from lsp.abilities import Abilities
from lsp.applying.edits import TextChange
from lsp.applying.plan import Change
from lsp.text.document import Place

_BLENDED = "ratchet-merged"
_START = Place(0, 0)

Step = types.TextDocumentEdit | types.CreateFile | types.RenameFile | types.DeleteFile


def workspace_edit(changes: Sequence[Change], abilities: Abilities) -> types.WorkspaceEdit:
    """Return the edit of decided changes; what a client did not announce is not in it.

    A new file without `resourceOperations` is an edit of a document that does not exist, which editors open
    as a new buffer, and a file that cannot be removed stays: nothing is done behind the editor's back.
    """
    acting = [one for one in changes if one.acts]
    operates = abilities.versioned_edits and abilities.file_operations
    if not abilities.versioned_edits:
        edits = {one.held.uri: [_edit(change) for change in _edits(one)] for one in acting if not one.deletes}
        return types.WorkspaceEdit(changes=edits)
    blended = [one for one in acting if one.blends and not one.deletes]
    annotated = abilities.annotations and bool(blended)
    steps = [step for one in acting for step in _steps(one, operates, annotated and one.blends)]
    notes = {_BLENDED: _annotation(len(blended))} if annotated else None
    return types.WorkspaceEdit(document_changes=steps, change_annotations=notes)


def _steps(change: Change, operates: bool, annotated: bool) -> list[Step]:
    if change.deletes:
        return [types.DeleteFile(uri=change.held.uri)] if operates else []
    edits = _edits(change)
    # Plain and annotated edits may stand in one list, which its type says of each only.
    made = [_annotated(edit) if annotated else _edit(edit) for edit in edits]
    document = types.OptionalVersionedTextDocumentIdentifier(change.held.uri, change.held.version)
    text: list[Step] = [types.TextDocumentEdit(document, made)] if made else []
    if change.creates and operates:
        return [types.CreateFile(uri=change.held.uri), *text]
    return text


def _edits(change: Change) -> tuple[TextChange, ...]:
    if change.creates and change.content:
        return (TextChange(_START, _START, change.content),)
    return change.edits


def _edit(change: TextChange) -> types.TextEdit:
    return types.TextEdit(_range(change), change.text)


def _annotated(change: TextChange) -> types.AnnotatedTextEdit:
    return types.AnnotatedTextEdit(_BLENDED, _range(change), change.text)


def _range(change: TextChange) -> types.Range:
    start, end = (types.Position(place.line, place.character) for place in (change.start, change.end))
    return types.Range(start, end)


def _annotation(count: int) -> types.ChangeAnnotation:
    what = "This file was" if count == 1 else "These files were"
    return types.ChangeAnnotation(
        label="Merge into your changes",
        needs_confirmation=True,
        description=f"{what} changed since Ratchet looked",
    )
