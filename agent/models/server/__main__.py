"""`python -m agent.models.server SCRIPT.jsonl [PORT]`: serve a script until interrupted."""

import json
import sys
import threading
from contextlib import suppress
from pathlib import Path

from agent.models.server.script import answer_from
from agent.models.server.scripted_server import ScriptedServer


def main(script: str, port: str = "0") -> None:
    """Serve the answers of a file, one JSON object a line."""
    lines = Path(script).read_text(encoding="utf-8").splitlines()
    answers = [answer_from(json.loads(line)) for line in lines if line.strip()]
    with ScriptedServer(answers, port=int(port)) as server, suppress(KeyboardInterrupt):
        sys.stdout.write(f"{server.base_url}\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
