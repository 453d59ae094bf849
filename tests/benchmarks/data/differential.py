"""Runs inside a sandbox: compares two versions of a function on many inputs."""

import copy
import importlib.util
import json
import os
import signal
import sys
import types


def load(folder, name):
    spec = importlib.util.spec_from_file_location(folder, f"{folder}/program.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, name)


def answer(function, arguments):
    """The function's value in a comparable form, or None when it takes too long or cannot be compared."""
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        value = function(*copy.deepcopy(arguments))
        if isinstance(value, types.GeneratorType):
            value = list(value)
        return repr(value)
    except Exception as error:
        return f"raised {type(error).__name__}"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def too_long(*_):
    raise TimeoutError


signal.signal(signal.SIGALRM, too_long)
sys.setrecursionlimit(2000)
fixed, reference = load("fixed", sys.argv[1]), load("reference", sys.argv[1])
compared = different = 0
for arguments in json.load(open("inputs.json")):
    expected = answer(reference, arguments)
    if expected.startswith("raised"):
        continue
    compared += 1
    different += answer(fixed, arguments) != expected
os.write(
    int(os.environ["RATCHET_REPORT_FD"]), json.dumps({"compared": compared, "different": different}).encode()
)
