"""The process that parses: batches come in on its standard input, rows go out on its standard output."""

import gc
import marshal
import os
import signal
import struct
import sys
from typing import IO, Any

from agent.index.parsing import parse_batch
from agent.index.words import Splitter

_LENGTH = struct.Struct("<Q")
_START = """
import sys
seconds, sys.path[:] = float(sys.argv[1]), sys.argv[2:]
from agent.index.worker import main
main(seconds)
"""


def main(seconds: float) -> None:
    """Serve batches until the input ends; a file that takes `seconds` of processor time ends the process."""
    gc.disable()
    source, target = sys.stdin.buffer, sys.stdout.buffer
    split = Splitter()
    # The default action of this signal ends the process even inside a parser that never returns,
    # also when nobody is left to kill it.
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    while (tasks := receive(source)) is not None:
        rows, elsewhere = parse_batch(tasks, split, lambda: _arm(seconds))
        signal.setitimer(signal.ITIMER_PROF, 0)
        target.write(frame((tuple(rows), elsewhere)))
        target.flush()


def _arm(seconds: float) -> None:
    signal.setitimer(signal.ITIMER_PROF, seconds)


def frame(message: Any) -> bytes:
    """Return a message as it goes through a pipe."""
    packed = marshal.dumps(message)
    return _LENGTH.pack(len(packed)) + packed


def receive(source: IO[bytes]) -> Any:
    """Return the next message, None at the end of the input."""
    head = source.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    body = source.read(_LENGTH.unpack(head)[0])
    return marshal.loads(body) if body else None


def command(seconds: float) -> list[str]:
    """Return the command line that starts a worker which sees the modules that this process sees."""
    root = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))  # noqa: PTH120
    return [sys.executable, "-I", "-S", "-c", _START, str(seconds), *sys.path, root]
