"""`ratchet completion`: print the script that makes a shell complete Ratchet's commands and options."""

import click
from click.shell_completion import get_completion_class

_SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(_SHELLS))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the completion script of SHELL.

    \b
    ratchet completion bash > ~/.local/share/bash-completion/completions/ratchet
    ratchet completion zsh  > "${fpath[1]}/_ratchet"
    ratchet completion fish > ~/.config/fish/completions/ratchet.fish
    """
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"no completion for {shell}")
    root = ctx.find_root()
    # The script needs the name of the command and of the variable by which click asks back.
    click.echo(kind(root.command, {}, "ratchet", "_RATCHET_COMPLETE").source())
