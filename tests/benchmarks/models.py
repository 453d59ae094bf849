"""Prints how the model adapter fares: faults with many seeds, lying meters, its own time for a request.

`python -m tests.benchmarks.models [SEEDS]`
"""

import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from agent.models.budget import Account, Budget
from agent.models.build import build
from agent.models.faults import FaultKind
from agent.models.model import Listening, Message, Request, Speaker
from agent.models.server.script import Answer, Fault
from agent.models.server.scripted_server import ScriptedServer
from agent.protocol.errors import Interrupted
from agent.protocol.model import ModelProfile
from tests.models.fault_runs import ANSWERED, EXPECTED, LIMIT, Run, run
from tests.models.spending import TASKS, spend

_PROMPT = "def f(x):\n    return x + 1\n\n" * 3500
"""100 kB."""


def main(seeds: int) -> None:
    """Print all figures."""
    _faults(seeds)
    _meters()
    _cancels()
    _own_time()


def _faults(seeds: int) -> None:
    cases = [(fault, seed) for fault in Fault for seed in range(seeds)]
    with ThreadPoolExecutor(4) as pool:
        runs = list(pool.map(lambda case: run(*case), cases))
    print(f"{'fault':22} answered, else")
    for fault in Fault:
        endings = Counter(one.ending for one in runs if one.fault is fault)
        answered = endings.pop(ANSWERED, 0)
        print(f"{fault:22} {answered:3}  {dict(endings) or ''}")
    print(f"{len(Fault)} faults x {seeds} seeds: {_summary(runs)}")


def _summary(runs: list[Run]) -> str:
    attempts = max(one.sent for one in runs)
    slowest = max(one.seconds for one in runs if EXPECTED.get(one.fault) == {FaultKind.TIMEOUT})
    return (
        f"most attempts {attempts} (limit 5), slowest {slowest:.2f} s (limit {LIMIT} s and a tick of 0.05 s)"
    )


def _meters() -> None:
    with tempfile.TemporaryDirectory() as state, ThreadPoolExecutor(TASKS) as pool:
        tasks = list(pool.map(lambda number: spend(number, Path(state), 0.004), range(TASKS)))
    for one in tasks[: TASKS // 2]:
        print(one.line())
    worst = max(one.overspent / one.dearest for one in tasks)
    print(f"{TASKS} parallel tasks, most overspent: {worst:.2f} requests (limit 1)")


def _cancels() -> None:
    waits = [_cancelled(fault) for fault in (Fault.SILENT, Fault.SILENT_BODY, Fault.STALL, Fault.DRIP) * 5]
    print(f"a cancel while nothing comes: at most {max(waits):.3f} s (limit 0.2 s) in {len(waits)}")


def _cancelled(fault: Fault) -> float:
    """Return the seconds from a cancel to the end of the request."""
    cancel = threading.Event()
    timer = threading.Timer(0.2, cancel.set)
    with ScriptedServer(lambda _: Answer("Hello there.", fault=fault)) as server:
        profile = ModelProfile(name="m", base_url=server.base_url, model="scripted")
        timer.start()
        struck = time.monotonic() + 0.2
        with suppress(Interrupted):
            build(profile).complete(Request((Message(Speaker.USER, "hi"),)), Listening(cancel=cancel))
        waited = time.monotonic() - struck
    timer.join()
    return waited


def _own_time() -> None:
    request = Request((Message(Speaker.SYSTEM, "Be brief."), Message(Speaker.USER, _PROMPT)))
    with tempfile.TemporaryDirectory() as state, ScriptedServer(lambda _: "ok") as server:
        budget = Budget(Path(state), [Account("task:1"), Account("day", daily=True)])
        profile = ModelProfile(name="m", base_url=server.base_url, model="scripted", context=200_000)
        model = build(profile, budget)
        seconds = []
        for _ in range(60):
            started = time.perf_counter()
            model.complete(request, Listening())
            seconds.append(time.perf_counter() - started)
        budget.close()
    # The first request also imports the SDK.
    p95 = statistics.quantiles(seconds[1:], n=20)[-1]
    print(f"a request of 100 kB, the server included: first {seconds[0]:.2f} s, then p95 {p95 * 1000:.1f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40)
