"""An editor can do what it announced, and nothing else."""

from dataclasses import asdict

import pytest
from lsprotocol import types
from lsprotocol.converters import get_converter

from lsp.abilities import Abilities


def told(**capabilities: object) -> Abilities:
    return Abilities.of(get_converter().structure(capabilities, types.ClientCapabilities))


def test_who_announces_nothing_can_do_nothing() -> None:
    assert not any(asdict(told()).values())
    assert not any(asdict(told(workspace={}, textDocument={}, window={}, general={})).values())


@pytest.mark.parametrize(
    ("name", "capabilities"),
    [
        ("pulls_diagnostics", {"textDocument": {"diagnostic": {}}}),
        ("lens", {"textDocument": {"codeLens": {}}}),
        ("progress", {"window": {"workDoneProgress": True}}),
        ("shows_documents", {"window": {"showDocument": {"support": True}}}),
        ("configuration", {"workspace": {"configuration": True}}),
        ("configuration_changes", {"workspace": {"didChangeConfiguration": {"dynamicRegistration": True}}}),
        ("hover_markdown", {"textDocument": {"hover": {"contentFormat": ["plaintext", "markdown"]}}}),
        ("file_operations", {"workspace": {"workspaceEdit": {"resourceOperations": ["create", "delete"]}}}),
        ("registers_references", {"textDocument": {"references": {"dynamicRegistration": True}}}),
        ("registers_calls", {"textDocument": {"callHierarchy": {"dynamicRegistration": True}}}),
        ("registers_workspace_symbols", {"workspace": {"symbol": {"dynamicRegistration": True}}}),
        ("symbol_trees", {"textDocument": {"documentSymbol": {"hierarchicalDocumentSymbolSupport": True}}}),
    ],
)
def test_what_is_announced_is_one_ability(name: str, capabilities: dict[str, object]) -> None:
    assert [one for one, can in asdict(told(**capabilities)).items() if can] == [name]
