"""The one place that starts git: an absolute binary, a clean environment, settings that run nothing."""

import contextlib
import functools
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

from agent.protocol.errors import RepositoryError

_CHUNK = 1 << 16
_TICK = 0.1
_SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin"

_ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_SYSTEM": "/dev/null",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_ALLOW_PROTOCOL": "file",
    "GIT_PROTOCOL_FROM_USER": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_LFS_SKIP_SMUDGE": "1",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_CEILING_DIRECTORIES": "/",
    "GIT_PAGER": "cat",
    "GIT_EDITOR": "true",
    "GIT_SEQUENCE_EDITOR": "true",
    "GIT_ASKPASS": "true",
    "SSH_ASKPASS": "true",
    "GIT_SSH_COMMAND": "false",
    "HOME": "/nonexistent",
    "XDG_CONFIG_HOME": "/nonexistent",
    "LC_ALL": "C.UTF-8",
    "LANGUAGE": "C",
    "TZ": "UTC",
}

_SETTINGS = {
    "safe.bareRepository": "explicit",
    "core.fsmonitor": "false",
    "core.untrackedCache": "false",
    "core.splitIndex": "false",
    "core.hooksPath": "/dev/null",
    "core.attributesFile": "/dev/null",
    "core.excludesFile": "/dev/null",
    "core.alternateRefsCommand": "true",
    "core.sshCommand": "false",
    "core.gitProxy": "false",
    "core.pager": "cat",
    "core.askPass": "true",
    "core.editor": "true",
    "core.quotePath": "true",
    "core.protectHFS": "true",
    "core.protectNTFS": "true",
    "core.logAllRefUpdates": "true",
    "core.commitGraph": "false",
    "credential.helper": "",
    "commit.gpgSign": "false",
    "tag.gpgSign": "false",
    "log.showSignature": "false",
    "gpg.program": "false",
    "diff.algorithm": "myers",
    "diff.renames": "false",
    "submodule.recurse": "false",
    "fetch.recurseSubmodules": "false",
    "fetch.writeCommitGraph": "false",
    "protocol.allow": "never",
    "protocol.file.allow": "always",
    "uploadpack.allowAnySHA1InWant": "true",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "tar.umask": "0022",
    "advice.detachedHead": "false",
    "color.ui": "false",
}


@functools.cache
def git_binary() -> str:
    """Return the absolute path of git; raises RepositoryError when there is none."""
    inherited = [part for part in os.environ.get("PATH", "").split(":") if part.startswith("/")]
    found = shutil.which("git", path=":".join([_SYSTEM_PATH, *inherited]))
    if found is None:
        raise RepositoryError("git is not installed", hint="install git, e.g. `apt install git`")
    return found


def environment(extra: Mapping[str, str]) -> dict[str, str]:
    """Return the whole environment of a git process; nothing of ours is inherited."""
    path = f"{Path(git_binary()).parent}:{_SYSTEM_PATH}"
    return {"PATH": path, "TMPDIR": tempfile.gettempdir(), **_ENVIRONMENT, **extra}


@dataclass(frozen=True, slots=True)
class Git:
    """Git on one git directory of ours; `work_tree` and `objects` may be the user's, as data."""

    git_dir: Path
    work_tree: Path | None = None
    index: Path | None = None
    objects: Path | None = None
    """Object directory to use instead of the git directory's own."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """More settings, laid over the hardened ones."""
    variables: Mapping[str, str] = field(default_factory=dict)

    def on(self, work_tree: Path, index: Path, settings: Mapping[str, str]) -> "Git":
        """Return the same repository with a work tree and an index file of ours."""
        return replace(self, work_tree=work_tree, index=index, settings=settings)

    def run(self, *args: str, stdin: bytes | None = None, ok: Sequence[int] = (0,)) -> bytes:
        """Return stdout; raises RepositoryError with git's last words on any other exit code."""
        return self.outcome(*args, stdin=stdin, ok=ok)[1]

    def text(self, *args: str, stdin: bytes | None = None) -> str:
        """Return stdout as text without the final newline."""
        return os.fsdecode(self.run(*args, stdin=stdin)).rstrip("\n")

    def succeeds(self, *args: str) -> bool:
        """Return whether git exits with 0 rather than 1 or 128."""
        return self.outcome(*args, ok=(0, 1, 128))[0] == 0

    def outcome(self, *args: str, stdin: bytes | None = None, ok: Sequence[int] = (0,)) -> tuple[int, bytes]:
        """Return exit code and stdout; raises RepositoryError when the code is not in `ok`."""
        done = subprocess.run(
            self.argv(args),
            env=self._environment(),
            cwd=self._directory(),
            input=b"" if stdin is None else stdin,
            capture_output=True,
            check=False,
        )
        if done.returncode not in ok:
            raise failure(args, done.returncode, done.stderr)
        return done.returncode, done.stdout

    def watched(self, *args: str, tick: Callable[[], None]) -> bytes:
        """Return stdout of what may take long; `tick` is called ten times a second, and may raise to end it.

        Nothing that git started lives on. The exit code is as for `run`.
        """
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
            process = subprocess.Popen(
                self.argv(args),
                env=self._environment(),
                cwd=self._directory(),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=errors,
                start_new_session=True,
            )
            try:
                _wait(process, tick)
            finally:
                _end_group(process)
            out.seek(0)
            errors.seek(0)
            if process.returncode != 0:
                raise failure(args, process.returncode, errors.read())
            return out.read()

    def stream(self, *args: str, stdin: IO[bytes] | None = None) -> Iterator[bytes]:
        """Yield stdout in chunks; the process ends with the iterator."""
        with tempfile.TemporaryFile() as errors:
            process = subprocess.Popen(
                self.argv(args),
                env=self._environment(),
                cwd=self._directory(),
                stdin=stdin or subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
            )
            try:
                yield from _chunks(process)
            finally:
                _end(process)
            if process.returncode != 0:
                errors.seek(0)
                raise failure(args, process.returncode, errors.read())

    def argv(self, args: Sequence[str]) -> list[str]:
        """Return the whole command line of a git command."""
        settings = {**_SETTINGS, **self.settings}
        flags = [item for key, value in settings.items() for item in ("-c", f"{key}={value}")]
        return [git_binary(), *flags, *args]

    def _environment(self) -> dict[str, str]:
        places = {
            "GIT_DIR": self.git_dir,
            "GIT_WORK_TREE": self.work_tree,
            "GIT_INDEX_FILE": self.index,
            "GIT_OBJECT_DIRECTORY": self.objects,
        }
        set_places = {name: str(path) for name, path in places.items() if path is not None}
        return environment({**set_places, **self.variables})

    def _directory(self) -> Path:
        return self.work_tree or self.git_dir


def failure(args: Sequence[str], code: int, stderr: bytes) -> RepositoryError:
    """Turn a failed git command into an error whose sentence is git's own."""
    log = stderr.decode("utf-8", "replace").strip()
    said = next((line for line in log.splitlines() if line.startswith(("fatal:", "error:"))), log[-200:])
    said = "".join(char if char.isprintable() else "?" for char in said)
    return RepositoryError(f"git {args[0]} failed: {said or f'exit code {code}'}", log=log)


def _chunks(process: "subprocess.Popen[bytes]") -> Iterator[bytes]:
    assert process.stdout is not None
    while chunk := process.stdout.read1(_CHUNK):  # type: ignore[attr-defined]
        yield chunk


def _wait(process: "subprocess.Popen[bytes]", tick: Callable[[], None]) -> None:
    while process.poll() is None:
        tick()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=_TICK)


def _end_group(process: "subprocess.Popen[bytes]") -> None:
    # What git started to talk to another machine is in its session, and outlives it when it is killed.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _end(process: "subprocess.Popen[bytes]") -> None:
    # A consumer that stops early must not leave git blocked on a full pipe.
    assert process.stdout is not None
    process.stdout.close()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
