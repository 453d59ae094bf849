"""A command that starts tox, as the commands that tox would run."""

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.verify.workflows.left_out import is_python
from agent.verify.workflows.shell_lines import is_assignment, words
from agent.verify.workflows.tox import Environment, NotForTox, Read, listed_environments, tox_environment

_VALUED = {
    *(
        "-e",
        "-m",
        "-f",
        "-c",
        "--conf",
        "--workdir",
        "--root",
        "--installpkg",
        "--result-json",
        "-x",
        "--override",
    ),
    *(
        "-p",
        "--parallel",
        "--discover",
        "--skip-env",
        "--hashseed",
        "--exit-and-dump-after",
        "--runner",
        "-j",
    ),
}
_LISTS = ("-e", "--env", "-f")
_VERBS = {"run", "r", "run-parallel", "p"}
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_NAME = re.compile(r"[A-Za-z0-9._-]{1,80}")
_MOST = 8


@dataclass(frozen=True, slots=True)
class Asked:
    """What a command line asks tox for."""

    environments: tuple[str, ...]
    factors: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


def is_tox(command: str) -> bool:
    """Say whether a command starts tox."""
    return _after_name(command) is not None


def tox_commands(command: str, env: Mapping[str, str], python: str, read: Read) -> str:
    """Return one shell command that does what tox would; raises NotForTox.

    `env` are the variables of the step, `python` the minor version that `py` stands for.
    """
    told = _after_name(command)
    assert told is not None
    asked = _asked(told, env)
    names = asked.environments or listed_environments(asked.factors, python, read)
    if not names and asked.factors:
        raise NotForTox("it has no environment with these factors")
    names = names or (f"py{python.replace('.', '')}" if python else "py",)
    parts = [_shell(tox_environment(name, asked.words, read)) for name in names[:_MOST]]
    return " && ".join(parts)


def _after_name(command: str) -> list[str] | None:
    told = [word.text for word in words(command) if not is_assignment(word)]
    if told and is_python(told[0]) and told[1:3] == ["-m", "tox"]:
        return told[3:]
    return told[1:] if told and told[0].rpartition("/")[2] == "tox" else None


def _asked(told: Sequence[str], env: Mapping[str, str]) -> Asked:
    cut = list(told).index("--") if "--" in told else len(told)
    options, rest = told[:cut], tuple(told[cut + 1 :])
    names: list[str] = []
    factors: list[str] = []
    at = 0
    while at < len(options):
        option = options[at]
        at += 2 if option in _VALUED and not (option == "-p" and _is_last(options, at)) else 1
        if option in _LISTS and at <= len(options):
            (factors if option == "-f" else names).append(options[at - 1])
        elif option in ("-m", "-c", "--conf", "--root"):
            raise NotForTox(f"it is given {option}")
        elif option.startswith("-e") and len(option) > 2:
            names.append(option[2:].lstrip("="))
        elif not option.startswith("-") and option not in _VERBS:
            raise NotForTox(f"it is asked to {option[:40]!r}")
    stated = ",".join(names) or env.get("TOX_ENV", "") or env.get("TOXENV", "")
    return Asked(_names(stated, env), tuple(factors), rest)


def _is_last(options: Sequence[str], at: int) -> bool:
    return at + 1 >= len(options) or options[at + 1].startswith("-")


def _names(stated: str, env: Mapping[str, str]) -> tuple[str, ...]:
    def put(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        if name not in env:
            raise NotForTox(f"the name of its environment holds ${name[:40]}")
        return env[name]

    names = tuple(name.strip() for name in _VARIABLE.sub(put, stated).split(",") if name.strip())
    for name in names:
        if not _NAME.fullmatch(name) or name == "ALL":
            raise NotForTox("the name of its environment is not known before it runs")
    return names


def _shell(environment: Environment) -> str:
    sets = [
        f"export {name}={_quoted(value)}" for name, value in environment.env.items() if name.isidentifier()
    ]
    enter = [f"cd {_quoted(environment.directory)}"] if environment.directory else []
    return f"( {' && '.join([*enter, *sets, *environment.commands])} )"


def _quoted(value: str) -> str:
    """Quote a value, but for the variables that tox's own substitutions became."""
    if "$" not in value:
        return shlex.quote(value)
    return '"' + re.sub(r'([\\"`])', r"\\\1", value) + '"'
