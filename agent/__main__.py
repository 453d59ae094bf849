"""`python -m agent` is `ratchet`."""

from agent.cli.main import main

main(prog_name="ratchet")
