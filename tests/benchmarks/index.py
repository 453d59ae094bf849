"""The index beside a bare parse: `python -m tests.benchmarks.index PATH`, PATH a clone."""

import argparse
import json
import os
import random
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from agent.index.code_index import CodeIndex
from agent.index.repo_map import repo_map
from agent.index.search.hybrid import Search
from agent.index.snapshot import SnapshotView
from agent.repo.history import past_commits
from agent.repo.store import Store
from tests.benchmarks.aider_map import cold_maps
from tests.benchmarks.bare_parse import bare_parse
from tests.benchmarks.memory import PeakMemory
from tests.benchmarks.repositories import git

SAMPLES = 400


def row(figure: str, limit: str, measured: str) -> None:
    """Print one figure beside its limit."""
    print(f"{figure:<52} {limit:>16}   {measured}", flush=True)


def timed(action: Callable[[], object]) -> float:
    """Return the seconds that an action takes."""
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def spread(times: Sequence[float]) -> str:
    """Return median, 95th percentile and maximum in milliseconds."""
    ordered = sorted(times)
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    p50, most = statistics.median(ordered), ordered[-1]
    return f"p50 {p50 * 1e3:.2f} ms, p95 {p95 * 1e3:.2f} ms, max {most * 1e3:.1f} ms"


@contextmanager
def fresh(clone: Path) -> Iterator[Path]:
    """Yield a state directory that goes away."""
    with tempfile.TemporaryDirectory(dir=clone.parent) as state:
        yield Path(state)


def processor_seconds() -> float:
    """Return the processor time of this process and of its children that have ended."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in spent)


def cold_builds(clone: Path, rounds: int, aider: Path | None) -> None:
    """Print cold builds beside bare parses of just the files that they parse, with as many processes.

    They take turns, so that both meet the same load; the ratio of processor times does not know of it.
    """
    with fresh(clone) as state, PeakMemory() as peak, CodeIndex(Store.open(clone, state)) as index:
        files = index.view().files().values()
    code = [(clone / file.path, file.language) for file in files if file.language and not file.skipped]
    source = sum(path.stat().st_size for path, _ in code)
    print(f"{len(code)} files parsed, {source / 1e6:.1f} MB, {len(os.sched_getaffinity(0))} cores")
    walls, processor = [], []
    for _ in range(rounds):
        bare = _both(lambda: bare_parse(code))
        with fresh(clone) as state:
            built = _both(lambda state=state: _build(clone, state))
        walls.append((bare[0], built[0]))
        processor.append((bare[1], built[1]))
    best_bare, best = (min(times) for times in zip(*walls, strict=True))
    row("bare parse and one query pass, all cores", "", f"{best_bare:.2f} s ({_listed(b for b, _ in walls)})")
    rate = source / 1e6 / best
    row("cold build", "", f"{best:.2f} s ({_listed(b for _, b in walls)}), {rate:.1f} MB/s")
    row("cold build / bare parse, wall time", "<= 1.5", f"{_listed(b / a for a, b in walls)}")
    row("the same, processor time", "", f"{_listed(b / a for a, b in processor)}")
    row("peak memory, all processes", "<= 400 MB", f"{peak.bytes / 1e6:.0f} MB")
    if aider:
        cold, again = cold_maps(aider, clone)
        row("aider's repo map, cold and on the second start", "", f"{cold:.1f} s, {again:.1f} s")
        row("the same beside a cold build", ">= 8 x", f"{cold / best:.1f} x")


def _both(action: Callable[[], object]) -> tuple[float, float]:
    """Return the seconds and the processor seconds that an action takes."""
    before = processor_seconds()
    return timed(action), processor_seconds() - before


def _build(clone: Path, state: Path) -> None:
    with CodeIndex(Store.open(clone, state)) as index:
        index.view()


def _listed(seconds: Iterable[float]) -> str:
    return ", ".join(f"{one:.2f}" for one in seconds)


def lasting(clone: Path, state: Path) -> None:
    """Print what reopening, an edit, a branch switch and the file itself cost."""
    store = Store.open(clone, state)
    with CodeIndex(store) as index:
        view = index.view()
        row("edges between files of HEAD, once, beyond the build", "", f"{timed(view.edges):.2f} s")
        status = index.status()
    row("index size / source indexed", "<= 1.2", f"{status.bytes_index / status.bytes_source:.2f}")
    _reopened(store, "reopen of a clone that git has just made")
    # Until some git command has refreshed its index, git has to read every file to tell that none changed.
    git(clone, "status")
    _reopened(store, "reopen: open, list the working tree, first look-up")
    with CodeIndex(store) as index:
        view = index.view()
        _edits(index, view, clone)
        _switch(index, clone)


def _reopened(store: Store, figure: str) -> None:
    row(figure, "<= 100 ms", spread([timed(lambda: _reopen(store)) for _ in range(9)]))


def _reopen(store: Store) -> None:
    with CodeIndex(store) as index:
        index.view().find("main")


def _edits(index: CodeIndex, view: SnapshotView, clone: Path) -> None:
    files = view.files()
    paths = [path for path in view.paths if files[path].language == "python" and not files[path].skipped]
    chosen = random.Random(1).sample(paths, 40)
    times = []
    for number, path in enumerate(chosen):
        place = clone / path
        before = place.read_bytes()
        place.write_bytes(before + b"\n\ndef edited_%d():\n    pass\n" % number)
        try:
            began = time.perf_counter()
            view = index.changed(view, [path])
            assert view.find(f"edited_{number}")
            times.append(time.perf_counter() - began)
        finally:
            place.write_bytes(before)
    index.collect()
    sizes = statistics.median(files[path].size for path in chosen)
    row(f"one edited file searchable (median {sizes / 1e3:.0f} kB)", "<= 10 ms", spread(times[1:]))


def _switch(index: CodeIndex, clone: Path) -> None:
    head = git(clone, "rev-parse", "HEAD").strip()
    paths = [path for path in git(clone, "ls-files", "-z", "*.py").split("\0")[:-1] if path]
    try:
        for path in random.Random(2).sample(paths, 100):
            (clone / path).write_bytes((clone / path).read_bytes() + b"\n\nSWITCHED = 1\n")
        git(clone, "checkout", "-q", "--detach")
        git(clone, "commit", "-q", "-a", "-m", "100 files")
        seconds = timed(lambda: index.view().find("SWITCHED"))
    finally:
        git(clone, "checkout", "-q", "-f", head)
    row("branch switch over 100 changed files", "<= 1 s", f"{seconds:.2f} s")


def answers(clone: Path, state: Path, queries: Sequence[str]) -> None:
    """Print how long questions take on a warm index."""
    chance = random.Random(3)
    store = Store.open(clone, state)
    with CodeIndex(store) as index:
        view = index.view()
        names = list(view.names())
        chosen = chance.sample(names, min(SAMPLES, len(names)))
        found = [symbol for name in chosen for symbol in view.find(name)]
        row(
            "symbol look-up",
            "p95 <= 2 ms",
            spread([timed(lambda name=name: view.find(name)) for name in chosen]),
        )
        asked = chance.sample(found, min(SAMPLES, len(found)))
        for symbol in asked:
            view.callers(symbol)
        row(
            "callers of a symbol", "p95 <= 10 ms", spread([timed(lambda s=s: view.callers(s)) for s in asked])
        )
        view.edges()
        search = Search(view, past_commits(view.git, view.commit))
        for query in queries:
            search.hits(query)
        times = [timed(lambda query=query: search.hits(query)) for query in queries]
        row(f"hybrid search, {len(queries)} texts", "p95 <= 30 ms", spread(times))
        times = [timed(lambda query=query: repo_map(search, 2048, query)) for query in queries[:20]]
        row("repo map", "<= 150 ms", spread(times))


def flatness(clone: Path) -> None:
    """Print the time for each MB of repositories of several sizes, made of copies of one clone's files."""
    paths = [clone / path for path in git(clone, "ls-files", "-z", "*.py").split("\0")[:-1]]
    for megabytes in (1, 3, 10, 30, 100):
        with tempfile.TemporaryDirectory(dir=clone.parent) as folder:
            root = Path(folder) / "made"
            _fill(root, paths, megabytes * 1_000_000)
            store = Store.open(root, Path(folder) / "state")
            with CodeIndex(store) as index:
                seconds = timed(index.view)
            row(
                f"cold build of {megabytes} MB",
                "flat",
                f"{seconds:.2f} s, {seconds / megabytes * 1e3:.0f} ms/MB",
            )


def _fill(root: Path, paths: Sequence[Path], wanted: int) -> None:
    root.mkdir()
    git(root, "init", "-q")
    chance, size, number = random.Random(4), 0, 0
    while size < wanted:
        for path in chance.sample(paths, len(paths)):
            # A line of its own makes every copy another blob.
            content = b"# copy %d\n" % number + path.read_bytes()
            place = root / f"part{number // 200}" / f"f{number}.py"
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(content)
            size, number = size + len(content), number + 1
            if size >= wanted:
                break
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "made")


def main() -> None:
    """Print every figure of the index for one clone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clone", type=Path)
    parser.add_argument("--rounds", type=int, default=5, help="cold builds, each beside a bare parse")
    parser.add_argument(
        "--queries", type=Path, help="issue texts, one JSON object with problem_statement a line"
    )
    parser.add_argument("--aider", type=Path, help="a Python in whose environment aider-chat is installed")
    parser.add_argument("--no-flatness", action="store_true", help="leave out the builds of 1 to 100 MB")
    chosen = parser.parse_args()
    queries = _queries(chosen.queries)
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "clone"
        git(Path(folder), "clone", "-q", "--shared", str(chosen.clone.resolve()), str(clone))
        cold_builds(clone, chosen.rounds, chosen.aider)
        state = Path(folder) / "state"
        lasting(clone, state)
        answers(clone, state, queries)
        if not chosen.no_flatness:
            flatness(clone)


def _queries(file: Path | None) -> list[str]:
    if file is None:
        return [
            "wrong simplification of a nested fraction",
            "Matrix row_join",
            "integrate returns None for abs",
        ]
    return [json.loads(line)["problem_statement"] for line in file.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    main()
