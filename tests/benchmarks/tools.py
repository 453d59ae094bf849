"""Time of each tool call on a large repository, beside the goal for our own time in a turn of a model."""

import argparse
import gc
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.index.code_index import CodeIndex
from agent.index.search.hybrid import Search
from agent.index.snapshot import SnapshotView
from agent.repo.history import past_commits
from agent.repo.store import Store
from agent.tools.calling import call_all
from agent.tools.tool import Desk
from agent.tools.toolbox import toolbox

GOAL = 0.050
"""Seconds of our own in a turn, model excluded, p95 on a 28 MB repository."""


@dataclass(frozen=True)
class Asked:
    """A tool call as a model makes it."""

    name: str
    arguments: str
    id: str = "1"


def asked(name: str, /, **arguments: Any) -> Asked:
    """Return a call."""
    return Asked(name, json.dumps(arguments))


class Questions:
    """Calls about random places of a repository; equal seeds give equal calls."""

    def __init__(self, desk: Desk, view: SnapshotView, seed: int) -> None:
        self._random = random.Random(seed)
        self._desk = desk
        self._view = view
        self._paths = [
            path for path, file in view.files().items() if file.language == "python" and file.size > 500
        ]
        self._names = sorted(
            {row[0] for path in self._paths[::9] for row in view.scopes(path).columns.definitions}
        )

    def all(self) -> dict[str, Sequence[Asked]]:
        """Return one turn of each kind."""
        path, name = self._random.choice(self._paths), self._random.choice(self._names)
        start = self._random.randrange(1, 200)
        words = " ".join(self._random.sample(self._names, 3)).replace("_", " ")
        return {
            "read": [asked("read", path=path, start=start)],
            "search": [asked("search", query=f"{words} raises an error")],
            "search, exact": [asked("search", query=f"{name}(", exact=True)],
            "symbols of a file": [asked("symbols", target=path)],
            "symbols of a name": [asked("symbols", target=name)],
            "references": [asked("references", name=name)],
            "callers": [asked("references", name=name, callers=True)],
            "repo_map": [asked("repo_map", goal=words)],
            "plan": [asked("plan", steps=[{"text": words}])],
            "edit": [self._edit()],
            "turn: search and two reads": [
                asked("search", query=words),
                asked("read", path=path, start=1, end=120),
                asked("read", path=self._random.choice(self._paths), start=start),
            ],
            "turn: read and edit": [asked("read", path=path, start=start, end=start + 60), self._edit()],
        }

    def _edit(self) -> Asked:
        path = self._random.choice(self._paths)
        lines = self._desk.store.read(self._desk.tree, path).decode("utf-8", "replace").split("\n")
        place = self._random.randrange(max(1, len(lines) - 12))
        old = "\n".join(lines[place : place + 12])
        text = f"{path}\n<<<<<<< SEARCH\n{old}\n=======\n# noticed\n{old}\n>>>>>>> REPLACE\n"
        return asked("edit", edits=text)


@dataclass(frozen=True)
class Time:
    """What one turn took; `processor` is ours and that of the git processes together."""

    kind: str
    seconds: float
    processor: float
    refused: bool


def processor() -> float:
    """Return the seconds of processor time so far, of this process and of those it has waited for."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def measured(desk: Desk, questions: Questions, rounds: int) -> Iterator[Time]:
    """Yield the time of every turn but those of the first round, edits building on one another."""
    tools = toolbox(desk)
    for number in range(rounds + 1):
        for kind, calls in questions.all().items():
            began, used = time.perf_counter(), processor()
            done, desk = call_all(tools, desk, calls)
            if number:
                refused = any(one.outcome.refused for one in done)
                yield Time(kind, time.perf_counter() - began, processor() - used, refused)


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clone", type=Path, help="a clone of the repository, e.g. sympy's")
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--state", type=Path, help="kept between runs, so that the index is built once")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ratchet-") as folder:
        store = Store.open(options.clone, options.state or Path(folder))
        with CodeIndex(store) as index:
            commit = store.resolve("HEAD")
            view = index.view(commit)
            search = Search(view, past_commits(view.git, commit), view.edges())
            tree = store.tree_of(commit)
            desk = Desk(store=store, base=tree, tree=tree, view=view, search=search, writable=True)
            # As a task does that keeps an index.
            gc.freeze()
            size = sum(file.size for file in view.files().values())
            print(f"{options.clone.name}: {len(view.files())} files, {size / 1e6:.0f} MB")
            report(list(measured(desk, Questions(desk, view, 7), options.rounds)))


def report(times: Sequence[Time]) -> None:
    """Print p50 and p95 of each kind, and of all of them together."""
    for kind in [*dict.fromkeys(one.kind for one in times), "all turns"]:
        found = [one for one in times if kind in (one.kind, "all turns")]
        seconds = sorted(one.seconds for one in found)
        p95 = seconds[int(0.95 * (len(seconds) - 1))]
        figures = f"p50 {statistics.median(seconds) * 1000:6.1f} ms, p95 {p95 * 1000:6.1f} ms"
        cost = f"processor {statistics.median(one.processor for one in found) * 1000:5.1f} ms"
        refused = f"refused {sum(one.refused for one in found)}/{len(found)}"
        goal = "" if p95 <= GOAL else f"   above the goal of {GOAL * 1000:.0f} ms"
        print(f"{kind:28} {figures}, {cost}, {refused}{goal}")


if __name__ == "__main__":
    main()
