"""Decodes `initialize` as far as it is understood: editors announce what is newer than we are."""

from typing import Any

from cattrs.errors import BaseValidationError
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.protocol import LanguageServerProtocol

from lsp.wire.announced import encoding_for

_WRONG = (BaseValidationError, ValueError, TypeError, KeyError, AttributeError, RecursionError)


class GreetedProtocol(LanguageServerProtocol):
    """Takes every `initialize` that `lsp.wire.greeting` answers."""

    @property
    def over(self) -> bool:
        """Return whether the editor asked for the end."""
        return self._shutdown

    def structure_message(self, data: dict[str, Any]) -> Any:
        """Return a message decoded; raises JsonRpcException."""
        try:
            return super().structure_message(data)
        except JsonRpcException:
            if data.get("method") != types.INITIALIZE or "id" not in data:
                raise
            return super().structure_message({**data, "params": self._understood(data.get("params"))})

    def _understood(self, params: object) -> dict[str, Any]:
        """Return those members that can be decoded, each by itself."""
        given = params if isinstance(params, dict) else {}
        said = given.get("capabilities")
        announced = said if isinstance(said, dict) else {}
        kept: dict[str, Any] = {"capabilities": {}}
        for name, value in given.items():
            if name != "capabilities" and self._fits({**kept, name: value}):
                kept[name] = value
        for name, value in announced.items():
            more = {**kept["capabilities"], name: value}
            if self._fits({**kept, "capabilities": more}):
                kept["capabilities"] = more
        if "general" not in kept["capabilities"]:
            kept["capabilities"]["general"] = {"positionEncodings": [encoding_for(announced)]}
        return kept

    def _fits(self, params: dict[str, Any]) -> bool:
        try:
            self._converter.structure(params, types.InitializeParams)
        except _WRONG:
            return False
        return True
