"""A `.ratchet.toml` that says what was detected, with the reason beside each line."""

import json
import shlex
from collections.abc import Iterable, Iterator

from agent.cli.terminal import one_line
from agent.protocol.check import Check, CheckKind
from sandboxes.environment import EnvironmentSpec

_HEAD = """\
# Written by `ratchet init` from what was found in the repository. All of it is optional: what is not
# said here is detected anew for each task. The keys are explained in docs/configuration.md of Ratchet.
"""
_NO_CHECKS = """\
# No tests were found. Name the command that tests this project, and the results that it writes:
# [checks.tests]
# command = "make test"
# results = "exit"    # pytest, unittest, junit:GLOB, diagnostics, or exit (one result)
"""


def configuration(spec: EnvironmentSpec, checks: Iterable[Check]) -> str:
    """Return the text of a `.ratchet.toml` for a detected environment and its checks."""
    sections = ["\n".join(_environment(spec)), *("\n".join(_check(check)) for check in checks)]
    if len(sections) == 1:
        sections.append(_NO_CHECKS.rstrip())
    return "\n\n".join([_HEAD.rstrip(), *sections]) + "\n"


def command_of(check: Check) -> str:
    """Return the command that a user would type for a detected check."""
    runner = {CheckKind.PYTEST: ("pytest",), CheckKind.UNITTEST: ("python", "-m", "unittest")}
    return shlex.join((*runner.get(check.kind, ()), *check.argv))


def _environment(spec: EnvironmentSpec) -> Iterator[str]:
    yield "[environment]"
    yield from (f"# {one_line(note)}" for note in spec.notes)
    if spec.python:
        yield f"python = {_quoted(spec.python)}"
    else:
        yield '# python = "3.12"    # no version is asked for: any that works is taken'
    if spec.requirements:
        yield f"# Installed{' besides the project itself' if spec.project else ''}:"
        yield from (f"#   {one_line(requirement)}" for requirement in spec.requirements)
    yield f'packages = []    # {"more " if spec.requirements else ""}requirements, e.g. "freezegun>=1.4"'
    yield f'system = {_list(spec.system)}    # Debian packages, e.g. "libpq5"'
    yield f"setup = {_list(spec.setup)}    # shell commands of the build, run without network"


def _check(check: Check) -> Iterator[str]:
    bare = check.name.isidentifier() and check.name.isascii()
    yield f"[checks.{check.name if bare else _quoted(check.name)}]"
    yield f"command = {_quoted(command_of(check))}"
    results = {CheckKind.JUNIT: f"junit:{check.junit}", CheckKind.OPAQUE: "exit"}.get(
        check.kind, check.kind.value
    )
    reported = check.kind in (CheckKind.PYTEST, CheckKind.UNITTEST)
    yield f"results = {_quoted(results)}" + ("    # read test by test" if reported else "")


def _list(values: Iterable[str]) -> str:
    return f"[{', '.join(map(_quoted, values))}]"


def _quoted(text: str) -> str:
    # A JSON string is a TOML string but for DEL, which TOML wants escaped.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
