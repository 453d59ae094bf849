"""Runs `python -m pytest` with the reporter loaded before any code of the repository can be found.

The settings come as one JSON object on standard input. Nothing here runs when a process that the
tests spawn imports this file again as its main module.
"""

import json
import os
import runpy
import sys


def main():
    """Load the reporter, then become `python -m pytest` in the current directory."""
    settings = json.loads(sys.stdin.read() or "{}")
    import pytest
    import ratchet_settings

    ratchet_settings.configure(settings)
    import ratchet_pytest

    assert pytest and ratchet_pytest
    plugins = [_load(path) for path in settings.get("plugins") or ()]
    # `python -m` puts the current directory where this file's folder is now.
    sys.path[0] = os.getcwd()
    sys.argv[1:1] = [word for name in ["ratchet_pytest", *plugins] for word in ("-p", name)]
    runpy.run_module("pytest", run_name="__main__", alter_sys=True)


def _load(path):
    """Import a plugin from a file of ours; a plain module name is left to pytest."""
    if not path.endswith(".py"):
        return path
    import importlib.util

    name = os.path.splitext(os.path.basename(path))[0]
    specification = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module
    specification.loader.exec_module(module)
    return name


if __name__ == "__main__":
    main()
