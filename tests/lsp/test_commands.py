"""A command makes one task and answers with its id, whatever the editor does meanwhile."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.daemon.daemon_process import DaemonProcess, finished
from tests.e2e.conftest import Repository
from tests.lsp.attached import Attached, attached

INVALID, CANCELLED = -32602, -32800


@pytest.fixture(scope="module")
def editor(scripted: DaemonProcess, project: Repository) -> Iterator[Attached]:
    with attached(scripted.state, project.path, sandbox="bubblewrap") as one:
        one.open("cart.py")
        yield one


def tasks(daemon: DaemonProcess, word: str) -> list[str]:
    """Return the ids of the tasks that have a word among their tests."""
    with daemon.client() as http:
        listed = http.get("/v1/tasks", params={"limit": 100}).json()["tasks"]
        views = [http.get(f"/v1/tasks/{one['task_id']}").json() for one in listed]
    return [view["summary"]["task_id"] for view in views if word in view["spec"]["tests"]]


def test_a_command_answers_with_the_task_that_it_made(editor: Attached, scripted: DaemonProcess) -> None:
    task = editor.command("fix", uri=editor.uri("cart.py"), tests=["step", "a b; c"])["task"]
    with scripted.client() as http:
        spec = finished(http, task)["spec"]
    # Nothing that an editor names is a shell command.
    assert (spec["tests"], spec["command"]) == (["step", "a b; c"], None)
    assert (spec["kind"], spec["front_end"], spec["attended"], spec["deliver"]) == ("fix", "lsp", True, True)
    assert spec["sandbox"] == "bubblewrap"
    assert spec["repository"] == str(editor.root)


@pytest.mark.parametrize(
    ("name", "order", "kind", "intent"),
    [
        ("verify", {}, "verify", "implement"),
        ("change", {"goal": "rename f to g"}, "do", "refactor"),
        ("document", {"start": 0, "end": 2}, "do", "document"),
        ("explain", {"start": 0}, "ask", "implement"),
        ("fix", {"goal": "fix what somebody reports"}, "do", "refactor"),
    ],
)
def test_each_command_asks_for_what_it_says(
    editor: Attached, scripted: DaemonProcess, name: str, order: dict[str, Any], kind: str, intent: str
) -> None:
    task = editor.command(name, uri=editor.uri("cart.py"), **order)["task"]
    with scripted.client() as http:
        spec = http.get(f"/v1/tasks/{task}").json()["spec"]
    assert (spec["kind"], spec["intent"]) == (kind, intent)
    if "start" in order:
        assert "def total(prices, discount=0):" in spec["goal"]


@pytest.mark.parametrize(
    ("name", "arguments", "word"),
    [
        ("fix", [], "one argument"),
        ("fix", [{}, {}], "one argument"),
        ("fix", ["cart.py"], "the argument"),
        ("verify", [{"tests": 5}], "tests"),
        ("verify", [{"nonsense": 1}], "nonsense"),
        ("explain", [{"uri": "file:///tmp/x.py", "start": -1}], "start"),
        ("explain", [{"uri": "file:///tmp/x.py", "start": 4, "end": 2}], "start"),
        ("change", [{"goal": ""}], "goal"),
        ("cancel", [{}], "task"),
        ("fix", [{"goal": "\ud800"}], "half a character"),
    ],
)
def test_a_wrong_argument_is_an_error_that_says_what_is_wrong(
    editor: Attached, name: str, arguments: list[Any], word: str
) -> None:
    answer = editor.ask("workspace/executeCommand", command=f"ratchet.{name}", arguments=arguments)
    assert answer["error"]["code"] == INVALID
    assert word in answer["error"]["message"]
    assert "/" not in answer["error"]["message"]


def test_outside_of_a_repository_there_is_no_task(editor: Attached, tmp_path: Path) -> None:
    answer = editor.command("verify", uri=(tmp_path / "a.py").as_uri())
    assert answer == {"task": None, "reason": "this is in no git repository"}
    assert editor.told("no git repository")


def test_a_request_that_is_cancelled_loses_no_task_and_doubles_none(
    editor: Attached, scripted: DaemonProcess
) -> None:
    order = {"uri": editor.uri("cart.py"), "tests": ["sleep:30", "cancelled"]}
    asked = [
        editor.post("workspace/executeCommand", command="ratchet.fix", arguments=[order]) for _ in range(2)
    ]
    editor.editor.notify("$/cancelRequest", id=asked[0])
    first, second = (editor.answer(one) for one in asked)
    task = second["result"]["task"]
    assert first.get("error", {}).get("code") == CANCELLED or first["result"]["task"] == task
    assert editor.command("fix", **order) == {"task": task}
    assert tasks(scripted, "cancelled") == [task]
    assert editor.command("cancel", task=task) == {"task": task}
    editor.progress("end", task)


def test_a_cancelled_task_has_ended_for_everybody(editor: Attached, scripted: DaemonProcess) -> None:
    task = editor.command("fix", uri=editor.uri("cart.py"), tests=["sleep:60"])["task"]
    editor.command("cancel", task=task)
    with scripted.client() as http:
        assert finished(http, task)["report"]["outcome"] == "interrupted"


def test_what_isolates_nothing_is_not_used_for_an_untrusted_workspace(
    scripted: DaemonProcess, project: Repository
) -> None:
    with attached(scripted.state, project.path, sandbox="process") as editor:
        answer = editor.command("verify")
        assert answer["task"] is None
        assert "isolates nothing" in answer["reason"]
        found = editor.ask(
            "textDocument/codeAction",
            textDocument={"uri": editor.uri("cart.py")},
            range={"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}},
            context={"diagnostics": []},
        )["result"]
    assert ["isolates nothing" in one["disabled"]["reason"] for one in found] == [True]


def test_a_trusted_workspace_may_use_it(scripted: DaemonProcess, project: Repository) -> None:
    with attached(scripted.state, project.path, sandbox="process", trusted=True) as editor:
        task = editor.command("verify")["task"]
        with scripted.client() as http:
            assert http.get(f"/v1/tasks/{task}").json()["spec"]["sandbox"] == "process"
