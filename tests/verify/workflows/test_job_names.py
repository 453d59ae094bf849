"""A job of a run is found in the file by its name, with the values of its matrix."""

import pytest

from agent.verify.workflows.document import BadWorkflow
from agent.verify.workflows.job_names import MOST, combinations, find_job
from agent.verify.workflows.known import RunFacts, scope_of
from agent.verify.workflows.located import StepDone, align, locate
from agent.verify.workflows.workflow import Workflow, read_workflow

FACTS = RunFacts(repository="acme/shop", event="push", head="a" * 40, branch="main")
SCOPE = scope_of(FACTS)

TEXT = """
on: {push: {}, workflow_call: {inputs: {level: {default: low}}}}
jobs:
  lint: {runs-on: ubuntu-latest, steps: [{run: ruff check}]}
  test:
    runs-on: "${{ matrix.os }}"
    strategy:
      matrix:
        python: ['3.10', '3.11', 3.12]
        os: [ubuntu, macos]
        exclude: [{python: '3.10', os: macos}]
        include:
          - {python: '3.11', os: ubuntu, extra: slow}
          - {python: pypy, os: ubuntu}
  named:
    name: "py${{ matrix.python }} / ${{ matrix.os || 'linux' }}"
    strategy: {matrix: {python: ['3.9'], include: [{python: '3.13', os: mac}]}}
  computed:
    name: Tests on ${{ matrix.python }} (${{ matrix.os }})
    strategy: {matrix: {python: "${{ fromJSON(needs.a.outputs.b) }}", os: [x]}}
  bare:
    strategy: {matrix: {python: "${{ fromJSON(needs.a.outputs.b) }}", os: [x]}}
  listed:
    strategy: {matrix: {python: "${{ fromJSON('[1, 2]') }}"}}
  nested:
    strategy: {matrix: {at: [{os: linux, arch: arm}]}}
  called: {uses: ./.github/workflows/inner.yml, with: {level: high}}
"""
WORKFLOW: Workflow = read_workflow(TEXT.encode())

NAMES = {
    "lint": ("lint", {}),
    "test (3.10, ubuntu)": ("test", {"python": "3.10", "os": "ubuntu"}),
    "test (3.11, ubuntu, slow)": ("test", {"python": "3.11", "os": "ubuntu", "extra": "slow"}),
    "test (3.12, macos)": ("test", {"python": 3.12, "os": "macos"}),
    "test (pypy, ubuntu)": ("test", {"python": "pypy", "os": "ubuntu"}),
    "py3.9 / linux": ("named", {"python": "3.9"}),
    "py3.13 / mac": ("named", {"python": "3.13", "os": "mac"}),
    "Tests on 3.14 (arm)": ("computed", {"python": "3.14", "os": "arm"}),
    "bare (3.12, x)": ("bare", {"python": "3.12", "os": "x"}),
    "listed (2)": ("listed", {"python": 2}),
    "nested (linux, arm)": ("nested", {"at": {"os": "linux", "arch": "arm"}}),
    "test (3.10, macos)": None,
    "other": None,
    "Tests on 3.14": None,
    "Tests on  ()": None,
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_leads_to_a_job_and_its_values(name: str) -> None:
    found = find_job(WORKFLOW, name, SCOPE)
    assert (found and (found.job.id, dict(found.matrix))) == NAMES[name]


def test_a_matrix_of_millions_ends() -> None:
    axis = "[" + ", ".join(map(str, range(200))) + "]"
    text = f"jobs: {{a: {{strategy: {{matrix: {{b: {axis}, c: {axis}, d: {axis}, e: {axis}}}}}}}}}"
    job = read_workflow(text.encode()).jobs[0]
    assert len(list(combinations(job.matrix, SCOPE))) == MOST


def test_a_job_of_a_called_workflow_is_found_with_its_inputs() -> None:
    on = "on: {workflow_call: {inputs: {level: {default: low}, other: {default: 3}}}}"
    inner = f"{on}\njobs: {{deep: {{steps: [{{run: x}}]}}}}"
    files = {"a.yml": TEXT.encode(), ".github/workflows/inner.yml": inner.encode()}
    there = locate("a.yml", "called / deep", FACTS, files.get)
    assert (there.path, there.chosen.job.id) == (".github/workflows/inner.yml", "deep")
    assert there.scope.contexts["inputs"] == {"level": "high", "other": 3}


@pytest.mark.parametrize("name", ["called", "called / other", "nobody", "called / deep / deeper"])
def test_a_job_that_is_nowhere_is_refused(name: str) -> None:
    inner = b"jobs: {deep: {uses: ./.github/workflows/inner.yml}}"
    files = {"a.yml": TEXT.encode(), ".github/workflows/inner.yml": inner}
    with pytest.raises(BadWorkflow):
        locate("a.yml", name, FACTS, files.get)


def test_steps_are_aligned_by_their_place_or_by_their_names() -> None:
    text = "jobs: {a: {steps: [{uses: b/c@v1}, {run: make}, {name: Say, run: x, if: never}]}}"
    job = read_workflow(text.encode()).jobs[0]
    done = [("Set up job", "success"), ("Run b/c@v1", "success"), ("Run make", "failure"), ("Say", "skipped")]
    done += [("Post Run b/c@v1", "success"), ("Complete job", "success")]
    listed = [StepDone(name=name, conclusion=how) for name, how in done]
    assert align(job, listed, SCOPE) == ("success", "failure", "skipped")
    assert align(job, [one for one in listed if one.name != "Say"], SCOPE) == ("success", "failure", "")
    assert align(job, [StepDone(name="Run other", conclusion="failure")], SCOPE) is None
