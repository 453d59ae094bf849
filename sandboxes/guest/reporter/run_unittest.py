"""Runs `python -m unittest` with every test reported to the host; arguments are those of unittest.

The settings come as one JSON object on standard input.
"""

import json
import os
import sys


def main():
    """Load the reporter before any code of the repository can be found, then run unittest here."""
    settings = json.loads(sys.stdin.read() or "{}")
    import unittest

    import ratchet_settings

    ratchet_settings.configure(settings)
    import ratchet_unittest

    sys.path[0] = os.getcwd()
    sys.argv[0] = "python -m unittest"
    program = unittest.main(module=None, testRunner=ratchet_unittest.Runner, exit=False)
    sys.exit(ratchet_unittest.finish(program.result))


if __name__ == "__main__":
    main()
