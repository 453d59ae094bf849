"""How soon and how fast tasks are shown on a forge: `python -m tests.benchmarks.publishing`.

The forge is the fake one on this machine, which answers in milliseconds, so that what is measured is ours.
Next to it stand the same requests asked by a bare client, and what GitHub lets anybody make.
"""

import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles

import httpx

from agent.engine.outbox import made_by
from agent.engine.publications import EFFECT
from agent.protocol.outcome import Outcome
from agent.protocol.task import TaskKind
from tests.forge.exchange import Request
from tests.publishing.site import Site, open_site

LATENCIES, TASKS = 60, 60
CONTENT_PER_MINUTE = 80
"""Requests that make something which GitHub takes of one account (REST: about secondary rate limits)."""
_SECONDS = 60.0


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder, open_site(Path(folder)) as site:
        site.publications.clock = site.clock = time.time  # type: ignore[assignment]
        publisher, stop = site.publisher(), threading.Event()
        serving = threading.Thread(target=publisher.serve, args=(stop,))
        serving.start()
        _latency(site, publisher.wake)
        stop.set()
        publisher.wake()
        serving.join()
        _throughput(site)


def _latency(site: Site, wake: Callable[[], None]) -> None:
    first, last = list[float](), list[float]()
    for _ in range(LATENCIES):
        events = site.story(TaskKind.VERIFY, "pull", Outcome.BROKEN)
        task = events[0].task_id
        site.record(events[0])
        began = time.monotonic()
        site.record(*events[1:])
        wake()
        _wait(lambda task=task: bool(made_by(site.database, task, EFFECT)))
        first.append(time.monotonic() - began)
        _wait(lambda task=task: site.shown(task).is_shown)
        last.append(time.monotonic() - began)
    for name, seconds in (("the first effect", first), ("everything", last)):
        p95 = quantiles(seconds, n=20)[-1]
        print(f"from the event to {name}: p50 {median(seconds) * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms")


def _throughput(site: Site) -> None:
    tasks = [site.task(TaskKind.VERIFY, "pull", Outcome.BROKEN) for _ in range(TASKS)]
    asked, publisher, stop = len(site.fake.requests), site.publisher(), threading.Event()
    began = time.monotonic()
    while publisher.show_next(stop):
        pass
    ours = time.monotonic() - began
    effects = sum(len(made_by(site.database, task, EFFECT)) for task in tasks)
    requests = site.fake.requests[asked:]
    bare = _bare(site, requests)
    print(f"{effects} effects of {TASKS} tasks, {len(requests)} requests: {effects / ours:.0f} effects/s")
    print(f"a request takes {ours / len(requests) * 1000:.1f} ms, of a bare client {bare * 1000:.1f} ms")
    print(f"GitHub takes {CONTENT_PER_MINUTE / 60:.1f} effects/s of one account")


def _bare(site: Site, requests: list[Request]) -> float:
    """Return the seconds that the forge and a plain client take for one of the reading requests."""
    headers = {"Authorization": f"Bearer {site.fake.token.text}", "User-Agent": "bare"}
    paths = [asked.path for asked in requests if not asked.writes]
    with httpx.Client(base_url=site.fake.url, headers=headers) as client:
        began = time.monotonic()
        for path in paths:
            client.get(path)
        return (time.monotonic() - began) / len(paths)


def _wait(ready: Callable[[], bool]) -> None:
    end = time.monotonic() + _SECONDS
    while not ready():
        assert time.monotonic() < end
        time.sleep(0.002)


if __name__ == "__main__":
    main()
