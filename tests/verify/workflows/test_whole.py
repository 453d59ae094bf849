"""From any workflow file, list of steps and log there comes evidence or a reason."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.protocol.forge import RunEvidence
from agent.verify.workflows.document import BadWorkflow
from agent.verify.workflows.evidence import evidence_of
from agent.verify.workflows.known import RunFacts
from agent.verify.workflows.located import StepDone, align, locate
from agent.verify.workflows.plan import plan
from tests.verify.workflows.shop import WORKFLOW

_names = st.sampled_from(
    [
        "test (3.11, ubuntu)",
        "test (3.10, windows)",
        "lint",
        "test",
        "Tests",
        "Run ruff check .",
        "Install",
        "x / y",
    ]
)
_words = st.sampled_from(
    [
        *(
            "${{ matrix.python }}",
            "${{ secrets.X }}",
            "${{",
            "}}",
            "run:",
            "uses:",
            "- ",
            "\n      ",
            "'",
            '"',
            "|",
        ),
        *(
            "pytest",
            "tox -e py",
            "uv run",
            "pip install x",
            "&&",
            "$(",
            "actions/checkout@v5",
            "matrix:",
            "[",
            "]",
        ),
        *("env:", "{", "}", "\x00", "\u202e", "&a", "*a", "#", "if:", "shell: bash", "name:", "é"),
    ]
)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """Return the workflow of the shop with some words put in, and some of it taken out."""
    text = WORKFLOW
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(text)))
        cut = draw(st.integers(0, 12))
        text = text[:at] + draw(_words) + text[at + cut :]
    return text


def told(text: str, name: str, done: tuple[StepDone, ...], facts: RunFacts, log: str) -> RunEvidence | str:
    """Go the whole way from a file to evidence."""
    files = {"w": text.encode("utf-8", "replace"), "tox.ini": text.encode("utf-8", "replace")}
    try:
        there = locate("w", name, facts, files.get)
    except BadWorkflow as error:
        return error.message
    steps = there.chosen.job.steps
    ended = align(there.chosen.job, done, there.scope) or ("success",) * (len(steps) - 1) + ("failure",)
    failing = next((n for n, how in enumerate(ended) if how == "failure"), None)
    if failing is None or not steps:
        return "nothing failed"
    ran = tuple(how == "success" for how in ended)
    made = plan(there.workflow, there.chosen, failing, ran, facts, there.scope, files.get)
    return made.refused or evidence_of(made, workflow="w", job=name, log=log)


_facts = st.builds(
    RunFacts,
    repository=st.sampled_from(["acme/shop", "a/b"]),
    event=st.sampled_from(["push", "pull_request", "schedule", "'; x"]),
    head=st.just("a" * 40),
    branch=st.text(max_size=20).filter(lambda text: text.isprintable()),
)
_done = st.lists(
    st.builds(StepDone, name=_names, conclusion=st.sampled_from(["success", "failure", "skipped", ""])),
    max_size=9,
).map(tuple)


def _holds(text: str, name: str, done: tuple[StepDone, ...], facts: RunFacts, log: str) -> None:
    found = told(text, name, done, facts, log)
    if isinstance(found, RunEvidence):
        assert RunEvidence.model_validate_json(found.model_dump_json()) == found
        assert "\0" not in found.command and len(found.command) <= 100_000
        assert "${{ secrets" not in found.command or "${{ secrets" in text
    else:
        assert found and "\n" not in found


@given(mutated(), _names, _done, _facts, st.text(max_size=100))
@settings(max_examples=120, deadline=None)
def test_a_mutated_workflow_gives_evidence_or_a_reason(
    text: str, name: str, done: tuple[StepDone, ...], facts: RunFacts, log: str
) -> None:
    _holds(text, name, done, facts, log)


@pytest.mark.long
@given(mutated(), _names, _done, _facts, st.text(max_size=100))
@settings(max_examples=5_000, deadline=None)
def test_5_000_mutated_workflows_give_evidence_or_a_reason(
    text: str, name: str, done: tuple[StepDone, ...], facts: RunFacts, log: str
) -> None:
    _holds(text, name, done, facts, log)
