"""The program that the host starts inside the sandbox."""

import os
import sys

GUEST = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:1] = [GUEST, os.path.join(GUEST, "reporter")]

from ratchet_fork_server import collected, hub, preloaded  # noqa: E402


def main():
    """Serve the channel until the host closes it."""
    channel_in = int(os.environ.pop("RATCHET_CHANNEL_IN"))
    channel_out = int(os.environ.pop("RATCHET_CHANNEL_OUT"))
    hub.serve(channel_in, channel_out, {1: collected.main, 2: preloaded.main})


if __name__ == "__main__":
    main()
