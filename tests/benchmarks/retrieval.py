"""Finds the place: hit rates of search on texts of real fixes, beside plain BM25 and aider's repo map."""

import argparse
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from itertools import chain, groupby
from pathlib import Path

from agent.index.code_index import CodeIndex
from agent.index.facts import CALLABLE
from agent.index.search.hybrid import Search
from agent.index.snapshot import SnapshotView
from agent.repo.history import past_commits
from agent.repo.store import Store
from tests.benchmarks.aider_map import AiderMap, aider_map
from tests.benchmarks.issues import Issue, Touched, from_history, from_swe_bench, is_source, touched
from tests.benchmarks.plain_bm25 import PlainBm25, identifiers, split_identifiers

TUNED_ON = frozenset({"pydicom", "pvlib-python"})
DIAGNOSED_ON = frozenset(
    ("astropy", "flask", "pylint", "pytest", "requests", "seaborn", "sphinx", "sympy", "xarray")
)
"""The other projects were looked at to report, never to decide anything."""
_DEEP = 400
_NEVER = 1 << 30
Ranking = tuple[list[str], list[tuple[str, str]]]
Places = dict[str, list[tuple[int, int | None]]]
"""By contestant: the place of the first right file, and of the first right function where there is one."""


class Contest:
    """Asks everybody about one issue after the other."""

    def __init__(self, aider: AiderMap | None) -> None:
        self._plain = PlainBm25(identifiers)
        self._split = PlainBm25(split_identifiers)
        self._aider = aider
        self.seconds: list[float] = []

    def rankings(self, issue: Issue, view: SnapshotView, search: Search) -> Iterator[tuple[str, Ranking]]:
        """Yield who ranks, and the source files and functions in that order."""
        for name, peer in (("plain BM25", self._plain), ("plain BM25, split", self._split)):
            yield name, (peer.files(view, issue.text), peer.functions(view, issue.text))
        if self._aider:
            yield "aider repo map", self._aider.rank(issue.project, view, issue.text)
        search.hits(issue.text)
        began = time.perf_counter()
        hits = search.hits(issue.text, _DEEP)
        self.seconds.append(time.perf_counter() - began)
        functions = [(hit.path, hit.symbol) for hit in hits if hit.kind in CALLABLE and is_source(hit.path)]
        files = [hit.path for hit in search.files(issue.text, _DEEP) if is_source(hit.path)]
        yield "ratchet", (files, functions)
        yield "ratchet, files of hits", (_once(hit.path for hit in hits if is_source(hit.path)), functions)
        yield "ratchet, nothing left out", (_once(hit.path for hit in hits), functions)


def run(
    issues: Iterable[Issue], state: Path, aider: AiderMap | None, graph: bool
) -> tuple[dict[str, Places], list[float]]:
    """Return the places by project, and how long each warm search took."""
    contest = Contest(aider)
    places: dict[str, Places] = defaultdict(lambda: defaultdict(list))
    for clone, its in groupby(issues, key=lambda issue: issue.clone):
        store = Store.open(clone, state)
        with CodeIndex(store) as index:
            for issue in its:
                view = index.view(issue.base)
                gold = touched(issue, view)
                if not gold.files:
                    continue
                commits = past_commits(store.objects.view, issue.base)
                search = Search(view, commits, view.edges() if graph else None)
                for name, ranking in contest.rankings(issue, view, search):
                    places[issue.project][name].append(_place(gold, ranking))
                print(f"# {issue.name}: {_said(places[issue.project])}", flush=True)
    return places, contest.seconds


def _said(places: Places) -> str:
    return ", ".join(f"{name} {found[-1][0]}/{found[-1][1]}" for name, found in places.items()).replace(
        str(_NEVER), "-"
    )


def _once(paths: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(paths))


def _place(gold: Touched, ranking: Ranking) -> tuple[int, int | None]:
    files, functions = ranking
    file = next((place for place, path in enumerate(files, 1) if path in gold.files), _NEVER)
    if not gold.functions:
        return file, None
    return file, next((place for place, one in enumerate(functions, 1) if one in gold.functions), _NEVER)


def _table(title: str, places: Sequence[Places]) -> None:
    joined: Places = defaultdict(list)
    for one in places:
        for name, found in one.items():
            joined[name] += found
    first = next(iter(joined.values()), [])
    functions = sum(1 for _, place in first if place is not None)
    print(f"\n### {title}: {len(first)} texts, {functions} with a function that was there\n")
    print("| | file @1 | @5 | @10 | function @5 | @10 |\n|---|---|---|---|---|---|")
    for name, found in joined.items():
        files = [place for place, _ in found]
        within = [place for _, place in found if place is not None]
        shares = [_share(files, k) for k in (1, 5, 10)] + [_share(within, k) for k in (5, 10)]
        print(f"| {name} | " + " | ".join(f"{share:.1f}" for share in shares) + " |", flush=True)


def _share(places: Sequence[int], k: int) -> float:
    return 100 * sum(place <= k for place in places) / max(1, len(places))


def _mined(clones: Path, projects: set[str], count: int) -> Iterator[Issue]:
    for clone in sorted(clones.iterdir()):
        if count and (clone / ".git").exists() and clone.name in projects:
            yield from from_history(clone, count)


def main() -> None:
    """Print a row for each contestant: by project, tuned on and not, and on mined commits."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="a file in the format of SWE-bench")
    parser.add_argument("clones", type=Path, help="a folder of clones named as their projects")
    parser.add_argument("--also", type=Path, nargs="*", default=[], help="more files in that format")
    parser.add_argument("--aider", type=Path, help="a Python in whose environment aider-chat is installed")
    parser.add_argument("--only", nargs="*", help="projects of the data")
    parser.add_argument("--mine", nargs="*", default=[], help="clones to mine fix commits of")
    parser.add_argument("--count", type=int, default=25, help="mined commits of each clone")
    parser.add_argument("--graph", action="store_true", help="resolve the edges of each snapshot, too")
    parser.add_argument("--state", type=Path, help="where the index is kept; a temporary folder by default")
    given = parser.parse_args()
    known = [
        issue
        for data in (given.data, *given.also)
        for issue in from_swe_bench(data, given.clones)
        if not given.only or issue.project in given.only
    ]
    known.sort(key=lambda issue: issue.project)
    mined = _mined(given.clones, set(given.mine), given.count)
    state = (
        nullcontext(given.state) if given.state else tempfile.TemporaryDirectory(prefix="ratchet-retrieval-")
    )
    with state as folder, aider_map(given.aider) if given.aider else nullcontext() as aider:
        places, seconds = run(chain(known, mined), Path(folder), aider, given.graph)
    _report(places, {issue.project for issue in known}, seconds)


def _report(places: dict[str, Places], known: set[str], seconds: list[float]) -> None:
    for project, found in places.items():
        _table(project, [found])
    _table("issues, projects tuned on", [found for name, found in places.items() if name in TUNED_ON])
    _table("issues, projects diagnosed on", [f for name, f in places.items() if name in DIAGNOSED_ON & known])
    unseen = known - TUNED_ON - DIAGNOSED_ON
    _table("issues, other projects", [found for name, found in places.items() if name in unseen])
    _table("mined fix commits", [found for name, found in places.items() if name not in known])
    times = sorted(1000 * one for one in seconds)
    if len(times) > 1:
        late = times[int(0.95 * len(times))]
        print(f"\nwarm search: p50 {statistics.median(times):.1f} ms, p95 {late:.1f} ms")


if __name__ == "__main__":
    main()
