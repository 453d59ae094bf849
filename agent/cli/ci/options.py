"""The options that all commands of `ratchet ci` share: which files to write, and whether to annotate."""

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from agent.cli.work.options import TaskOptions, task_options


@dataclass(frozen=True, slots=True)
class ReportFiles:
    """What to write beside the report; None and False mean: not at all."""

    junit: Path | None
    sarif: Path | None
    code_quality: Path | None
    patch: Path | None
    summary: Path | None
    annotations: bool | None
    """None means: where GitHub's runner reads them."""


def _file(name: str, text: str) -> Callable[[Any], Any]:
    return click.option(
        f"--{name}", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help=text
    )


_OPTIONS = (
    _file("junit", "Write the tests that the verdict names as JUnit XML."),
    _file("sarif", "Write what is held against the change as SARIF 2.1.0."),
    _file("code-quality", "Write the same as GitLab's Code Quality report."),
    _file("patch", "Write the diff that was found, for `git apply`; an empty file when there is none."),
    _file("summary", "Append a Markdown summary to FILE (default: $GITHUB_STEP_SUMMARY)."),
    click.option(
        "--annotations/--no-annotations",
        default=None,
        help="Print `::error file=…::` for GitHub's runner (default: in GitHub Actions).",
    ),
)


def ci_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of tasks and of files, handed over as the first two arguments; never the daemon."""

    @functools.wraps(command)
    def with_files(options: TaskOptions, **values: Any) -> None:
        files = ReportFiles(**{name: values.pop(name) for name in ReportFiles.__dataclass_fields__})
        if options.detach:
            raise click.UsageError("a job has no daemon to leave a task to: leave --detach out")
        command(replace(options, foreground=True), files, **values)

    for option in reversed(_OPTIONS):
        with_files = option(with_files)
    return task_options(with_files)
