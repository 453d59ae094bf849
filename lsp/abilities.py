"""What an editor can do, as it said in `initialize`; whatever it did not say it cannot."""

from dataclasses import dataclass
from typing import Any

from lsprotocol import types


@dataclass(frozen=True, slots=True)
class Abilities:
    """One flag each (LSP 3.17, ClientCapabilities)."""

    pulls_diagnostics: bool = False
    refreshes_diagnostics: bool = False
    related_information: bool = False
    diagnostic_data: bool = False
    code_description: bool = False
    action_literals: bool = False
    action_edit_later: bool = False
    """`codeAction/resolve` may bring the edit."""
    action_disabled: bool = False
    lens: bool = False
    refreshes_lenses: bool = False
    hover_markdown: bool = False
    progress: bool = False
    """Announced; eglot 1.9 answers without having announced it."""
    asks: bool = False
    """Shows a message with answers to choose from; announced, as `progress` is."""
    shows_documents: bool = False
    applies_edits: bool = False
    versioned_edits: bool = False
    """`documentChanges`, which carry versions."""
    file_operations: bool = False
    """Creating and deleting files in an edit."""
    annotations: bool = False
    configuration: bool = False
    configuration_changes: bool = False
    """Takes a dynamic registration for `didChangeConfiguration`."""
    watches_files: bool = False
    registers_document_symbols: bool = False
    registers_workspace_symbols: bool = False
    registers_references: bool = False
    registers_calls: bool = False
    symbol_trees: bool = False

    @classmethod
    def of(cls, told: types.ClientCapabilities) -> "Abilities":
        """Read what an editor announced."""
        return cls(**{name: _at(told, path) for name, path in _PATHS.items()}, **_derived(told))


_PATHS = {
    "pulls_diagnostics": "text_document.diagnostic",
    "refreshes_diagnostics": "workspace.diagnostics.refresh_support",
    "related_information": "text_document.publish_diagnostics.related_information",
    "diagnostic_data": "text_document.publish_diagnostics.data_support",
    "code_description": "text_document.publish_diagnostics.code_description_support",
    "action_literals": "text_document.code_action.code_action_literal_support",
    "action_disabled": "text_document.code_action.disabled_support",
    "lens": "text_document.code_lens",
    "refreshes_lenses": "workspace.code_lens.refresh_support",
    "progress": "window.work_done_progress",
    "asks": "window.show_message",
    "shows_documents": "window.show_document.support",
    "applies_edits": "workspace.apply_edit",
    "versioned_edits": "workspace.workspace_edit.document_changes",
    "annotations": "workspace.workspace_edit.change_annotation_support",
    "configuration": "workspace.configuration",
    "configuration_changes": "workspace.did_change_configuration.dynamic_registration",
    "watches_files": "workspace.did_change_watched_files.dynamic_registration",
    "registers_document_symbols": "text_document.document_symbol.dynamic_registration",
    "registers_workspace_symbols": "workspace.symbol.dynamic_registration",
    "registers_references": "text_document.references.dynamic_registration",
    "registers_calls": "text_document.call_hierarchy.dynamic_registration",
    "symbol_trees": "text_document.document_symbol.hierarchical_document_symbol_support",
}


def _derived(told: types.ClientCapabilities) -> dict[str, bool]:
    later = _items(told, "text_document.code_action.resolve_support.properties")
    formats = _items(told, "text_document.hover.content_format")
    operations = _items(told, "workspace.workspace_edit.resource_operations")
    return {
        "action_edit_later": "edit" in later,
        "hover_markdown": "markdown" in formats,
        "file_operations": {"create", "delete"} <= operations,
    }


def _at(told: types.ClientCapabilities, path: str) -> bool:
    found = _value(told, path)
    return found if isinstance(found, bool) else found is not None


def _items(told: types.ClientCapabilities, path: str) -> set[str]:
    return {str(getattr(one, "value", one)) for one in _value(told, path) or ()}


def _value(told: types.ClientCapabilities, path: str) -> Any:
    found: Any = told
    for name in path.split("."):
        found = getattr(found, name, None)
    return found
