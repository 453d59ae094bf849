"""Which task wrote a line, and whether a text has a patch, from git's own diffs."""

import random
import subprocess
from pathlib import Path

from agent.protocol.task import TaskKind
from lsp.facts.hunks import has_hunks, hunks_of, with_hunks
from lsp.facts.origins import origins, written
from lsp.text.document import split_lines
from tests.e2e.conftest import Repository, new_repository
from tests.lsp import history

BEFORE = "".join(f"line {number}\n" for number in range(1, 31))
AFTER = BEFORE.replace("line 5\n", "five\nfive and a half\n").replace("line 20\n", "twenty\n")


def diff(repository: Repository, before: str | None, after: str | None, name: str = "a.txt") -> str:
    """Return git's diff between two texts of a file."""
    trees = []
    for text in (before, after):
        path = repository.path / name
        path.unlink(missing_ok=True)
        if text is not None:
            path.write_bytes(text.encode())
        repository.git("add", "-A")
        trees.append(repository.git("write-tree"))
    command = ["git", "-C", str(repository.path), "diff", "--no-color", *trees]
    return subprocess.run(command, capture_output=True, check=True).stdout.decode()


def test_added_lines_are_a_tasks_wherever_they_moved(tmp_path: Path) -> None:
    hunks = hunks_of(diff(new_repository(tmp_path, {}), BEFORE, AFTER))["a.txt"]
    assert written(hunks, split_lines(AFTER)) == {5, 6, 21}
    assert written(hunks, split_lines("new\n" * 100 + AFTER)) == {105, 106, 121}
    assert written(hunks, split_lines(BEFORE)) == set()


def test_what_is_left_of_an_edited_hunk_is_still_the_tasks(tmp_path: Path) -> None:
    hunks = hunks_of(diff(new_repository(tmp_path, {}), BEFORE, AFTER))["a.txt"]
    edited = AFTER.replace("five and a half\n", "mine\n")
    assert written(hunks, split_lines(edited)) == {5, 21}


def test_a_text_has_a_patch_or_has_not(tmp_path: Path) -> None:
    repository = new_repository(tmp_path, {})
    for before, after in [
        (BEFORE, AFTER),
        (BEFORE, BEFORE + "at the end\n"),
        (BEFORE, "at the start\n" + BEFORE),
        (BEFORE, BEFORE.replace("line 30\n", "")),
        (BEFORE, BEFORE.replace("line 1\n", "")),
        (None, BEFORE),
        (BEFORE, None),
        ("--- a\n+++ b\n@@ -1 +1 @@\n", "--- a\n+++ c\n@@ -1 +1 @@\n-- x\n"),
        ("no end", "no end\nat all"),
        ("one\r\ntwo\r\n", "one\r\n2\r\n"),
    ]:
        (hunks,) = hunks_of(diff(repository, before, after)).values()
        old = split_lines(before) if before is not None else None
        new = split_lines(after) if after is not None else None
        assert has_hunks(new, hunks), (before, after)
        assert not has_hunks(old, hunks), (before, after)


def test_a_patch_put_on_its_base_gives_what_git_has(tmp_path: Path) -> None:
    repository, chance = new_repository(tmp_path, {}), random.Random(3)
    for _ in range(10):
        old = [f"{chance.randrange(9)}\n" for _ in range(chance.randrange(1, 40))]
        new = [line for line in old if chance.random() > 0.1]
        new.insert(chance.randrange(len(new) + 1), "added\n")
        hunks = hunks_of(diff(repository, "".join(old), "".join(new))).get("a.txt", ())
        assert with_hunks(old, hunks) == new
    assert with_hunks(["other\n"], hunks) is None


def test_names_that_git_quotes_are_read(tmp_path: Path) -> None:
    found = hunks_of(diff(new_repository(tmp_path, {}), "a\n", "b\n", "a b\tü.txt"))
    assert list(found) == ["a b\tü.txt"]


def test_an_origin_says_what_speaks_for_it() -> None:
    told = [history.snapshot(), history.measured(), *history.patched("", "a.py", cost=0.25)]
    told += [history.verdict(fixed=("a::b",)), history.delivered(), history.finished()]
    spec = history.spec(TaskKind.FIX)
    (origin,) = origins([history.state("t1", spec, *told)], {})
    assert (origin.task, origin.kind, origin.tests, origin.cost_usd) == ("t1", "fix", ("a::b",), 0.25)
    assert origins([history.state("t2", spec, *told[:-1])], {}) == []
