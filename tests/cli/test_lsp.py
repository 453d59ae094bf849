"""`ratchet lsp` as a command: for editors, for tests on a port, and not for terminals."""

import json
import os
import pty
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lsp.wire.framing import Framing

COMMAND = [sys.executable, "-m", "agent", "lsp"]


def test_a_terminal_is_told_who_starts_this() -> None:
    ours, theirs = pty.openpty()
    try:
        done = subprocess.run(COMMAND, stdin=theirs, capture_output=True, text=True)
    finally:
        os.close(ours)
        os.close(theirs)
    assert done.returncode == 2
    assert "docs/editors.md" in done.stderr


@pytest.mark.parametrize("place", ["0.0.0.0:1", "example.org:1", "x", "1:2:3", "99999", "-1", ":"])
def test_it_listens_on_this_machine_only(place: str) -> None:
    done = subprocess.run([*COMMAND, f"--tcp={place}"], capture_output=True, text=True)
    assert (done.returncode, "[HOST:]PORT" in done.stderr) == (2, True)


def test_one_client_after_another_is_served_on_a_port(tmp_path: Path) -> None:
    environment = {**os.environ, "RATCHET_STATE_DIR": str(tmp_path / "state")}
    with subprocess.Popen(
        [*COMMAND, "--tcp", "0", "--log", str(tmp_path / "log")],
        stderr=subprocess.PIPE,
        env=environment,
        text=True,
    ) as server:
        assert server.stderr is not None
        try:
            found = re.search(r"127\.0\.0\.1:(\d+)", server.stderr.readline())
            assert found is not None
            for said_goodbye in (True, False, True):
                with socket.create_connection(("127.0.0.1", int(found[1])), 60) as client:
                    assert "capabilities" in ask(client, "initialize", capabilities={})["result"]
                    if said_goodbye:
                        assert ask(client, "shutdown")["result"] is None
                        send(client, {"jsonrpc": "2.0", "method": "exit"})
                        assert client.recv(1) == b""
        finally:
            server.kill()


def ask(client: socket.socket, method: str, **params: Any) -> dict[str, Any]:
    send(client, {"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
    framing = Framing()
    while piece := client.recv(1 << 16):
        for body in framing.feed(piece):
            assert isinstance(body, bytes)
            answer: dict[str, Any] = json.loads(body)
            return answer
    raise AssertionError("it hung up")


def send(client: socket.socket, message: object) -> None:
    body = json.dumps(message).encode()
    client.sendall(b"Content-Length: %d\r\n\r\n" % len(body) + body)
