"""What the index is compared with: a parse and one pass of a query on all cores, nothing kept."""

import multiprocessing
import os
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tree_sitter import Parser, QueryCursor

from agent.index.grammar import grammar, query


def bare_parse(files: Sequence[tuple[Path, str]]) -> float:
    """Return the wall time of parsing files of known languages with as many processes as there are cores."""
    began = time.perf_counter()
    waiting = sorted(files, key=lambda file: -file[0].stat().st_size)
    cores = len(os.sched_getaffinity(0))
    # Every process gets each second file of the sorted list, in pieces small enough to balance.
    pieces = [waiting[first :: 8 * cores] for first in range(8 * cores)]
    with ProcessPoolExecutor(cores, mp_context=multiprocessing.get_context("spawn")) as pool:
        captured = sum(pool.map(_parse, pieces))
    assert captured
    return time.perf_counter() - began


def _parse(files: Sequence[tuple[Path, str]]) -> int:
    captured = 0
    for path, language in files:
        tree = Parser(grammar(language)).parse(path.read_bytes())
        captured += sum(map(len, QueryCursor(query(language)).captures(tree.root_node).values()))
    return captured
