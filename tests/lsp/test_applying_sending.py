"""A client gets the kind of edit that it announced, and nothing else."""

import json
from typing import Any

import pytest
from lsprotocol.converters import get_converter

from lsp.abilities import Abilities
from lsp.applying.plan import Change
from lsp.applying.sending import workspace_edit
from tests.lsp.test_applying_plan import file, held, only, planned

NVIM = Abilities(applies_edits=True)
EGLOT = Abilities(applies_edits=True, versioned_edits=True)
OPERATING = Abilities(applies_edits=True, versioned_edits=True, file_operations=True)
VSCODE = Abilities(applies_edits=True, versioned_edits=True, file_operations=True, annotations=True)

EDITED = only(planned(file("a\nb\n", "a\nB\n"), held("a\nb\n", "a\nb\n")))
BLENDED = only(planned(file("a\nb\nc\nd\n", "a\nb\nc\nD\n"), held("X\nb\nc\nd\n", "a\nb\nc\nd\n")))
CLOSED = only(planned(file("a\nb\n", "a\nB\n"), held("a\nb\n", version=None)))
MADE = only(planned(file(None, "new\n"), held(None, version=None)))
EMPTY = only(planned(file(None, ""), held(None, version=None)))
REMOVED = only(planned(file("a\n", None), held("a\n", "a\n")))
RANGE = {"start": {"line": 1, "character": 0}, "end": {"line": 2, "character": 0}}
EDIT = {"range": RANGE, "newText": "B\n"}
URI = "file:///r/a.py"


def sent(change: Change, abilities: Abilities) -> dict[str, Any]:
    """Return the edit as a client reads it."""
    made: dict[str, Any] = json.loads(
        json.dumps(get_converter().unstructure(workspace_edit([change], abilities)))
    )
    return made


@pytest.mark.parametrize("change", [EDITED, CLOSED])
def test_a_client_without_document_changes_gets_changes(change: Change) -> None:
    assert sent(change, NVIM) == {"changes": {URI: [EDIT]}}


@pytest.mark.parametrize(("change", "version"), [(EDITED, 3), (CLOSED, None)])
def test_a_client_with_document_changes_gets_the_version_that_is_meant(
    change: Change, version: int | None
) -> None:
    document = {"uri": URI, "version": version}
    for abilities in (EGLOT, OPERATING, VSCODE):
        assert sent(change, abilities) == {"documentChanges": [{"textDocument": document, "edits": [EDIT]}]}


def test_merging_into_what_was_changed_is_confirmed_where_the_client_can_ask() -> None:
    assert "changeAnnotations" not in sent(BLENDED, OPERATING)
    made = sent(BLENDED, VSCODE)
    ((name, note),) = made["changeAnnotations"].items()
    assert note["needsConfirmation"] is True
    assert [edit["annotationId"] for edit in made["documentChanges"][0]["edits"]] == [name]


def test_a_file_is_made_by_an_operation_or_else_in_a_new_buffer() -> None:
    start = {"line": 0, "character": 0}
    text = {"range": {"start": start, "end": start}, "newText": "new\n"}
    document = {"textDocument": {"uri": URI, "version": None}, "edits": [text]}
    assert sent(MADE, NVIM) == {"changes": {URI: [text]}}
    assert sent(MADE, EGLOT) == {"documentChanges": [document]}
    assert sent(MADE, VSCODE) == {"documentChanges": [{"kind": "create", "uri": URI}, document]}
    assert sent(EMPTY, VSCODE) == {"documentChanges": [{"kind": "create", "uri": URI}]}


def test_a_file_is_removed_by_an_operation_or_not_at_all() -> None:
    assert sent(REMOVED, NVIM) == {"changes": {}}
    assert sent(REMOVED, EGLOT) == {"documentChanges": []}
    assert sent(REMOVED, VSCODE) == {"documentChanges": [{"kind": "delete", "uri": URI}]}
