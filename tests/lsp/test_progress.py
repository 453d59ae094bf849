"""Progress is the editor's own, follows what the task says, and cancelling it stops the task."""

from collections.abc import Iterator

import pytest

from tests.daemon.daemon_process import DaemonProcess, finished, submit
from tests.e2e.conftest import Repository
from tests.lsp.attached import ABLE, Attached, Message, attached


@pytest.fixture(scope="module")
def editor(scripted: DaemonProcess, project: Repository) -> Iterator[Attached]:
    with attached(scripted.state, project.path) as one:
        yield one


def progress_of(editor: Attached, task: str) -> list[Message]:
    """Return what was said of a task and taken by nobody yet."""
    said = [one["params"] for one in editor.seen if one.get("method") == "$/progress"]
    return [one["value"] for one in said if one["token"] == f"ratchet/{task}"]


def test_progress_begins_goes_on_and_ends_with_the_task(editor: Attached) -> None:
    task = editor.command("fix", uri=editor.uri("cart.py"), tests=["progress:20"])["task"]
    begun = editor.progress("begin", task)
    assert begun["title"] == "Ratchet: fix progress:20"
    assert begun["cancellable"] is True
    end = editor.progress("end", task)
    assert end["message"] == "unverified"
    reports = progress_of(editor, task)
    assert 1 <= len(reports) <= 20
    assert all(one["message"].startswith("search, ") for one in reports)
    editor.choose(editor.asked("Ratchet: unverified"), "Show")


def test_cancelling_the_progress_stops_the_task(editor: Attached, scripted: DaemonProcess) -> None:
    task = editor.command("fix", uri=editor.uri("cart.py"), tests=["sleep:60"])["task"]
    editor.progress("begin", task)
    editor.editor.notify("window/workDoneProgress/cancel", token=f"ratchet/{task}")
    report = editor.progress("report", task)
    assert report == {"kind": "report", "cancellable": False, "message": "cancelling"}
    assert editor.progress("end", task)["message"] == "interrupted"
    with scripted.client() as http:
        assert finished(http, task)["report"]["outcome"] == "interrupted"


def test_cancelling_what_is_no_progress_of_ours_does_nothing(editor: Attached) -> None:
    for token in ("ratchet/none", "other", 5):
        editor.editor.notify("window/workDoneProgress/cancel", token=token)
    assert editor.command("verify", uri=editor.uri("cart.py"))["task"]


def test_a_task_of_the_repository_that_somebody_else_asked_for_is_shown_while_it_works(
    editor: Attached, scripted: DaemonProcess
) -> None:
    with scripted.client() as http:
        task = submit(http, "progress:10", repository=str(editor.root))
    assert editor.progress("begin", task)["cancellable"] is True
    editor.progress("end", task)


def test_an_editor_that_refuses_the_progress_gets_none(scripted: DaemonProcess, project: Repository) -> None:
    with attached(scripted.state, project.path) as editor:
        editor.refuses = True
        task = editor.command("fix", uri=editor.uri("cart.py"), tests=["progress:5"])["task"]
        editor.asked("Ratchet: unverified")
        assert progress_of(editor, task) == []


def test_an_editor_that_announced_no_progress_is_told_the_end(
    scripted: DaemonProcess, project: Repository
) -> None:
    able = {name: value for name, value in ABLE.items() if name != "window"}
    with attached(scripted.state, project.path, capabilities=able) as editor:
        task = editor.command("fix", uri=editor.uri("cart.py"), tests=["progress:5"])["task"]
        assert f"`ratchet tasks show {task}`" in editor.told("Ratchet: unverified")
        methods = {one.get("method") for one in editor.seen}
        assert not methods & {"window/workDoneProgress/create", "$/progress", "window/showMessageRequest"}
