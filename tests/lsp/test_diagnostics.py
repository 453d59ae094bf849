"""Failing tests and suspicious lines stand where they belong, pushed or pulled, through edits and fixes."""

import os
import time
from pathlib import Path

import pytest

from agent.protocol.task import TaskKind
from tests.daemon.daemon_process import DaemonProcess
from tests.e2e.conftest import CART, new_repository
from tests.lsp import history
from tests.lsp.attached import Attached, Message
from tests.lsp.told import (
    DIFF,
    FAILING,
    FIXED,
    PULLS,
    WRONG,
    Teller,
    asked_until,
    change,
    looking,
    published,
)


@pytest.fixture
def teller(scripted: DaemonProcess, tmp_path: Path) -> Teller:
    return Teller(scripted, new_repository(tmp_path, CART))


def by_code(items: list[Message]) -> dict[str, Message]:
    return {one["code"]: one for one in items}


def lines(items: list[Message]) -> list[int]:
    return [one["range"]["start"]["line"] for one in items]


def told_to_pull(editor: Attached) -> None:
    editor.reply(editor.hear(lambda one: one.get("method") == "workspace/diagnostic/refresh"), None)


def test_a_failing_test_is_pushed_at_its_line_and_follows_it_until_it_is_edited(teller: Teller) -> None:
    task_id = teller.failing()
    with looking(teller) as editor:
        found = by_code(published(editor, "cart.py", bool))
        failing, suspect = found["failing-test"], found["suspicious-line"]
        assert failing["source"] == "ratchet"
        assert failing["data"] == {"task": task_id, "tests": [FAILING]}
        assert failing["range"] == {
            "start": {"line": WRONG - 1, "character": 4},
            "end": {"line": WRONG - 1, "character": 28},
        }
        related = {one["location"]["uri"]: one for one in failing["relatedInformation"]}
        assert list(related) == [editor.uri("test_cart.py")]
        assert (failing["severity"], suspect["severity"]) == (1, 4)
        editor.open("cart.py")
        assert lines(published(editor, "cart.py", bool)) == [WRONG - 1, WRONG - 1]
        change(editor, "cart.py", 2, 0, "# one\n# two\n")
        assert (
            lines(published(editor, "cart.py", lambda now: lines(now) != [WRONG - 1] * 2)) == [WRONG + 1] * 2
        )
        change(editor, "cart.py", 3, WRONG + 1, "    # in front\n    x = ")
        published(editor, "cart.py", lambda now: not now)


def test_what_the_fix_changed_in_the_buffer_clears_its_failure(teller: Teller) -> None:
    teller.fixing()
    with looking(teller) as editor:
        published(editor, "cart.py", bool)
        editor.open("cart.py")
        uri = editor.uri("cart.py")
        document = {"uri": uri, "version": 2}
        editor.editor.notify(
            "textDocument/didChange", textDocument=document, contentChanges=[{"text": "# mine\n" + FIXED}]
        )
        published(editor, "cart.py", lambda now: not now)


def test_a_later_task_clears_and_settings_are_heeded_at_once(teller: Teller) -> None:
    teller.failing()
    with looking(teller, suspects=False) as editor:
        assert list(by_code(published(editor, "cart.py", bool))) == ["failing-test"]
        editor.editor.notify("workspace/didChangeConfiguration", settings={"ratchet": {"suspects": True}})
        assert len(published(editor, "cart.py", lambda now: len(now) == 2)) == 2
        editor.editor.notify("workspace/didChangeConfiguration", settings={"ratchet": {"diagnostics": False}})
        published(editor, "cart.py", lambda now: not now)
        editor.editor.notify("workspace/didChangeConfiguration", settings={"ratchet": {}})
        published(editor, "cart.py", bool)
        teller.tell(TaskKind.VERIFY, history.verdict(fixed=(FAILING,), passed=2))
        published(editor, "cart.py", lambda now: not now)


def test_a_file_that_was_changed_since_a_task_saw_it_is_left_alone(teller: Teller) -> None:
    teller.failing()
    later = time.time() + 100
    os.utime(teller.repository.path / "cart.py", (later, later))
    complaint = {"tool": "mypy", "location": {"path": "test_cart.py", "line": 1}, "message": "wrong"}
    teller.tell(TaskKind.VERIFY, history.verdict(diagnostics=(complaint,)), patch=DIFF)
    teller.failing()
    with looking(teller) as editor:
        found = published(editor, "test_cart.py", bool)
        assert [one["code"] for one in found] == ["new-complaint"]
        assert not any(editor.uri("cart.py") in str(one) for one in editor.seen)


def test_an_editor_that_pulls_is_told_when_and_is_pushed_nothing(teller: Teller) -> None:
    teller.failing()
    with looking(teller, PULLS) as editor:
        told_to_pull(editor)
        document = {"uri": editor.uri("cart.py")}
        full = editor.ask("textDocument/diagnostic", textDocument=document)["result"]
        assert (full["kind"], len(full["items"])) == ("full", 2)
        known = full["resultId"]
        same = editor.ask("textDocument/diagnostic", textDocument=document, previousResultId=known)["result"]
        assert same == {"kind": "unchanged", "resultId": known}
        everything = editor.ask("workspace/diagnostic", previousResultIds=[{**document, "value": known}])
        assert [(one["uri"], one["kind"]) for one in everything["result"]["items"]] == [
            (editor.uri("cart.py"), "unchanged")
        ]
        teller.tell(TaskKind.VERIFY, history.verdict(fixed=(FAILING,), passed=2))
        told_to_pull(editor)
        empty = asked_until(
            editor, "textDocument/diagnostic", lambda one: one["items"] == [], textDocument=document
        )
        assert empty["kind"] == "full"
        assert not any(one.get("method") == "textDocument/publishDiagnostics" for one in editor.seen)


def test_an_editor_that_cannot_be_told_to_pull_is_pushed_to_and_pulls_nothing(teller: Teller) -> None:
    teller.failing()
    with looking(teller, {"textDocument": {"diagnostic": {}}}) as editor:
        found = published(editor, "cart.py", bool)
        assert all("data" not in one and "relatedInformation" not in one for one in found)
        pulled = editor.ask("textDocument/diagnostic", textDocument={"uri": editor.uri("cart.py")})
        assert pulled["result"]["items"] == []


def test_a_document_behind_a_link_is_told_of_as_the_editor_writes_it(teller: Teller) -> None:
    teller.failing()
    link = teller.repository.path.parent / f"{teller.repository.path.name}-link"
    link.symlink_to(teller.repository.path)
    with looking(teller) as editor:
        published(editor, "cart.py", bool)
        editor.root = link
        editor.open("cart.py")
        assert len(published(editor, "cart.py", bool)) == 2
