"""The shell command that does again what steps of a job did, one after the other."""

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.verify.workflows.known import TEMPORARY
from agent.verify.workflows.script import NotReproducible

_FLAGS = re.compile(
    r"-[euxl]+|-o|pipefail|errexit|nounset|--noprofile|--norc|--login|-c|-i|-eo|-euo|-exo|-euxo"
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_APPENDED = {"PYTHONPATH": ":", "PYTEST_ADDOPTS": " "}
_FILES = {
    "GITHUB_ENV": "env",
    "GITHUB_PATH": "path",
    "GITHUB_OUTPUT": "output",
    "GITHUB_STEP_SUMMARY": "summary",
}
_UNREPORTED = "unset PYTEST_ADDOPTS RATCHET_REPORT_FD RATCHET_REPORT_PATH"
# What a step writes there holds for the steps after it; values of several lines are left alone.
_TAKE_OVER = """take_over() {
while IFS= read -r line || [ -n "$line" ]; do name=${line%%=*}
case $name in "$line"|''|*[!A-Za-z0-9_]*) ;;
PYTHONPATH) PYTHONPATH="$PYTHONPATH:${line#*=}" ;;
PYTEST_ADDOPTS) PYTEST_ADDOPTS="$PYTEST_ADDOPTS ${line#*=}" ;;
*) export "$name=${line#*=}" ;; esac; done <"$GITHUB_ENV"
while IFS= read -r line; do PATH="$line:$PATH"; done <"$GITHUB_PATH"
: >"$GITHUB_ENV"; : >"$GITHUB_PATH"
}"""


@dataclass(frozen=True, slots=True)
class Runnable:
    """A step as it is run: its script in a shell, with what is set for it alone."""

    title: str
    script: str
    shell: str = ""
    directory: str = ""
    env: Mapping[str, str] | None = None


def command_of(before: Sequence[Runnable], failing: Runnable, shared: Mapping[str, str]) -> str:
    """Return one command for `sh`; what is `shared` is set for all steps. Raises NotReproducible.

    Steps before it do not report their tests, and their failing does not end it.
    """
    parts = [*_exports(shared), *_exports({"RUNNER_TEMP": TEMPORARY})]
    parts += ['mkdir -p "$RUNNER_TEMP" && files=$(mktemp -d "$RUNNER_TEMP/files.XXXXXX") || exit']
    parts += [f'export {name}="$files/{file}"; : >"${name}"' for name, file in _FILES.items()]
    parts += [_TAKE_OVER] if before else []
    for step in before:
        parts += [f"( {_UNREPORTED}\n{_step(step)} ) || {_warning(step)}", "take_over"]
    return "\n".join([*parts, _step(failing)])


def _step(step: Runnable) -> str:
    enter = [f"cd {shlex.quote(step.directory)} || exit"] if step.directory not in ("", ".") else []
    return "\n".join([*enter, *_exports(step.env or {}), _in_shell(step)])


def _warning(step: Runnable) -> str:
    return f"echo {shlex.quote(f'a step before failed here: {step.title}')} >&2"


def _exports(env: Mapping[str, str]) -> list[str]:
    told = []
    for name, value in env.items():
        if _NAME.fullmatch(name) and "\0" not in value:
            before = f'"${name}{_APPENDED[name]}"' if name in _APPENDED else ""
            told.append(f"export {name}={before}{shlex.quote(value)}")
    return told


def _in_shell(step: Runnable) -> str:
    """Return the script in its shell; GitHub's defaults are those of "jobs.<job_id>.steps[*].shell"."""
    script = shlex.quote(step.script)
    match step.shell:
        case "":
            return f"bash -e -c {script}"
        case "bash":
            return f"bash --noprofile --norc -eo pipefail -c {script}"
        case "sh":
            return f"sh -e -c {script}"
        case "python":
            return f"python -c {script}"
        case _:
            return f"{_own_shell(step.shell)} -c {script}"


def _own_shell(shell: str) -> str:
    """Return a shell that a step names with its options; one that reads profiles would lose our PATH."""
    words = shell.split()
    if words[:1] not in (["bash"], ["sh"], ["/bin/bash"], ["/bin/sh"]) or "{0}" not in words:
        raise NotReproducible(f"its shell {shell.split()[0][:30] if words else ''!r} is not here")
    options = [word for word in words[1:] if word != "{0}"]
    if not all(_FLAGS.fullmatch(word) for word in options):
        raise NotReproducible("its shell has options that are not known here")
    kept = [
        word if word.startswith("--") or not word.startswith("-") else word.replace("l", "")
        for word in options
    ]
    return " ".join([words[0], *(word for word in kept if word not in ("-", "--login", "-i", "-c"))])


def is_shell(name: str) -> bool:
    """Say whether a step with this shell is a script of a POSIX shell."""
    return not name or name.split()[0].rpartition("/")[2] in ("bash", "sh")
