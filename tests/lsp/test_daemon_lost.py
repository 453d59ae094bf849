"""The daemon is killed, restarted, upgraded or cannot start at all while an editor is attached to it."""

import contextlib
import fcntl
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.client import registration
from lsp.text.document import Change, Document, Encoding, Place
from tests.client.conftest import end
from tests.client.test_launch import start_version
from tests.daemon.daemon_process import DaemonProcess
from tests.e2e.conftest import CART, Repository, share_caches
from tests.e2e.test_daemon_fix import Daemon
from tests.lsp.attached import Attached, attached

__all__ = ["start_version"]

COMMENT = "# ours: \u2028 漢😀\n"
FIXED = CART["cart.py"].replace("amount + discount", "amount - discount")


@pytest.fixture
def lost(tmp_path: Path, state_dir: Path, base_root: Path) -> Iterator[Daemon]:
    """A state directory whose daemon is started by the editor, with sandboxes that are there already."""
    state = tmp_path / "state"
    state.mkdir()
    share_caches(state_dir, state)
    yield Daemon(state)
    written = registration.read(state)
    if written is not None:
        end(written.pid)


def type_at_the_top(editor: Attached, name: str, text: str) -> Document:
    """Open a file, type a line, and return what the editor shows then."""
    uri = editor.open(name)
    shown = Document(uri, 1, (editor.root / name).read_text(), Encoding.UTF16)
    shown.apply(2, [Change(text, Place(0, 0), Place(0, 0))])
    top = {"line": 0, "character": 0}
    editor.editor.notify(
        "textDocument/didChange",
        textDocument={"uri": uri, "version": 2},
        contentChanges=[{"range": {"start": top, "end": top}, "text": text}],
    )
    return shown


def take_edits(editor: Attached, shown: Document) -> None:
    """Do what the server wants changed in a document, as an editor does."""
    asked = editor.called("workspace/applyEdit")
    edit = asked["params"]["edit"]
    every = [one["edits"] for one in edit.get("documentChanges", [])] or list(edit["changes"].values())
    ordered = sorted((one for edits in every for one in edits), key=_start, reverse=True)
    shown.apply(3, [Change(one["newText"], _start(one), _place(one["range"]["end"])) for one in ordered])
    editor.reply(asked, {"applied": True})


def _start(edit: Any) -> Place:
    return _place(edit["range"]["start"])


def _place(told: dict[str, int]) -> Place:
    return Place(told["line"], told["character"])


@contextlib.contextmanager
def nobody_starts_a_daemon(state: Path) -> Iterator[None]:
    """Hold what a front end takes before it starts one."""
    with (state / "starting.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.mark.long
def test_a_fix_ends_and_nothing_typed_is_lost_when_the_daemon_is_killed(
    lost: Daemon, project: Repository
) -> None:
    with attached(lost.state, project.path, sandbox="bubblewrap") as editor:
        task = editor.command("fix", uri=editor.uri("cart.py"))["task"]
        editor.progress("begin", task)
        killed = lost.pid
        lost.kill()
        shown = type_at_the_top(editor, "cart.py", COMMENT)
        editor.progress("end", task)
        editor.command("apply", uri=editor.uri("cart.py"), task=task)
        take_edits(editor, shown)
    assert shown.text == COMMENT + FIXED
    assert lost.pid != killed
    assert [one["task_id"] for one in lost.tasks("list")["tasks"]] == [task]  # type: ignore[index,attr-defined]
    assert lost.newest()["outcome"] == "verified"


def test_a_task_goes_on_under_an_upgraded_daemon(
    tmp_path: Path, project: Repository, start_version: Callable[..., DaemonProcess]
) -> None:
    state = tmp_path / "state"
    old = start_version(state, "8.0.0")
    with attached(state, project.path) as editor:
        task = editor.command("fix", uri=editor.uri("cart.py"), tests=["step", "ask", "step"])["task"]
        editor.progress("begin", task)
        editor.asked()
        with nobody_starts_a_daemon(state):
            old.kill()
            new = start_version(state, "9.0.0")
        with new.client() as http:
            http.post(
                f"/v1/tasks/{task}/approve", json={"approval_id": None, "reason": ""}
            ).raise_for_status()
            editor.progress("end", task)
            known = http.get("/v1/tasks").json()["tasks"]
    assert [(one["task_id"], one["status"]) for one in known] == [(task, "finished")]


@pytest.mark.long
def test_an_order_given_while_the_daemon_is_away_becomes_one_task(
    tmp_path: Path, project: Repository, start_version: Callable[..., DaemonProcess]
) -> None:
    state = tmp_path / "state"
    first = start_version(state, "9.0.0")
    with attached(state, project.path) as editor:
        before = editor.command("fix", uri=editor.uri("cart.py"), tests=["step"])["task"]
        editor.progress("end", before)
        with nobody_starts_a_daemon(state):
            first.kill()
            order = {"uri": editor.uri("cart.py"), "tests": ["step"]}
            asked = editor.post("workspace/executeCommand", command="ratchet.verify", arguments=[order])
            second = start_version(state, "9.0.1")
        task = editor.answer(asked)["result"]["task"]
        editor.progress("end", task)
        with second.client() as http:
            known = {one["task_id"] for one in http.get("/v1/tasks").json()["tasks"]}
    assert known == {before, task}


@pytest.mark.long
def test_a_daemon_that_stands_still_holds_no_document_up(
    tmp_path: Path, project: Repository, start_version: Callable[..., DaemonProcess]
) -> None:
    daemon = start_version(tmp_path / "state", "9.0.0")
    with attached(tmp_path / "state", project.path) as editor:
        os.killpg(daemon.process.pid, signal.SIGSTOP)
        try:
            shown = type_at_the_top(editor, "cart.py", COMMENT)
            assert "error" in editor.ask("no/such")
            place = {"line": len(shown.lines), "character": 0}
            listed = editor.ask(
                "textDocument/codeAction",
                textDocument={"uri": editor.uri("cart.py")},
                range={"start": place, "end": place},
                context={"diagnostics": []},
            )
            assert "result" in listed
        finally:
            os.killpg(daemon.process.pid, signal.SIGCONT)


def test_a_daemon_that_cannot_start_is_told_and_documents_are_served(
    tmp_path: Path, project: Repository
) -> None:
    (tmp_path / "file").write_text("no folder")
    with attached(tmp_path / "file" / "state", project.path) as editor:
        assert "cannot be written" in editor.told("state directory")
        type_at_the_top(editor, "cart.py", COMMENT)
        answer = editor.command("fix", uri=editor.uri("cart.py"))
        assert answer["task"] is None
        assert "cannot be written" in answer["reason"]
        assert editor.ask("shutdown")["result"] is None
        editor.editor.notify("exit")
        assert editor.editor.ended() == 0
