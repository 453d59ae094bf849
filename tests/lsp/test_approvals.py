"""A question of a task is asked in the editor for as long as it takes; the first answer counts."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.daemon.daemon_process import DaemonProcess, finished, wait_for_status
from tests.e2e.conftest import Repository
from tests.lsp.attached import ABLE, Attached, attached


@pytest.fixture(scope="module")
def editor(scripted: DaemonProcess, project: Repository) -> Iterator[Attached]:
    with attached(scripted.state, project.path) as one:
        yield one


@dataclass(frozen=True)
class Asking:
    """A task that asks one question, and a word that is in it."""

    task: str
    word: str


def asks(editor: Attached) -> Asking:
    # Questions of attended tasks are asked in every editor of the repository.
    word = uuid.uuid4().hex[:12]
    return Asking(editor.command("fix", uri=editor.uri("cart.py"), tests=["ask", word])["task"], word)


@pytest.fixture
def asking(editor: Attached) -> Asking:
    return asks(editor)


def view(daemon: DaemonProcess, task: str) -> dict[str, Any]:
    with daemon.client() as http:
        return finished(http, task)


@pytest.mark.parametrize(("answer", "decision"), [("Allow", "allow"), ("Deny", "deny")])
def test_the_answer_of_the_editor_decides(
    editor: Attached, asking: Asking, scripted: DaemonProcess, answer: str, decision: str
) -> None:
    question = editor.asked(asking.word)
    assert "the script asks" in question["params"]["message"]
    assert "tool `apply`" in question["params"]["message"]
    editor.choose(question, answer)
    (settled,) = view(scripted, asking.task)["answers"]
    assert settled["decision"] == decision
    assert settled["by"].startswith("lsp")


def test_a_closed_question_stays_open_and_says_how_it_is_answered_later(
    editor: Attached, asking: Asking, scripted: DaemonProcess
) -> None:
    editor.reply(editor.asked(asking.word), None)
    assert f"`ratchet tasks approve {asking.task}`" in editor.told("stays open")
    with scripted.client() as http:
        wait_for_status(http, asking.task, "waiting")
        http.post(f"/v1/tasks/{asking.task}/approve", json={})
        finished(http, asking.task)


def test_an_answer_from_elsewhere_counts_and_a_late_one_does_not(
    editor: Attached, asking: Asking, scripted: DaemonProcess
) -> None:
    question = editor.asked(asking.word)
    with scripted.client() as http:
        http.post(f"/v1/tasks/{asking.task}/deny", json={})
    assert "answered: deny by" in editor.told("answered")
    editor.choose(question, "Allow")
    (settled,) = view(scripted, asking.task)["answers"]
    assert settled["decision"] == "deny"


def test_what_is_asked_can_be_read_before_it_is_answered(
    editor: Attached, asking: Asking, scripted: DaemonProcess
) -> None:
    editor.choose(editor.asked(asking.word), "Show")
    again = editor.asked(asking.word)
    shown = editor.shown[-1]
    assert f"# Ratchet asks (task `{asking.task}`)" in shown.read_text()
    assert shown.stat().st_mode & 0o777 == 0o600
    editor.choose(again, "Allow")
    view(scripted, asking.task)


def test_an_editor_that_announced_no_questions_is_asked_and_told_the_command(
    scripted: DaemonProcess, project: Repository
) -> None:
    able = {name: value for name, value in ABLE.items() if name != "window"}
    with attached(scripted.state, project.path, capabilities=able) as editor:
        asking = asks(editor)
        assert f"`ratchet tasks approve {asking.task}`" in editor.told(asking.word)
        editor.choose(editor.asked(asking.word), "Allow")
        view(scripted, asking.task)


def test_a_question_that_was_answered_before_the_editor_came_is_not_asked(
    editor: Attached, asking: Asking, scripted: DaemonProcess, project: Repository
) -> None:
    editor.choose(editor.asked(asking.word), "Allow")
    view(scripted, asking.task)
    with attached(scripted.state, project.path) as late:
        task = late.command("fix", uri=late.uri("cart.py"), tests=["step"])["task"]
        late.progress("end", task)
        assert not [one for one in late.seen if asking.word in str(one)]
