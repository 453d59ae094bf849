"""`ratchet init`: write what was detected to `.ratchet.toml`."""

import os
from pathlib import Path

import click

from agent.cli.errors import shown_to_the_user
from agent.cli.options import directory_option, json_option, print_json
from agent.cli.terminal import sanitize
from agent.config import REPOSITORY_FILE, EnvironmentConfig, state_dir
from agent.protocol.errors import UsageError


@click.command()
@click.option("--force", is_flag=True, help=f"Replace an existing {REPOSITORY_FILE}.")
@click.option("--dry-run", is_flag=True, help="Print what would be written; write nothing.")
@directory_option
@json_option
def init(force: bool, dry_run: bool, directory: Path, as_json: bool) -> None:
    """Detect the environment and the checks of the repository and write them to .ratchet.toml.

    The file is optional: without it the same is detected for each task. Nothing of the repository
    is run.

    \b
    ratchet init --dry-run
    ratchet init
    """
    with shown_to_the_user(as_json):
        from agent.cli.detected import command_of, configuration
        from agent.repo.store import Store
        from agent.verify.discover import discover_checks
        from agent.verify.environment import discover_environment

        store = Store.open(directory, state_dir())
        base = store.snapshot()
        spec = discover_environment(store, base.tree, base.commit, EnvironmentConfig().model_dump())
        checks = discover_checks(store, base.tree, {})
        text, path = configuration(spec, checks), store.root / REPOSITORY_FILE
        if not dry_run:
            _write(path, text, force=force)
    if as_json:
        commands = [{"name": one.name, "command": command_of(one), "results": one.kind} for one in checks]
        said = {"path": str(path), "written": not dry_run, "python": spec.python}
        print_json({**said, "requirements": spec.requirements, "checks": commands, "content": text})
    elif dry_run:
        click.echo(sanitize(text), nl=False)
    else:
        click.echo(f"wrote {sanitize(str(path))}: {len(checks)} check{'s' * (len(checks) != 1)}")


def _write(path: Path, text: str, *, force: bool) -> None:
    if not force and os.path.lexists(path):
        raise UsageError(
            f"{path} exists already", hint="--dry-run shows what was detected, --force replaces it"
        )
    fresh = path.with_name(f".ratchet-{os.getpid()}.toml")
    try:
        # Whoever stands in the way, a link included, is replaced and not written through.
        with fresh.open("x", encoding="utf-8") as file:
            file.write(text)
        fresh.replace(path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None
