"""Two trees that differ in every way that a diff can say, and git's word on the diff between them."""

import hashlib
import os
import random
import subprocess
from collections.abc import Collection, Sequence
from pathlib import Path

from agent.patches.hunks import HEAD, Change, FileDiff, Hunk, Part

Tree = dict[str, tuple[str, bytes]]
"""Mode and content by path."""
_FILE, _PROGRAM, _LINK = "100644", "100755", "120000"
_LINES = (
    "-- a", "++ b/x", "@@ -1 +1 @@", "diff --git a/x b/x", "", " ", "index 1..2", "\\ No newline", "def f():",
    "\tx = 1", "a\x0cb", "a\u2028b", "a\rb", "über", "🙂", "--- a/x", "+++ b/x", "GIT binary patch",
)  # fmt: skip
_NAMES = ("plain.py", "with blank.txt", "über.txt", 'quo"te', "tab\there", "back\\slash", "a b/c d.txt")
_MORE = ("new\nline", "x/y/z.c", " lead", "b/b", "a", "line\u2028separator", "trail ")


def trees(seed: int) -> tuple[Tree, Tree]:
    """Return a tree, and the same with most of its files changed in some way."""
    dice = random.Random(seed)
    old: Tree = {name: (_FILE, _text(dice)) for name in (*_NAMES, *_MORE)}
    old |= {"run.sh": (_PROGRAM, _text(dice)), "blob": (_FILE, dice.randbytes(900)), "empty": (_FILE, b"")}
    old |= {"link": (_LINK, b"plain.py"), "crlf.txt": (_FILE, _text(dice).replace(b"\n", b"\r\n"))}
    new = dict(old)
    for path in old:
        _change(dice, new, path)
    return old, new


def _text(dice: random.Random) -> bytes:
    # Numbers make most lines differ from each other, so that a place is not mistaken for another.
    lines = [f"{dice.choice(_LINES)}{dice.choice(('', number))}" for number in range(dice.randint(0, 60))]
    return ("\n".join(lines) + dice.choice(("", "\n"))).encode()


def _change(dice: random.Random, tree: Tree, path: str) -> None:
    mode, content = tree[path]
    free = f"new/{len(tree)} {path}"
    match dice.randint(0, 13):
        case 0:
            del tree[path]
        case 1:
            tree[free] = tree.pop(path)
        case 2:
            del tree[path]
            tree[free] = (mode, _edited(dice, content))
        case 3:
            tree[path] = (_PROGRAM if mode == _FILE else _FILE, content)
        case 4:
            tree[path] = (_PROGRAM, _edited(dice, content))
        case 5:
            tree[path] = (_LINK, b"elsewhere")
        case 6:
            del tree[path]
            tree[f"{path}/inside"] = (mode, _text(dice))
        case 7:
            tree[free] = (_FILE, _edited(dice, content))
        case 10 if "/" in path:
            tree[path.split("/", 1)[0]] = tree.pop(path)
        case 8:
            tree[path] = (mode, dice.randbytes(300))
        case _:
            tree[path] = (mode, _edited(dice, content))


def _edited(dice: random.Random, content: bytes) -> bytes:
    lines = content.split(b"\n")
    for _ in range(dice.randint(1, 5)):
        place = dice.randrange(len(lines) + 1)
        added = [dice.choice(_LINES).encode() for _ in range(dice.randint(0, 3))]
        lines[place : place + dice.randint(0, 3)] = added
    return b"\n".join(lines)


class Repository:
    """A real one in a folder, without any file checked out."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        own = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
        self._environment = {**os.environ, **own, "GIT_INDEX_FILE": str(folder / "index")}
        self.git("init", "-q", str(folder))

    def git(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """Run git, which has to succeed, and return what it prints."""
        command = ["git", "-C", str(self._folder), *arguments]
        done = subprocess.run(command, input=stdin, env=self._environment, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def write(self, name: str, tree: Tree) -> None:
        """Write a tree under a name."""
        stream = (
            f"commit refs/heads/{name}\ncommitter a <a@example.org> 0 +0000\ndata 0\ndeleteall\n".encode()
        )
        for path, (mode, content) in tree.items():
            quoted = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
            stream += f'M {mode} inline "{quoted}"\ndata {len(content)}\n'.encode() + content + b"\n"
        self.git("fast-import", "--quiet", "--force", stdin=stream)

    def diff(self, *options: str) -> str:
        """Return the diff from the tree `old` to the tree `new`; binary where a file is not UTF-8."""
        command = ("diff-tree", "-r", "-p", "--full-index", "--binary", *options, "old", "new")
        return self.git(*command).decode("utf-8", "surrogateescape")

    def after(self, diff: str) -> dict[str, tuple[str, str]]:
        """Return mode and blob of each file of the tree `old` once git has applied a diff to it."""
        self.git("read-tree", "old")
        if diff:
            self.git("apply", "--cached", "--whitespace=nowarn", "-", stdin=os.fsencode(diff))
        entries = self.git("ls-files", "-s", "-z").decode().split("\0")[:-1]
        known = (entry.split("\t", 1) for entry in entries)
        return {path: (facts.split()[0], facts.split()[1]) for facts, path in known}


def expected(old: Tree, new: Tree, files: Sequence[FileDiff], dropped: Collection[Part]) -> Tree:
    """Return the tree that has only the parts which were not dropped, made without git."""
    made = dict(old)
    for number, file in enumerate(files):
        if Part(number, HEAD) not in dropped and file.change in (Change.REMOVED, Change.RENAMED):
            made.pop(file.old_path)
    for number, file in enumerate(files):
        own = Part(number, HEAD) not in dropped
        if not file.divisible:
            made |= {file.path: new[file.path]} if own and file.change is not Change.REMOVED else {}
            continue
        path = file.new_path if own else file.old_path
        mode = (new[file.new_path] if own else old[file.old_path])[0]
        kept = [hunk for index, hunk in enumerate(file.hunks) if Part(number, index) not in dropped]
        made[path] = (mode, _with(old[file.old_path][1], kept))
    return made


def _with(content: bytes, hunks: Sequence[Hunk]) -> bytes:
    lines = content.decode("utf-8", "surrogateescape").split("\n")
    for hunk in reversed(hunks):
        start = hunk.old_start - (1 if hunk.old_count else 0)
        after = [line for line in hunk.lines if line.sign != "-"]
        before = [line for line in hunk.lines if line.sign != "+"]
        assert [line.text for line in before] == lines[start : start + len(before)]
        lines[start : start + len(before)] = [line.text for line in after]
        if after and after[-1].bare:
            # A file that ends in a newline has an empty text behind its last line.
            assert lines[start + len(after) :] in ([], [""])
            del lines[start + len(after) :]
        elif before and before[-1].bare and after:
            lines.append("")
    return "\n".join(lines).encode("utf-8", "surrogateescape")


def blobs(tree: Tree) -> dict[str, tuple[str, str]]:
    """Return mode and blob of each file as git names them."""
    return {path: (mode, _blob(content)) for path, (mode, content) in tree.items()}


def _blob(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
