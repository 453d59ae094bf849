"""Commands that start a tool in an environment of their own: here the tool runs in ours."""

from collections.abc import Sequence

from agent.verify.workflows.left_out import is_python
from agent.verify.workflows.shell_lines import Word, is_assignment, words

_WITH_VALUE = {
    "uv": {
        *(
            "--with",
            "--with-requirements",
            "--with-editable",
            "--extra",
            "--no-extra",
            "--group",
            "--no-group",
        ),
        *("--only-group", "--python", "-p", "--package", "--directory", "--project", "--env-file", "--index"),
        *("--default-index", "--index-strategy", "--resolution", "--link-mode", "--prerelease", "--from"),
        *("--cache-dir", "--config-file", "--index-url", "--extra-index-url", "--color", "-w", "-P", "-i"),
    },
    "poetry": {"-C", "--directory", "-P", "--project"},
    "pdm": {"-p", "--project", "--venv"},
    "xvfb-run": {"-n", "--server-num", "-s", "--server-args", "-e", "--error-file", "-f", "-w"},
    "pipx": {"--spec", "--pip-args", "--python"},
}
_OF_HATCH_TEST = {"-py", "--python", "-i", "--include", "-x", "--exclude"}
_STARTS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("uv", "run"), "uv"),
    (("uv", "tool", "run"), "uv"),
    (("uvx",), "uv"),
    (("poetry", "run"), "poetry"),
    (("pdm", "run"), "pdm"),
    (("pipenv", "run"), "pdm"),
    (("rye", "run"), "pdm"),
    (("pipx", "run"), "pipx"),
    (("xvfb-run",), "xvfb-run"),
)
_NOT_HERE = {
    "nox": "sessions of nox",
    "act": "jobs of act",
    "cibuildwheel": "builds of cibuildwheel",
    "pre-commit": "hooks of pre-commit",
    "prek": "hooks of prek",
}


def unwrapped(command: str) -> str:
    """Return the command that a launcher starts, with what is set and piped around it; else the same."""
    for _ in range(4):
        inner = _once(command)
        if inner == command:
            return command
        command = inner
    return command


def not_here(command: str) -> str:
    """Return what a command runs that builds environments of its own, "" when it runs nothing like it."""
    told = [word.text for word in words(unwrapped(command)) if not is_assignment(word)]
    if told and is_python(told[0]) and told[1:2] == ["-m"]:
        told = told[2:]
    if told[:1] == ["hatch"] and told[1:2] == ["run"] and ":" in "".join(told[2:3]):
        return "environments of hatch"
    return _NOT_HERE.get(told[0], "") if told else ""


def _once(command: str) -> str:
    listed = words(command)
    before = [word for word in listed if is_assignment(word)]
    told = listed[len(before) :] if listed[: len(before)] == tuple(before) else listed
    if [word.text for word in told[:2]] == ["hatch", "test"]:
        return _with(command, told, _options_end(told, 2, _OF_HATCH_TEST), "python -m pytest")
    if [word.text for word in told[:2]] == ["hatch", "run"]:
        return _with(command, told, 2, "") if len(told) > 2 and ":" not in told[2].text else command
    for start, kind in _STARTS:
        if tuple(word.text for word in told[: len(start)]) == start:
            return _after_options(command, told, len(start), _WITH_VALUE[kind])
    return command


def _after_options(command: str, told: Sequence[Word], at: int, valued: set[str]) -> str:
    options = [word.text for word in told[at:]]
    end = _options_end(told, at, valued)
    module = "-m" in options[: end - at] or "--module" in options[: end - at]
    if end >= len(told):
        return command
    script = told[end].text.endswith(".py") and not module
    return _with(command, told, end, "python -m" if module else "python" if script else "")


def _options_end(told: Sequence[Word], at: int, valued: set[str]) -> int:
    while at < len(told) and told[at].text.startswith("-"):
        option = told[at].text
        at += 2 if option in valued else 1
        if option == "--":
            break
    return at


def _with(command: str, told: Sequence[Word], at: int, program: str) -> str:
    """Return a command whose first words are replaced by a program."""
    start = told[0].start
    rest = command[told[at].start :] if at < len(told) else command[told[-1].end :].lstrip()
    return command[:start] + " ".join(part for part in (program, rest) if part)
