"""What of the server's messages goes beyond what a client announced (LSP 3.17)."""

from collections.abc import Iterator, Mapping
from typing import Any

Json = Mapping[str, Any]
_NEEDS = {
    "window/workDoneProgress/create": "window.workDoneProgress",
    "$/progress": "window.workDoneProgress",
    "window/showDocument": "window.showDocument.support",
    "workspace/applyEdit": "workspace.applyEdit",
    "workspace/configuration": "workspace.configuration",
    "workspace/workspaceFolders": "workspace.workspaceFolders",
    "workspace/diagnostic/refresh": "workspace.diagnostics.refreshSupport",
    "workspace/codeLens/refresh": "workspace.codeLens.refreshSupport",
    "textDocument/publishDiagnostics": "textDocument.publishDiagnostics",
}
_REGISTERED = {
    "workspace/didChangeConfiguration": "workspace.didChangeConfiguration",
    "workspace/didChangeWatchedFiles": "workspace.didChangeWatchedFiles",
    "workspace/symbol": "workspace.symbol",
}
_ALWAYS = {"window/showMessage", "window/showMessageRequest", "window/logMessage", "telemetry/event"}
_OF_DIAGNOSTICS = {
    "relatedInformation": "relatedInformation",
    "codeDescription": "codeDescriptionSupport",
    "data": "dataSupport",
    "tags": "tagSupport",
}


def beyond(announced: Json, messages: list[dict[str, Any]]) -> list[str]:
    """Return a sentence for each thing in the server's messages that was not announced."""
    return [one for message in messages for one in _beyond(announced, message)]


def pulls(announced: Json) -> bool:
    """Say whether a client pulls diagnostics and can be told to pull again; others miss what comes later."""
    wanted = ("textDocument.diagnostic", "workspace.diagnostics.refreshSupport")
    return all(announces(announced, one) for one in wanted)


def announces(announced: Json, path: str) -> bool:
    """Say whether capabilities have something that is not false."""
    found: Any = announced
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found is not None and found is not False


def _beyond(announced: Json, message: Json) -> Iterator[str]:
    method = message.get("method")
    params = message.get("params") or {}
    if method is None:
        yield from _of_actions(announced, message.get("result"))
    elif method in _NEEDS:
        if not announces(announced, _NEEDS[method]):
            yield f"{method} without {_NEEDS[method]}"
    elif method == "client/registerCapability":
        yield from _of_registrations(announced, params)
    elif method not in _ALWAYS:
        yield f"{method} is announced by nobody"
    if method == "textDocument/publishDiagnostics":
        yield from of_diagnostics(announced, params["diagnostics"])
        if pulls(announced):
            yield "diagnostics are pushed to one who pulls them"
    if method == "workspace/applyEdit":
        yield from _of_edit(announced, params["edit"])


def of_diagnostics(announced: Json, diagnostics: list[Json]) -> Iterator[str]:
    """Yield what of diagnostics was not announced; those that are pulled have the same abilities."""
    for one in diagnostics:
        for field, ability in _OF_DIAGNOSTICS.items():
            paths = (f"textDocument.{kind}.{ability}" for kind in ("publishDiagnostics", "diagnostic"))
            if one.get(field) is not None and not any(announces(announced, path) for path in paths):
                yield f"{field} of a diagnostic"


def _of_registrations(announced: Json, params: Json) -> Iterator[str]:
    for one in params["registrations"]:
        method = str(one["method"])
        path = _REGISTERED.get(method, method.replace("/", "."))
        if not announces(announced, f"{path}.dynamicRegistration"):
            yield f"registration of {method}"


def _of_edit(announced: Json, edit: Json) -> Iterator[str]:
    if "documentChanges" in edit and not announces(announced, "workspace.workspaceEdit.documentChanges"):
        yield "documentChanges"
    annotated = "changeAnnotations" in edit or "annotationId" in str(edit)
    if annotated and not announces(announced, "workspace.workspaceEdit.changeAnnotationSupport"):
        yield "annotations"


def _of_actions(announced: Json, result: object) -> Iterator[str]:
    if not isinstance(result, list) or not all(isinstance(one, dict) and "title" in one for one in result):
        return
    for one in result:
        literal = not isinstance(one.get("command"), str)
        if literal and not announces(announced, "textDocument.codeAction.codeActionLiteralSupport"):
            yield "a code action where only commands are understood"
        if "disabled" in one and not announces(announced, "textDocument.codeAction.disabledSupport"):
            yield "a code action that is disabled"
