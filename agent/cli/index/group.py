"""`ratchet index`: what Ratchet knows about the code of a repository."""

import click

from agent.cli.lazy_group import LazyGroup

_COMMANDS = {
    "build": ("agent.cli.index.build:build", "Index what is new, and resolve what depends on what."),
    "status": ("agent.cli.index.build:status", "Say what is indexed and whether it is up to date."),
    "search": ("agent.cli.index.search:search", "Find the places that a text is about."),
    "symbols": ("agent.cli.index.symbols:symbols", "List the definitions of a file, or of a name."),
    "refs": ("agent.cli.index.symbols:refs", "List where a name is used in code."),
    "callers": ("agent.cli.index.symbols:callers", "List the calls that can reach a function or class."),
    "map": ("agent.cli.index.map:repo_map", "Print the most important definitions within a budget."),
    "impact": ("agent.cli.index.map:impact", "List the tests that can reach files or symbols."),
}


@click.group(cls=LazyGroup, table=_COMMANDS)
def index() -> None:
    """Ask the code index. What is new since the last time is indexed first; nothing of the code is run.

    \b
    ratchet index search "wrong month in the date picker"
    ratchet index search - < issue.txt
    ratchet index symbols src/parser.py
    ratchet index callers Parser.feed --json
    ratchet index status
    """
