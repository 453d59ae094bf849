"""What a sandbox costs, per backend: `python -m tests.benchmarks.sandbox [docker bubblewrap process]`."""

import contextlib
import io
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from sandboxes.choose import all_backends
from sandboxes.pool import Pool
from sandboxes.sandbox import Backend, Command, Sandbox, SandboxSpec

SPEC = SandboxSpec(root=None)
RUNS = 200
STARTS = 5
LIMIT_MS = {"docker": 10.0, "bubblewrap": 20.0}
"""What a command in a warm sandbox may cost above its own run time."""


def main() -> None:
    """Print one table of milliseconds."""
    wanted = sys.argv[1:]
    print(f"milliseconds; a bare `true` on the host takes {bare():.2f}")
    columns = "".join(f"{name:>9}" for name in ("open", "close", "take", "command", "p95", "message"))
    print(f"{'backend':<12}{columns}  limit     tar MB/s")
    with tempfile.TemporaryDirectory() as state:
        for backend in all_backends(Path(state)):
            if not wanted or backend.kind in wanted:
                print(row(backend))


def row(backend: Backend) -> str:
    """Measure one backend."""
    probe = backend.probe()
    if not probe.available:
        return f"{backend.kind:<12}NOT MEASURED: {probe.detail}"
    opened, closed = starts(backend)
    with contextlib.closing(backend.open(SPEC)) as sandbox:
        above = sorted(overheads(sandbox))
        message = statistics.median(messages(sandbox))
        speed = unpacking(sandbox)
    limit = LIMIT_MS.get(backend.kind, 0.0)
    median, worst = statistics.median(above), above[int(len(above) * 0.95)]
    verdict = ("ok" if median <= limit else "MISSED") if limit else "-"
    return (
        f"{backend.kind:<12}{opened:9.1f}{closed:9.1f}{taking(backend):9.1f}{median:9.2f}{worst:9.2f}{message:9.2f}"
        f"  {limit:4.0f} {verdict:<8}{speed:5.0f}"
    )


def starts(backend: Backend) -> tuple[float, float]:
    """Return the median milliseconds of opening and of closing a sandbox."""
    opened, closed = [], []
    for _ in range(STARTS):
        sandbox: list[Sandbox] = []
        opened.append(timed(lambda into=sandbox: into.append(backend.open(SPEC))))
        closed.append(timed(sandbox[0].close))
    return statistics.median(opened), statistics.median(closed)


def taking(backend: Backend) -> float:
    """Return the median milliseconds of taking a sandbox that had time to get warm."""
    waits = []
    with Pool(backend, SPEC) as pool:
        for _ in range(STARTS):
            time.sleep(1.0)
            sandbox: list[Sandbox] = []
            waits.append(timed(lambda into=sandbox: into.append(pool.take())))
            sandbox[0].close()
    return statistics.median(waits)


def overheads(sandbox: Sandbox) -> Iterator[float]:
    """Yield the milliseconds that a command takes in the sandbox above what it takes on the host.

    Both are measured in turns, so that a busy machine weighs on both alike.
    """
    own, inside = [], []
    for _ in range(RUNS):
        own.append(timed(lambda: subprocess.run(["true"], check=True)))
        inside.append(timed(lambda: sandbox.run(Command(("true",), cwd="/"))))
    yield from (milliseconds - statistics.median(own) for milliseconds in inside)


def messages(sandbox: Sandbox) -> Iterator[float]:
    """Yield the milliseconds of an empty message to a program inside and back."""
    echo = Command(("sh", "-c", "exec cat <&$RATCHET_CHANNEL_IN >&$RATCHET_CHANNEL_OUT"))
    with contextlib.closing(sandbox.connect(echo)) as channel:
        for _ in range(RUNS):
            yield timed(lambda: (channel.send(b""), channel.receive(10)))


def bare() -> float:
    """Return the median milliseconds of the same command on the host."""
    return statistics.median(timed(lambda: subprocess.run(["true"], check=True)) for _ in range(RUNS))


def unpacking(sandbox: Sandbox) -> float:
    """Return the megabytes per second of a tree of 5000 small files."""
    tree = io.BytesIO()
    with tarfile.open(fileobj=tree, mode="w") as tar:
        for number in range(5000):
            member = tarfile.TarInfo(f"folder{number % 50}/file{number}")
            member.size = 4000
            tar.addfile(member, io.BytesIO(b"x" * member.size))
    milliseconds = timed(lambda: sandbox.unpack([tree.getvalue()]))
    return len(tree.getvalue()) / milliseconds / 1000


def timed(act: Callable[[], object]) -> float:
    """Return how many milliseconds something takes."""
    began = time.perf_counter()
    act()
    return 1000 * (time.perf_counter() - began)


if __name__ == "__main__":
    main()
