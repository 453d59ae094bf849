"""The script of a step as a sandbox can run it: without what installs, fetches or wraps."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from agent.verify.workflows.launchers import not_here, unwrapped
from agent.verify.workflows.left_out import fetches, installs, is_python
from agent.verify.workflows.shell_lines import MAX_SCRIPT, NOTHING, is_assignment, replace_commands, words
from agent.verify.workflows.tox import NotForTox, Read
from agent.verify.workflows.tox_call import is_tox, tox_commands

# Our reporter comes in by these, so that what a step sets is put after it.
_SHARED = re.compile(r"(?<![\w$])(PYTHONPATH|PYTEST_ADDOPTS)=(?=\S)")
_BETWEEN = {"PYTHONPATH": ":", "PYTEST_ADDOPTS": "' '"}
_CHECKERS = {
    *(
        "pytest",
        "py.test",
        "tox",
        "nox",
        "mypy",
        "ruff",
        "flake8",
        "black",
        "isort",
        "pylint",
        "pyright",
        "bandit",
    ),
    *(
        "codespell",
        "coverage",
        "pre-commit",
        "twine",
        "codecov",
        "coveralls",
        "ty",
        "pydocstyle",
        "check-manifest",
    ),
}
_MOVERS = {"rm", "mv", "cp", "tar", "unzip", "gunzip", "mkdir"}
_TALK = {
    "echo",
    "ls",
    "cat",
    "pwd",
    "which",
    "env",
    "printenv",
    "date",
    "df",
    "free",
    "uname",
    "true",
    NOTHING,
}


class NotReproducible(Exception):
    """A step cannot be run in a sandbox; the text says why, in words that go on a sentence."""


@dataclass(slots=True)
class Adapted:
    """A script as it is run here."""

    text: str = ""
    installs: int = 0
    fetches: int = 0
    """Commands that were left out because they need the network or a service."""
    checks: int = 0
    works: int = 0
    """Commands that are run and are no checks."""
    moves: int = 0
    """Those of them that only move files."""
    talk: int = field(default=0)


def adapt(script: str, env: Mapping[str, str], python: str, read: Read) -> Adapted:
    """Return a shell script as the sandbox runs it; raises NotReproducible."""
    if len(script) > MAX_SCRIPT:
        raise NotReproducible("its script is too long")
    found = Adapted()

    def change(command: str) -> str | None:
        return _change(command, found, env, python, read)

    text = replace_commands(script, change)
    found.text = share(text)
    return found


def share(script: str) -> str:
    """Return a script that adds to the variables by which our reporter is loaded, and sets none anew."""
    return _SHARED.sub(lambda match: f"{match[1]}=${match[1]}{_BETWEEN[match[1]]}", script)


def _change(command: str, found: Adapted, env: Mapping[str, str], python: str, read: Read) -> str | None:
    if installs(command):
        found.installs += 1
        return NOTHING
    if fetches(command):
        found.fetches += 1
        return NOTHING
    inner = unwrapped(command)
    _refuse_elsewhere(inner)
    if is_tox(inner):
        found.checks += 1
        return _of_tox(inner, env, python, read)
    _count(inner, found)
    return None if inner == command else inner


def _of_tox(command: str, env: Mapping[str, str], python: str, read: Read) -> str:
    try:
        told = tox_commands(command, env, python, read)
    except NotForTox as reason:
        raise NotReproducible(f"it runs tox, and {reason}") from None
    before = [word.text for word in words(command) if is_assignment(word)]
    if before:
        raise NotReproducible("it sets variables for tox alone")
    # Its own commands may install and wrap, too.
    return replace_commands(told, _inside_tox)


def _inside_tox(command: str) -> str | None:
    if installs(command) or fetches(command):
        return NOTHING
    inner = unwrapped(command)
    _refuse_elsewhere(inner)
    return None if inner == command else inner


def _refuse_elsewhere(command: str) -> None:
    other = not_here(command)
    if other:
        raise NotReproducible(f"it runs {other}, which are not built here")


def _count(command: str, found: Adapted) -> None:
    told = [word.text for word in words(command) if not is_assignment(word)]
    if told and is_python(told[0]) and told[1:2] == ["-m"] and len(told) > 2:
        told = ["pytest", *told[3:]] if told[2] == "unittest" else told[2:]
    name = told[0].rpartition("/")[2] if told else ""
    if name in _CHECKERS:
        found.checks += 1
    elif name in _TALK and ">" not in command:
        found.talk += 1
    elif name:
        found.works += 1
        found.moves += name in _MOVERS
