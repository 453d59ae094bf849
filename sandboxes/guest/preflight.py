"""Import modules in a built environment and report, as JSON, where each of them comes from."""

import importlib
import importlib.util
import json
import os
import signal
import sys

SECONDS = 30


def main():
    """Look at every module named on the command line."""
    # This script's own folder must not answer for the project.
    del sys.path[0]
    signal.signal(signal.SIGALRM, _too_long)
    # Written at the end by the original descriptor: an import may replace or close anything else.
    report = os.dup(int(os.environ["RATCHET_REPORT_FD"]))
    workspace = os.getcwd()
    found = [_look(name) for name in sys.argv[1:]]
    data = json.dumps({"workspace": workspace, "modules": found}).encode()
    while data:
        data = data[os.write(report, data) :]
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _look(name):
    result = {"module": name, "places": [], "error": "", "missing": ""}
    try:
        spec = importlib.util.find_spec(name)
        if spec is None:
            return result
        result["places"] = _places(spec)
        signal.alarm(SECONDS)
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        result["missing"] = error.name or ""
        result["error"] = "%s: %s" % (type(error).__name__, error)
    except BaseException as error:
        result["error"] = "%s: %s" % (type(error).__name__, error)
    finally:
        signal.alarm(0)
    return result


def _places(spec):
    if spec.origin not in (None, "namespace", "built-in", "frozen"):
        return [os.path.realpath(spec.origin)]
    return [os.path.realpath(place) for place in spec.submodule_search_locations or ()]


def _too_long(*_):
    raise TimeoutError("the import took more than %d s" % SECONDS)


if __name__ == "__main__":
    main()
