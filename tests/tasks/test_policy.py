"""Which rule holds, as one table; and what a gate says about it."""

import pytest

from agent.policy import DEFAULTS
from agent.protocol.patch import Patch, Snapshot
from agent.protocol.policy import Action, Answer, Decision, Rule, Subject
from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind, TaskSpec
from agent.tasks.policy import decide, decide_all, matches
from agent.tasks.questions import DELIVERY, START, approval, in_question, refused

ALLOW, ASK, DENY = Decision.ALLOW, Decision.ASK, Decision.DENY


def rules(*lines: str) -> list[Rule]:
    """Read `origin decision pattern` lines about paths."""
    split = (line.split(" ", 2) for line in lines)
    return [
        Rule(subject=Subject.PATH, origin=origin, decision=Decision(decision), pattern=pattern)
        for origin, decision, pattern in split
    ]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], ALLOW),
        (["default ask ci"], ASK),
        (["user ask other"], ALLOW),
        (["user deny *", "user ask ci"], ASK),
        (["user ask ci", "user deny *"], DENY),
        (["default ask ci", "user allow ci"], ALLOW),
        (["default ask ci", "organization allow ci"], ALLOW),
        (["user allow ci", "organization ask ci"], ASK),
        (["user allow ci", "organization deny ci"], DENY),
        (["user deny ci", "organization allow ci"], DENY),
        (["organization deny ci", "user allow ci"], DENY),
        (["default ask ci", "repository deny ci"], DENY),
        (["user allow ci", "repository ask ci"], ASK),
        (["user deny ci", "repository ask ci"], DENY),
        (["organization allow ci", "repository ask ci"], ASK),
        (["default ask ci", "repository allow ci"], ASK),
        (["user deny ci", "repository allow ci"], DENY),
        (["organization ask *", "repository allow ci"], ASK),
    ],
)
def test_the_last_rule_of_an_origin_counts_and_the_strictest_origin_holds(
    lines: list[str], expected: Decision
) -> None:
    assert decide(rules(*lines), Action(subject=Subject.PATH, value="ci")) is expected


@pytest.mark.parametrize(
    ("subject", "pattern", "value", "expected"),
    [
        (Subject.PATH, ".github/*", ".github/workflows/ci.yml", True),
        (Subject.PATH, ".github", ".github/workflows/ci.yml", True),
        (Subject.PATH, ".github/workflows", ".github/workflows/ci.yml", True),
        (Subject.PATH, ".github/workflows", "docs/.github/workflows/ci.yml", False),
        (Subject.PATH, "CODEOWNERS", "docs/CODEOWNERS", True),
        (Subject.PATH, "CODEOWNERS", "docs/codeowners", True),
        (Subject.PATH, "CODEOWNERS", "docs/CODEOWNERS.md", False),
        (Subject.PATH, ".vscode", "a/.VSCode/settings.json", True),
        (Subject.PATH, ".vscode", "a/\uff0evscode/settings.json", True),
        (Subject.PATH, "src/*.py", "src/deep/a.py", True),
        (Subject.PATH, "src/*.py", "lib/src/a.py", False),
        (Subject.PATH, "*", "anything/at/all", True),
        (Subject.COMMAND, "make *", "make test", True),
        (Subject.COMMAND, "make *", "MAKE test", False),
        (Subject.COMMAND, "*", "sh -c 'a / b'", True),
        (Subject.TOOL, "apply", "apply", True),
        (Subject.TOOL, "apply", "deliver", False),
        (Subject.NETWORK, "*.example.org", "PACKAGES.example.org", True),
        (Subject.NETWORK, "*.example.org", "example.org.evil.net", False),
        (Subject.COST, "0.50", "0.49", False),
        (Subject.COST, "0.50", "0.5", True),
        (Subject.COST, "0", "0.0", True),
        (Subject.COST, "a lot", "0.1", True),
    ],
)
def test_a_pattern_covers_what_it_names(subject: Subject, pattern: str, value: str, expected: bool) -> None:
    rule = Rule(subject=subject, pattern=pattern, decision=ASK)
    assert matches(rule, Action(subject=subject, value=value)) is expected


def test_a_rule_is_about_its_own_subject_only() -> None:
    rule = Rule(subject=Subject.COMMAND, pattern="*", decision=DENY)
    assert not matches(rule, Action(subject=Subject.TOOL, value="apply"))


@pytest.mark.parametrize(
    "path",
    [
        ".github/workflows/ci.yml",
        ".GitHub/actions/x/action.yml",
        ".gitlab-ci.yml",
        ".gitmodules",
        ".gitattributes",
        "sub/.gitattributes",
        "CODEOWNERS",
        "docs/CODEOWNERS",
        "Jenkinsfile",
        ".circleci/config.yml",
        ".vscode/tasks.json",
        ".idea/workspace.xml",
        ".devcontainer/devcontainer.json",
        ".husky/pre-commit",
        ".pre-commit-config.yaml",
        ".envrc",
        ".mcp.json",
        ".claude/settings.json",
        ".cursor/rules",
        ".codex/config.toml",
        "AGENTS.md",
        "pkg/CLAUDE.md",
        ".ratchet.toml",
    ],
)
def test_by_default_protected_files_ask(path: str) -> None:
    assert decide(DEFAULTS, Action(subject=Subject.PATH, value=path)) is ASK


@pytest.mark.parametrize("path", ["src/a.py", "github/x.py", "docs/agents.py", "gitlab.py", "a/b/c.txt"])
def test_by_default_other_files_are_free(path: str) -> None:
    assert decide(DEFAULTS, Action(subject=Subject.PATH, value=path)) is ALLOW


def test_several_actions_are_as_free_as_the_least_free_one() -> None:
    actions = [Action(subject=Subject.PATH, value=value) for value in ("a.py", "AGENTS.md")]
    assert decide_all(DEFAULTS, actions) is ASK
    assert decide_all(DEFAULTS, ()) is ALLOW


DIFF = "diff --git a/AGENTS.md b/AGENTS.md\n+diff\ndiff --git a/a.py b/a.py\n-x\n+y\n"


def gated(**spec: object) -> TaskState:
    asked = TaskSpec(**{"kind": TaskKind.FIX, "repository": "/r", **spec})
    return TaskState(
        task_id="t1",
        spec=asked,
        proposals=1,
        snapshot=Snapshot(head="a" * 40, commit="a" * 40, tree="b" * 40),
        patch=Patch(base="b" * 40, tree="c" * 40, diff=DIFF, files=("AGENTS.md", "a.py")),
    )


def test_a_question_shows_exactly_the_hunks_it_is_about() -> None:
    question = approval(gated(), DELIVERY)
    assert question.id == "gate:1"
    assert [action.value for action in question.actions] == ["AGENTS.md"]
    assert question.detail == "diff --git a/AGENTS.md b/AGENTS.md\n+diff\n"
    assert "AGENTS.md" in question.reason


def test_a_question_shows_exactly_the_command_it_is_about() -> None:
    rule = Rule(subject=Subject.COMMAND, pattern="*", decision=ASK)
    command = Action(subject=Subject.COMMAND, value="sh -c 'make  test'")
    asked = gated(policy=(rule,)).model_copy(update={"actions": (command,), "patch": None})
    assert approval(asked, START).detail == "sh -c 'make  test'"


def test_applying_is_an_action_of_its_own() -> None:
    rule = Rule(subject=Subject.TOOL, pattern="apply", decision=DENY)
    about = Action(subject=Subject.TOOL, value="apply")
    assert about not in in_question(gated(policy=(rule,)), DELIVERY)
    assert in_question(gated(policy=(rule,), apply=True), DELIVERY)[about] is DENY


def test_the_rules_of_the_repository_are_among_those_of_a_task() -> None:
    rule = Rule(subject=Subject.PATH, pattern="a.py", decision=DENY, origin="repository")
    state = gated().model_copy(update={"rules": (rule,)})
    assert in_question(state, DELIVERY)[Action(subject=Subject.PATH, value="a.py")] is DENY


def test_a_no_is_known_by_whom() -> None:
    answer = Answer(approval_id="gate:1", decision=DENY, by="tui:ann", reason="too wide")
    assert refused(gated().model_copy(update={"answers": (answer,)})) == answer
    assert refused(gated()) is None
