"""A language server that only writes down the `initialize` it gets: `python recorder.py FILE`."""

import json
import sys
from pathlib import Path
from typing import Any

_CAPABILITIES = {"textDocumentSync": 2, "codeActionProvider": True, "codeLensProvider": {}}


def main() -> int:
    """Answer until the editor says `exit`; the exit status is what LSP asks for."""
    asked_to_end = False
    while message := _read():
        method = message.get("method")
        if method == "initialize":
            Path(sys.argv[1]).write_text(json.dumps(message["params"]))
            _answer(message, {"capabilities": _CAPABILITIES})
        elif method == "exit":
            return 0 if asked_to_end else 1
        elif "id" in message and method:
            asked_to_end = asked_to_end or method == "shutdown"
            _answer(message, None)
    return 1


def _read() -> dict[str, Any]:
    length = 0
    while (line := sys.stdin.buffer.readline()).strip():
        name, _, value = line.partition(b":")
        length = int(value) if name.lower() == b"content-length" else length
    return dict(json.loads(sys.stdin.buffer.read(length))) if length else {}


def _answer(message: dict[str, Any], result: object) -> None:
    body = json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}).encode()
    sys.stdout.buffer.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    raise SystemExit(main())
