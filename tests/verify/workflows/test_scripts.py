"""A script keeps what it does and loses what installs, fetches and wraps."""

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.verify.workflows.actions import Meaning, meaning
from agent.verify.workflows.launchers import unwrapped
from agent.verify.workflows.left_out import fetches, installs
from agent.verify.workflows.script import NotReproducible, adapt, share
from agent.verify.workflows.shell_lines import replace_commands

TOX = b"""
[tox]
env_list = py3{10,11}-{fast,slow}, lint, docs-{build,check}
[gh-actions]
python =
    3.11: py311-fast, lint
[shared]
flags = -q
[testenv]
setenv =
    MODE = {envname}
    slow: SLOW = 1
commands_pre = pip install x
commands =
    fast: pytest {[shared]flags} {posargs:tests} \\
        --maxfail 3
    !fast: pytest --cache {envtmpdir} {posargs}
    - coverage report
[testenv:docs-{build,check}]
changedir = docs
commands =
    build: make html
    check: make check TARGET={env:TARGET:all}
[testenv:lint]
commands = pre-commit run
[testenv:odd]
commands = run {unknown}
[testenv:empty]
"""
TOX_TOML = b"""
[env_run_base]
commands = [["pytest", {replace = "posargs", default = ["tests dir"]}]]
set_env = {A = "{env_name}"}
[env.types]
commands = [["mypy", "src"]]
change_dir = "sub"
[env.odd]
commands = [["x", {replace = "ref", of = ["a"]}]]
"""


def adapted(script: str, python: str = "3.11", env: dict[str, str] | None = None, **files: bytes) -> str:
    """Return what becomes of a script; files by name, `_` for the dot."""
    known = {name.replace("_", "."): data for name, data in files.items()}
    return adapt(script, env or {}, python, known.get).text


SCRIPTS = {
    "pip install -e . && pytest -q": ": && pytest -q",
    "python -m pip install \\\n  -r a.txt\npytest": ":\npytest",
    "echo 'pip install a; pip install b'": "echo 'pip install a; pip install b'",
    "cat <<EOF\npip install\nEOF\nuv run pytest": "cat <<EOF\npip install\nEOF\npytest",
    "if true; then pip install y; fi": "if true; then :; fi",
    ". .venv/bin/activate\nsource venv/bin/activate\npytest": ":\n:\npytest",
    "A=b uv run --extra x --no-sync -- pytest 'a b' | tee out": "A=b pytest 'a b' | tee out",
    "uv run -m pytest": "python -m pytest",
    "uv run --with x tests/run.py a": "python tests/run.py a",
    "poetry run python -m pytest": "python -m pytest",
    "xvfb-run -a --server-num 3 pdm run pytest": "pytest",
    "hatch test -py 3.11 tests": "python -m pytest tests",
    "hatch run pytest": "pytest",
    "sudo apt-get update; curl https://x | sh; make": ":; :; make",
    "X=$(pip freeze) make": "X=$(pip freeze) make",
    "pytest # pip install": "pytest # pip install",
    "PYTHONPATH=src pytest": "PYTHONPATH=$PYTHONPATH:src pytest",
    'export PYTEST_ADDOPTS="-x"; pytest': "export PYTEST_ADDOPTS=$PYTEST_ADDOPTS' '\"-x\"; pytest",
    "uv pip install x\nuv sync\nuv venv\nuv tool run ruff": ":\n:\n:\nruff",
    "echo `pip install x` && ! pytest": "echo `pip install x` && ! pytest",
    "for p in a b; do pip install $p; done": "for p in a b; do :; done",
    "pytest 'open": "pytest 'open",
}


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_is_what_it_is_here(script: str) -> None:
    assert adapted(script) == SCRIPTS[script]


TOXES = {
    "tox -e py311-fast": "( export MODE=py311-fast && : && pytest -q tests --maxfail 3 && "
    "{ coverage report || true; } )",
    "tox run -e py310-slow -- -k 'a b'": "( export MODE=py310-slow && export SLOW=1 && : && "
    "pytest --cache $RUNNER_TEMP/tox -k 'a b' && { coverage report || true; } )",
    "python -m tox -q -e docs-check": "( cd docs && export MODE=docs-check && : && "
    "make check TARGET=${TARGET:-all} )",
    "uv run --group tox tox -e docs-build": "( cd docs && export MODE=docs-build && : && make html )",
    "tox -f docs build": None,
    "tox -f build": "( cd docs && export MODE=docs-build && : && make html )",
    "tox -e odd": None,
    "tox -e empty": "( export MODE=empty && : && "
    "pytest --cache $RUNNER_TEMP/tox && { coverage report || true; } )",
    "tox -e nowhere": None,
    "tox -e $NAME": None,
    "tox -e lint": None,
    "tox": None,
    "tox -m label": None,
    "tox devenv x": None,
}


@pytest.mark.parametrize("command", TOXES)
def test_tox_is_what_its_settings_say(command: str) -> None:
    wanted = TOXES[command]
    if wanted is not None:
        assert adapted(command, tox_ini=TOX) == wanted
        return
    with pytest.raises(NotReproducible):
        adapted(command, tox_ini=TOX)


def test_tox_reads_toml_and_the_variables_of_the_step() -> None:
    assert adapted("tox", tox_toml=TOX_TOML) == "( export A=py311 && pytest 'tests dir' )"
    assert adapted("tox -e py -- -x", tox_toml=TOX_TOML) == "( export A=py && pytest -x )"
    assert (
        adapted("tox", env={"TOXENV": "types"}, tox_toml=TOX_TOML)
        == "( cd sub && export A=types && mypy src )"
    )
    for command in ("tox -e odd", "tox -e nothing"):
        with pytest.raises(NotReproducible):
            adapted(command, tox_toml=TOX_TOML)
    with pytest.raises(NotReproducible, match="no settings of tox"):
        adapted("tox")


@pytest.mark.parametrize(
    "command", ["nox -s tests", "pre-commit run -a", "hatch run test:all", "python -m nox"]
)
def test_a_tool_that_builds_its_own_environments_is_refused(command: str) -> None:
    with pytest.raises(NotReproducible):
        adapted(command)


ACTIONS = {
    ("actions/setup-python@v6", "python-version", "3.12.1"): Meaning(python="3.12"),
    ("actions/setup-python@v6", "python-version", "3.x"): Meaning(),
    ("astral-sh/setup-uv@v7", "python-version", "3.13"): Meaning(python="3.13"),
    ("actions/checkout@abc", "fetch-depth", "0"): Meaning(),
    ("actions/checkout@abc", "repository", "Acme/Shop"): Meaning(),
    ("actions/cache/restore@v4", "path", "x"): Meaning(),
    ("codecov/codecov-action@v5", "token", "x"): Meaning(),
}


@pytest.mark.parametrize("used", ACTIONS, ids=str)
def test_an_action_is_mapped_to_what_the_sandbox_has(used: tuple[str, str, str]) -> None:
    uses, name, value = used
    assert meaning(uses, {name: value}, "acme/shop") == ACTIONS[used]


@pytest.mark.parametrize(
    "used",
    [
        ("actions/setup-python@v6", "python-version", "pypy-3.11"),
        ("actions/setup-python@v6", "python-version", "3.14t"),
        ("actions/setup-node@v6", "node-version", "22"),
        ("actions/checkout@v5", "submodules", "recursive"),
        ("actions/checkout@v5", "repository", "other/one"),
        ("actions/download-artifact@v5", "name", "x"),
        ("mamba-org/setup-micromamba@v2", "environment-file", "x"),
        ("./.github/actions/own", "a", "b"),
        ("docker://alpine", "a", "b"),
    ],
    ids=str,
)
def test_an_action_that_is_not_here_is_named(used: tuple[str, str, str]) -> None:
    uses, name, value = used
    assert meaning(uses, {name: value}, "acme/shop").lost


_pieces = st.sampled_from(
    [
        "pip install x",
        "echo a",
        "'",
        '"',
        "`",
        "$(",
        ")",
        "\\",
        "\n",
        ";",
        "&&",
        "||",
        " ",
        "#",
        "<<EOF",
        "EOF",
        "if",
    ]
)


@given(st.one_of(st.text(max_size=80), st.lists(_pieces, max_size=30).map("".join)))
@settings(max_examples=300, deadline=None)
def test_a_script_that_nothing_is_done_to_stays_as_it_is(script: str) -> None:
    assert replace_commands(script, lambda command: None) == script
    assert isinstance(replace_commands(script, lambda command: ":" if installs(command) else None), str)
    unwrapped(script)
    fetches(script)
    share(script)


@given(
    st.lists(st.sampled_from(["echo a", "true", "false", "X=1", "echo 'a;b'", 'echo "$X && c"']), min_size=1)
)
@settings(max_examples=25, deadline=None)
def test_replaced_commands_are_those_that_a_shell_would_run(commands: list[str]) -> None:
    script = "; ".join(f"pip install y && {one}" for one in commands)
    without = replace_commands(script, lambda command: ":" if installs(command) else None)
    told = subprocess.run(["sh", "-c", without], capture_output=True, text=True)
    plain = subprocess.run(["sh", "-c", "; ".join(commands)], capture_output=True, text=True)
    assert (told.stdout, told.stderr, told.returncode) == (plain.stdout, plain.stderr, plain.returncode)
