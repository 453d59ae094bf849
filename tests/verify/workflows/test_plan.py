"""A plan runs what is known as it is known, and says what is not."""

import pytest

from agent.verify.workflows.known import RunFacts
from agent.verify.workflows.located import locate
from agent.verify.workflows.plan import Plan, plan
from agent.verify.workflows.written import written

FACTS = RunFacts(
    repository="acme/shop",
    event="push",
    head="a" * 40,
    branch="$(touch /tmp/x)",
    actor="ann",
    id=7,
    workflow="CI",
)


def planned(job: str, facts: RunFacts = FACTS, **files: bytes) -> Plan:
    """Return the plan for the last step of the job `j`."""
    text = f"env: {{TOP: '1', NEEDS: '${{{{ secrets.A }}}}'}}\njobs:\n  j:\n    runs-on: ubuntu-latest\n{job}"
    there = locate("w", "j", facts, {"w": text.encode(), **files}.get)
    steps = there.chosen.job.steps
    return plan(
        there.workflow, there.chosen, len(steps) - 1, [True] * len(steps), facts, there.scope, files.get
    )


def test_variables_of_workflow_job_and_step_are_those_of_the_run() -> None:
    made = planned(
        "    env: {LEVEL: 'a ${{ env.TOP }}', BAD: '${{ env.NEEDS }}'}\n"
        '    steps:\n    - run: make\n      env: {OWN: "it\'s ${{ env.LEVEL }}", PYTEST_ADDOPTS: -x}\n'
    )
    assert "export TOP=1\n" in made.command and "export LEVEL='a 1'\n" in made.command
    assert """export OWN='it'"'"'s a 1'\n""" in made.command
    assert 'export PYTEST_ADDOPTS="$PYTEST_ADDOPTS "-x\n' in made.command
    assert "NEEDS" not in made.command and "BAD" not in made.command
    assert made.skipped == ("The job lacks NEEDS (secrets.A), BAD (env.NEEDS), which are not known here.",)


SHELLS = {
    "": "bash -e -c make",
    "bash": "bash --noprofile --norc -eo pipefail -c make",
    "sh": "sh -e -c make",
    "python": "python -c make",
    "bash -el {0}": "bash -e -c make",
    "bash -l {0}": "bash -c make",
    "sh -eu {0}": "sh -eu -c make",
}


@pytest.mark.parametrize("shell", SHELLS)
def test_a_step_runs_in_its_shell(shell: str) -> None:
    made = planned(f"    steps:\n    - {{run: make, shell: '{shell}'}}\n")
    assert made.command.endswith(f"\n{SHELLS[shell]}")


@pytest.mark.parametrize("shell", ["pwsh", "cmd", "bash --rcfile x {0}", "perl {0}", "bash -c 'rm' {0}"])
def test_a_shell_that_is_not_here_is_refused(shell: str) -> None:
    made = planned(f'    steps:\n    - {{run: make, shell: "{shell}"}}\n')
    assert made.refused.startswith("its shell ")


REFUSED = {
    "run: 'make ${{ secrets.KEY }}'": "it needs secrets.KEY, which is not known here",
    "run: 'echo ${{ github.ref_name }}; make'": "it needs github.ref_name (its value could be taken",
    "run: 'make ${{ github.event.head_commit.message }}'": "it needs github.event.head_commit.message",
    "run: 'make ${{ needs.a.outputs.b }}'": "it needs needs.a.outputs.b",
    "run: make\n      working-directory: '${{ vars.X }}'": "it needs vars.X",
    "run: pip install x": "it only prepares the environment",
    "run: curl https://example.org": "it only fetches or sends something",
    "uses: some/action@v1": "it uses an action",
    "run: nox": "it runs sessions of nox",
    "run: tox": "it runs tox, and there are no settings of tox",
}


@pytest.mark.parametrize("step", REFUSED)
def test_what_cannot_be_done_again_is_refused_and_never_guessed(step: str) -> None:
    made = planned(f"    steps:\n    - {step}\n")
    assert made.refused.startswith(REFUSED[step]) and not made.command


def test_a_value_from_outside_reaches_a_step_only_as_data() -> None:
    made = planned("    steps:\n    - run: make\n      env: {BRANCH: '${{ github.ref_name }}'}\n")
    assert "export BRANCH='$(touch /tmp/x)'\n" in made.command
    assert "export GITHUB_REF_NAME='$(touch /tmp/x)'\n" in made.command


def test_a_folder_is_quoted() -> None:
    made = planned('    steps:\n    - {run: make, working-directory: "a b; c"}\n')
    assert "cd 'a b; c' || exit\nbash -e -c make" in made.command


def test_what_a_step_writes_is_seen_by_expressions_after_it() -> None:
    made = planned(
        "    env: {ARGS: ''}\n    steps:\n"
        '    - run: echo "ARGS=-k more" >> "$GITHUB_ENV"\n'
        "    - {id: py, run: 'echo \"V=py311\" >> $GITHUB_OUTPUT; touch x'}\n"
        "    - {id: q, run: 'echo V=q1 >> $GITHUB_OUTPUT'}\n"
        "    - run: pytest ${{ env.ARGS }} ${{ steps.q.outputs.V }}\n"
    )
    assert made.command.endswith("\nbash -e -c 'pytest -k more q1'")
    unknown = planned(
        "    env: {ARGS: ''}\n    steps:\n    - run: echo \"ARGS=$(date)\" >> $GITHUB_ENV\n"
        "    - run: pytest ${{ env.ARGS }}\n"
    )
    assert unknown.refused == "it needs env.ARGS, which is not known here"


def test_only_what_is_written_word_by_word_is_known() -> None:
    script = (
        'echo A=1 >> $GITHUB_ENV\necho "B=x y" >> "$GITHUB_ENV"\necho \'C=$x\' >> $GITHUB_ENV\n'
        "echo D=${x} >> $GITHUB_ENV\n"
        "if [ a ]; then\n  echo E=1 >> $GITHUB_ENV\nfi\necho F=1 >> ${GITHUB_OUTPUT}\n"
    )
    assert written(script, "GITHUB_ENV") == {"A": "1", "B": "x y", "C": None, "D": None, "E": None}
    assert written(script, "GITHUB_OUTPUT") == {"F": None}


def test_what_was_around_the_steps_is_named() -> None:
    made = planned(
        "    container: python:3.12\n    services: {db: {image: x}}\n    steps:\n"
        "    - uses: actions/checkout@v5\n    - uses: actions/setup-node@v6\n    - uses: ./own\n"
        "    - uses: actions/setup-python@v6\n      with: {python-version: '${{ vars.PY }}'}\n"
        "    - run: make\n",
        FACTS.model_copy(update={"event": "pull_request"}),
    )
    assert made.skipped == (
        "The run looked at the merge with the base branch; here it is the head alone.",
        "The job ran in a container image of its own, which is not used here.",
        "The job had services (db), which are not here.",
        "The job lacks NEEDS (secrets.A), which is not known here.",
        "Step 'Run actions/setup-node@v6': another language is set up, which the sandbox does not have.",
        "Step 'Run ./own': this action is not run here.",
        "Step 'Run actions/setup-python@v6': its Python needs vars.PY, which is not known here.",
    )


@pytest.mark.parametrize(
    "label", ["windows-2025", "macos-15-intel", "macOS-latest", "${{ 'windows' }}-latest"]
)
def test_another_system_is_refused(label: str) -> None:
    text = f'jobs: {{j: {{runs-on: "{label}", steps: [{{run: make}}]}}}}'
    there = locate("w", "j", FACTS, {"w": text.encode()}.get)
    made = plan(there.workflow, there.chosen, 0, [True], FACTS, there.scope, {}.get)
    assert made.refused.startswith("its job ran on ")


@pytest.mark.parametrize(
    ("stated", "python"), [("3.12", "3.12"), ("3.12.4", "3.12"), ("pypy3.11", ""), ("4", "")]
)
def test_the_python_of_uv_is_asked_for_where_it_is_one(stated: str, python: str) -> None:
    assert (
        planned(f"    env: {{UV_PYTHON: '{stated}'}}\n    steps:\n    - run: uv run pytest\n").python
        == python
    )


def test_scripts_that_are_too_long_together_are_refused() -> None:
    steps = "".join(f"    - run: make {'x' * 20_000}{n}\n" for n in range(6))
    assert planned(f"    steps:\n{steps}").refused == "the scripts of its job are too long together"
    assert planned(f"    steps:\n    - run: make {'x' * 30_000}\n").refused == "its script is too long"


def test_what_replaces_the_tree_by_files_of_other_jobs_is_left_out() -> None:
    made = planned(
        "    steps:\n    - {uses: actions/download-artifact@v5, with: {name: x}}\n"
        "    - run: tar xf dist/a.tgz\n    - run: rm -rf src\n    - run: rm a; make b\n    - run: pytest\n"
    )
    assert "rm -rf src" not in made.command and "rm a; make b" in made.command
    assert made.skipped[-2:] == (
        "Step 'Run tar xf dist/a.tgz': it handles files of other jobs, which are not here.",
        "Step 'Run rm -rf src': it handles files of other jobs, which are not here.",
    )
