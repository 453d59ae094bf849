"""A question of a task is asked in the editor for as long as it takes; the first answer counts."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.daemon.daemon_process import DaemonProcess, finished, wait_for_status
from tests.e2e.conftest import Repository
from tests.lsp.attached import ABLE, Attached, attached


@pytest.fixture(scope="module")
def editor(scripted: DaemonProcess, project: Repository) -> Iterator[Attached]:
    with attached(scripted.state, project.path) as one:
        yield one


@pytest.fixture
def asking(editor: Attached, request: pytest.FixtureRequest) -> str:
    """A task that asks one question."""
    tests = ["ask", request.node.name]
    return str(editor.command("fix", uri=editor.uri("cart.py"), tests=tests)["task"])


def view(daemon: DaemonProcess, task: str) -> dict[str, Any]:
    with daemon.client() as http:
        return finished(http, task)


@pytest.mark.parametrize(("answer", "decision"), [("Allow", "allow"), ("Deny", "deny")])
def test_the_answer_of_the_editor_decides(
    editor: Attached, asking: str, scripted: DaemonProcess, answer: str, decision: str
) -> None:
    question = editor.asked("the script asks")
    assert "tool `apply`" in question["params"]["message"]
    editor.choose(question, answer)
    (settled,) = view(scripted, asking)["answers"]
    assert settled["decision"] == decision
    assert settled["by"].startswith("lsp")


def test_a_closed_question_stays_open_and_says_how_it_is_answered_later(
    editor: Attached, asking: str, scripted: DaemonProcess
) -> None:
    editor.reply(editor.asked("the script asks"), None)
    assert f"`ratchet tasks approve {asking}`" in editor.told("stays open")
    with scripted.client() as http:
        wait_for_status(http, asking, "waiting")
        http.post(f"/v1/tasks/{asking}/approve", json={})
        finished(http, asking)


def test_an_answer_from_elsewhere_counts_and_a_late_one_does_not(
    editor: Attached, asking: str, scripted: DaemonProcess
) -> None:
    question = editor.asked("the script asks")
    with scripted.client() as http:
        http.post(f"/v1/tasks/{asking}/deny", json={})
    assert "answered: deny by" in editor.told("answered")
    editor.choose(question, "Allow")
    (settled,) = view(scripted, asking)["answers"]
    assert settled["decision"] == "deny"


def test_what_is_asked_can_be_read_before_it_is_answered(
    editor: Attached, asking: str, scripted: DaemonProcess
) -> None:
    editor.choose(editor.asked("the script asks"), "Show")
    again = editor.asked("the script asks")
    shown = editor.shown[-1]
    assert f"# Ratchet asks (task `{asking}`)" in shown.read_text()
    assert shown.stat().st_mode & 0o777 == 0o600
    editor.choose(again, "Allow")
    view(scripted, asking)


def test_an_editor_that_announced_no_questions_is_asked_and_told_the_command(
    scripted: DaemonProcess, project: Repository
) -> None:
    able = {name: value for name, value in ABLE.items() if name != "window"}
    with attached(scripted.state, project.path, capabilities=able) as editor:
        task = editor.command("fix", uri=editor.uri("cart.py"), tests=["ask"])["task"]
        assert f"`ratchet tasks approve {task}`" in editor.told("the script asks")
        editor.choose(editor.asked("the script asks"), "Allow")
        view(scripted, task)


def test_a_question_that_was_answered_before_the_editor_came_is_not_asked(
    editor: Attached, asking: str, scripted: DaemonProcess, project: Repository
) -> None:
    editor.choose(editor.asked("the script asks"), "Allow")
    view(scripted, asking)
    with attached(scripted.state, project.path) as late:
        task = late.command("fix", uri=late.uri("cart.py"), tests=["step"])["task"]
        late.progress("end", task)
        assert not [one for one in late.seen if "the script asks" in str(one)]
