"""The loop with a scripted model: `python -m tests.benchmarks.agent turns CLONE | fix CLONE COMMIT`."""

import argparse
import difflib
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from agent.models.server.meter import count
from agent.models.server.script import Answer, Asked, Call
from agent.models.server.scripted_server import ScriptedServer
from agent.patches.render import render
from agent.patches.rendering.symbols import Definition
from agent.protocol.model import EditFormat
from agent.tools.overlay import extracted
from tests.benchmarks.mining import Bug, FixCommit, lay_out
from tests.benchmarks.repositories import git

GOAL_MS = 50.0
"""Our own time in a turn, p95, on a repository of 28 MB."""
_CONFIG = '[models.scripted]\nbase_url = "{url}"\nmodel = "scripted"\ncontext = 128000\n{more}\n'


@dataclass(frozen=True, slots=True)
class Run:
    """What a command recorded."""

    exit: int
    events: Sequence[dict[str, Any]]

    def bodies(self, kind: str) -> list[dict[str, Any]]:
        """Return the facts of a kind."""
        return [one["body"] for one in self.events if one["body"]["type"] == kind]

    @property
    def outcome(self) -> str:
        """Return how the task ended."""
        found = self.bodies("TaskFinished")
        return f"{found[0]['outcome']}: {found[0]['reason']}" if found else "nothing"


def run(server: ScriptedServer, state: Path, *arguments: str, more: str = "") -> Run:
    """Run the real command in this process's place, with the model that a server plays."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.toml"
        config.write_text(_CONFIG.format(url=server.base_url, more=more))
        environ = {**os.environ, "RATCHET_CONFIG": str(config), "RATCHET_STATE_DIR": str(state)}
        command = [sys.executable, "-m", "agent", *arguments, "--foreground", "--events"]
        done = subprocess.run(command, capture_output=True, text=True, env=environ)
    events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if not events:
        raise SystemExit(done.stderr[-2000:])
    return Run(done.returncode, events)


class Questions(ScriptedServer):
    """Asks for tools turn after turn, and notes how long each next request takes to come."""

    def __init__(self, clone: Path, turns: int, think: float) -> None:
        super().__init__(models=("scripted",))
        self._think = think
        self.gaps: list[float] = []
        self._answered = 0.0
        self._turns = turns
        self._random = random.Random(11)
        paths = [path for path in git(clone, "ls-files", "*.py").splitlines() if "/tests/" not in path]
        self._paths = self._random.sample(paths, min(200, len(paths)))
        texts = ((clone / path).read_text("utf-8", "replace") for path in self._paths)
        names = {name for text in texts for name in re.findall(r"^\s*def ([a-z]\w{4,})", text, re.MULTILINE)}
        self._names = sorted(names)

    def answer(self, asked: Asked) -> Answer:
        """Return the next turn; what lies between two of them is ours."""
        if self._answered:
            self.gaps.append(asked.at - self._answered)
        turn = len(self.requests)
        self.requests.append(asked)
        calls = self._calls(turn) if turn < self._turns else ()
        answer = Answer(text=f"turn {turn}" if calls else "It is everywhere.", calls=calls)
        # Counted before the clock runs: the meter is the endpoint's, and a long prompt takes it 2 ms.
        answer = replace(answer, usage=count(answer, asked))
        time.sleep(self._think)
        self._answered = time.perf_counter()
        return answer

    def _calls(self, turn: int) -> tuple[Call, ...]:
        path, name = self._random.choice(self._paths), self._random.choice(self._names)
        words = " ".join(self._random.sample(self._names, 3)).replace("_", " ")
        read = Call("read", {"path": path, "start": self._random.randrange(1, 200)})
        kinds = (
            (read,),
            (Call("search", {"query": f"{words} raises an error"}),),
            (Call("symbols", {"target": path}),),
            (Call("references", {"name": name}),),
            (
                Call("search", {"query": words}),
                read,
                Call("read", {"path": self._random.choice(self._paths)}),
            ),
            (Call("search", {"query": f"{name}(", "exact": True}),),
            (Call("references", {"name": name, "callers": True}), read),
            (Call("repo_map", {"goal": words}),),
        )
        return kinds[turn % len(kinds)]


def time_turns(clone: Path, state: Path, turns: int, think: float) -> None:
    """Print our own time in a turn beside the goal."""
    size = sum(int(line.split()[3]) for line in git(clone, "ls-tree", "-r", "-l", "HEAD").splitlines())
    with Questions(clone, turns, think) as server:
        done = run(server, state, "ask", "where is everything?", "-C", str(clone), "--timeout", "600")
    taken = [body["turn"] for body in done.bodies("TurnTaken")]
    tools = [max((use["seconds"] for use in turn["uses"]), default=0.0) for turn in taken[: len(server.gaps)]]
    rest = [gap - tool for gap, tool in zip(server.gaps, tools, strict=True)]
    print(f"{clone.name}: {size / 1e6:.0f} MB, {len(taken)} turns, {done.outcome}")
    print(f"the model takes {think:g} s for each answer")
    print(f"load {os.getloadavg()[0]:.0f} on {os.cpu_count()} cores")
    print(f"{'':<34}{'p50':>9}{'p95':>9}   goal p95")
    for title, values, goal in (
        ("from an answer to the next request", server.gaps, f"{GOAL_MS:.0f} ms"),
        ("of it the slowest tool", tools, ""),
        ("of it the rest", rest, ""),
    ):
        print(f"{title:<34}{_ms(values, 50):>6.0f} ms{_ms(values, 95):>6.0f} ms   {goal}")
    for kind in sorted({use["name"] for turn in taken for use in turn["uses"]}):
        found = [use["seconds"] for turn in taken for use in turn["uses"] if use["name"] == kind]
        print(f"  {kind:<32}{_ms(found, 50):>6.0f} ms{_ms(found, 95):>6.0f} ms")
    slow = sorted(enumerate(server.gaps), key=lambda one: -one[1])[:5]
    for number, gap in slow:
        names = ", ".join(use["name"] for use in taken[number]["uses"])
        print(
            f"  slow: turn {number + 1} ({names}): {gap * 1000:.0f} ms, tools {tools[number] * 1000:.0f} ms"
        )


def _ms(values: Sequence[float], percent: int) -> float:
    cuts = statistics.quantiles(values, n=100, method="inclusive") if len(values) > 1 else [*values] * 99
    return cuts[percent - 1] * 1000


def definitions(path: str, content: bytes) -> Sequence[Definition]:
    """Return the definitions of a file as the edit tool knows them."""
    return [Definition(row[1], row[6], row[7]) for row in extracted(path, content).definitions]


def _edit(edit_format: EditFormat, path: str, before: str, after: str) -> Call:
    old, new = {path: before.encode()}, {path: after.encode()}
    return Call("edit", {"edits": render(edit_format, old, new, definitions)})


def _marked(before: str, after: str, line: str) -> str:
    """Return the text with one line more at the first place that a fix changes."""
    lines, fixed = before.splitlines(keepends=True), after.splitlines(keepends=True)
    spans = difflib.SequenceMatcher(None, lines, fixed, autojunk=False).get_opcodes()
    place, end = next((i1, j1) for tag, i1, _, j1, _ in spans if tag != "equal")
    indent = re.match(r"\s*", fixed[end])
    return "".join([*lines[:place], f"{indent[0] if indent else ''}{line}\n", *lines[place:]])


def _refused(edit_format: EditFormat, path: str, before: str, after: str) -> Call:
    """Return an edit of code that is not there; of a whole file, one that is no valid syntax."""
    if edit_format is EditFormat.WHOLE_FILE:
        return _edit(edit_format, path, before, _marked(before, after, "def (:"))
    if edit_format is EditFormat.SYMBOL:
        text = f"{path}::no_such_definition\n```\ndef no_such_definition():\n    return 1\n```\n"
        return Call("edit", {"edits": text})
    other = _marked(before, after, "no_such_name = not_here_at_all(1, 2, 3)")
    return _edit(edit_format, path, other, after)


def script(bug: Bug, edit_format: EditFormat) -> Iterator[Answer]:
    """Yield what a model says that first edits what is not there, then in vain, then rightly."""
    path, after = bug.commit.source, bug.commit.fixed_source()
    before = (bug.path / path).read_text()
    vain = _marked(before, after, "# This is where it goes wrong.")
    yield Answer(text="I look.", calls=(Call("read", {"path": path}), Call("search", {"query": path})))
    yield Answer(calls=(_refused(edit_format, path, before, after),))
    yield Answer(calls=(_edit(edit_format, path, before, vain),))
    yield Answer(text="All tests pass now.")
    yield Answer(calls=(_edit(edit_format, path, vain, after),))
    yield Answer(text="It goes right now.")


def fix_in_each_format(clone: Path, sha: str, state: Path, formats: Sequence[EditFormat]) -> None:
    """Print a table: one real bug, fixed by a script of tool calls in each edit format."""
    names = git(clone, "show", "--name-only", "--format=", sha).split()
    source = next(name for name in names if name.endswith(".py") and "test" not in name)
    tests = next(name for name in names if name.endswith(".py") and "test" in name)
    commit = FixCommit(clone, sha, git(clone, "rev-parse", f"{sha}^").strip(), source, tests)
    print(f"{clone.name} {sha[:10]}: {source}, {tests}")
    print(
        f"{'format':<16}{'refused':>8}{'red':>5}{'turns':>7}{'s':>7}  {'identical':<10}{'commit':<12}outcome"
    )
    with tempfile.TemporaryDirectory() as folder:
        bug = lay_out(commit, Path(folder) / clone.name)
        for edit_format in formats:
            began = time.perf_counter()
            print(f"{edit_format:<16}{_row(bug, edit_format, state, began)}", flush=True)


def _row(bug: Bug, edit_format: EditFormat, state: Path, began: float) -> str:
    with ScriptedServer(list(script(bug, edit_format))) as server:
        where = ("-C", str(bug.path), "--test", bug.commit.tests, "--timeout", "900")
        more = f'edit_format = "{edit_format}"'
        done = run(server, state, "fix", "--planner", "scripted", *where, more=more)
    turns = [body["turn"] for body in done.bodies("TurnTaken")]
    refused = sum(use["refused"] for turn in turns for use in turn["uses"])
    delivered = [body for body in done.bodies("PatchDelivered") if body["branch"]]
    red = len(done.bodies("VerdictReached")) - len(delivered)
    same = bool(delivered) and bug.source(delivered[0]["branch"]) == bug.commit.fixed_source()
    commit = delivered[0]["commit"][:10] if delivered else "-"
    seconds = time.perf_counter() - began
    identical = "yes" if same else "no"
    return f"{refused:>8}{red:>5}{len(turns):>7}{seconds:>7.0f}  {identical:<10}{commit:<12}{done.outcome}"


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", type=Path, help="kept between runs, so that index and root are made once")
    kinds = parser.add_subparsers(dest="kind", required=True)
    turns = kinds.add_parser("turns", help=time_turns.__doc__)
    turns.add_argument("clone", type=Path)
    turns.add_argument("--turns", type=int, default=64)
    turns.add_argument("--think", type=float, default=0.0, help="seconds until the scripted model answers")
    fix = kinds.add_parser("fix", help=fix_in_each_format.__doc__)
    fix.add_argument("clone", type=Path)
    fix.add_argument("commit")
    fix.add_argument("--format", action="append", type=EditFormat, dest="formats")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ratchet-") as folder:
        state = chosen.state or Path(folder)
        if chosen.kind == "turns":
            time_turns(chosen.clone.resolve(), state, chosen.turns, chosen.think)
        else:
            formats = chosen.formats or tuple(EditFormat)
            fix_in_each_format(chosen.clone.resolve(), chosen.commit, state, formats)


if __name__ == "__main__":
    main()
