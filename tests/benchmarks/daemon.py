"""Figures of the daemon beside their limits: `python -m tests.benchmarks.daemon`.

Start, idle memory, 1,000 no-op tasks from 8 client processes while somebody asks for tasks, and the time
from an event to a client. Everything goes through the real daemon, its socket and its workers; only the
story is one that does nothing.
"""

import argparse
import json
import multiprocessing
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.daemon.daemon_process import DaemonProcess, finished, following, submit, until

CLIENTS = 8
STOP = "/stop"
"""Repository of the task that ends the asking."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print every figure beside its limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=1000)
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--only", choices=("start", "memory", "latency", "throughput"))
    parsed = parser.parse_args(arguments)
    sheet = Sheet()
    print(f"load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n")
    with tempfile.TemporaryDirectory(prefix="ratchet-bench-") as folder:
        if parsed.only in (None, "start"):
            measure_start(sheet, Path(folder), parsed.starts)
        with DaemonProcess(Path(folder, "state")) as daemon:
            if parsed.only in (None, "memory"):
                measure_memory(sheet, daemon)
            if parsed.only in (None, "latency"):
                measure_latency(sheet, daemon)
            if parsed.only in (None, "throughput"):
                measure_throughput(sheet, daemon, parsed.tasks)
    print(f"\nload after: {os.getloadavg()[0]:.1f}")
    return 0


class Sheet:
    """Prints figures beside their limits."""

    def at_most(self, name: str, value: float, limit: float, unit: str) -> None:
        """Print a figure that may not be larger."""
        self._line(name, f"{value:.4g} {unit}", f"<= {limit:g} {unit}", value <= limit)

    def at_least(self, name: str, value: float, limit: float, unit: str) -> None:
        """Print a figure that may not be smaller."""
        self._line(name, f"{value:.4g} {unit}", f">= {limit:g} {unit}", value >= limit)

    def note(self, name: str, value: str) -> None:
        """Print a figure without a limit."""
        print(f"{name:<52} {value:>16}", flush=True)

    def _line(self, name: str, value: str, limit: str, kept: bool) -> None:
        print(f"{name:<52} {value:>16}   {limit:>14}   {'' if kept else 'NOT REACHED'}", flush=True)


def measure_start(sheet: Sheet, folder: Path, starts: int) -> None:
    """Measure from the start of the process to the first healthy answer, on a new and a known state."""
    wall: dict[str, list[float]] = {"new": [], "known": []}
    cpu: list[float] = []
    start_once(folder / "warm")  # byte code is cached from the first start on
    for number in range(starts):
        for kind in ("new", "known"):
            seconds, worked = start_once(folder / f"start-{number}")
            wall[kind].append(seconds)
            cpu.append(worked)
    for kind, found in wall.items():
        sheet.at_most(
            f"start to first healthy answer, {kind} state: median", statistics.median(found), 1, "s"
        )
        sheet.note(f"  the same: best, worst of {starts}", f"{min(found):.2f}, {max(found):.2f} s")
    sheet.note("  processor time until then: median", f"{statistics.median(cpu):.2f} s")


def start_once(state: Path) -> tuple[float, float]:
    """Return the wall and processor seconds to the first healthy answer."""
    began = time.monotonic()
    daemon = DaemonProcess(state)
    for _ in until(60, pause=0.005):
        try:
            with daemon.client() as http:
                healthy = http.get("/v1/health").json()["problems"] == []
        except (OSError, ValueError, httpx.TransportError):
            continue
        if healthy:
            break
    seconds = time.monotonic() - began
    worked = processor_seconds(daemon)
    daemon.stop()
    return seconds, worked


def processor_seconds(daemon: DaemonProcess) -> float:
    """Return what the daemon and its present workers have used so far."""
    ticks = 0
    for pid in [daemon.process.pid, *daemon.workers()]:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def measure_memory(sheet: Sheet, daemon: DaemonProcess) -> None:
    """Measure all processes of a daemon: with workers, and once those have ended."""
    with daemon.client() as http:
        for task_id in [submit(http, "step", repository=f"/{n}") for n in range(50)]:
            finished(http, task_id)
        busy = resident(daemon)
        for _ in until(120, pause=0.5):
            if not daemon.workers():
                break
    sheet.at_most("idle memory, all processes", resident(daemon), 150, "MB")
    sheet.note("  with two workers that wait", f"{busy:.0f} MB")


def resident(daemon: DaemonProcess) -> float:
    """Return the megabytes that a daemon's processes hold, shared pages counted once for each."""
    pids = [daemon.process.pid, *daemon.workers()]
    pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids)
    return pages * resource.getpagesize() / 1e6


def measure_latency(sheet: Sheet, daemon: DaemonProcess) -> None:
    """Measure from the moment a step's event is made to its arrival at a client, over 200 events."""
    with daemon.client() as http:
        task_id = submit(http, *["stamp"] * 200, repository="/latency")
        late = []
        with following(http, task_id) as messages:
            for message in messages:
                arrived = time.time()
                body = json.loads(message.data).get("body", {})
                if body.get("type") == "ProposalMade":
                    late.append(1000 * (arrived - float(body["proposal"]["rationale"])))
    sheet.at_most("event to client, commit included: p95", percentile(late, 95), 50, "ms")
    sheet.note("  the same: median, worst", f"{statistics.median(late):.1f}, {max(late):.1f} ms")


def measure_throughput(sheet: Sheet, daemon: DaemonProcess, tasks: int) -> None:
    """Submit tasks of mixed priority from several processes while another asks for tasks."""
    path = daemon.registration["socket"]
    context = multiprocessing.get_context("spawn")
    with context.Pool(CLIENTS + 1) as pool, daemon.client() as http:
        for task_id in [submit(http, repository=f"/warm{n}") for n in range(4)]:
            finished(http, task_id)
        pool.map(connect, [path] * (CLIENTS + 1), chunksize=1)
        worked = processor_seconds(daemon)
        began = time.monotonic()
        asking = pool.apply_async(ask, (path,))
        jobs = [(path, client, tasks // CLIENTS) for client in range(CLIENTS)]
        sent = [one for found in pool.starmap(enqueue, jobs, chunksize=1) for one in found]
        submitted = time.monotonic() - began
        for _ in until(600, pause=0.1):
            health = http.get("/v1/health").json()
            if health["queued"] == health["running"] == 0:
                break
        seconds = time.monotonic() - began
        worked = processor_seconds(daemon) - worked
        submit(http, "step", repository=STOP)
        answered = asking.get(60)
        turns = [turn_of(http, one) for one in sent]
    enqueued = [one.seconds for one in sent]
    sheet.at_least(f"{len(sent)} no-op tasks, {CLIENTS} client processes", len(sent) / seconds, 40, "tasks/s")
    sheet.note("  all of them were submitted after", f"{submitted:.1f} s")
    sheet.note("  processor time of daemon and workers", f"{1000 * worked / len(sent):.1f} ms/task")
    sheet.at_most("enqueue: p99", percentile(enqueued, 99), 1, "s")
    sheet.note("  the same: median, worst", f"{statistics.median(enqueued):.3f}, {max(enqueued):.3f} s")
    sheet.at_most("priority inversions", inversions(turns), 0, "")
    sheet.at_most("GET of a task meanwhile: p99", percentile(answered, 99), 50, "ms")
    worst = f"{statistics.median(answered):.1f}, {max(answered):.0f} ms"
    sheet.note(f"  the same, of {len(answered)}: median, worst", worst)


@dataclass(frozen=True)
class Sent:
    """A task that a client submitted."""

    task_id: str
    priority: int
    at: float
    """Seconds since the epoch, when the answer had come."""
    seconds: float


def connect(_: str) -> None:
    """Let a client process import what it needs before the clock runs."""
    time.sleep(0.5)


def enqueue(path: str, client: int, count: int) -> list[Sent]:
    """Submit tasks one after the other, as one client process of several."""
    sent = []
    with httpx.Client(transport=httpx.HTTPTransport(uds=path), base_url="http://x", timeout=60) as http:
        for number in range(count):
            priority = (100, 10, 500)[number % 3]
            began = time.monotonic()
            task_id = submit(http, repository=f"/client{client}", priority=priority)
            sent.append(Sent(task_id, priority, time.time(), time.monotonic() - began))
    return sent


def ask(path: str) -> list[float]:
    """Ask for the newest task again and again; returns the milliseconds of each answer."""
    taken = []
    with httpx.Client(transport=httpx.HTTPTransport(uds=path), base_url="http://x", timeout=60) as http:
        while True:
            newest = http.get("/v1/tasks", params={"limit": 1}).json()["tasks"][0]
            if newest["repository"] == STOP:
                return taken
            for _ in range(20):
                began = time.monotonic()
                assert http.get(f"/v1/tasks/{newest['task_id']}").is_success
                taken.append(1000 * (time.monotonic() - began))
                time.sleep(0.005)


def turn_of(http: httpx.Client, sent: Sent) -> tuple[int, float, float]:
    """Return priority, when a task could have begun, and when it did."""
    return sent.priority, sent.at, float(http.get(f"/v1/tasks/{sent.task_id}").json()["report"]["log"])


def inversions(turns: Sequence[tuple[int, float, float]]) -> int:
    """Count the tasks that began although one of a lower number had waited for half a second."""
    return sum(
        any(other < priority and at + 0.5 < began < later for other, at, later in turns)
        for priority, _, began in turns
    )


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the value that so many percent do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


if __name__ == "__main__":
    sys.exit(main())
