"""Opening a hostile repository runs nothing of it on this machine."""

import os
import stat
import subprocess
from pathlib import Path

import pytest

from tests.daemon.daemon_process import PATIENCE, DaemonProcess, until
from tests.lsp.attached import attached

PROGRAMS = """
[core]
	fsmonitor = {canary}
	pager = {canary}
	editor = {canary}
	sshCommand = {canary}
	hooksPath = {hooks}
	askPass = {canary}
[filter "evil"]
	clean = {canary}
	smudge = {canary}
	process = {canary}
	required = true
[diff "evil"]
	command = {canary}
	textconv = {canary}
[diff]
	external = {canary}
[credential]
	helper = {canary}
[gpg]
	program = {canary}
[alias]
	status = !{canary}
"""
HOOKS = ("post-checkout", "pre-commit", "post-index-change", "reference-transaction", "fsmonitor-watchman")


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A repository in which everything that git or we could run leaves a trace."""
    root = tmp_path / "hostile"
    root.mkdir()
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
    (root / "x.py").write_text("def total():\n    return 1\n\n\ndef test_total():\n    assert total() == 2\n")
    (root / ".gitattributes").write_text("*.py filter=evil diff=evil\n")
    (root / ".ratchet.toml").write_text(f'[checks.all]\ncommand = "touch {tmp_path}/ran"\n')
    for command in ("init -q", "add -A", "-c user.name=T -c user.email=t@example.org commit -q -m start"):
        subprocess.run(["git", *command.split()], cwd=root, env=environment, check=True)
    canary = root / "canary.sh"
    canary.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\ncat\n")
    canary.chmod(canary.stat().st_mode | stat.S_IXUSR)
    hooks = root / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in HOOKS:
        (hooks / name).write_bytes(canary.read_bytes())
        (hooks / name).chmod(0o755)
    with (root / ".git" / "config").open("a") as config:
        config.write(PROGRAMS.format(canary=canary, hooks=hooks))
    (root / "x.py").write_text((root / "x.py").read_text() + "\n\nTOTAL = total()\n")
    return root


def test_nothing_of_it_runs_and_only_the_start_can_allow_it(
    scripted: DaemonProcess, hostile: Path, tmp_path: Path
) -> None:
    with attached(scripted.state, hostile, symbols=True, references=True, calls=True) as editor:
        document = {"uri": editor.open("x.py")}
        place = {"textDocument": document, "position": {"line": 0, "character": 5}}
        for _ in until(PATIENCE):
            if editor.ask("textDocument/documentSymbol", textDocument=document).get("result"):
                break
        assert editor.ask("textDocument/references", **place, context={"includeDeclaration": True})["result"]
        assert editor.ask("workspace/symbol", query="total")["result"]
        editor.ask("textDocument/prepareCallHierarchy", **place)
        editor.ask("textDocument/hover", **place)
        editor.ask("textDocument/codeLens", textDocument=document)
        told = {"ratchet": {"trusted": True, "sandbox": "process"}}
        editor.editor.notify("workspace/didChangeConfiguration", settings=told)
        assert "initializationOptions" in editor.told("trusted")
        answer = editor.command("verify", uri=document["uri"])
        assert answer["task"] is None
        assert "isolates nothing" in answer["reason"]
    assert not (tmp_path / "ran").exists()


def test_the_canary_would_tell(hostile: Path, tmp_path: Path) -> None:
    subprocess.run(["git", "status"], cwd=hostile, capture_output=True)
    assert (tmp_path / "ran").exists()
