"""The `ratchet` command: one lazy group, so that `--help` imports nothing heavy."""

import click

import agent
from agent.cli.lazy_group import LazyGroup

_COMMANDS = {
    "fix": ("agent.cli.work.fix:fix", "Find, prove and deliver a fix for failing tests."),
    "verify": ("agent.cli.work.verify:verify", "Say what a change does to every test."),
    "do": ("agent.cli.work.do:do", "Make a change that is asked for in words, and prove it."),
    "ask": ("agent.cli.work.ask:ask", "Answer a question about the code, with places that exist."),
    "review": ("agent.cli.work.review:review", "Look for bugs that a change brings in, and prove them."),
    "ci": ("agent.cli.ci.group:ci", "Verify, fix and review in CI, with results where it shows them."),
    "bot": ("agent.cli.bot.group:bot", "Work on the pull requests and issues of a forge."),
    "tasks": ("agent.cli.tasks.group:tasks", "List, watch and steer the tasks of the daemon."),
    "daemon": ("agent.cli.daemon.group:daemon", "Start, stop and look at the daemon."),
    "tui": ("agent.cli.tui:tui", "See, steer and trust the work from the terminal."),
    "lsp": ("agent.cli.lsp:lsp", "Serve an editor by the Language Server Protocol."),
    "index": ("agent.cli.index.group:index", "Search the code and ask who calls what."),
    "init": ("agent.cli.init:init", "Write the detected environment and checks to .ratchet.toml."),
    "doctor": ("agent.cli.doctor.command:doctor", "Say what is in force here and what to do about the rest."),
    "purge": ("agent.cli.purge:purge", "Show and free disk."),
    "undo": ("agent.cli.undo:undo", "Take back the last --apply."),
    "completion": ("agent.cli.completion:completion", "Print the shell completion script."),
}


@click.group(
    cls=LazyGroup,
    table=_COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"]},
    invoke_without_command=True,
)
@click.version_option(agent.__version__, prog_name="ratchet")
@click.pass_context
def main(context: click.Context) -> None:
    """Ratchet: fixes failing tests and judges changes; the harness, never a model, says what works.

    \b
    ratchet                         see and steer the work in this terminal
    ratchet fix                     fix what fails in this repository
    ratchet fix --test tests/test_x.py::test_y
    ratchet verify                  judge the uncommitted changes
    ratchet verify main..HEAD       judge a branch
    ratchet tasks watch             see what the daemon works on
    """
    if context.invoked_subcommand is None:
        from agent.cli.tui import tui

        context.invoke(tui)
