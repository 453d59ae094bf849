"""Byte-compiles the files named on standard input, one a line, and prints what cannot be compiled."""

import os
import sys
import warnings


def main():
    """Print `path:line:column: kind: message` for every file that this Python cannot compile."""
    warnings.simplefilter("ignore")
    for path in sys.stdin.read().splitlines():
        if path.endswith(".py") and os.path.isfile(path):
            with open(path, "rb") as source:
                complaint = _complaint(source.read(), path)
            if complaint:
                print(complaint)


def _complaint(source, path):
    try:
        compile(source, path, "exec", dont_inherit=True)
    except SyntaxError as error:
        place = "%s:%d:%d" % (path, error.lineno or 1, error.offset or 1)
        return "%s: %s: %s" % (place, type(error).__name__, error.msg)
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        return "%s:1:1: %s: %s" % (path, type(error).__name__, error)
    return None


if __name__ == "__main__":
    main()
