"""What the server can do, as `initialize` announces it, in JSON: made without loading the protocol."""

from collections.abc import Mapping
from typing import Any

_ENCODINGS = ("utf-8", "utf-16", "utf-32")
_SECTION = "ratchet"
_SWITCHED: dict[str, Mapping[str, Any]] = {
    "symbols": {"documentSymbolProvider": True, "workspaceSymbolProvider": {"resolveProvider": False}},
    "references": {"referencesProvider": True},
    "calls": {"callHierarchyProvider": True},
}
"""By the setting that asks for it."""
_ALWAYS: Mapping[str, Any] = {
    "textDocumentSync": {"openClose": True, "change": 2, "save": False},
    "codeActionProvider": {
        "codeActionKinds": ["quickfix", "refactor.rewrite", "source.ratchet.verify"],
        "resolveProvider": False,
    },
    "codeLensProvider": {"resolveProvider": False},
    "hoverProvider": True,
    "diagnosticProvider": {
        "identifier": "ratchet",
        "interFileDependencies": True,
        "workspaceDiagnostics": True,
    },
    "executeCommandProvider": {
        "commands": [
            "ratchet.fix",
            "ratchet.verify",
            "ratchet.change",
            "ratchet.document",
            "ratchet.explain",
            "ratchet.cancel",
            "ratchet.show",
            "ratchet.apply",
        ]
    },
    "workspace": {"workspaceFolders": {"supported": True, "changeNotifications": True}, "fileOperations": {}},
}


def capabilities(client: Mapping[str, Any], options: object) -> dict[str, Any]:
    """Return the ServerCapabilities for what a client announced and its `initializationOptions`.

    The handlers that are registered say the same; a test compares them.
    """
    said = {**_ALWAYS, "positionEncoding": encoding_for(client)}
    for name, offered in _SWITCHED.items():
        if is_switched_on(options, name):
            said.update(offered)
    return said


def is_switched_on(options: object, name: str) -> bool:
    """Return whether `initializationOptions` ask for something that nobody gets without asking."""
    given = options.get(_SECTION, options) if isinstance(options, Mapping) else None
    return isinstance(given, Mapping) and given.get(name) is True


def encoding_for(client: Mapping[str, Any]) -> str:
    """Return the first encoding of the client that is known; without one the protocol says UTF-16."""
    general = client.get("general")
    offered = general.get("positionEncodings") if isinstance(general, Mapping) else None
    known = (one for one in offered if one in _ENCODINGS) if isinstance(offered, list) else iter(())
    return next(known, "utf-16")
