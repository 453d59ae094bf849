"""Whatever is wrong with a call, the model gets an answer that says so, and nothing happens."""

import json
import logging
import threading
from dataclasses import dataclass, replace
from typing import Any

import pytest

from agent.protocol.conversation import StepStatus
from agent.protocol.errors import Interrupted
from agent.protocol.value import Value
from agent.tools.calling import call, call_all
from agent.tools.tool import Desk, Outcome
from agent.tools.toolbox import parameters, toolbox
from tests.tools.table import Asked, Table, asked

READING = {"search", "symbols", "references", "read", "repo_map", "plan"}


def names(desk: Desk) -> set[str]:
    """Return the names of a desk's tools."""
    return {tool.name for tool in toolbox(desk)}


def test_what_a_task_may_do_decides_which_tools_there_are(working: Table) -> None:
    desk = working.desk
    assert names(desk) == READING | {"edit", "run", "verify", "diagnostics"}
    assert names(replace(desk, bench=None)) == READING | {"edit"}
    assert names(replace(desk, writable=False, bench=None)) == READING


def test_a_task_that_only_reads_cannot_be_made_to_write_or_run(working: Table) -> None:
    working.desk = replace(working.desk, writable=False)
    before = working.desk.tree
    for name, arguments in [("edit", {"edits": "x"}), ("run", {"command": "true"}), ("verify", {})]:
        outcome = working.call(name, **arguments)
        assert outcome.refused
        assert outcome.text.startswith(f"There is no tool '{name}'. The tools are: search, symbols")
    assert working.desk.tree == before


@pytest.mark.parametrize(
    "arguments",
    [
        "",
        "{",
        "[]",
        "null",
        '"path"',
        '{"path": 3}',
        '{"path": null}',
        '{"path": "a", "start": "x"}',
        '{"path": "a", "start": 0}',
        '{"path": "a", "start": 1e99}',
        '{"path": "a", "extra": 1}',
        '{"path": "a", "path2": {"$ref": "x"}}',
        '{"path": "' + "a" * 5000 + '"}',
        '{"path": "\\ud800"}',
        '{"path": "a"} {"path": "b"}',
        "[" * 100_000,
        '{"path": ' + "9" * 10_000 + "}",
        "\x00",
        "x" * 5_000_000,
    ],
)
def test_arguments_that_do_not_fit_are_refused_with_the_schema(table: Table, arguments: str) -> None:
    outcome = call(toolbox(table.desk), table.desk, Asked("read", arguments))
    assert outcome.refused
    assert "The arguments of read do not fit" in outcome.text
    assert '"required":["path"]' in outcome.text
    assert len(outcome.text) < 4000


def test_an_unknown_tool_is_refused_with_the_names_of_the_others(table: Table) -> None:
    outcome = call(toolbox(table.desk), table.desk, Asked("sh\u202eell\n; rm", "{}"))
    assert outcome.refused
    assert "There is no tool 'shell ; rm'" in outcome.text


def test_every_schema_is_an_object_that_allows_nothing_else(working: Table) -> None:
    for tool in toolbox(working.desk):
        schema = parameters(tool.arguments)
        assert schema["type"] == "object"
        assert schema["additionalProperties"] is False
        assert json.loads(json.dumps(schema)) == schema
        assert tool.description.endswith(".")


class Nothing(Value):
    """No arguments."""


@dataclass
class Odd:
    """A tool that does what a test wants."""

    act: Any
    name: str = "odd"
    description: str = "Odd."
    arguments: type[Value] = Nothing
    parallel: bool = True

    def run(self, desk: Desk, arguments: Value) -> Outcome:
        """Do it."""
        done: Outcome = self.act(desk)
        return done


def test_a_tool_that_fails_by_surprise_is_a_refused_call(
    table: Table, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: Desk) -> Outcome:
        raise ZeroDivisionError("secret detail")

    with caplog.at_level(logging.ERROR):
        outcome = call((Odd(fail),), table.desk, asked("odd"))
    assert outcome.refused
    assert "ZeroDivisionError inside the tool" in outcome.text
    assert "secret detail" not in outcome.text
    assert "secret detail" in caplog.text


def test_a_cancelled_task_makes_no_further_call(table: Table) -> None:
    made: list[int] = []
    cancel = threading.Event()

    def act(desk: Desk) -> Outcome:
        made.append(1)
        desk.cancel.set()
        return Outcome("done")

    desk = replace(table.desk, cancel=cancel)
    with pytest.raises(Interrupted):
        call_all((Odd(act, parallel=False),), desk, [asked("odd"), asked("odd")])
    assert len(made) == 1


def test_calls_that_only_read_run_at_once(table: Table) -> None:
    meeting = threading.Barrier(3, timeout=30)

    def act(_: Desk) -> Outcome:
        return Outcome(str(meeting.wait() >= 0))

    done, _ = call_all((Odd(act),), table.desk, [asked("odd")] * 3)
    assert [one.outcome.text for one in done] == ["True"] * 3


def test_calls_that_write_run_one_after_the_other_between_those_that_read(table: Table) -> None:
    order: list[str] = []
    reading = Odd(lambda desk: order.append(desk.tree) or Outcome("r"), name="reading")
    writing = Odd(lambda desk: Outcome("w", tree=desk.tree + "+"), name="writing", parallel=False)
    desk = replace(table.desk, tree="t")
    calls = [
        asked(name) for name in ("reading", "writing", "reading", "reading", "writing", "none", "reading")
    ]
    done, after = call_all((reading, writing), desk, calls)
    assert order == ["t", "t+", "t+", "t++"]
    assert after.tree == "t++"
    assert [one.use.refused for one in done] == [False] * 5 + [True, False]
    assert [one.use.name for one in done] == [one.name for one in calls]


def test_the_plan_is_what_the_newest_call_says(table: Table) -> None:
    first = {"text": "reproduce", "status": "done"}
    done, desk = call_all(
        toolbox(table.desk),
        table.desk,
        [asked("plan", steps=[first]), asked("plan", steps=[first, {"text": "mend"}])],
    )
    assert [(step.text, step.status) for step in desk.plan.steps] == [
        ("reproduce", StepStatus.DONE),
        ("mend", StepStatus.PENDING),
    ]
    assert done[1].outcome.text == "The plan has 2 steps, 1 done."
