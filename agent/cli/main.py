"""The `ratchet` command: one lazy group, so that `--help` imports nothing heavy."""

import importlib

import click

import agent

_COMMANDS = {
    "fix": ("agent.cli.fix:fix", "Find, prove and deliver a fix for failing tests."),
    "verify": ("agent.cli.verify:verify", "Say what a change does to every test."),
    "init": ("agent.cli.init:init", "Write the detected environment and checks to .ratchet.toml."),
    "doctor": ("agent.cli.doctor:doctor", "Say what is in force here and what to do about the rest."),
    "purge": ("agent.cli.purge:purge", "Show and free disk."),
    "undo": ("agent.cli.undo:undo", "Take back the last --apply."),
    "completion": ("agent.cli.completion:completion", "Print the shell completion script."),
}


class LazyGroup(click.Group):
    """A click group whose commands are imported when they are run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order users meet them."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command of that name."""
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(agent.__version__, prog_name="ratchet")
def main() -> None:
    """Ratchet: fixes failing tests and judges changes; the harness, never a model, says what works.

    \b
    ratchet fix                     fix what fails in this repository
    ratchet fix --test tests/test_x.py::test_y
    ratchet verify                  judge the uncommitted changes
    ratchet verify main..HEAD       judge a branch
    """
