"""Git on the bare repositories of the fake forge."""

import json
import os
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

_CLEAN = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "Author",
    "GIT_AUTHOR_EMAIL": "author@example.org",
    "GIT_COMMITTER_NAME": "Author",
    "GIT_COMMITTER_EMAIL": "author@example.org",
    "GIT_TERMINAL_PROMPT": "0",
}


_SERVED = """
[http]
\treceivepack = true
[uploadpack]
\tallowAnySHA1InWant = true
\tallowFilter = true
[gc]
\tauto = 0
[receive]
\tautogc = false
[fastimport]
\tunpackLimit = 1000
"""


def environment(**more: str) -> dict[str, str]:
    """Return an environment in which nothing but the repository says how git behaves."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {**kept, **_CLEAN, **more}


def run(path: Path, *arguments: str, given: bytes | None = None) -> bytes:
    """Run git in a repository and return what it prints."""
    done = subprocess.run(
        ["git", "-C", str(path), *arguments],
        input=given,
        capture_output=True,
        env=environment(),
        check=False,
    )
    assert done.returncode == 0, f"git {' '.join(arguments)}: {done.stderr.decode(errors='replace')}"
    return done.stdout


def text(path: Path, *arguments: str, given: bytes | None = None) -> str:
    """Run git and return the text that it prints, without the last line's end."""
    return run(path, *arguments, given=given).decode(errors="replace").rstrip("\n")


def asks(path: Path, *arguments: str) -> str | None:
    """Run git and return what it prints, or None when it fails."""
    done = subprocess.run(
        ["git", "-C", str(path), *arguments], capture_output=True, env=environment(), check=False
    )
    return done.stdout.decode(errors="replace").rstrip("\n") if done.returncode == 0 else None


def copy(source: Path | None, target: Path) -> None:
    """Make a bare copy with all branches and tags, or an empty commit on main; served as GitHub does."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source is None:
        subprocess.run(
            ["git", "init", "--quiet", "--bare", "-b", "main", str(target)], env=environment(), check=True
        )
        commit(target, "main", {}, "begin", None)
    else:
        command = ["git", "clone", "--quiet", "--bare", "--no-hardlinks", str(source), str(target)]
        subprocess.run(command, env=environment(), check=True)
    with (target / "config").open("a") as file:
        file.write(_SERVED)


def tip(path: Path, branch: str) -> str | None:
    """Return where a branch stands, or None."""
    return asks(path, "rev-parse", "--verify", "--quiet", f"refs/heads/{branch}^{{commit}}")


def resolve(path: Path, name: str) -> str | None:
    """Return the commit that a branch, a tag or an object id means."""
    for full in (f"refs/heads/{name}", f"refs/tags/{name}", name):
        if not full.startswith("-") and (
            found := asks(path, "rev-parse", "--verify", "--quiet", f"{full}^{{commit}}")
        ):
            return found
    return None


def branches(path: Path) -> dict[str, str]:
    """Return all branches and where they stand."""
    listed = text(path, "for-each-ref", "--format=%(refname:lstrip=2) %(objectname)", "refs/heads")
    # A name of a branch can hold what other lines end with.
    return dict(line.rsplit(" ", 1) for line in listed.split("\n") if line)


def take(path: Path, source: Path, commit: str, ref: str) -> None:
    """Bring a commit from another repository and let a ref stand at it."""
    if path != source and asks(path, "cat-file", "-e", f"{commit}^{{commit}}") is None:
        run(path, "fetch", "--quiet", "--no-write-fetch-head", str(source), commit)
    run(path, "update-ref", ref, commit)


def commit(
    path: Path, branch: str, files: Mapping[str, str | bytes | None], message: str, parent: str | None
) -> str:
    """Commit files (None removes one) on a branch without a work tree; return the commit."""
    said = message.encode()
    now = int(time.time())
    parts = [
        f"commit refs/heads/{branch}\nmark :1\ncommitter Author <author@example.org> {now} +0000\n".encode()
    ]
    parts.append(b"data %d\n%s\n" % (len(said), said))
    if parent:
        parts.append(f"from {parent}\n".encode())
    for name, content in files.items():
        quoted = json.dumps(name, ensure_ascii=False).encode()
        if content is None:
            parts.append(b"D %s\n" % quoted)
            continue
        data = content.encode() if isinstance(content, str) else content
        parts.append(b"M 100644 inline %s\ndata %d\n%s\n" % (quoted, len(data), data))
    parts.append(b"get-mark :1\n")
    return text(path, "fast-import", "--quiet", "--force", given=b"".join(parts))


def diff(path: Path, base: str, head: str) -> str:
    """Return the diff of a pull request: from where the branches parted."""
    return run(path, "diff", "--no-color", "--no-ext-diff", f"{base}...{head}").decode(errors="replace")


def ahead(path: Path, base: str, head: str) -> int:
    """Return how many commits the head has that the base lacks."""
    return int(text(path, "rev-list", "--count", f"{base}..{head}"))
