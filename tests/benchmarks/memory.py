"""How much memory this process and all its children hold together, at most."""

import threading
from pathlib import Path

_EVERY = 0.1


class PeakMemory:
    """A context manager that samples proportional set sizes, so that shared pages count once."""

    def __init__(self) -> None:
        self.bytes = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "PeakMemory":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(_EVERY):
            self.bytes = max(self.bytes, sum(map(_held, _family("self"))))


def _family(process: str) -> list[str]:
    found = [process]
    for children in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            for child in children.read_text().split():
                found += _family(child)
        except OSError:
            continue
    return found


def _held(process: str) -> int:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
